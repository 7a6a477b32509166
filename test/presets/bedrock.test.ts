import { expect } from 'chai';
import { bedrock } from '../../src/presets/bedrock';
import { useTracing } from '../support/tracing';
import { readerOf, readWith } from './support/reading';

describe('what the bedrock preset says', () => {
  const tracing = useTracing();
  const read = (name: string, command: object, chunks: unknown[] = []) =>
    readWith(readerOf(bedrock, `bedrock.${name}`), { args: [command], chunks }, tracing);

  it('is the prompt', async () => {
    const tool = { toolUseId: 't1', name: 'weather', input: { city: 'Rome' } };
    const { name, attributes } = await read('converseStream', {
      input: {
        modelId: 'amazon.nova-pro-v1:0',
        system: [{ text: 'be brief' }],
        messages: [
          { role: 'user', content: [{ text: 'weather?' }, { image: {} }] },
          { role: 'assistant', content: [{ reasoningContent: { reasoningText: { text: 'hm' } } }, { toolUse: tool }] },
          { role: 'user', content: [{ toolResult: { toolUseId: 't1', content: [{ text: 'sunny' }] } }] },
        ],
      },
    });
    expect(name).to.equal('chat amazon.nova-pro-v1:0');
    expect(attributes['gen_ai.system_instructions']).to.deep.equal([{ type: 'text', content: 'be brief' }]);
    expect(attributes['gen_ai.input.messages']).to.deep.equal([
      { role: 'user', parts: [{ type: 'text', content: 'weather?' }] },
      {
        role: 'assistant',
        parts: [
          { type: 'reasoning', content: 'hm' },
          { type: 'tool_call', id: 't1', name: 'weather', arguments: { city: 'Rome' } },
        ],
      },
      { role: 'user', parts: [{ type: 'tool_call_response', id: 't1', response: [{ text: 'sunny' }] }] },
    ]);
  });

  it('is the answer of a conversation', async () => {
    const delta = (contentBlockIndex: number, of: object) => ({ contentBlockDelta: { contentBlockIndex, delta: of } });
    const { attributes } = await read('converseStream', { input: { modelId: 'm' } }, [
      { messageStart: { role: 'assistant' } },
      delta(0, { reasoningContent: { text: 'hm' } }),
      { contentBlockStart: { contentBlockIndex: 1, start: { toolUse: { toolUseId: 't1', name: 'weather' } } } },
      delta(1, { toolUse: { input: '{"city":' } }),
      delta(1, { toolUse: { input: '"Rome"}' } }),
      { messageStop: { stopReason: 'tool_use' } },
      { metadata: { usage: { inputTokens: 3, outputTokens: 2, cacheReadInputTokens: 5, cacheWriteInputTokens: 7 } } },
    ]);
    expect(attributes).to.include({
      'gen_ai.usage.input_tokens': 15,
      'gen_ai.usage.output_tokens': 2,
      'gen_ai.usage.cache_read.input_tokens': 5,
      'gen_ai.usage.cache_write.input_tokens': 7,
    });
    expect(attributes['gen_ai.output.messages']).to.deep.equal([
      {
        role: 'assistant',
        parts: [
          { type: 'reasoning', content: 'hm' },
          { type: 'tool_call', id: 't1', name: 'weather', arguments: { city: 'Rome' } },
        ],
        finish_reason: 'tool_use',
      },
    ]);
  });

  for (const [modelId, operation] of [
    ['eu.anthropic.claude-sonnet-4-v1:0', 'chat'],
    ['meta.llama3-70b-instruct-v1:0', 'text_completion'],
  ] as const) {
    it(`is a ${operation}, where that is what the model is invoked for: ${modelId}`, async () => {
      const { attributes } = await read('invokeModelWithResponseStream', { input: { modelId } });
      expect(attributes['gen_ai.operation.name']).to.equal(operation);
    });
  }

  it("is nothing of a command that OpenTelemetry's instrumentation of the SDK has marked", async () => {
    const mark = Symbol('opentelemetry.instrumentation.aws-sdk.client.config');
    const { attributes } = await read('converseStream', { input: { modelId: 'm' }, [mark]: {} });
    expect(attributes).to.not.have.property('gen_ai.operation.name');
  });
});
