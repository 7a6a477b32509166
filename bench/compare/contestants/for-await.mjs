import { SpanStatusCode } from '@opentelemetry/api';
import { tracer } from '../../lib/sdk.mjs';
import { wrapGenerators } from '../../lib/program-copy.mjs';
import { startOpenTelemetry } from '../kit/otel.mjs';

export default {
  url: import.meta.url,
  name: 'for await',
  subject: 'function',
  claims: 'all',
  better: 'It is ten lines that everybody can read, and needs no package.',
  async load({ record }) {
    const span = startOpenTelemetry(record);
    return { span, trace: (copy) => wrapGenerators(copy.load(), traced) };
  },
};

// <set-up for await>
function traced(fn) {
  return async function* (...args) {
    const span = tracer.startSpan(fn.name);
    try {
      for await (const item of fn(...args)) yield item;
    } catch (error) {
      span.recordException(error);
      span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
      throw error;
    } finally {
      span.end();
    }
  };
}
// </set-up>
