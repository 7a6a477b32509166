/** Chats of Ollama's client, on the oldest and the newest version that the preset knows. */
const { chatAttributes } = require('../support/exits/chat-attributes.cjs');

const chunk = (content, more) => ({
  model: 'llama3.2',
  created_at: '2026-01-01T00:00:00Z',
  message: { role: 'assistant', content },
  done: false,
  ...more,
});

let client;

module.exports = {
  preset: 'ollama',
  group: 'models2',
  packages: ['ollama-0.5', 'ollama-0.6'],
  module: 'ollama',

  answer(request, response, { exit, secret }) {
    request.resume();
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    const send = (data) => response.write(`${JSON.stringify(data)}\n`);
    send(chunk(`good ${secret}`));
    send(chunk(' morning'));
    // The client is to leave it in the middle.
    if (exit === 'abort') return;
    if (exit === 'error') return setImmediate(() => response.destroy());
    send(chunk('', { done: true, done_reason: 'stop', prompt_eval_count: 3, eval_count: 2 }));
    response.end();
  },

  open({ Ollama }, { port, secret }) {
    client = new Ollama({ host: `http://127.0.0.1:${port}` });
    return client.chat({
      model: 'llama3.2',
      messages: [{ role: 'user', content: `hello ${secret}?` }],
      stream: true,
      options: { temperature: 0.5 },
    });
  },

  // Before 0.5.1 only the client could abort, all that it had asked for.
  abort: (stream) => (stream.abort === undefined ? client : stream).abort(),

  show: ({ message, done }) => [message.content, done],

  spans: (exit) => ({
    name: 'chat llama3.2',
    attributes: chatAttributes(exit, {
      provider: 'ollama',
      model: 'llama3.2',
      response: { 'gen_ai.response.model': 'llama3.2' },
    }),
  }),
  metrics: (exit) => ({
    'gen_ai.client.inference.duration': 1,
    'gen_ai.client.inference.time_to_first_chunk': 1,
    'gen_ai.client.inference.usage.output_tokens': exit === 'end' ? 2 : 0,
  }),
};
