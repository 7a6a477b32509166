// @langfuse/tracing: `observe`. Its spans go to the registered SDK, which is the benchmark's.
import { wrapGenerators } from '../../lib/program-copy.mjs';

export async function load({ require }) {
  const { observe } = require('@langfuse/tracing');
  return { load: (copy) => wrapGenerators(copy.load(), (fn) => observe(fn, { name: fn.name })) };
}
