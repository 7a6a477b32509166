import { expectEqual } from '../columns/support.mjs';
import { growthSeries } from './support.mjs';

/** More than other series get with --quick: the engine takes some time until it has optimised what a new function goes through. */
const WARM_UP = 30_000;

/** A function may be made for a single run, as a closure is; the last is as good as one that is made once. */
export default growthSeries({
  name: 'growth-functions',
  label: 'one-item run',
  axis: 'runs of each function',
  valuesOf: () => [1, 10, 1000],
  open: async (program, at) => {
    await program.consumeRunsOfFunctions(WARM_UP, at);
    return {
      step: at,
      async sample(count) {
        expectEqual(await program.consumeRunsOfFunctions(count, at), count);
      },
    };
  },
});
