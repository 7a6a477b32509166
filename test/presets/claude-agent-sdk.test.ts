import { expect } from 'chai';
import { claudeAgentSdk } from '../../src/presets/claude-agent-sdk';
import { useTracing } from '../support/tracing';
import { readerOf, readWith } from './support/reading';

const usage = (input: number, output: number) => ({
  input_tokens: input,
  output_tokens: output,
  cache_read_input_tokens: 2,
  cache_creation_input_tokens: 1,
});
const answer = (id: string, part: object, more?: object) => ({
  type: 'assistant',
  parent_tool_use_id: null,
  message: { id, model: 'claude-sonnet-4-5-20250929', content: [part], usage: usage(3, 1) },
  ...more,
});
const result = (input: number, output: number, more?: object) => ({
  type: 'result',
  subtype: 'success',
  usage: usage(input, output),
  ...more,
});

describe('what the claude-agent-sdk preset says', () => {
  const tracing = useTracing();
  const read = (options: object, chunks: unknown[]) =>
    readWith(
      readerOf(claudeAgentSdk, 'claude-agent-sdk.query'),
      { args: [{ prompt: 'weather?', options }], chunks },
      tracing,
    );

  it('is the query', async () => {
    const options = { model: 'sonnet', agent: 'host', resume: 'session-0', systemPrompt: 'be brief' };
    const { name, attributes } = await read(options, []);
    expect(name).to.equal('invoke_agent host');
    expect(attributes).to.deep.equal({
      'gen_ai.operation.name': 'invoke_agent',
      'gen_ai.provider.name': 'anthropic',
      'gen_ai.agent.name': 'host',
      'gen_ai.request.model': 'sonnet',
      'gen_ai.request.stream': true,
      'gen_ai.conversation.id': 'session-0',
      'gen_ai.system_instructions': [{ type: 'text', content: 'be brief' }],
      'gen_ai.input.messages': [{ role: 'user', parts: [{ type: 'text', content: 'weather?' }] }],
    });
  });

  it('is the answer, without that of an agent that it has asked', async () => {
    const { attributes } = await read({}, [
      answer('message-1', { type: 'thinking', thinking: 'hm' }),
      answer('message-1', { type: 'tool_use', id: 'call-1', name: 'weather', input: { city: 'Rome' } }),
      answer('message-2', { type: 'text', text: 'looking' }, { parent_tool_use_id: 'call-1' }),
      { type: 'stream_event', event: { type: 'content_block_delta', delta: { type: 'text_delta', text: 'sunny' } } },
      answer('message-3', { type: 'text', text: 'sunny' }),
      result(7, 9),
    ]);
    expect(attributes['gen_ai.output.messages']).to.deep.equal([
      {
        role: 'assistant',
        parts: [
          { type: 'reasoning', content: 'hm' },
          { type: 'tool_call', id: 'call-1', name: 'weather', arguments: { city: 'Rome' } },
          { type: 'text', content: 'sunny' },
        ],
        finish_reason: 'stop',
      },
    ]);
    expect(attributes).to.include({ 'gen_ai.response.model': 'claude-sonnet-4-5-20250929' });
  });

  it('is the usage of each message once, until there is that of the turn', async () => {
    const first = [
      answer('message-1', { type: 'text', text: 'sun' }),
      answer('message-1', { type: 'text', text: 'ny' }),
      answer('message-2', { type: 'text', text: '!' }),
    ];
    const { attributes } = await read({}, first);
    expect(attributes).to.deep.include({
      'gen_ai.usage.input_tokens': 12,
      'gen_ai.usage.output_tokens': 2,
      'gen_ai.response.finish_reasons': ['error'],
    });
    tracing.reset();
    const turn = await read({}, [...first, result(7, 9)]);
    expect(turn.attributes).to.include({
      'gen_ai.usage.input_tokens': 10,
      'gen_ai.usage.output_tokens': 9,
      'gen_ai.usage.cache_read.input_tokens': 2,
      'gen_ai.usage.cache_write.input_tokens': 1,
    });
  });

  it('is the usage of all turns', async () => {
    const { attributes } = await read({}, [
      answer('message-1', { type: 'text', text: 'sunny' }),
      result(7, 9),
      answer('message-2', { type: 'text', text: 'rainy' }),
      result(4, 5, { subtype: 'error_max_turns' }),
    ]);
    expect(attributes).to.deep.include({
      'gen_ai.usage.input_tokens': 17,
      'gen_ai.usage.output_tokens': 14,
      'gen_ai.response.finish_reasons': ['error'],
    });
  });
});
