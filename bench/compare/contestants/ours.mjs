import { trace } from '@opentelemetry/api';
import { inActiveSpan } from '../kit/otel.mjs';

/** @param port that of the collector */
const environment = (port) => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
  OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
  OTEL_METRICS_EXPORTER: 'none',
});

export default {
  url: import.meta.url,
  name: 'this package',
  library: 'opentelemetry-instrumentation-async-generator',
  subject: 'function',
  claims: 'all',
  collector: environment,
  load({ ourPackage }) {
    return {
      span: inActiveSpan,
      flush: () => trace.getTracerProvider().getDelegate().forceFlush(),
      trace({ file, load }) {
        // <set-up>
        // node --import opentelemetry-instrumentation-async-generator/register app.js
        process.env.OTEL_INSTRUMENTATION_ASYNC_GENERATOR_TARGETS = file;
        // </set-up>
        ourPackage('register');
        return load();
      },
    };
  },
};
