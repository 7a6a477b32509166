import { allocatedBytes, retainedBytes } from '../lib/heap.mjs';
import { median } from '../lib/statistics.mjs';
import { exactColumn, iteratorOf } from './support.mjs';

const ITEMS = 20_000;
const RETAINED_ITEMS = 50_000;

/** What a pull allocates, to be collected later or not. */
export const allocated = exactColumn({
  name: 'bytes-per-item',
  label: 'bytes allocated per item',
  unit: 'bytes',
  async valueOf(program, consume, { memoryRounds }) {
    for (let round = 0; round < 3; round++) await consume(program.items(ITEMS));
    const values = [];
    for (let round = 0; round < memoryRounds; round++) {
      const few = await allocatedBytes(() => consume(program.items(ITEMS)));
      const many = await allocatedBytes(() => consume(program.items(ITEMS * 3)));
      // The difference: what the run itself costs is in both.
      values.push((many - few) / (ITEMS * 2));
    }
    return Math.round(median(values));
  },
});

/** What an item leaves behind for as long as its run is open. */
export const retained = exactColumn({
  name: 'bytes-retained-per-item',
  label: 'bytes retained per item',
  unit: 'bytes',
  async valueOf(program, consume, { memoryRounds }) {
    const values = [];
    for (let round = 0; round < memoryRounds; round++) {
      const generator = iteratorOf(await program.items(Infinity));
      await pull(generator, RETAINED_ITEMS);
      const before = await retainedBytes();
      await pull(generator, RETAINED_ITEMS);
      values.push(((await retainedBytes()) - before) / RETAINED_ITEMS);
      await generator.return();
    }
    // The least of all rounds: what an item leaves is there in each, what the process does otherwise is not. Compiled code comes and
    // goes: a tenth of a byte is none.
    return Math.max(0, Math.round(Math.min(...values) * 10) / 10);
  },
});

async function pull(generator, count) {
  for (let item = 0; item < count; item++) await generator.next();
}
