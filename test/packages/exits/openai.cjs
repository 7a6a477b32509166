/** Chat completions of OpenAI's client, on every major version. */
const chunk = (choice, more) => ({
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  model: 'gpt-4o-2024-08-06',
  choices: choice === undefined ? [] : [{ index: 0, finish_reason: null, ...choice }],
  ...more,
});

module.exports = {
  preset: 'openai',
  group: 'models',
  packages: ['openai-4', 'openai-5', 'openai-6', 'openai-7'],
  module: 'openai',

  answer(request, response, { exit, secret }) {
    request.resume();
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const send = (data) => response.write(`data: ${JSON.stringify(data)}\n\n`);
    send(chunk({ delta: { role: 'assistant', content: '' } }));
    send(chunk({ delta: { content: `good ${secret}` } }));
    // The client is to leave it in the middle.
    if (exit === 'abort') return;
    if (exit === 'error') return setImmediate(() => response.destroy());
    send(chunk({ delta: { content: ' morning' } }));
    send(chunk({ delta: {}, finish_reason: 'stop' }));
    send(chunk(undefined, { usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 } }));
    response.end('data: [DONE]\n\n');
  },

  open({ OpenAI }, { port, signal, secret }) {
    const client = new OpenAI({ apiKey: 'key', baseURL: `http://127.0.0.1:${port}/v1`, maxRetries: 0 });
    return client.chat.completions.create(
      {
        model: 'gpt-4o',
        messages: [{ role: 'user', content: `hello ${secret}?` }],
        stream: true,
        stream_options: { include_usage: true },
      },
      { signal },
    );
  },

  show: ({ choices, usage }) => [choices[0]?.delta.content, usage],

  spans: (exit) => ({ name: 'openai.chat.completions.create', outcome: OUTCOMES[exit] }),
};

const OUTCOMES = {
  end: 'completed',
  break: 'returned',
  throw: 'returned',
  abort: 'aborted',
  error: 'failed',
  abandoned: 'abandoned',
  exit: 'interrupted',
};
