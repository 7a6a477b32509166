import { expect } from 'chai';
import { langchain } from '../../src/presets/langchain';
import { useTracing } from '../support/tracing';
import { readWith } from './support/reading';

class ChatOpenAI {
  constructor(private readonly params: object = {}) {}
  readonly topP = 0.9;
  readonly clientConfig = { baseURL: 'https://api.openai.com/v1' };
  getLsParams({ stop }: { stop?: string[] }) {
    return {
      ls_provider: 'openai',
      ls_model_name: 'gpt-4o',
      ls_model_type: 'chat',
      ls_temperature: 0.5,
      ls_max_tokens: 9,
      ls_stop: stop,
      ...this.params,
    };
  }
}
class HumanMessage {
  constructor(readonly content: unknown) {}
}
class AIMessageChunk {
  readonly content = '';
  readonly tool_calls = [{ id: 'c1', name: 'weather', args: { city: 'Rome' } }];
}
class ToolMessage {
  readonly tool_call_id = 'c1';
  readonly content = 'sunny';
}

describe('what the langchain preset says', () => {
  const tracing = useTracing();
  const genAi = langchain.targets[0]?.genAi;
  const read = (input: unknown, chunks: unknown[] = [], thisArg: unknown = new ChatOpenAI(), options?: object) => {
    if (genAi === undefined) throw new Error('langchain reads nothing');
    return readWith(genAi, { args: [input, options], thisArg, chunks }, tracing);
  };

  it('is the request', async () => {
    const { name, attributes } = await read('weather?', [], new ChatOpenAI(), { stop: ['.'] });
    expect(name).to.equal('chat gpt-4o');
    expect(attributes).to.deep.equal({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'gpt-4o',
      'gen_ai.request.stream': true,
      'gen_ai.request.max_tokens': 9,
      'gen_ai.request.temperature': 0.5,
      'gen_ai.request.top_p': 0.9,
      'gen_ai.request.stop_sequences': ['.'],
      'server.address': 'api.openai.com',
      'server.port': 443,
      'gen_ai.input.messages': [{ role: 'user', parts: [{ type: 'text', content: 'weather?' }] }],
    });
  });

  const providers = { google_genai: 'gcp.gemini', amazon_bedrock: 'aws.bedrock', Fireworks: 'fireworks' };
  for (const [provider, expected] of Object.entries({ ...providers, '': 'langchain' })) {
    it(`is the provider as the conventions call it: ${expected}`, async () => {
      const model = new ChatOpenAI({ ls_provider: provider });
      expect((await read('hi', [], model)).attributes['gen_ai.provider.name']).to.equal(expected);
    });
  }

  it('is the class of a model that has no name', async () => {
    const { name, attributes } = await read('hi', [], new ChatOpenAI({ ls_model_name: undefined }));
    expect(name).to.equal('chat ChatOpenAI');
    expect(attributes).to.not.have.property('gen_ai.request.model');
  });

  it('is nothing of runnables that are not models of chats', async () => {
    for (const runnable of [{}, null, new ChatOpenAI({ ls_model_type: 'llm' })]) {
      expect((await read('hi', [{ content: 'a' }], runnable)).attributes).to.deep.equal({});
      tracing.reset();
    }
  });

  it('is the messages, of every form', async () => {
    const input = [
      ['system', 'be brief'],
      'hi',
      { role: 'assistant', content: 'hello' },
      new HumanMessage([{ type: 'text', text: 'weather?' }]),
      new AIMessageChunk(),
      new ToolMessage(),
      [undefined, 'odd'],
    ];
    const expected = [
      { role: 'system', parts: [{ type: 'text', content: 'be brief' }] },
      { role: 'user', parts: [{ type: 'text', content: 'hi' }] },
      { role: 'assistant', parts: [{ type: 'text', content: 'hello' }] },
      { role: 'user', parts: [{ type: 'text', content: 'weather?' }] },
      { role: 'assistant', parts: [{ type: 'tool_call', id: 'c1', name: 'weather', arguments: { city: 'Rome' } }] },
      { role: 'tool', parts: [{ type: 'tool_call_response', id: 'c1', response: 'sunny' }] },
      { role: 'user', parts: [{ type: 'text', content: 'odd' }] },
    ];
    for (const form of [input, { messages: input }]) {
      expect((await read(form)).attributes['gen_ai.input.messages']).to.deep.equal(expected);
      tracing.reset();
    }
    const { attributes } = await read({ value: 'made of a template' });
    expect(attributes['gen_ai.input.messages'][0]?.parts).to.deep.equal([
      { type: 'text', content: 'made of a template' },
    ]);
  });

  it('is the response', async () => {
    const { attributes } = await read('weather?', [
      { id: 'chatcmpl-1', content: '', usage_metadata: { input_tokens: 7, input_token_details: { cache_read: 2 } } },
      { id: 'run-1', content: '', additional_kwargs: { reasoning_content: 'hm' } },
      { content: [{ type: 'thinking', thinking: '!' }, { type: 'text', text: 'sun' }, { type: 'image_url' }] },
      { content: 'ny', tool_call_chunks: [{ index: 0, id: 'c1', name: 'weather', args: '{"city":' }] },
      { content: '', tool_call_chunks: [{ args: '"Rome"}' }] },
      {
        content: '',
        response_metadata: { finish_reason: 'stop', model_name: 'gpt-4o-2026' },
        usage_metadata: { output_tokens: 3, output_token_details: { reasoning: 1 } },
      },
    ]);
    expect(attributes).to.deep.include({
      'gen_ai.response.id': 'chatcmpl-1',
      'gen_ai.response.model': 'gpt-4o-2026',
      'gen_ai.response.finish_reasons': ['stop'],
      'gen_ai.usage.input_tokens': 7,
      'gen_ai.usage.output_tokens': 3,
      'gen_ai.usage.cache_read.input_tokens': 2,
      'gen_ai.usage.reasoning.output_tokens': 1,
    });
    expect(attributes['gen_ai.output.messages'][0]?.parts).to.deep.equal([
      { type: 'reasoning', content: 'hm!' },
      { type: 'text', content: 'sunny' },
      { type: 'tool_call', id: 'c1', name: 'weather', arguments: { city: 'Rome' } },
    ]);
  });
});
