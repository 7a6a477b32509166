/** `partialObjectStream` of the AI SDK's streamObject, on every major version. */
const { modelOf } = require('../support/exits/ai-model.cjs');

module.exports = {
  preset: 'vercel-ai',
  group: 'apps',
  packages: ['ai-5', 'ai-6', 'ai-7'],
  module: 'ai',
  formats: ['esm'],

  open({ jsonSchema, streamObject }, { exit, signal, secret, workspace }) {
    const model = modelOf(workspace, { exit, secret, texts: [`{"good": "${secret}`, ' morning', '"}'] });
    const schema = jsonSchema({ type: 'object', properties: { good: { type: 'string' } } });
    const options = { schema, prompt: `hello ${secret}?`, maxRetries: 0, abortSignal: signal, onError() {} };
    return streamObject({ model, ...options }).partialObjectStream;
  },

  spans: () => ({
    name: 'chat gpt-4o',
    attributes: {
      'gen_ai.output.type': 'json',
      'gen_ai.response.finish_reasons': undefined,
      'gen_ai.response.time_to_first_chunk': (seconds) => seconds > 0,
    },
  }),
};
