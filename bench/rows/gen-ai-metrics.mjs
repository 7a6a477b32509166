import { createRequire } from 'node:module';
import { loadModelClient } from './support/model-client.mjs';

// Its names cannot be imported where it is CommonJS, which it is up to 2.x.
const { MeterProvider, MetricReader } = createRequire(import.meta.url)('@opentelemetry/sdk-metrics');

/** Keeps what is recorded, and exports nothing. */
class KeepingReader extends MetricReader {
  async onForceFlush() {}
  async onShutdown() {}
}

/** The same with metrics: `time_per_output_chunk` is recorded for each chunk, which is what the SDK's own `record` takes, and little more. */
export default {
  name: 'gen-ai-metrics',
  label: 'this package: the same, with metrics',
  isOurs: true,
  load(copy) {
    const { program, instrumentation } = loadModelClient(copy);
    instrumentation.setMeterProvider(new MeterProvider({ readers: [new KeepingReader()] }));
    return program;
  },
};
