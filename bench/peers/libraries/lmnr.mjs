// @lmnr-ai/lmnr: `observe`.
import { wrapGenerators } from '../../lib/program-copy.mjs';
import { countingProcessor, observerOf } from './support.mjs';

export async function load({ require }) {
  const { trace } = require('@opentelemetry/api');
  const { Laminar, observe } = require('@lmnr-ai/lmnr');
  const { counts, processor } = countingProcessor();
  Laminar.initialize({ projectApiKey: 'none', spanProcessor: processor, instrumentModules: {}, logLevel: 'error' });

  return {
    load: (copy) =>
      wrapGenerators(
        copy.load(),
        (fn) =>
          (...args) =>
            observe({ name: fn.name }, fn, ...args),
      ),
    observe: () => observerOf(counts, () => trace.getActiveSpan()?.spanContext().spanId),
  };
}
