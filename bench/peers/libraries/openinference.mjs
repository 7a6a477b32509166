// @arizeai/openinference-core: `withSpan`. Its spans go to the registered SDK, which is the benchmark's.
import { wrapGenerators } from '../../lib/program-copy.mjs';

export async function load({ require }) {
  const { withSpan } = require('@arizeai/openinference-core');
  return { load: (copy) => wrapGenerators(copy.load(), (fn) => withSpan(fn, { name: fn.name })) };
}
