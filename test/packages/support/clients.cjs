/**
 * node --expose-gc clients.cjs: streams from a local server through generated clients that no preset knows, in every way that their
 * promises have. Prints the runs of each.
 */
const http = require('node:http');
const { createRequire } = require('node:module');
const path = require('node:path');
const { eventStream } = require('./model-server.cjs');

const requireFromRoot = createRequire(path.resolve(__dirname, '../../../package.json'));
const { context, trace } = requireFromRoot('@opentelemetry/api');
const { AsyncLocalStorageContextManager } = requireFromRoot('@opentelemetry/context-async-hooks');
const { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } = requireFromRoot('@opentelemetry/sdk-trace');
const { AsyncGeneratorInstrumentation } = requireFromRoot('opentelemetry-instrumentation-async-generator');

const messages = [{ role: 'user', content: 'hello?' }];
const chat = { model: 'any', messages, stream: true };

/** Of Stainless. */
const awaited = async (ask) => read(await ask());
const withResponse = async (ask) => read((await ask().withResponse()).data);
const parse = async (ask) => read(await ask().parse());
const asResponse = async (ask) => (await ask().asResponse()).text();
/** Of Fern. */
const withRawResponse = async (ask) => read((await ask().withRawResponse()).data);
const left = async (ask) => {
  for await (const _item of await ask()) break;
};

const STAINLESS = { awaited, parse, withResponse, asResponse, left };
const FERN = { awaited, withRawResponse, left };

async function read(stream) {
  for await (const _item of stream);
}

const CLIENTS = [
  {
    target: 'groq-sdk[Groq.Chat.Completions#create]',
    create: ({ Groq }, baseURL) => new Groq({ apiKey: 'key', baseURL }),
    ask: (client) => client.chat.completions.create(chat),
    ways: STAINLESS,
  },
  {
    target: 'together-ai[Together.Chat.Completions#create]',
    create: ({ Together }, baseURL) => new Together({ apiKey: 'key', baseURL }),
    ask: (client) => client.chat.completions.create(chat),
    ways: STAINLESS,
  },
  {
    target: '@cerebras/cerebras_cloud_sdk[Cerebras.Chat.Completions#create]',
    create: ({ Cerebras }, baseURL) => new Cerebras({ apiKey: 'key', baseURL, warmTCPConnection: false }),
    ask: (client) => client.chat.completions.create(chat),
    ways: STAINLESS,
  },
  {
    target: '@letta-ai/letta-client/resources/agents/messages[Messages#create]',
    create: ({ Letta }, baseURL) => new Letta({ apiKey: 'key', baseURL }),
    ask: (client) => client.agents.messages.create('agent-1', { messages, streaming: true }),
    ways: STAINLESS,
  },
  {
    target: 'cohere-ai[CohereClient#chatStream]',
    create: ({ CohereClient }, environment) => new CohereClient({ token: 'key', environment }),
    ask: (client) => client.chatStream({ message: 'hello?' }),
    ways: FERN,
  },
  {
    target: '@elevenlabs/elevenlabs-js/api/resources/textToSpeech/client/Client[TextToSpeechClient#stream]',
    create: ({ ElevenLabsClient }, baseUrl) => new ElevenLabsClient({ apiKey: 'key', baseUrl }),
    ask: (client) => client.textToSpeech.stream('voice', { text: 'hello' }),
    ways: FERN,
  },
];

const EVENTS = ['one', 'two'].map((content) =>
  JSON.stringify({
    id: '1',
    event_type: 'text-generation',
    message_type: 'assistant_message',
    text: content,
    content,
    choices: [{ index: 0, delta: { role: 'assistant', content } }],
  }),
);

async function main() {
  const exporter = new InMemorySpanExporter();
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }));
  const instrumentation = new AsyncGeneratorInstrumentation({ targets: CLIENTS.map(({ target }) => target) });
  const server = http.createServer((request, response) => {
    request.resume();
    // No client comes back on a connection that the server is about to close: it takes long to load the next client.
    response.shouldKeepAlive = false;
    if (request.url.startsWith('/v1/text-to-speech')) response.end('some sound');
    // Cohere's: JSON, one event a line.
    else if (request.url === '/v1/chat') response.end(EVENTS.map((event) => `${event}\n`).join(''));
    else eventStream(response, [...EVENTS, '[DONE]']);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const baseURL = `http://127.0.0.1:${server.address().port}`;
  const seen = [];
  for (const { target, create, ask, ways } of CLIENTS) {
    const [name] = /^(@[^/]+\/)?[^/[]+/.exec(target);
    const client = create(require(name), baseURL);
    for (const [way, use] of Object.entries(ways)) {
      exporter.reset();
      await use(() => ask(client));
      // A run that is still open ends as abandoned.
      for (let turn = 0; turn < 3; turn++) {
        globalThis.gc();
        await new Promise((resolve) => setImmediate(resolve));
      }
      const runs = exporter.getFinishedSpans().map(({ attributes }) => attributes['async_generator.outcome']);
      seen.push({ name, way, runs });
    }
  }
  server.closeAllConnections();
  server.close();
  process.stdout.write(JSON.stringify({ seen, report: instrumentation.getPatchReport() }));
}

main();
