/** A promise subclass whose `then` does the work, and streams with members of their own (`controller`, `tee`). */
const chunk = (text) => `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: text } }] })}\n\n`;

const STREAMS = {
  whole: [chunk('a'), chunk('b'), chunk('c'), 'data: [DONE]\n\n'],
  hanging: [chunk('a')],
  broken: [chunk('a'), `data: ${JSON.stringify({ error: { message: 'overloaded', type: 'server_error' } })}\n\n`],
};

function answer(log) {
  return async (request, response) => {
    const body = [];
    for await (const part of request) body.push(part);
    const { model, stream } = JSON.parse(Buffer.concat(body).toString());
    log.push(model);
    response.setHeader('x-request-id', 'request-1');
    if (model === 'forbidden') {
      response.writeHead(403, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ error: { message: 'not yours', type: 'forbidden' } }));
    } else if (stream) {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (const event of STREAMS[model] ?? STREAMS.whole) response.write(event);
      if (model !== 'hanging') response.end();
    } else {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ id: '1', choices: [{ index: 0, message: { content: 'abc' } }] }));
    }
  };
}

/** `use` gets a function that asks for a completion; what it gives is returned with the requests that were made. */
const withClient = ({ OpenAI }, { withServer }, use) => {
  const requests = [];
  return withServer(answer(requests), async (port) => {
    const client = new OpenAI({ apiKey: 'key', baseURL: `http://127.0.0.1:${port}/v1`, maxRetries: 0 });
    const create = (model, stream = true, options) =>
      client.chat.completions.create({ model, stream, messages: [{ role: 'user', content: 'abc?' }] }, options);
    return { value: await use(create, client), requests };
  });
};

/** Nothing kept is collected, so no run of it ends as `abandoned` in the middle of another case. */
const kept = [];
const keep = (object) => {
  kept.push(object);
  return object;
};

const textOf = (chunks) => chunks.map(({ choices }) => choices[0].delta.content).join('');

const NAME = 'OpenAI.Chat.Completions.create';
const span = (outcome, items, more) => ({ name: NAME, outcome, items, ...more });

module.exports = {
  specifier: 'openai',
  targets: 'openai[OpenAI.Chat.Completions#create]',
  cases: {
    'a stream that is read to its end': {
      run: (openai, tools) =>
        withClient(openai, tools, async (create) => textOf(await tools.collect(await create('whole')))),
      spans: [span('completed', 3)],
    },
    'a stream that is left': {
      run: (openai, tools) =>
        withClient(openai, tools, async (create) => {
          const stream = await create('whole');
          return [textOf(await tools.collect(stream, 1)), stream.controller.signal.aborted];
        }),
      spans: [span('returned', 1)],
    },
    'a stream that reports an error': {
      run: (openai, tools) =>
        withClient(openai, tools, async (create) => {
          const stream = await create('broken');
          return tools.rejection(() => tools.collect(stream));
        }),
      spans: [span('failed', 1, { error: 'APIError', failed: true })],
    },
    'a request that is refused': {
      run: (openai, tools) => withClient(openai, tools, (create) => tools.rejection(() => create('forbidden'))),
      spans: [span('failed', 0, { error: 'PermissionDeniedError', failed: true })],
    },
    'a request that is refused, with `catch` alone': {
      run: (openai, tools) => withClient(openai, tools, (create) => create('forbidden').catch(({ status }) => status)),
      spans: [span('failed', 0, { error: 'PermissionDeniedError', failed: true })],
    },
    'an answer that is no stream': {
      run: (openai, tools) =>
        withClient(openai, tools, async (create) => (await create('whole', false)).choices[0].message.content),
      spans: [span('completed', 0)],
    },
    'a promise that is awaited twice': {
      run: (openai, tools) =>
        withClient(openai, tools, async (create) => {
          const promise = create('whole');
          const [first, second] = [await promise, await promise];
          return [first === second, textOf(await tools.collect(first))];
        }),
      spans: [span('completed', 3)],
    },
    'a promise that is awaited with `finally`': {
      run: (openai, tools) =>
        withClient(openai, tools, async (create) => {
          const log = [];
          const stream = await create('whole').finally(() => log.push('finally'));
          return [log, textOf(await tools.collect(stream))];
        }),
      spans: [span('completed', 3)],
    },
    'a stream that is aborted by its controller, which ends the loop without an error': {
      run: (openai, tools) =>
        withClient(openai, tools, async (create) => {
          const stream = await create('hanging');
          const items = [];
          for await (const item of stream) {
            items.push(item);
            stream.controller.abort();
          }
          return textOf(items);
        }),
      spans: [span('completed', 1)],
    },
    // Its name is "Error" and it has no code: only `classifyError` can tell that it is no failure.
    'a request that is aborted': {
      run: (openai, tools) =>
        withClient(openai, tools, (create) =>
          tools.rejection(() => create('whole', true, { signal: AbortSignal.abort() })),
        ),
      spans: [span('failed', 0, { error: 'APIUserAbortError', failed: true })],
    },
    'an answer that is read with `withResponse()` and awaited too': {
      run: (openai, tools) =>
        withClient(openai, tools, async (create) => {
          const promise = create('whole');
          const { data, request_id, response } = await promise.withResponse();
          return [data === (await promise), request_id, response.status, textOf(await tools.collect(data))];
        }),
      spans: [span('completed', 3)],
    },
    'the function, its promise and its stream': {
      run: (openai, tools) =>
        withClient(openai, tools, async (create, client) => {
          const promise = create('whole');
          const stream = await promise;
          const shapes = [
            tools.shapeOfFunction(client.chat.completions.create),
            tools.shapeOfIterable(promise),
            tools.shapeOfIterable(stream),
            Object.keys(openai).length,
          ];
          return [shapes, textOf(await tools.collect(stream))];
        }),
      spans: [span('completed', 3)],
    },
    // Known by the shape of the promise, without a preset.
    'a stream that is read through `withResponse()` alone': {
      run: (openai, tools) =>
        withClient(openai, tools, async (create) => {
          const promise = keep(create('whole'));
          const { data, request_id, response } = await promise.withResponse();
          return [textOf(await tools.collect(data)), request_id, response.status];
        }),
      spans: [span('completed', 3)],
    },
    // Members that go around `then` and `Symbol.asyncIterator`: the run stays open until its object is collected.
    'a stream that is split in two': {
      run: (openai, tools) =>
        withClient(openai, tools, async (create) => {
          const [left, right] = keep(await create('whole')).tee();
          return [textOf(await tools.collect(left)), textOf(await tools.collect(right))];
        }),
      spans: [],
    },
  },
};
