// A TypeScript program that becomes an ES module.
import { NodeSDK } from '@opentelemetry/sdk-node';
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace';
import {
  AsyncGeneratorInstrumentation,
  registerImportHooks,
  traced,
  type AsyncGeneratorInstrumentationConfig,
} from 'opentelemetry-instrumentation-async-generator';

const config: AsyncGeneratorInstrumentationConfig = { targets: 'cjs-numbers[count];it-map[default]', timing: false };
registerImportHooks({ targets: config.targets });
const exporter = new InMemorySpanExporter();
const sdk = new NodeSDK({
  autoDetectResources: false,
  spanProcessors: [new SimpleSpanProcessor({ exporter })],
  instrumentations: [new AsyncGeneratorInstrumentation(config)],
});
sdk.start();

const { count } = await import('cjs-numbers');
const { default: map } = await import('it-map');

class Feed {
  @traced()
  async *byHand(to: number): AsyncGenerator<number> {
    for await (const item of count(to)) yield item;
  }
}
const items: number[] = [];
for await (const item of map(new Feed().byHand(3), (n) => n * 2)) items.push(item);
console.log(JSON.stringify({ items, spans: exporter.getFinishedSpans().map(({ name }) => name) }));
await sdk.shutdown();
