import { allocatedBytes, retainedBytes } from '../lib/heap.mjs';
import { median } from '../lib/statistics.mjs';
import { exactColumn } from './support.mjs';

const ITEMS = 20_000;

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
      const generator = program.items(Infinity);
      await pull(generator, ITEMS);
      const before = await retainedBytes();
      await pull(generator, ITEMS);
      values.push(((await retainedBytes()) - before) / ITEMS);
      await generator.return();
    }
    // Compiled code comes and goes: a tenth of a byte is none.
    return Math.round(median(values) * 10) / 10 + 0;
  },
});

async function pull(generator, count) {
  for (let item = 0; item < count; item++) await generator.next();
}
