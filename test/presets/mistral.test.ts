import { expect } from 'chai';
import { mistral } from '../../src/presets/mistral';
import { useTracing } from '../support/tracing';
import { readerOf, readWith } from './support/reading';

const client = { _baseURL: new URL('https://api.mistral.ai/') };
const chunk = (delta: object, more?: object) => ({
  data: { id: 'cmpl-1', model: 'mistral-small-2501', choices: [{ index: 0, delta, finishReason: null, ...more }] },
});

describe('what the mistral preset says', () => {
  const tracing = useTracing();
  const read = (method: string, body: unknown, chunks: unknown[] = [], thisArg: unknown = client) =>
    readWith(readerOf(mistral, `mistral.${method}`), { args: [body], thisArg, chunks }, tracing);

  it('is the request of a chat', async () => {
    const body = {
      model: 'mistral-small',
      temperature: 0.1,
      topP: 0.2,
      maxTokens: 3,
      randomSeed: 4,
      stop: '.',
      n: 2,
      presencePenalty: 0.5,
      frequencyPenalty: 0.6,
      reasoningEffort: 'high',
      responseFormat: { type: 'json_schema' },
      messages: [
        { role: 'user', content: [{ type: 'text', text: 'weather?' }] },
        { role: 'assistant', toolCalls: [{ id: '1', function: { name: 'weather', arguments: '{"city":"Rome"}' } }] },
        { role: 'tool', toolCallId: '1', content: 'sunny' },
      ],
    };
    const { name, attributes } = await read('chat.stream', body);
    expect(name).to.equal('chat mistral-small');
    expect(attributes).to.deep.equal({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'mistral_ai',
      'gen_ai.request.model': 'mistral-small',
      'gen_ai.request.stream': true,
      'gen_ai.request.temperature': 0.1,
      'gen_ai.request.top_p': 0.2,
      'gen_ai.request.max_tokens': 3,
      'gen_ai.request.seed': 4,
      'gen_ai.request.stop_sequences': ['.'],
      'gen_ai.request.choice.count': 2,
      'gen_ai.request.presence_penalty': 0.5,
      'gen_ai.request.frequency_penalty': 0.6,
      'gen_ai.request.reasoning.level': 'high',
      'gen_ai.output.type': 'json',
      'server.address': 'api.mistral.ai',
      'server.port': 443,
      'gen_ai.input.messages': [
        { role: 'user', parts: [{ type: 'text', content: 'weather?' }] },
        { role: 'assistant', parts: [{ type: 'tool_call', id: '1', name: 'weather', arguments: { city: 'Rome' } }] },
        { role: 'tool', parts: [{ type: 'tool_call_response', id: '1', response: 'sunny' }] },
      ],
    });
  });

  it('is the response: what is thought, said and called, and the usage', async () => {
    const call = (argumentsPiece: string, more?: object) => ({
      toolCalls: [{ id: 'null', index: 0, function: { name: '', arguments: argumentsPiece }, ...more }],
    });
    const { attributes } = await read('chat.stream', { model: 'mistral-small' }, [
      chunk({ role: 'assistant', content: '' }),
      chunk({ content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] }] }),
      chunk({ content: [{ type: 'text', text: 'good ' }] }),
      chunk({ content: 'morning' }),
      chunk(call('{"city":', { id: '1', function: { name: 'weather', arguments: '{"city":' } })),
      chunk(call('"Rome"}'), { finishReason: 'tool_calls' }),
      { data: { id: 'cmpl-1', model: 'm', choices: [], usage: { promptTokens: 3, completionTokens: 2 } } },
    ]);
    expect(attributes).to.deep.include({
      'gen_ai.response.id': 'cmpl-1',
      'gen_ai.response.finish_reasons': ['tool_calls'],
      'gen_ai.usage.input_tokens': 3,
      'gen_ai.usage.output_tokens': 2,
    });
    expect(attributes['gen_ai.output.messages'][0]?.parts).to.deep.equal([
      { type: 'reasoning', content: 'hm' },
      { type: 'text', content: 'good morning' },
      { type: 'tool_call', id: '1', name: 'weather', arguments: { city: 'Rome' } },
    ]);
  });

  it('is an agent, by its id', async () => {
    const { name, attributes } = await read('agents.stream', { agentId: 'agent-1', messages: [] });
    expect(name).to.equal('invoke_agent');
    expect(attributes).to.include({ 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.id': 'agent-1' });
  });

  it('is the prompt of a completion', async () => {
    const { name, attributes } = await read('fim.stream', { model: 'codestral', prompt: 'const a =' });
    expect(name).to.equal('text_completion codestral');
    expect(attributes['gen_ai.input.messages']).to.deep.equal([
      { role: 'user', parts: [{ type: 'text', content: 'const a =' }] },
    ]);
  });

  describe('of a client that makes spans itself', () => {
    class TracingHook {}
    const withHook = (fields: object) => {
      const hook = Object.assign(new TracingHook(), { _mistralTracingHook: true, ...fields });
      return { ...client, _options: { hooks: { beforeRequestHooks: [{}, hook] } } };
    };
    const isSaid = async (thisArg: unknown) =>
      'gen_ai.operation.name' in (await read('chat.stream', { model: 'm' }, [], thisArg)).attributes;

    it('is nothing where they go to the provider of the program', async () => {
      expect(await isSaid(withHook({ _telemetryUseGlobalProvider: true }))).to.equal(false);
      tracing.reset();
      expect(await isSaid(withHook({ tracerProvider: {} }))).to.equal(false);
    });

    it('is all of it where they go to Mistral, or nowhere', async () => {
      expect(await isSaid(withHook({ tracerProvider: {}, _autoTelemetryProvider: {} }))).to.equal(true);
      tracing.reset();
      expect(await isSaid(withHook({}))).to.equal(true);
    });

    it('is nothing in 2.2.6, which always makes them', async () => {
      expect(await isSaid(withHook({ _mistralTracingHook: undefined }))).to.equal(false);
    });

    it('is nothing where the environment asks for them', async () => {
      process.env.MISTRAL_SDK_TELEMETRY = 'global';
      try {
        expect(await isSaid(withHook({}))).to.equal(false);
      } finally {
        delete process.env.MISTRAL_SDK_TELEMETRY;
      }
    });
  });
});
