/** A model's own stream by Amazon Bedrock, of which only the usage is known that Bedrock adds to the last chunk. */
const { openClient } = require('../support/exits/aws.cjs');
const { event, exception } = require('../support/exits/event-stream.cjs');

const chunk = (payload) => event('chunk', { bytes: Buffer.from(JSON.stringify(payload)).toString('base64') });

module.exports = {
  // The other preset knows the streams of all other services, and no two trace one.
  preset: 'bedrock,aws-sdk',
  group: 'apps',
  packages: ['bedrock-3.587', 'bedrock-3'],
  module: '@aws-sdk/client-bedrock-runtime',
  formats: ['esm'],

  async open(api, { exit, signal, secret, workspace, onEnd }) {
    const isHttp2 = workspace === 'bedrock-3';
    const client = await openClient(api.BedrockRuntimeClient, { isHttp2, onEnd }, (response) => {
      response.write(chunk({ generation: `good ${secret}` }));
      response.write(chunk({ generation: ' morning' }));
      // The client is to leave it in the middle.
      if (exit === 'abort') return;
      if (exit === 'error') return response.end(exception('modelTimeoutException', { message: 'too slow' }));
      const metrics = { inputTokenCount: 3, outputTokenCount: 2, cacheWriteInputTokenCount: 1 };
      response.end(chunk({ stop_reason: 'stop', 'amazon-bedrock-invocationMetrics': metrics }));
    });
    const request = new api.InvokeModelWithResponseStreamCommand({
      modelId: 'meta.llama3-70b-instruct-v1:0',
      contentType: 'application/json',
      body: JSON.stringify({ prompt: `hello ${secret}?` }),
    });
    const { body } = await client.send(request, { abortSignal: signal });
    return body;
  },
  show: (item) => Buffer.from(item.chunk.bytes).toString(),

  spans: (exit) => ({
    name: 'text_completion meta.llama3-70b-instruct-v1:0',
    attributes: {
      'gen_ai.operation.name': 'text_completion',
      'gen_ai.provider.name': 'aws.bedrock',
      'gen_ai.request.model': 'meta.llama3-70b-instruct-v1:0',
      'gen_ai.request.stream': true,
      'gen_ai.response.finish_reasons': undefined,
      'gen_ai.response.time_to_first_chunk': undefined,
      'gen_ai.usage.input_tokens': exit === 'end' ? 4 : undefined,
      'gen_ai.usage.output_tokens': exit === 'end' ? 2 : undefined,
    },
  }),
  metrics: (exit) => ({
    'gen_ai.client.inference.duration': 1,
    'gen_ai.client.inference.usage.output_tokens': exit === 'end' ? 2 : 0,
  }),
};
