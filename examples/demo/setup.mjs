import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { AsyncGeneratorInstrumentation, registerImportHooks } from 'opentelemetry-instrumentation-async-generator';
import { TreeExporter } from './tree-exporter.mjs';

const targets = ['@aws-sdk/client-s3[paginate*]', './objects.cjs', './orders.mjs'];
const options = { targets, baseDir: import.meta.dirname };
registerImportHooks(options); // needed on Node 20 only
const instrumentation = new AsyncGeneratorInstrumentation(options);
const sdk = new NodeSDK({
  // Without these two lines, spans and metrics go to an OpenTelemetry collector.
  traceExporter: new TreeExporter(),
  metricReaders: [],
  instrumentations: [instrumentation, new HttpInstrumentation()],
});
sdk.start();
process.once('beforeExit', async () => {
  instrumentation.disable(); // ends the spans of generators that are still open
  await sdk.shutdown().catch(console.error);
});
