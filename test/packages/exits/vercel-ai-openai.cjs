/** The AI SDK's streamText with its provider for OpenAI, over HTTP, on the first and the last version of every major. Errors are parts of `fullStream`. */
const chunk = (choice, more) => ({
  id: 'chat-1',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'gpt-4o-2026',
  choices: [{ index: 0, finish_reason: null, ...choice }],
  ...more,
});

async function ask({ streamText }, { load, port, signal, secret }, more) {
  const { createOpenAI } = await load('@ai-sdk/openai');
  const model = createOpenAI({ apiKey: 'key', baseURL: `http://127.0.0.1:${port}` }).chat('gpt-4o');
  const options = { prompt: `hello ${secret}?`, maxRetries: 0, abortSignal: signal, onError() {} };
  return streamText({ model, ...options, ...more });
}

module.exports = {
  ask,
  preset: 'vercel-ai',
  group: 'apps',
  packages: ['ai-5.0', 'ai-5', 'ai-6.0', 'ai-6', 'ai-7.0', 'ai-7'],
  module: 'ai',
  formats: ['esm'],
  isErrorTold: true,
  // Up to the first text.
  items: 4,

  answer(request, response, { exit, secret }) {
    request.resume();
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const send = (data) => response.write(`data: ${JSON.stringify(data)}\n\n`);
    send(chunk({ delta: { role: 'assistant', content: `good ${secret}` } }));
    if (exit === 'abort') return;
    if (exit === 'error') send({ error: { message: 'too busy', type: 'server_error', code: 'overloaded' } });
    else {
      send(chunk({ delta: { content: ' morning' } }));
      send(chunk({ delta: {}, finish_reason: 'stop' }, { usage: { prompt_tokens: 3, completion_tokens: 2 } }));
    }
    response.end('data: [DONE]\n\n');
  },

  open: async (api, tools) => (await ask(api, tools)).fullStream,
  show: ({ type, text, error }) => [type, text, error?.message],

  spans: (exit, workspace) => ({
    name: 'chat gpt-4o',
    attributes: {
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'gpt-4o',
      'gen_ai.response.model': exit === 'end' || exit === 'error' ? 'gpt-4o-2026' : undefined,
      'gen_ai.response.finish_reasons': [exit === 'end' ? 'stop' : 'error'],
      'gen_ai.usage.input_tokens': exit === 'end' ? 3 : undefined,
      'gen_ai.usage.output_tokens': exit === 'end' ? 2 : undefined,
      'error.type': exit === 'error' ? (workspace === 'ai-7' ? 'AI_StreamProviderError' : 'overloaded') : undefined,
    },
  }),
  metrics: () => ({ 'gen_ai.client.inference.duration': 1 }),
};
