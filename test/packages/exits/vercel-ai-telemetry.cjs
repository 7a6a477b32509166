/** streamText of the AI SDK, where the SDK makes spans of its own: the run says nothing of the model then. */
const { modelOf } = require('../support/exits/ai-model.cjs');

module.exports = {
  preset: 'vercel-ai',
  group: 'apps',
  packages: ['ai-6', 'ai-7'],
  module: 'ai',
  formats: ['esm'],

  open({ streamText }, { exit, signal, secret, workspace }) {
    const model = modelOf(workspace, { exit, secret });
    const telemetry = { isEnabled: true, integrations: [{}], recordInputs: false, recordOutputs: false };
    const options = { prompt: `hello ${secret}?`, maxRetries: 0, abortSignal: signal, onError() {} };
    return streamText({ model, ...options, experimental_telemetry: telemetry }).textStream;
  },

  spans: () => ({ name: 'ai.streamText.textStream', attributes: { 'gen_ai.operation.name': undefined } }),
};
