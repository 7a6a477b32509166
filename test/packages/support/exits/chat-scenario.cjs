/** A scenario for a client whose chat completions are as OpenAI's, and which Stainless generates. */

const chunk = (choice, more) => ({
  id: 'chat-1',
  object: 'chat.completion.chunk',
  model: 'llama-3-70b',
  choices: [{ index: 0, finish_reason: null, ...choice }],
  ...more,
});

const chatScenario = ({ preset, module, client, packages }) => ({
  preset,
  group: 'models',
  packages,
  module,
  items: 3,

  answer(request, response, { exit, secret }) {
    request.resume();
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const send = (data) => response.write(`data: ${JSON.stringify(data)}\n\n`);
    send(chunk({ delta: { role: 'assistant', content: '' } }));
    send(chunk({ delta: { reasoning: `hm ${secret}` } }));
    send(chunk({ delta: { content: `good ${secret}` } }));
    // Some clients give an event when the next one comes.
    send(chunk({ delta: { content: ' morning' } }));
    if (exit === 'abort') return;
    if (exit === 'error') {
      setImmediate(() => response.destroy());
      return;
    }
    send(chunk({ delta: {}, finish_reason: 'stop' }, { usage: { prompt_tokens: 3, completion_tokens: 2 } }));
    response.end('data: [DONE]\n\n');
  },

  open(api, { port, signal, secret }) {
    const settings = { apiKey: 'key', baseURL: `http://127.0.0.1:${port}`, maxRetries: 0, warmTCPConnection: false };
    const Client = api[client] ?? api.default;
    return new Client(settings).chat.completions.create(
      { model: 'llama-3', messages: [{ role: 'user', content: `hello ${secret}?` }], max_tokens: 100, stream: true },
      { signal },
    );
  },

  show: ({ choices, usage }) => [choices[0].delta, usage],

  spans: (exit) => ({
    name: 'chat llama-3',
    attributes: {
      'gen_ai.provider.name': preset,
      'gen_ai.request.max_tokens': 100,
      'gen_ai.request.stream': true,
      'gen_ai.response.model': 'llama-3-70b',
      'gen_ai.response.finish_reasons': [exit === 'end' ? 'stop' : 'error'],
      'gen_ai.response.time_to_first_chunk': (seconds) => seconds > 0,
      'gen_ai.usage.output_tokens': exit === 'end' ? 2 : undefined,
      'server.address': '127.0.0.1',
    },
  }),

  metrics: (exit) => ({
    'gen_ai.client.inference.duration': 1,
    'gen_ai.client.inference.usage.output_tokens': exit === 'end' ? 2 : 0,
  }),
});

module.exports = { chatScenario };
