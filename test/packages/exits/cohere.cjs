/** Chats of Cohere's client, by version 2 of the API. */
const { chatAttributes } = require('../support/exits/chat-attributes.cjs');

module.exports = {
  preset: 'cohere',
  group: 'models2',
  packages: ['cohere-7', 'cohere-8'],
  module: 'cohere-ai',

  answer(request, response, { exit, secret }) {
    request.resume();
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const send = (data) => response.write(`event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`);
    const delta = (text) => ({
      type: 'content-delta',
      index: 0,
      delta: { message: { content: { text } } },
    });
    send({ type: 'message-start', id: 'message-1', delta: { message: { role: 'assistant' } } });
    send(delta(`good ${secret}`));
    // The client is to leave it in the middle.
    if (exit === 'abort') return;
    if (exit === 'error') return setImmediate(() => response.destroy());
    send(delta(' morning'));
    const usage = {
      billed_units: { input_tokens: 3, output_tokens: 2 },
      tokens: { input_tokens: 9, output_tokens: 8 },
    };
    send({ type: 'message-end', delta: { finish_reason: 'COMPLETE', usage } });
    response.end('data: [DONE]\n\n');
  },

  open({ CohereClientV2 }, { port, signal, secret }) {
    const client = new CohereClientV2({ token: 'key', environment: `http://127.0.0.1:${port}` });
    return client.chatStream(
      { model: 'command-a', messages: [{ role: 'user', content: `hello ${secret}?` }], temperature: 0.5 },
      { abortSignal: signal, maxRetries: 0 },
    );
  },

  show: ({ type, delta }) => [type, delta?.message?.content?.text],

  spans: (exit) => ({
    name: 'chat command-a',
    attributes: chatAttributes(exit, {
      provider: 'cohere',
      model: 'command-a',
      reason: 'COMPLETE',
      response: { 'gen_ai.response.id': 'message-1' },
    }),
  }),
  metrics: () => ({ 'gen_ai.client.inference.duration': 1, 'gen_ai.client.inference.time_to_first_chunk': 1 }),
};
