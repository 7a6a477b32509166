import { wrapGenerators } from '../../lib/program-copy.mjs';
import { startOpenTelemetry } from '../kit/otel.mjs';

export default {
  url: import.meta.url,
  name: 'traceloop',
  library: '@traceloop/node-server-sdk',
  api: '`withTask`',
  subject: 'function',
  claims: 'none',
  documentation: 'https://traceloop.com/docs/openllmetry/getting-started-ts',
  claim: 'promises, whatever the function returns. Generators are not mentioned.',
  better: 'It records inputs and outputs, and brings instrumentations of many clients.',
  load({ require, record }) {
    const span = startOpenTelemetry(record);
    const traceloop = require('@traceloop/node-server-sdk');
    traceloop.initialize({
      appName: 'comparison',
      processor: { onStart() {}, onEnd() {}, forceFlush: async () => {}, shutdown: async () => {} },
      instrumentModules: {},
      silenceInitializationMessage: true,
      traceloopSyncEnabled: false,
    });
    return { span, trace: (copy) => wrapGenerators(copy.load(), traced) };

    function traced(fn) {
      // <set-up traceloop>
      return (...args) => traceloop.withTask({ name: fn.name }, fn, ...args);
      // </set-up>
    }
  },
};
