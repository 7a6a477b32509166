import { expectEqual, timeColumn } from './support.mjs';

/** Call, one item, end: what a run costs, whatever its items. */
export default timeColumn({
  name: 'one-item-run',
  label: 'one-item run',
  sampleOf: (program, consume) => async (count) => {
    expectEqual(await program.consumeShortRuns(program.items, consume, count), count);
  },
});
