/** Converse of Amazon Bedrock's client, on the oldest and the newest version that the preset knows. */
const { openClient } = require('../support/exits/aws.cjs');
const { event, exception } = require('../support/exits/event-stream.cjs');

const delta = (text) => event('contentBlockDelta', { contentBlockIndex: 0, delta: { text } });

module.exports = {
  // The other preset knows the streams of all other services, and no two trace one.
  preset: 'bedrock,aws-sdk',
  group: 'apps',
  packages: ['bedrock-3.587', 'bedrock-3'],
  module: '@aws-sdk/client-bedrock-runtime',

  async open(api, { exit, signal, secret, workspace, onEnd }) {
    const isHttp2 = workspace === 'bedrock-3';
    const client = await openClient(api.BedrockRuntimeClient, { isHttp2, onEnd }, (response) => {
      response.write(event('messageStart', { role: 'assistant' }));
      response.write(delta(`good ${secret}`));
      response.write(delta(' morning'));
      // The client is to leave it in the middle.
      if (exit === 'abort') return;
      if (exit === 'error') return response.end(exception('throttlingException', { message: 'too fast' }));
      response.write(event('contentBlockStop', { contentBlockIndex: 0 }));
      response.write(event('messageStop', { stopReason: 'end_turn' }));
      const usage = { inputTokens: 3, outputTokens: 2, totalTokens: 10, cacheReadInputTokens: 5 };
      response.end(event('metadata', { usage, metrics: { latencyMs: 10 } }));
    });
    const request = new api.ConverseStreamCommand({
      modelId: 'anthropic.claude-sonnet-4',
      messages: [{ role: 'user', content: [{ text: `hello ${secret}?` }] }],
      inferenceConfig: { maxTokens: 100, temperature: 0.5, topP: 0.9, stopSequences: ['end'] },
    });
    const { stream } = await client.send(request, { abortSignal: signal });
    return stream;
  },

  items: 3,

  spans: (exit) => ({
    name: 'chat anthropic.claude-sonnet-4',
    attributes: {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'aws.bedrock',
      'gen_ai.request.model': 'anthropic.claude-sonnet-4',
      'gen_ai.request.stream': true,
      'gen_ai.request.max_tokens': 100,
      'gen_ai.request.temperature': 0.5,
      'gen_ai.request.top_p': 0.9,
      'gen_ai.request.stop_sequences': ['end'],
      'gen_ai.response.finish_reasons': [exit === 'end' ? 'end_turn' : 'error'],
      'gen_ai.response.time_to_first_chunk': (seconds) => seconds > 0,
      'gen_ai.usage.input_tokens': exit === 'end' ? 8 : undefined,
      'gen_ai.usage.output_tokens': exit === 'end' ? 2 : undefined,
    },
  }),
  metrics: (exit) => ({
    'gen_ai.client.inference.duration': 1,
    'gen_ai.client.inference.time_to_first_chunk': 1,
    'gen_ai.client.inference.usage.output_tokens': exit === 'end' ? 2 : 0,
  }),
};
