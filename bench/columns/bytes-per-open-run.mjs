import { retainedBytes } from '../lib/heap.mjs';
import { median } from '../lib/statistics.mjs';
import { exactColumn, iteratorOf } from './support.mjs';

/** What a run occupies between two items, generator included. */
export default exactColumn({
  name: 'bytes-per-open-run',
  label: 'bytes per open run',
  unit: 'bytes',
  async valueOf(program, consume, { memoryRuns, memoryRounds }) {
    const values = [];
    for (let round = 0; round < memoryRounds; round++) values.push(await bytesPerRun(program, memoryRuns));
    return Math.round(median(values));
  },
});

async function bytesPerRun(program, count) {
  await openAndClose(program, count);
  // Its slots are there before the measurement begins.
  const open = new Array(count).fill(undefined);
  const before = await retainedBytes();
  for (let index = 0; index < count; index++) {
    open[index] = iteratorOf(await program.items(4));
    // From the third pull on, a run has all that it will ever have.
    for (let pull = 0; pull < 3; pull++) await open[index].next();
  }
  const bytes = (await retainedBytes()) - before;
  for (const generator of open) await generator.return();
  return bytes / count;
}

/** So that code and inline caches are not taken for runs. */
async function openAndClose(program, count) {
  for (let index = 0; index < count; index++) {
    const generator = iteratorOf(await program.items(4));
    for (let pull = 0; pull < 3; pull++) await generator.next();
    await generator.return();
  }
}
