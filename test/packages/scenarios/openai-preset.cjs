/** The preset for OpenAI: what the client makes of its own requests, and the ways to read them that go around `then`. */
const { eventStream, read, refuse } = require('../support/model-server.cjs');

const chunk = (content) => ({
  id: '1',
  object: 'chat.completion.chunk',
  choices: [{ index: 0, delta: { role: 'assistant', content } }],
});
const finish = { id: '1', object: 'chat.completion.chunk', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] };

const message = { role: 'assistant', content: '{"greeting":"hello"}' };
const completion = { id: '1', object: 'chat.completion', choices: [{ index: 0, message, finish_reason: 'stop' }] };

const ANSWERS = {
  '/v1/chat/completions': {
    stream: [chunk('good '), chunk('morning'), finish],
    whole: completion,
  },
  '/v1/responses': {
    stream: [
      { type: 'response.created', response: { id: '1', object: 'response', output: [] } },
      { type: 'response.completed', response: { id: '1', object: 'response', output: [] } },
    ],
    whole: { id: '1', object: 'response', output: [] },
  },
  '/v1/completions': {
    stream: [{ choices: [{ text: 'good' }] }, { choices: [{ text: ' morning' }] }],
    whole: { choices: [{ text: 'good morning' }] },
  },
};

async function answer(request, response) {
  const { model, stream } = await read(request);
  if (model === 'forbidden') refuse(response, { message: 'not yours', type: 'forbidden' });
  else if (stream)
    eventStream(response, [...ANSWERS[request.url].stream.map((each) => JSON.stringify(each)), '[DONE]'], model);
  else response.setHeader('content-type', 'application/json').end(JSON.stringify(ANSWERS[request.url].whole));
}

const withClient = ({ OpenAI }, { withServer }, use) =>
  withServer(answer, (port) =>
    use(new OpenAI({ apiKey: 'key', baseURL: `http://127.0.0.1:${port}/v1`, maxRetries: 0 })),
  );

const messages = [{ role: 'user', content: 'hello?' }];
const ask = (client, more) => client.chat.completions.create({ model: 'any', messages, stream: true, ...more });

const textOf = (chunks) => chunks.map(({ choices }) => choices[0].delta.content ?? '').join('');

const CHAT = 'openai.chat.completions.create';
const span = (name, outcome, items, more) => ({ name, outcome, items, ...more });

module.exports = {
  title: 'openai, by its preset',
  specifier: 'openai',
  presets: ['openai'],
  cases: {
    'a stream that is awaited': {
      run: (openai, tools) =>
        withClient(openai, tools, async (client) => textOf(await tools.collect(await ask(client)))),
      spans: [span(CHAT, 'completed', 3)],
    },
    'a stream that is had with its response': {
      run: (openai, tools) =>
        withClient(openai, tools, async (client) => {
          const { data, request_id, response } = await ask(client).withResponse();
          return [textOf(await tools.collect(data)), request_id, response.status];
        }),
      spans: [span(CHAT, 'completed', 3)],
    },
    'a stream that is had with its response, and left': {
      run: (openai, tools) =>
        withClient(openai, tools, async (client) => {
          const { data } = await ask(client).withResponse();
          return textOf(await tools.collect(data, 1));
        }),
      spans: [span(CHAT, 'returned', 1)],
    },
    'a response that is read as bytes': {
      run: (openai, tools) =>
        withClient(openai, tools, async (client) => (await (await ask(client).asResponse()).text()).length),
      spans: [span(CHAT, 'completed', 0)],
    },
    'the helper for streams': {
      run: (openai, tools) =>
        withClient(openai, tools, async (client) => {
          const stream = client.chat.completions.stream({ model: 'any', messages });
          return [textOf(await tools.collect(stream)), await stream.finalContent()];
        }),
      spans: [span(CHAT, 'completed', 3)],
    },
    'an answer that is parsed': {
      run: (openai, tools) =>
        withClient(openai, tools, async (client) => {
          const parsed = await client.chat.completions.parse({ model: 'any', messages });
          return parsed.choices[0].message.content;
        }),
      spans: [span(CHAT, 'completed', 0)],
    },
    'a request that is refused': {
      run: (openai, tools) =>
        withClient(openai, tools, (client) =>
          tools.rejection(() => ask(client, { model: 'forbidden' }).withResponse()),
        ),
      spans: [span(CHAT, 'failed', 0, { error: 'PermissionDeniedError', failed: true })],
    },
    'a request that the caller aborts': {
      run: (openai, tools) =>
        withClient(openai, tools, (client) => {
          const signal = AbortSignal.abort();
          return tools.rejection(() => client.chat.completions.create({ model: 'any', messages }, { signal }));
        }),
      spans: [span(CHAT, 'aborted', 0)],
    },
    'a request that is aborted while it waits': {
      run: (openai, tools) =>
        withClient(openai, tools, async (client) => {
          const abort = new AbortController();
          const request = client.chat.completions.create(
            { model: 'silent', messages, stream: true },
            { signal: abort.signal },
          );
          const rejection = tools.rejection(request);
          setImmediate(() => abort.abort());
          return rejection;
        }),
      spans: [span(CHAT, 'aborted', 0)],
    },
    'responses, streamed and whole': {
      run: (openai, tools) =>
        withClient(openai, tools, async (client) => {
          const stream = await client.responses.create({ model: 'any', input: 'hello?', stream: true });
          const whole = await client.responses.create({ model: 'any', input: 'hello?' });
          return [(await tools.collect(stream)).map(({ type }) => type), whole.output_text];
        }),
      spans: [span('openai.responses.create', 'completed', 0), span('openai.responses.create', 'completed', 2)],
    },
    completions: {
      run: (openai, tools) =>
        withClient(openai, tools, async (client) => {
          const stream = await client.completions.create({ model: 'any', prompt: 'good', stream: true });
          return (await tools.collect(stream)).map(({ choices }) => choices[0].text);
        }),
      spans: [span('openai.completions.create', 'completed', 2)],
    },
    'the promise and what is made of it': {
      run: (openai, tools) =>
        withClient(openai, tools, async (client) => {
          const promise = ask(client);
          const unwrapped = promise._thenUnwrap((stream) => stream);
          const shapes = [promise, unwrapped].map((each) => tools.shapeOfIterable(each));
          return [
            shapes,
            promise.constructor === unwrapped.constructor,
            promise.withResponse.name,
            textOf(await tools.collect(await unwrapped)),
          ];
        }),
      spans: [span(CHAT, 'completed', 3)],
    },
  },
};
