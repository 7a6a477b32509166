/** A chat model of LangChain, which asks OpenAI by its client. */
const { chatAttributes } = require('../support/exits/chat-attributes.cjs');

const chunk = (choice, more) => ({
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'gpt-4o-2026',
  choices: [{ index: 0, finish_reason: null, ...choice }],
  ...more,
});

module.exports = {
  preset: 'langchain',
  group: 'apps',
  packages: ['langchain-0.3', 'langchain-1'],
  module: '@langchain/openai',

  answer(request, response, { exit, secret }) {
    request.resume();
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const send = (data) => response.write(`data: ${JSON.stringify(data)}\n\n`);
    send(chunk({ delta: { role: 'assistant', content: `good ${secret}` } }));
    send(chunk({ delta: { content: ' morning' } }));
    if (exit === 'abort') return;
    if (exit === 'error') send({ error: { message: 'too busy', type: 'server_error', code: 'overloaded' } });
    else {
      send(chunk({ delta: { content: '!' } }));
      send(chunk({ delta: {}, finish_reason: 'stop' }, { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }));
      send({ ...chunk({}), choices: [], usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 } });
    }
    response.end('data: [DONE]\n\n');
  },

  open({ ChatOpenAI }, { port, signal, secret }) {
    const model = new ChatOpenAI({
      apiKey: 'key',
      model: 'gpt-4o',
      temperature: 0.5,
      maxRetries: 0,
      configuration: { baseURL: `http://127.0.0.1:${port}/v1` },
    });
    return model.stream([['human', `hello ${secret}?`]], { signal });
  },
  show: ({ content, usage_metadata: usage }) => [content, usage?.input_tokens],

  spans: (exit) => ({
    name: 'chat gpt-4o',
    attributes: chatAttributes(exit, {
      provider: 'openai',
      model: 'gpt-4o',
      response: { 'gen_ai.response.model': exit === 'end' ? 'gpt-4o-2026' : undefined },
    }),
  }),
  metrics: () => ({ 'gen_ai.client.inference.duration': 1 }),
};
