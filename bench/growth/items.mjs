import { expectEqual, sumBelow } from '../columns/support.mjs';
import { geometric, growthSeries } from './support.mjs';

/** Runs of ever more items: the time of one must not grow with the number of those before it. */
export default growthSeries({
  name: 'growth-items',
  label: 'per item, no I/O',
  axis: 'items of a run',
  valuesOf: ({ growth }) => geometric(10, 10, growth.items),
  async open(program, at) {
    return {
      step: at,
      async sample(count) {
        for (let items = 0; items < count; items += at) {
          expectEqual(await program.consume(program.items(at)), sumBelow(at));
        }
      },
    };
  },
});
