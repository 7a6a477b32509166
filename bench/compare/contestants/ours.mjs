import { trace } from '@opentelemetry/api';
import { inActiveSpan } from '../kit/otel.mjs';

/** @param port that of the collector */
const collector = (port) => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
  OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
  OTEL_METRICS_EXPORTER: 'none',
  // However busy the machine is: by default the end of a process waits 2 s.
  OTEL_INSTRUMENTATION_ASYNC_GENERATOR_EXIT_TIMEOUT: '50000',
});

const ours = {
  url: import.meta.url,
  library: 'opentelemetry-instrumentation-async-generator',
  claims: 'all',
  claim: 'everything that is checked here.',
  collector,
};

const tools = {
  span: inActiveSpan,
  flush: () => trace.getTracerProvider().getDelegate().forceFlush(),
};

export const ourFunction = {
  ...ours,
  name: 'this package',
  subject: 'function',
  load({ ourPackage }) {
    return {
      ...tools,
      trace({ file, load }) {
        // <set-up this package>
        // node --import opentelemetry-instrumentation-async-generator/register app.js
        process.env.OTEL_INSTRUMENTATION_ASYNC_GENERATOR_TARGETS = file;
        // </set-up>
        ourPackage('register');
        return load();
      },
    };
  },
};

export const ourPreset = {
  ...ours,
  name: 'this package, openai',
  subject: 'openai',
  load({ ourPackage }) {
    // <set-up this package, openai>
    // node --import opentelemetry-instrumentation-async-generator/register app.js
    process.env.OTEL_INSTRUMENTATION_ASYNC_GENERATOR_PRESETS = 'openai';
    // </set-up>
    ourPackage('register');
    return tools;
  },
};
