/** `fullStream` of the AI SDK's streamText, on every major version. */
const { modelOf } = require('../support/exits/ai-model.cjs');

module.exports = {
  preset: 'vercel-ai',
  group: 'apps',
  packages: ['ai-5.0', 'ai-5', 'ai-6.0', 'ai-6', 'ai-7.0', 'ai-7'],
  module: 'ai',
  formats: (workspace) => (workspace.startsWith('ai-7') ? ['esm'] : ['cjs', 'esm']),

  open({ streamText }, { exit, signal, secret, workspace }) {
    const { fullStream } = streamText({
      model: modelOf(workspace, { exit, secret }),
      prompt: `hello ${secret}?`,
      temperature: 0.5,
      maxOutputTokens: 100,
      maxRetries: 0,
      abortSignal: signal,
      onError() {},
    });
    return fullStream;
  },
  show: ({ type, text }) => [type, text],
  items: 5,

  spans: (exit) => ({
    name: 'chat gpt-4o',
    attributes: {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'gpt-4o',
      'gen_ai.request.stream': true,
      'gen_ai.request.temperature': 0.5,
      'gen_ai.request.max_tokens': 100,
      'gen_ai.response.id': exit === 'end' ? 'response-1' : undefined,
      'gen_ai.response.model': exit === 'end' ? 'gpt-4o-2026' : undefined,
      'gen_ai.response.finish_reasons': [exit === 'end' ? 'stop' : 'error'],
      'gen_ai.response.time_to_first_chunk': (seconds) => seconds > 0,
      'gen_ai.usage.input_tokens': exit === 'end' ? 8 : undefined,
      'gen_ai.usage.output_tokens': exit === 'end' ? 2 : undefined,
      'gen_ai.usage.cache_read.input_tokens': exit === 'end' ? 5 : undefined,
    },
  }),
  metrics: (exit) => ({
    'gen_ai.client.inference.duration': 1,
    'gen_ai.client.inference.time_to_first_chunk': 1,
    'gen_ai.client.inference.usage.output_tokens': exit === 'end' ? 2 : 0,
  }),
};
