import { expect } from 'chai';
import { huggingface } from '../../src/presets/huggingface';
import { useTracing } from '../support/tracing';
import { readerOf, readWith } from './support/reading';

describe('what the huggingface preset says', () => {
  const tracing = useTracing();
  const read = (name: string, args: unknown, chunks: unknown[] = []) =>
    readWith(readerOf(huggingface, `huggingface.${name}`), { args: [args], chunks }, tracing);

  it('is the request of a chat, to the router', async () => {
    const messages = [{ role: 'user', content: 'hello?' }];
    const { name, attributes } = await read('chatCompletionStream', { model: 'llama', provider: 'groq', messages });
    expect(name).to.equal('chat llama');
    expect(attributes).to.deep.equal({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'huggingface',
      'gen_ai.request.model': 'llama',
      'gen_ai.request.stream': true,
      'server.address': 'router.huggingface.co',
      'server.port': 443,
      'gen_ai.input.messages': [{ role: 'user', parts: [{ type: 'text', content: 'hello?' }] }],
    });
  });

  it('is the response of a chat', async () => {
    const chunk = (delta: object, more?: object) => ({
      id: '1',
      model: 'llama-3',
      choices: [{ index: 0, delta, ...more }],
    });
    const { attributes } = await read('chatCompletionStream', { model: 'llama' }, [
      chunk({ content: 'good ' }),
      chunk({ content: 'morning' }, { finish_reason: 'stop' }),
      { id: '1', choices: [], usage: { prompt_tokens: 3, completion_tokens: 2 } },
    ]);
    expect(attributes).to.deep.include({
      'gen_ai.response.id': '1',
      'gen_ai.response.model': 'llama-3',
      'gen_ai.response.finish_reasons': ['stop'],
      'gen_ai.usage.input_tokens': 3,
      'gen_ai.usage.output_tokens': 2,
    });
    expect(attributes['gen_ai.output.messages'][0]?.parts).to.deep.equal([{ type: 'text', content: 'good morning' }]);
  });

  it('is a text that is continued, token by token', async () => {
    const parameters = { max_new_tokens: 10, temperature: 0.1, top_k: 2, stop: ['.'] };
    const args = { model: 'gpt2', inputs: 'once', parameters, endpointUrl: 'http://127.0.0.1:8080/generate' };
    const token = (text: string, special = false) => ({ id: 1, text, logprob: 0, special });
    const { name, attributes } = await read('textGenerationStream', args, [
      { index: 0, token: token(' upon'), generated_text: null, details: null },
      {
        index: 1,
        token: token('</s>', true),
        generated_text: ' upon',
        details: { finish_reason: 'eos_token', generated_tokens: 2, input_length: 1 },
      },
    ]);
    expect(name).to.equal('text_completion gpt2');
    expect(attributes).to.deep.equal({
      'gen_ai.operation.name': 'text_completion',
      'gen_ai.provider.name': 'huggingface',
      'gen_ai.request.model': 'gpt2',
      'gen_ai.request.stream': true,
      'gen_ai.request.max_tokens': 10,
      'gen_ai.request.temperature': 0.1,
      'gen_ai.request.top_k': 2,
      'gen_ai.request.stop_sequences': ['.'],
      'server.address': '127.0.0.1',
      'server.port': 8080,
      'gen_ai.response.finish_reasons': ['eos_token'],
      'gen_ai.usage.input_tokens': 1,
      'gen_ai.usage.output_tokens': 2,
      'gen_ai.input.messages': [{ role: 'user', parts: [{ type: 'text', content: 'once' }] }],
      'gen_ai.output.messages': [
        { role: 'assistant', parts: [{ type: 'text', content: ' upon' }], finish_reason: 'eos_token' },
      ],
    });
  });
});
