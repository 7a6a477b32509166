import { tracer } from '../lib/sdk.mjs';
import { wrapGenerators } from '../lib/program-copy.mjs';

/** What everybody writes first. The body is not in the span's context. */
export default {
  name: 'for-await',
  label: 'by hand: `for await` + `yield` wrapper',
  load: (copy) => wrapGenerators(copy.load(), traced),
};

function traced(fn) {
  return async function* (...args) {
    const span = tracer.startSpan(fn.name);
    try {
      for await (const item of fn(...args)) yield item;
    } finally {
      span.end();
    }
  };
}
