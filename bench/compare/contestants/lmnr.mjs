import { wrapGenerators } from '../../lib/program-copy.mjs';
import { recordOf } from '../kit/otel.mjs';

export default {
  url: import.meta.url,
  name: 'lmnr',
  library: '@lmnr-ai/lmnr',
  api: '`observe`',
  subject: 'function',
  documentation: 'https://docs.laminar.sh/tracing/structure/observe-decorator',
  claim:
    'a span that ends “when the function returns”. Its documentation does not mention generators; its code follows an async iterable that the function returns, and `flush()` waits for it.',
  better: 'It records inputs and outputs, and groups spans by session and user.',
  load({ require, record }) {
    const { Laminar, observe } = require('@lmnr-ai/lmnr');
    const processor = {
      onStart() {},
      onEnd: (span) => record(recordOf(span)),
      forceFlush: async () => {},
      shutdown: async () => {},
    };
    Laminar.initialize({ projectApiKey: 'none', spanProcessor: processor, instrumentModules: {}, logLevel: 'error' });
    return {
      span: (name, work) => observe({ name }, work),
      flush: () => Laminar.flush(),
      trace: (copy) => wrapGenerators(copy.load(), traced),
    };

    function traced(fn) {
      // <set-up lmnr>
      return (...args) => observe({ name: fn.name }, fn, ...args);
      // </set-up>
    }
  },
};
