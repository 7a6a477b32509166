/** The AI SDK with its own package for OpenTelemetry, which makes spans of all calls: the run says nothing of the model then. */
const { ask, ...scenario } = require('./vercel-ai-openai.cjs');

let isRegistered = false;

module.exports = {
  ...scenario,
  packages: ['ai-7.0', 'ai-7'],

  async open(api, tools) {
    const { OpenTelemetry } = await tools.load('@ai-sdk/otel');
    if (!isRegistered) api.registerTelemetry(new OpenTelemetry());
    isRegistered = true;
    const telemetry = { recordInputs: false, recordOutputs: false };
    return (await ask(api, tools, { telemetry })).stream;
  },

  spans: () => ({
    name: 'ai.streamText.stream',
    attributes: { 'gen_ai.operation.name': undefined, 'gen_ai.request.model': undefined },
  }),
  // Those of the SDK's package, which has no metrics.
  toldByOthers: { end: ['chat', 'agent_step', 'invoke_agent'], error: ['chat', 'agent_step', 'invoke_agent'] },
  metrics: undefined,
};
