import { expect } from 'chai';
import { vercelAi } from '../../src/presets/vercel-ai';
import { useTracing } from '../support/tracing';
import { readerOf, readWith } from './support/reading';

const model = { provider: 'anthropic.messages', modelId: 'claude-sonnet-4' };

describe('what the vercel-ai preset says', () => {
  const tracing = useTracing();
  const read = (stream: string, options: unknown, chunks: unknown[] = []) =>
    readWith(readerOf(vercelAi, `ai.${stream}`), { args: [options], chunks }, tracing);

  it('is the request', async () => {
    const { name, attributes } = await read('streamText.fullStream', {
      model,
      system: 'be brief',
      messages: [
        { role: 'user', content: 'weather?' },
        {
          role: 'assistant',
          content: [
            { type: 'reasoning', text: 'hm' },
            { type: 'tool-call', toolCallId: 'c1', toolName: 'weather', input: { city: 'Rome' } },
          ],
        },
        { role: 'tool', content: [{ type: 'tool-result', toolCallId: 'c1', toolName: 'weather', output: 'sunny' }] },
      ],
      maxOutputTokens: 4,
      topK: 3,
      stopSequences: ['.'],
    });
    expect(name).to.equal('chat claude-sonnet-4');
    expect(attributes).to.deep.equal({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'anthropic',
      'gen_ai.request.model': 'claude-sonnet-4',
      'gen_ai.request.stream': true,
      'gen_ai.request.max_tokens': 4,
      'gen_ai.request.top_k': 3,
      'gen_ai.request.stop_sequences': ['.'],
      'gen_ai.system_instructions': [{ type: 'text', content: 'be brief' }],
      'gen_ai.input.messages': [
        { role: 'user', parts: [{ type: 'text', content: 'weather?' }] },
        {
          role: 'assistant',
          parts: [
            { type: 'reasoning', content: 'hm' },
            { type: 'tool_call', id: 'c1', name: 'weather', arguments: { city: 'Rome' } },
          ],
        },
        { role: 'tool', parts: [{ type: 'tool_call_response', id: 'c1', response: 'sunny' }] },
      ],
    });
  });

  const providers = {
    'openai.responses': 'openai',
    'azure.chat': 'azure.ai.openai',
    'amazon-bedrock': 'aws.bedrock',
    'google.generative-ai': 'gcp.gemini',
    'google.vertex.chat': 'gcp.vertex_ai',
    'xai.chat': 'x_ai',
    'fireworks.chat': 'fireworks',
  };
  for (const [provider, expected] of Object.entries(providers)) {
    it(`is the provider as the conventions call it: ${provider}`, async () => {
      const { attributes } = await read('streamText.textStream', { model: { provider, modelId: 'm' }, prompt: 'hi' });
      expect(attributes['gen_ai.provider.name']).to.equal(expected);
    });
  }

  for (const gateway of ['mistral/small', { provider: 'gateway', modelId: 'mistral/small' }]) {
    it(`is the provider that a gateway asks: ${typeof gateway}`, async () => {
      const { attributes } = await read('streamText.textStream', { model: gateway, prompt: 'hi' });
      expect(attributes).to.include({ 'gen_ai.provider.name': 'mistral_ai', 'gen_ai.request.model': 'mistral/small' });
    });
  }

  const finishStep = (finishReason: string, inputTokens: number) => ({
    type: 'finish-step',
    finishReason,
    usage: { inputTokens, outputTokens: 1, inputTokenDetails: { cacheReadTokens: 2, cacheWriteTokens: 1 } },
    response: { id: `r${inputTokens}`, modelId: 'claude-sonnet-4-1' },
  });
  const steps = [
    { type: 'start-step' },
    { type: 'reasoning-delta', text: 'hm' },
    { type: 'tool-input-delta', id: 'c1', delta: '{' },
    { type: 'tool-call', toolCallId: 'c1', toolName: 'weather', input: { city: 'Rome' } },
    finishStep('tool-calls', 10),
    { type: 'text-delta', text: 'sunny' },
    finishStep('stop', 20),
  ];

  it('is the response of several steps, as far as it has come', async () => {
    const { attributes } = await read('streamText.fullStream', { model, prompt: 'weather?' }, steps);
    expect(attributes).to.include({
      'gen_ai.response.id': 'r20',
      'gen_ai.response.model': 'claude-sonnet-4-1',
      'gen_ai.usage.input_tokens': 30,
      'gen_ai.usage.output_tokens': 2,
    });
    expect(attributes['gen_ai.response.finish_reasons']).to.deep.equal(['stop']);
    expect(attributes['gen_ai.output.messages']).to.deep.equal([
      {
        role: 'assistant',
        parts: [
          { type: 'reasoning', content: 'hm' },
          { type: 'tool_call', id: 'c1', name: 'weather', arguments: { city: 'Rome' } },
          { type: 'text', content: 'sunny' },
        ],
        finish_reason: 'stop',
      },
    ]);
  });

  it('is what all steps have used, at the end', async () => {
    const totalUsage = { inputTokens: 31, outputTokens: 3, cachedInputTokens: 4, reasoningTokens: 1 };
    const chunks = [...steps, { type: 'finish', finishReason: 'stop', totalUsage }];
    const { attributes } = await read('streamText.fullStream', { model, prompt: 'weather?' }, chunks);
    expect(attributes).to.include({
      'gen_ai.usage.input_tokens': 31,
      'gen_ai.usage.output_tokens': 3,
      'gen_ai.usage.cache_read.input_tokens': 4,
      'gen_ai.usage.reasoning.output_tokens': 1,
    });
  });

  it('is the answer of streamObject', async () => {
    const { attributes } = await read('streamObject.fullStream', { model, prompt: 'weather?' }, [
      { type: 'object', object: {} },
      { type: 'text-delta', textDelta: '{"sunny":' },
      { type: 'text-delta', textDelta: 'true}' },
      { type: 'finish', finishReason: 'stop', usage: { inputTokens: 3, outputTokens: 2 }, response: { id: 'r1' } },
    ]);
    expect(attributes).to.include({
      'gen_ai.output.type': 'json',
      'gen_ai.response.id': 'r1',
      'gen_ai.usage.input_tokens': 3,
      'gen_ai.usage.output_tokens': 2,
    });
  });
});
