/** Chats of Mistral's client, whose streams are web streams. From 2.0 on it is an ES module. */
const { chatAttributes } = require('../support/exits/chat-attributes.cjs');

const chunk = (choice, more) => ({
  id: 'cmpl-1',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'mistral-small-2501',
  choices: [{ index: 0, finish_reason: null, ...choice }],
  ...more,
});

module.exports = {
  preset: 'mistral',
  group: 'models2',
  packages: ['mistral-1', 'mistral-2'],
  module: '@mistralai/mistralai',
  formats: (workspace) => (workspace === 'mistral-2' ? ['esm'] : ['cjs', 'esm']),

  answer(request, response, { exit, secret }) {
    request.resume();
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const send = (data) => response.write(`data: ${JSON.stringify(data)}\n\n`);
    send(chunk({ delta: { role: 'assistant', content: '' } }));
    send(chunk({ delta: { content: `good ${secret}` } }));
    // The client is to leave it in the middle.
    if (exit === 'abort') return;
    if (exit === 'error') return setImmediate(() => response.destroy());
    const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };
    send(chunk({ delta: { content: ' morning' }, finish_reason: 'stop' }, { usage }));
    response.end('data: [DONE]\n\n');
  },

  async open({ Mistral, HTTPClient }, { port, signal, secret, load }) {
    const Client = HTTPClient ?? (await load('@mistralai/mistralai/lib/http.js')).HTTPClient;
    const client = new Mistral({
      apiKey: 'key',
      serverURL: `http://127.0.0.1:${port}`,
      // The client's own option is lost with the first garbage, traced or not: Node's requests hold the signal that they were cloned with weakly.
      httpClient: new Client({ fetcher: (request) => fetch(request, { signal }) }),
    });
    const messages = [{ role: 'user', content: `hello ${secret}?` }];
    return client.chat.stream({ model: 'mistral-small', messages, temperature: 0.5 });
  },

  show: ({ data }) => [data.choices[0].delta.content, data.usage],

  spans: (exit) => ({
    name: 'chat mistral-small',
    attributes: chatAttributes(exit, {
      provider: 'mistral_ai',
      model: 'mistral-small',
      response: { 'gen_ai.response.id': 'cmpl-1', 'gen_ai.response.model': 'mistral-small-2501' },
    }),
  }),
  metrics: () => ({ 'gen_ai.client.inference.duration': 1, 'gen_ai.client.inference.time_to_first_chunk': 1 }),
};
