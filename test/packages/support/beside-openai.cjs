/**
 * node beside-openai.cjs <first> [<folder>]: OpenTelemetry's own instrumentation of `openai` beside ours, each switched off and on again, first
 * and last. Prints what the spans of both are after each switch.
 */
const http = require('node:http');
const { createRequire } = require('node:module');
const path = require('node:path');

const requireFromRoot = createRequire(path.resolve(__dirname, '../../../package.json'));
// The folder of another line of OpenTelemetry, whose SDK and API are the application's then.
const requireFromLine = process.argv[3] === undefined ? require : createRequire(path.resolve(process.argv[3], 'x.js'));
const requireSdk = process.argv[3] === undefined ? requireFromRoot : requireFromLine;
const { context, metrics, trace } = requireSdk('@opentelemetry/api');
const { AsyncLocalStorageContextManager } = requireSdk('@opentelemetry/context-async-hooks');
const { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } = requireSdk('@opentelemetry/sdk-trace');
const { eventStream, read } = require('./model-server.cjs');

const { AggregationTemporality, MeterProvider, MetricReader } = requireFromRoot('@opentelemetry/sdk-metrics');

class Reader extends MetricReader {
  constructor() {
    super({ aggregationTemporalitySelector: () => AggregationTemporality.DELTA });
  }
  async onForceFlush() {}
  async onShutdown() {}
}

const exporter = new InMemorySpanExporter();
const reader = new Reader();
metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }));

const create = {
  theirs() {
    const { OpenAIInstrumentation } = requireFromLine('@opentelemetry/instrumentation-openai');
    const instrumentation = new OpenAIInstrumentation();
    // As `registerInstrumentations` does: without one, its streams throw.
    instrumentation.setMeterProvider(metrics.getMeterProvider());
    return instrumentation;
  },
  ours() {
    const { AsyncGeneratorInstrumentation } = requireFromRoot('opentelemetry-instrumentation-async-generator');
    return new AsyncGeneratorInstrumentation({ presets: ['openai'] });
  },
};

/** Each off and on again, first and last. */
const SWITCHES = [
  ...['theirs', 'ours', 'ours', 'theirs', 'ours', 'theirs'],
  ...['theirs', 'ours', 'theirs', 'ours', 'theirs', 'ours'],
];

const chunk = (content, finish_reason = null) => ({
  id: '1',
  object: 'chat.completion.chunk',
  model: 'any',
  choices: [{ index: 0, delta: { role: 'assistant', content }, finish_reason }],
});
const STREAM = [...[chunk('good '), chunk('morning'), chunk('', 'stop')].map((each) => JSON.stringify(each)), '[DONE]'];

async function withServer(use) {
  const server = http.createServer(async (request, response) => {
    const { model } = await read(request);
    eventStream(response, STREAM, model);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  await use(`http://127.0.0.1:${server.address().port}/v1`);
  server.closeAllConnections();
  server.close();
}

/** Streams are read to their ends, and left after an item. */
async function callsOf(client) {
  exporter.reset();
  const ask = () =>
    client.chat.completions.create({ model: 'any', messages: [{ role: 'user', content: 'hello?' }], stream: true });
  for await (const _chunk of await ask());
  for await (const _chunk of await ask()) break;
  const spans = exporter.getFinishedSpans();
  const runs = spans.filter(({ attributes }) => attributes['async_generator.outcome'] !== undefined);
  const { resourceMetrics } = await reader.collect();
  return {
    ours: runs.map(({ attributes }) => attributes['async_generator.outcome']),
    theirs: spans.length - runs.length,
    described: runs.filter(({ attributes }) => attributes['gen_ai.operation.name'] !== undefined).length,
    durations: resourceMetrics.scopeMetrics
      .flatMap((each) => each.metrics)
      .filter(({ descriptor, dataPoints }) => dataPoints.length > 0 && /^gen_ai.*duration$/.test(descriptor.name))
      .map(({ descriptor }) => descriptor.name),
  };
}

async function main(first) {
  const second = first === 'ours' ? 'theirs' : 'ours';
  const instrumentations = { [first]: create[first](), [second]: create[second]() };
  const isOn = { ours: true, theirs: true };
  const seen = [];
  await withServer(async (baseURL) => {
    // Called in the turn in which it is loaded: whatever looks a second time has not done so yet.
    const { OpenAI } = requireFromLine('openai');
    const client = new OpenAI({ apiKey: 'key', baseURL, maxRetries: 0 });
    const note = async (when) => seen.push({ when, isOn: { ...isOn }, ...(await callsOf(client)) });
    await note('loaded');
    for (const which of SWITCHES) {
      isOn[which] = !isOn[which];
      instrumentations[which][isOn[which] ? 'enable' : 'disable']();
      await note(`${which} switched ${isOn[which] ? 'on' : 'off'}`);
    }
  });
  process.stdout.write(JSON.stringify({ seen, report: instrumentations.ours.getPatchReport() }));
}

main(process.argv[2]);
