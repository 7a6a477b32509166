import { expectEqual, sumBelow } from '../columns/support.mjs';
import { geometric, growthSeries } from './support.mjs';

/** Generators that pull from generators, all of them traced: the time of an item that passes through all levels. */
export default growthSeries({
  name: 'growth-nesting',
  label: 'per item through all levels',
  axis: 'levels of nested generators',
  valuesOf: ({ growth }) => geometric(1, 2, growth.depth),
  async open(program, at) {
    return {
      async sample(count) {
        expectEqual(await program.consume(program.nestedItems(count, at)), sumBelow(count));
      },
    };
  },
});
