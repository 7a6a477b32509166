import { expect } from 'chai';
import { cohere } from '../../src/presets/cohere';
import { useTracing } from '../support/tracing';
import { readerOf, readWith } from './support/reading';

const client = { _options: { environment: 'https://api.cohere.example' } };

describe('what the cohere preset says', () => {
  const tracing = useTracing();
  const read = (spanName: string, body: unknown, chunks: unknown[] = [], thisArg: unknown = client) =>
    readWith(readerOf(cohere, spanName), { args: [body], thisArg, chunks }, tracing);

  it('is the request of a chat', async () => {
    const body = {
      model: 'command-a',
      messages: [{ role: 'user', content: 'hello?' }],
      temperature: 0.1,
      p: 0.2,
      k: 3,
      maxTokens: 4,
      seed: 5,
      stopSequences: ['.'],
      responseFormat: { type: 'json_object' },
    };
    const { name, attributes } = await read('cohere.v2.chatStream', body);
    expect(name).to.equal('chat command-a');
    expect(attributes).to.deep.equal({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'cohere',
      'gen_ai.request.model': 'command-a',
      'gen_ai.request.stream': true,
      'gen_ai.request.temperature': 0.1,
      'gen_ai.request.top_p': 0.2,
      'gen_ai.request.top_k': 3,
      'gen_ai.request.max_tokens': 4,
      'gen_ai.request.seed': 5,
      'gen_ai.request.stop_sequences': ['.'],
      'gen_ai.output.type': 'json',
      'server.address': 'api.cohere.example',
      'server.port': 443,
      'gen_ai.input.messages': [{ role: 'user', parts: [{ type: 'text', content: 'hello?' }] }],
    });
  });

  it("is Cohere's own server where the client names none", async () => {
    const { attributes } = await read('cohere.v2.chatStream', { model: 'command-a' }, [], { _options: {} });
    expect(attributes).to.include({ 'server.address': 'api.cohere.com' });
  });

  const usage = {
    billedUnits: { inputTokens: 3, outputTokens: 2 },
    tokens: { inputTokens: 30, outputTokens: 20 },
    cachedTokens: 1,
  };

  it('is the response: what is thought, said and called, and what is billed', async () => {
    const content = (part: object) => ({ type: 'content-delta', delta: { message: { content: part } } });
    const call = (type: string, toolCalls: object) => ({ type, index: 0, delta: { message: { toolCalls } } });
    const { attributes } = await read('cohere.v2.chatStream', { model: 'command-a' }, [
      { type: 'message-start', id: 'message-1', delta: { message: { role: 'assistant' } } },
      content({ thinking: 'hm' }),
      content({ text: 'good ' }),
      content({ text: 'morning' }),
      call('tool-call-start', { id: '1', function: { name: 'weather', arguments: '' } }),
      call('tool-call-delta', { function: { arguments: '{"city":"Rome"}' } }),
      { type: 'message-end', delta: { finishReason: 'TOOL_CALL', usage } },
    ]);
    expect(attributes).to.deep.include({
      'gen_ai.response.id': 'message-1',
      'gen_ai.response.finish_reasons': ['TOOL_CALL'],
      'gen_ai.usage.input_tokens': 3,
      'gen_ai.usage.output_tokens': 2,
      'gen_ai.usage.cache_read.input_tokens': 1,
    });
    expect(attributes['gen_ai.output.messages'][0]?.parts).to.deep.equal([
      { type: 'reasoning', content: 'hm' },
      { type: 'text', content: 'good morning' },
      { type: 'tool_call', id: '1', name: 'weather', arguments: { city: 'Rome' } },
    ]);
  });

  it('is what version 1 of the API asks and answers', async () => {
    const body = {
      model: 'command-r',
      preamble: 'be brief',
      message: 'hello?',
      chatHistory: [{ role: 'CHATBOT', message: 'hi' }],
    };
    const { attributes } = await read('cohere.chatStream', body, [
      { eventType: 'stream-start', generationId: 'generation-1' },
      { eventType: 'text-generation', text: 'good ' },
      { eventType: 'text-generation', text: 'morning' },
      { eventType: 'stream-end', finishReason: 'COMPLETE', response: { meta: { tokens: usage.tokens } } },
    ]);
    expect(attributes).to.deep.include({
      'gen_ai.response.id': 'generation-1',
      'gen_ai.response.finish_reasons': ['COMPLETE'],
      'gen_ai.usage.input_tokens': 30,
      'gen_ai.usage.output_tokens': 20,
      'gen_ai.system_instructions': [{ type: 'text', content: 'be brief' }],
      'gen_ai.input.messages': [
        { role: 'assistant', parts: [{ type: 'text', content: 'hi' }] },
        { role: 'user', parts: [{ type: 'text', content: 'hello?' }] },
      ],
    });
    expect(attributes['gen_ai.output.messages'][0]?.parts).to.deep.equal([{ type: 'text', content: 'good morning' }]);
  });
});
