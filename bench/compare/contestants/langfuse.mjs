import { wrapGenerators } from '../../lib/program-copy.mjs';
import { startOpenTelemetry } from '../kit/otel.mjs';

export default {
  url: import.meta.url,
  name: 'langfuse',
  library: '@langfuse/tracing',
  api: '`observe`',
  subject: 'function',
  claims: 'none',
  documentation: 'https://js.reference.langfuse.com/functions/_langfuse_tracing.observe.html',
  claim: '“both sync and async functions”. Generators are not mentioned.',
  better: 'It records inputs and outputs. Streams have spans that are ended by hand (`endOnExit: false`).',
  load({ require, record }) {
    const span = startOpenTelemetry(record);
    const { observe } = require('@langfuse/tracing');
    return { span, trace: (copy) => wrapGenerators(copy.load(), traced) };

    function traced(fn) {
      // <set-up langfuse>
      return observe(fn, { name: fn.name });
      // </set-up>
    }
  },
};
