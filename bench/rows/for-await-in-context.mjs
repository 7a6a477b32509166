import { context, trace } from '@opentelemetry/api';
import { tracer } from '../lib/sdk.mjs';
import { wrapGenerators } from '../lib/program-copy.mjs';

/** The same with the body in the span's context: every pull has to go through `context.with`. */
export default {
  name: 'for-await-in-context',
  label: 'by hand: the same, body in the span’s context',
  load: (copy) => wrapGenerators(copy.load(), traced),
};

function traced(fn) {
  return async function* (...args) {
    const span = tracer.startSpan(fn.name);
    const active = trace.setSpan(context.active(), span);
    const generator = fn(...args);
    const inContext = {
      [Symbol.asyncIterator]: () => inContext,
      next: () => context.with(active, nextOf, undefined, generator),
      return: (value) => context.with(active, returnOf, undefined, generator, value),
    };
    try {
      for await (const item of inContext) yield item;
    } finally {
      span.end();
    }
  };
}

const nextOf = (generator) => generator.next();
const returnOf = (generator, value) => generator.return(value);
