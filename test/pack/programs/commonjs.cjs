// A CommonJS program that sets tracing up at its top.
const { NodeSDK } = require('@opentelemetry/sdk-node');
const { InMemorySpanExporter, SimpleSpanProcessor } = require('@opentelemetry/sdk-trace');
const { AsyncGeneratorInstrumentation, registerImportHooks } = require('opentelemetry-instrumentation-async-generator');

const targets = ['cjs-numbers[count]', 'it-map[default]'];
registerImportHooks({ targets });
const exporter = new InMemorySpanExporter();
const sdk = new NodeSDK({
  autoDetectResources: false,
  spanProcessors: [new SimpleSpanProcessor({ exporter })],
  instrumentations: [new AsyncGeneratorInstrumentation({ targets })],
});
sdk.start();

const { count } = require('cjs-numbers');

async function main() {
  const { default: map } = await import('it-map');
  const items = [];
  for await (const item of map(count(3), (n) => n * 2)) items.push(item);
  console.log(JSON.stringify({ items, spans: exporter.getFinishedSpans().map(({ name }) => name) }));
  await sdk.shutdown();
}
void main();
