import { expect } from 'chai';
import { ollama } from '../../src/presets/ollama';
import { useTracing } from '../support/tracing';
import { readerOf, readWith } from './support/reading';

const client = { config: { host: 'http://127.0.0.1:11434' } };
const messages = [
  { role: 'system', content: 'be brief' },
  { role: 'user', content: 'weather?' },
  { role: 'assistant', content: '', tool_calls: [{ function: { name: 'weather', arguments: { city: 'Rome' } } }] },
  { role: 'tool', content: 'sunny' },
];

describe('what the ollama preset says', () => {
  const tracing = useTracing();
  const read = (function_: 'chat' | 'generate', body: unknown, more: { chunks?: unknown[]; value?: unknown }) =>
    readWith(readerOf(ollama, `ollama.${function_}`), { args: [body], thisArg: client, ...more }, tracing);

  it('is the request of a chat', async () => {
    const options = { temperature: 0.1, top_p: 0.2, top_k: 3, num_predict: 4, stop: ['.'], seed: 5 };
    const body = { model: 'llama3.2', messages, stream: true, format: 'json', think: 'high', options };
    const { name, attributes } = await read('chat', body, { chunks: [] });
    expect(name).to.equal('chat llama3.2');
    expect(attributes).to.deep.equal({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'ollama',
      'gen_ai.request.model': 'llama3.2',
      'gen_ai.request.stream': true,
      'gen_ai.request.temperature': 0.1,
      'gen_ai.request.top_p': 0.2,
      'gen_ai.request.top_k': 3,
      'gen_ai.request.max_tokens': 4,
      'gen_ai.request.stop_sequences': ['.'],
      'gen_ai.request.seed': 5,
      'gen_ai.request.reasoning.level': 'high',
      'gen_ai.output.type': 'json',
      'server.address': '127.0.0.1',
      'server.port': 11434,
      'gen_ai.input.messages': [
        { role: 'system', parts: [{ type: 'text', content: 'be brief' }] },
        { role: 'user', parts: [{ type: 'text', content: 'weather?' }] },
        { role: 'assistant', parts: [{ type: 'tool_call', name: 'weather', arguments: { city: 'Rome' } }] },
        { role: 'tool', parts: [{ type: 'tool_call_response', response: 'sunny' }] },
      ],
    });
  });

  const chunk = (message: object, more?: object) => ({ model: 'llama3.2', message, done: false, ...more });
  const done = { done: true, done_reason: 'length', prompt_eval_count: 3, eval_count: 2 };

  it('is the response of a chat', async () => {
    const chunks = [
      chunk({ role: 'assistant', content: '', thinking: 'hm' }),
      chunk({ role: 'assistant', content: 'hello' }),
      chunk({
        role: 'assistant',
        content: '',
        tool_calls: [{ function: { name: 'weather', arguments: { city: 'Rome' } } }],
      }),
      chunk({ role: 'assistant', content: '' }, done),
    ];
    const { attributes } = await read('chat', { model: 'llama3.2', messages: [], stream: true }, { chunks });
    expect(attributes).to.deep.include({
      'gen_ai.response.model': 'llama3.2',
      'gen_ai.response.finish_reasons': ['length'],
      'gen_ai.usage.input_tokens': 3,
      'gen_ai.usage.output_tokens': 2,
    });
    expect(attributes['gen_ai.output.messages'][0]?.parts).to.deep.equal([
      { type: 'reasoning', content: 'hm' },
      { type: 'text', content: 'hello' },
      { type: 'tool_call', name: 'weather', arguments: { city: 'Rome' } },
    ]);
  });

  it('is a whole answer, too', async () => {
    const value = { ...chunk({ role: 'assistant', content: 'hello' }), ...done };
    const { attributes } = await read('chat', { model: 'llama3.2', messages: [] }, { value });
    expect(attributes).to.include({ 'gen_ai.usage.output_tokens': 2, 'gen_ai.request.model': 'llama3.2' });
    expect(attributes).to.not.have.property('gen_ai.request.stream');
  });

  it('is the prompt and the text of a completion', async () => {
    const body = { model: 'llama3.2', prompt: 'once', system: 'be brief', stream: true };
    const chunks = [
      { model: 'llama3.2', response: ' upon', done: false },
      { model: 'llama3.2', response: '', ...done },
    ];
    const { name, attributes } = await read('generate', body, { chunks });
    expect(name).to.equal('text_completion llama3.2');
    expect(attributes).to.deep.include({
      'gen_ai.usage.output_tokens': 2,
      'gen_ai.system_instructions': [{ type: 'text', content: 'be brief' }],
      'gen_ai.input.messages': [{ role: 'user', parts: [{ type: 'text', content: 'once' }] }],
    });
    expect(attributes['gen_ai.output.messages'][0]?.parts).to.deep.equal([{ type: 'text', content: ' upon' }]);
  });
});
