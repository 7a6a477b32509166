// A TypeScript program that becomes CommonJS.
import { NodeSDK } from '@opentelemetry/sdk-node';
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace';
import {
  AsyncGeneratorInstrumentation,
  registerImportHooks,
  traceAsyncGenerator,
  type TargetConfig,
  type TargetReport,
} from 'opentelemetry-instrumentation-async-generator';

const targets: (string | TargetConfig)[] = [{ module: 'cjs-numbers', exports: ['count'] }, 'it-map[default]'];
registerImportHooks({ targets });
const exporter = new InMemorySpanExporter();
const instrumentation = new AsyncGeneratorInstrumentation({ targets, onItem: (span) => span.addEvent('item') });
const sdk = new NodeSDK({
  autoDetectResources: false,
  spanProcessors: [new SimpleSpanProcessor({ exporter })],
  instrumentations: [instrumentation],
});
sdk.start();

async function main(): Promise<void> {
  const { count } = await import('cjs-numbers');
  const { default: map } = await import('it-map');
  const byHand = traceAsyncGenerator(async function* byHand(to: number): AsyncGenerator<number> {
    for await (const item of count(to)) yield item;
  });
  const items: number[] = [];
  for await (const item of map(byHand(3), (n) => n * 2)) items.push(item);
  const report: readonly TargetReport[] = instrumentation.getPatchReport();
  if (report.some(({ status }) => status !== 'patched')) throw new Error(JSON.stringify(report));
  console.log(JSON.stringify({ items, spans: exporter.getFinishedSpans().map(({ name }) => name) }));
  await sdk.shutdown();
}
void main();
