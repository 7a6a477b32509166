/** The preset for Anthropic, on the last version of the client that makes no spans itself. */
const { eventStream, read, refuse } = require('../support/model-server.cjs');

const usage = { input_tokens: 1, output_tokens: 2 };
const whole = {
  id: 'message_1',
  type: 'message',
  role: 'assistant',
  model: 'any',
  content: [{ type: 'text', text: 'good morning' }],
  stop_reason: 'end_turn',
  usage,
};
const delta = (text) => ({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } });
const STREAM = [
  { type: 'message_start', message: { ...whole, content: [], stop_reason: null } },
  { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
  delta('good '),
  delta('morning'),
  { type: 'content_block_stop', index: 0 },
  { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage },
  { type: 'message_stop' },
];

async function answer(request, response) {
  const { model, stream } = await read(request);
  if (model === 'forbidden') refuse(response, { type: 'error', error: { type: 'permission_error', message: 'no' } });
  else if (stream) {
    eventStream(
      response,
      STREAM.map((event) => JSON.stringify(event)),
      model,
      STREAM.map(({ type }) => type),
    );
  } else response.setHeader('content-type', 'application/json').end(JSON.stringify(whole));
}

const withClient = ({ Anthropic }, { withServer }, use) =>
  withServer(answer, (port) =>
    use(new Anthropic({ apiKey: 'key', baseURL: `http://127.0.0.1:${port}`, maxRetries: 0 })),
  );

const params = { model: 'any', max_tokens: 16, messages: [{ role: 'user', content: 'hello?' }] };

const MESSAGES = 'chat any';
const span = (name, outcome, items, more) => ({ name, outcome, items, ...more });
const types = (events) => events.map(({ type }) => type);

module.exports = {
  title: '@anthropic-ai/sdk, by its preset',
  specifier: '@anthropic-ai/sdk',
  presets: ['anthropic'],
  cases: {
    'a stream that is awaited': {
      run: (anthropic, tools) =>
        withClient(anthropic, tools, async (client) =>
          types(await tools.collect(await client.messages.create({ ...params, stream: true }))),
        ),
      spans: [span(MESSAGES, 'completed', 7)],
    },
    'the helper for streams, iterated': {
      run: (anthropic, tools) =>
        withClient(anthropic, tools, async (client) => types(await tools.collect(client.messages.stream(params)))),
      spans: [span(MESSAGES, 'completed', 7)],
    },
    'the helper for streams, heard by events': {
      run: (anthropic, tools) =>
        withClient(anthropic, tools, async (client) => {
          const texts = [];
          const stream = client.messages.stream(params).on('text', (text) => texts.push(text));
          return [await stream.finalText(), texts];
        }),
      spans: [span(MESSAGES, 'completed', 7)],
    },
    'the helper for streams of the beta': {
      run: (anthropic, tools) =>
        withClient(anthropic, tools, async (client) => types(await tools.collect(client.beta.messages.stream(params)))),
      spans: [span(MESSAGES, 'completed', 7)],
    },
    'an answer that is no stream': {
      run: (anthropic, tools) =>
        withClient(anthropic, tools, async (client) => (await client.messages.create(params)).content[0].text),
      spans: [span(MESSAGES, 'completed', 0)],
    },
    'a request that is refused': {
      run: (anthropic, tools) =>
        withClient(anthropic, tools, (client) =>
          tools.rejection(() => client.messages.create({ ...params, model: 'forbidden' })),
        ),
      spans: [span('chat forbidden', 'failed', 0, { error: 'PermissionDeniedError', failed: true })],
    },
    'a request that the caller aborts': {
      run: (anthropic, tools) =>
        withClient(anthropic, tools, (client) =>
          tools.rejection(() => client.messages.create({ ...params, stream: true }, { signal: AbortSignal.abort() })),
        ),
      spans: [span(MESSAGES, 'aborted', 0)],
    },
  },
};
