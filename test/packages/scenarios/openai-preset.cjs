/** The preset for OpenAI: what the client makes of its own requests, and the ways to read them that go around `then`. */
const { eventStream, read, refuse } = require('../support/model-server.cjs');

const chunk = (content) => ({
  id: '1',
  object: 'chat.completion.chunk',
  choices: [{ index: 0, delta: { role: 'assistant', content } }],
});
const finish = { id: '1', object: 'chat.completion.chunk', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] };

const call = { index: 0, id: 'call_1', type: 'function', function: { name: 'greet', arguments: '{"who":"you"}' } };
const TOOL_CALL = [
  { ...chunk(null), choices: [{ index: 0, delta: { role: 'assistant', tool_calls: [call] }, finish_reason: null }] },
  { ...finish, choices: [{ index: 0, delta: {}, finish_reason: 'tool_calls' }] },
];

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
  '/v1/responses/1?stream=true': {
    stream: [
      { type: 'response.created', response: { id: '1', object: 'response', output: [] } },
      { type: 'response.completed', response: { id: '1', object: 'response', output: [] } },
    ],
  },
  '/v1/responses/1': { whole: { id: '1', object: 'response', output: [] } },
  '/v1/completions': {
    stream: [{ choices: [{ text: 'good' }] }, { choices: [{ text: ' morning' }] }],
    whole: { choices: [{ text: 'good morning' }] },
  },
};

async function answer(request, response) {
  const { model, stream, messages } = await read(request);
  if (model === 'slow') {
    // The rest never comes.
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const content of ['good ', 'morning']) response.write(`data: ${JSON.stringify(chunk(content))}\n\n`);
  } else if (model === 'tools' && messages.every(({ role }) => role !== 'tool')) {
    eventStream(response, [...TOOL_CALL.map((each) => JSON.stringify(each)), '[DONE]']);
  } else if (model === 'forbidden') refuse(response, { message: 'not yours', type: 'forbidden' });
  else if (stream || request.url.endsWith('stream=true'))
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

const CHAT = 'chat any';
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
    'the helper for streams, left': {
      run: (openai, tools) =>
        withClient(openai, tools, async (client) => {
          const stream = client.chat.completions.stream({ model: 'slow', messages });
          stream.on('error', () => {}).on('abort', () => {});
          return textOf(await tools.collect(stream, 2));
        }),
      // It aborts the request by a signal of its own.
      spans: [span('chat slow', 'returned', 2)],
    },
    'the helper for streams, aborted': {
      run: (openai, tools) =>
        withClient(openai, tools, async (client) => {
          const stream = client.chat.completions.stream({ model: 'slow', messages });
          stream.on('error', () => {}).on('abort', () => {});
          let count = 0;
          return tools.rejection(async () => {
            for await (const _ of stream) if (++count === 2) stream.abort();
          });
        }),
      spans: [span('chat slow', 'aborted', 2)],
    },
    'both branches of a stream': {
      run: (openai, tools) =>
        withClient(openai, tools, async (client) => {
          const [left, right] = (await ask(client)).tee();
          return (await Promise.all([tools.collect(left), tools.collect(right)])).map(textOf);
        }),
      spans: [span(CHAT, 'completed', 3)],
    },
    'one branch of a stream, and one that is left': {
      run: (openai, tools) =>
        withClient(openai, tools, async (client) => {
          const [left, right] = (await ask(client)).tee();
          return [textOf(await tools.collect(left, 1)), textOf(await tools.collect(right))];
        }),
      spans: [span(CHAT, 'completed', 3)],
    },
    'a stream that is read as bytes': {
      run: (openai, tools) =>
        withClient(openai, tools, async (client) => new Response((await ask(client)).toReadableStream()).text()),
      spans: [span(CHAT, 'completed', 3)],
    },
    'a stream that is read as bytes, and cancelled': {
      run: (openai, tools) =>
        withClient(openai, tools, async (client) => {
          const reader = (await ask(client, { model: 'slow' })).toReadableStream().getReader();
          const read = [await reader.read(), await reader.read()];
          await reader.cancel();
          return read.map(({ value }) => Buffer.from(value).toString());
        }),
      spans: [span('chat slow', 'returned', 2)],
    },
    'a stream that is aborted by its controller': {
      run: (openai, tools) =>
        withClient(openai, tools, async (client) => {
          const stream = await ask(client, { model: 'slow' });
          const read = [];
          for await (const item of stream) {
            read.push(item);
            stream.controller.abort();
          }
          return textOf(read);
        }),
      spans: [span('chat slow', 'returned', 1)],
    },
    'a stream that its signal aborts': {
      run: (openai, tools) =>
        withClient(openai, tools, async (client) => {
          const abort = new AbortController();
          const request = { model: 'slow', messages, stream: true };
          const read = [];
          for await (const item of await client.chat.completions.create(request, { signal: abort.signal })) {
            // There are no more.
            if (read.push(item) === 2) abort.abort();
          }
          return textOf(read);
        }),
      spans: [span('chat slow', 'aborted', 2)],
    },
    'a runner of tools': {
      run: (openai, tools) =>
        withClient(openai, tools, async (client) => {
          const calls = [];
          const greet = {
            type: 'function',
            function: {
              name: 'greet',
              parameters: { type: 'object', properties: {} },
              parse: JSON.parse,
              function: (args) => calls.push(args),
            },
          };
          const runner = client.chat.completions.runTools({ model: 'tools', messages, stream: true, tools: [greet] });
          return [await runner.finalContent(), calls];
        }),
      spans: [span('chat tools', 'completed', 2), span('chat tools', 'completed', 3)],
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
      spans: [span('chat forbidden', 'failed', 0, { error: 'PermissionDeniedError', failed: true })],
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
      spans: [span('chat silent', 'aborted', 0)],
    },
    'responses, streamed and whole': {
      run: (openai, tools) =>
        withClient(openai, tools, async (client) => {
          const stream = await client.responses.create({ model: 'any', input: 'hello?', stream: true });
          const whole = await client.responses.create({ model: 'any', input: 'hello?' });
          return [(await tools.collect(stream)).map(({ type }) => type), whole.output_text];
        }),
      spans: [span(CHAT, 'completed', 0), span(CHAT, 'completed', 2)],
    },
    'a response of the background, streamed and whole': {
      run: (openai, tools) =>
        withClient(openai, tools, async (client) => {
          const stream = await client.responses.retrieve('1', { stream: true });
          const whole = await client.responses.retrieve('1');
          return [(await tools.collect(stream)).map(({ type }) => type), whole.id];
        }),
      spans: [span('chat', 'completed', 2)],
    },
    completions: {
      run: (openai, tools) =>
        withClient(openai, tools, async (client) => {
          const stream = await client.completions.create({ model: 'any', prompt: 'good', stream: true });
          return (await tools.collect(stream)).map(({ choices }) => choices[0].text);
        }),
      spans: [span('text_completion any', 'completed', 2)],
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
