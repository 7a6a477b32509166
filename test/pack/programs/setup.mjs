// Tracing for module.mjs, loaded by --import before it.
import { NodeSDK } from '@opentelemetry/sdk-node';
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace';
import { AsyncGeneratorInstrumentation, registerImportHooks } from 'opentelemetry-instrumentation-async-generator';

const targets = ['cjs-numbers[count]', 'it-map[default]'];
registerImportHooks({ targets });
export const exporter = new InMemorySpanExporter();
export const sdk = new NodeSDK({
  autoDetectResources: false,
  spanProcessors: [new SimpleSpanProcessor({ exporter })],
  instrumentations: [new AsyncGeneratorInstrumentation({ targets })],
});
sdk.start();
