import { wrapGenerators } from '../../lib/program-copy.mjs';
import { startOpenTelemetry } from '../kit/otel.mjs';

export default {
  url: import.meta.url,
  name: 'openinference',
  library: '@arizeai/openinference-core',
  api: '`withSpan`',
  subject: 'function',
  claims: 'none',
  documentation: 'https://arize-ai.github.io/openinference/js/packages/openinference-core/',
  claim: 'functions and promises. Generators are not mentioned.',
  better: 'It records inputs and outputs by a convention for LLM applications, and masks what is secret.',
  load({ require, record }) {
    const span = startOpenTelemetry(record);
    const { withSpan } = require('@arizeai/openinference-core');
    return { span, trace: (copy) => wrapGenerators(copy.load(), traced) };

    function traced(fn) {
      // <set-up openinference>
      return withSpan(fn, { name: fn.name });
      // </set-up>
    }
  },
};
