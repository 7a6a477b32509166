import { expect } from 'chai';
import { anthropic } from '../../src/presets/anthropic';
import type { GeneratorCall } from '../../src/types';
import { useTracing } from '../support/tracing';
import { readerOf, readWith } from './support/reading';

const client = { _client: { baseURL: 'https://api.anthropic.com' } };
const body = {
  model: 'claude-sonnet-4-5',
  max_tokens: 100,
  system: [{ type: 'text', text: 'be brief' }],
  messages: [
    { role: 'user', content: 'time?' },
    { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'time', input: {} }] },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'noon' }] },
  ],
};

describe('what the anthropic preset says', () => {
  const tracing = useTracing();
  const read = (request: object, more: { chunks?: unknown[]; value?: unknown }) =>
    readWith(readerOf(anthropic, 'anthropic.messages.create'), { args: [request], thisArg: client, ...more }, tracing);

  const usage = { input_tokens: 3, cache_read_input_tokens: 20, cache_creation_input_tokens: 7, output_tokens: 1 };
  const start = { type: 'message_start', message: { id: 'msg_1', model: 'claude-sonnet-4-5-2', usage } };
  const delta = (index: number, part: object) => ({ type: 'content_block_delta', index, delta: part });

  it('is the request, and the events', async () => {
    const chunks = [
      start,
      { type: 'content_block_start', index: 0, content_block: { type: 'thinking', thinking: '' } },
      { type: 'ping' },
      delta(0, { type: 'thinking_delta', thinking: 'hm' }),
      delta(0, { type: 'signature_delta', signature: 's' }),
      { type: 'content_block_start', index: 1, content_block: { type: 'text', text: '' } },
      delta(1, { type: 'text_delta', text: 'no' }),
      delta(1, { type: 'text_delta', text: 'on' }),
      { type: 'content_block_start', index: 2, content_block: { type: 'tool_use', id: 'toolu_2', name: 'say' } },
      delta(2, { type: 'input_json_delta', partial_json: '{"it":' }),
      delta(2, { type: 'input_json_delta', partial_json: '"noon"}' }),
      { type: 'content_block_stop', index: 2 },
      { type: 'message_delta', delta: { stop_reason: 'tool_use' }, usage: { output_tokens: 12 } },
      { type: 'message_stop' },
    ];
    const more = { stream: true, temperature: 0.1, top_p: 0.2, top_k: 3, stop_sequences: ['.'] };
    const { name, attributes } = await read({ ...body, ...more }, { chunks });
    expect(name).to.equal('chat claude-sonnet-4-5');
    expect(attributes).to.deep.equal({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'anthropic',
      'gen_ai.request.model': 'claude-sonnet-4-5',
      'gen_ai.request.stream': true,
      'gen_ai.request.max_tokens': 100,
      'gen_ai.request.temperature': 0.1,
      'gen_ai.request.top_p': 0.2,
      'gen_ai.request.top_k': 3,
      'gen_ai.request.stop_sequences': ['.'],
      'server.address': 'api.anthropic.com',
      'server.port': 443,
      'gen_ai.response.id': 'msg_1',
      'gen_ai.response.model': 'claude-sonnet-4-5-2',
      'gen_ai.response.finish_reasons': ['tool_use'],
      'gen_ai.usage.input_tokens': 30,
      'gen_ai.usage.output_tokens': 12,
      'gen_ai.usage.cache_read.input_tokens': 20,
      'gen_ai.usage.cache_write.input_tokens': 7,
      'gen_ai.system_instructions': [{ type: 'text', content: 'be brief' }],
      'gen_ai.input.messages': [
        { role: 'user', parts: [{ type: 'text', content: 'time?' }] },
        { role: 'assistant', parts: [{ type: 'tool_call', id: 'toolu_1', name: 'time', arguments: {} }] },
        { role: 'user', parts: [{ type: 'tool_call_response', id: 'toolu_1', response: 'noon' }] },
      ],
      'gen_ai.output.messages': [
        {
          role: 'assistant',
          parts: [
            { type: 'reasoning', content: 'hm' },
            { type: 'text', content: 'noon' },
            { type: 'tool_call', id: 'toolu_2', name: 'say', arguments: { it: 'noon' } },
          ],
          finish_reason: 'tool_use',
        },
      ],
    });
  });

  it('is the totals that the last event says, the input among them', async () => {
    const totals = { input_tokens: 5, cache_read_input_tokens: 20, cache_creation_input_tokens: 0, output_tokens: 9 };
    const { attributes } = await read(body, { chunks: [start, { type: 'message_delta', delta: {}, usage: totals }] });
    expect(attributes).to.include({ 'gen_ai.usage.input_tokens': 25, 'gen_ai.usage.output_tokens': 9 });
  });

  it('is the whole answer where there is no stream', async () => {
    const value = {
      id: 'msg_1',
      model: 'claude-sonnet-4-5-2',
      stop_reason: 'end_turn',
      usage: { input_tokens: 3, output_tokens: 2 },
      content: [
        { type: 'thinking', thinking: 'hm' },
        { type: 'text', text: 'noon' },
        { type: 'tool_use', id: 'toolu_2', name: 'say', input: { it: 'noon' } },
      ],
    };
    const { attributes } = await read({ ...body, system: 'be brief' }, { value });
    expect(attributes).to.deep.include({
      'gen_ai.usage.input_tokens': 3,
      'gen_ai.response.finish_reasons': ['end_turn'],
      'gen_ai.system_instructions': [{ type: 'text', content: 'be brief' }],
    });
    expect(attributes['gen_ai.output.messages'][0]?.parts).to.deep.equal([
      { type: 'reasoning', content: 'hm' },
      { type: 'text', content: 'noon' },
      { type: 'tool_call', id: 'toolu_2', name: 'say', arguments: { it: 'noon' } },
    ]);
  });

  it('is nothing where the client makes a span itself', async () => {
    const openTelemetry = { traces: { enabled: true } };
    const thisArg = { _client: { baseURL: 'https://api.anthropic.com', openTelemetry } };
    const reader = readerOf(anthropic, 'anthropic.messages.create');
    expect(reader.request({ thisArg, args: [body] } as unknown as GeneratorCall)).to.equal(undefined);
    openTelemetry.traces.enabled = false;
    expect(reader.request({ thisArg, args: [body] } as unknown as GeneratorCall)).to.include({ operation: 'chat' });
  });

  it('is nothing of what a server leaves out', async () => {
    const chunks = [{}, { type: 'message_start' }, { type: 'content_block_delta' }, { type: 'message_delta' }];
    const { attributes } = await read({ stream: true }, { chunks });
    expect(attributes).to.not.have.any.keys('gen_ai.response.id', 'gen_ai.usage.input_tokens');
  });
});
