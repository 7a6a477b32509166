/** `textStream` of the AI SDK's streamText, on every major version. */
const { modelOf } = require('../support/exits/ai-model.cjs');

module.exports = {
  preset: 'vercel-ai',
  group: 'apps',
  packages: ['ai-5.0', 'ai-5', 'ai-6.0', 'ai-6', 'ai-7.0', 'ai-7'],
  module: 'ai',
  formats: ['esm'],

  open({ streamText }, { exit, signal, secret, workspace }) {
    const model = modelOf(workspace, { exit, secret });
    return streamText({ model, prompt: `hello ${secret}?`, maxRetries: 0, abortSignal: signal, onError() {} })
      .textStream;
  },

  spans: () => ({
    name: 'chat gpt-4o',
    attributes: {
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'gpt-4o',
      'gen_ai.response.finish_reasons': undefined,
      'gen_ai.response.time_to_first_chunk': (seconds) => seconds > 0,
      'gen_ai.usage.output_tokens': undefined,
    },
  }),
  metrics: () => ({ 'gen_ai.client.inference.duration': 1, 'gen_ai.client.inference.time_to_first_chunk': 1 }),
};
