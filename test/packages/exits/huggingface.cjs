/** Chats of Hugging Face's client, whose methods call functions that it exports as well. */
const { chatAttributes } = require('../support/exits/chat-attributes.cjs');

const chunk = (choice, more) => ({
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  model: 'meta-llama/Llama-3.3-70B-Instruct',
  choices: choice === undefined ? [] : [{ index: 0, finish_reason: null, ...choice }],
  ...more,
});

module.exports = {
  preset: 'huggingface',
  group: 'models2',
  packages: ['huggingface-3', 'huggingface-4'],
  module: '@huggingface/inference',

  answer(request, response, { exit, secret }) {
    request.resume();
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const send = (data) => response.write(`data: ${JSON.stringify(data)}\n\n`);
    send(chunk({ delta: { role: 'assistant', content: '' } }));
    send(chunk({ delta: { content: `good ${secret}` } }));
    // The client is to leave it in the middle.
    if (exit === 'abort') return;
    if (exit === 'error') return setImmediate(() => response.destroy());
    send(chunk({ delta: { content: ' morning' }, finish_reason: 'stop' }));
    send(chunk(undefined, { usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 } }));
    response.end('data: [DONE]\n\n');
  },

  open({ InferenceClient }, { port, signal, secret }) {
    const client = new InferenceClient('key', { endpointUrl: `http://127.0.0.1:${port}` });
    const messages = [{ role: 'user', content: `hello ${secret}?` }];
    return client.chatCompletionStream({ model: 'Llama-3.3', messages, temperature: 0.5 }, { signal });
  },

  show: ({ choices, usage }) => [choices[0]?.delta.content, usage],

  spans: (exit) => ({
    name: 'chat Llama-3.3',
    attributes: chatAttributes(exit, {
      provider: 'huggingface',
      model: 'Llama-3.3',
      response: { 'gen_ai.response.id': 'chatcmpl-1', 'gen_ai.response.model': 'meta-llama/Llama-3.3-70B-Instruct' },
    }),
  }),
  metrics: () => ({ 'gen_ai.client.inference.duration': 1, 'gen_ai.client.inference.time_to_first_chunk': 1 }),
};
