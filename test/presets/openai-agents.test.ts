import { expect } from 'chai';
import { openaiAgents } from '../../src/presets/openai-agents';
import { useTracing } from '../support/tracing';
import { readerOf, readWith } from './support/reading';

const asked = {
  name: 'Host',
  instructions: 'be brief',
  model: '',
  modelSettings: { temperature: 0.1, topP: 0.2, maxTokens: 4, frequencyPenalty: 0.5, presencePenalty: 0.6 },
};
const runner = { config: { model: 'gpt-4o' } };

describe('what the openai-agents preset says', () => {
  const tracing = useTracing();
  const read = (args: unknown[], more: { chunks?: unknown[]; value?: unknown }) =>
    readWith(readerOf(openaiAgents, 'openai-agents.run'), { args, thisArg: runner, ...more }, tracing);

  it('is the agent, what it is asked, and the model of the runner where the agent has none', async () => {
    const options = { stream: true, previousResponseId: 'response-0', conversationId: 'conversation-1' };
    const { name, attributes } = await read([asked, 'weather?', options], { chunks: [] });
    expect(name).to.equal('invoke_agent Host');
    expect(attributes).to.deep.equal({
      'gen_ai.operation.name': 'invoke_agent',
      'gen_ai.provider.name': 'openai',
      'gen_ai.agent.name': 'Host',
      'gen_ai.request.model': 'gpt-4o',
      'gen_ai.request.stream': true,
      'gen_ai.request.temperature': 0.1,
      'gen_ai.request.top_p': 0.2,
      'gen_ai.request.max_tokens': 4,
      'gen_ai.request.frequency_penalty': 0.5,
      'gen_ai.request.presence_penalty': 0.6,
      'gen_ai.request.previous_response.id': 'response-0',
      'gen_ai.conversation.id': 'conversation-1',
      'gen_ai.system_instructions': [{ type: 'text', content: 'be brief' }],
      'gen_ai.input.messages': [{ role: 'user', parts: [{ type: 'text', content: 'weather?' }] }],
    });
  });

  it('is the model of the agent rather than that of the runner, and none where it is an object', async () => {
    const named = await read([{ ...asked, model: 'gpt-5' }, ''], { value: {} });
    expect(named.attributes).to.include({ 'gen_ai.request.model': 'gpt-5' });
    tracing.reset();
    const other = await read([{ ...asked, model: { getResponse() {} } }, ''], { value: {} });
    expect(other.attributes).to.not.have.property('gen_ai.request.model');
  });

  const model = (data: object) => ({ type: 'raw_model_stream_event', data });
  const usage = {
    inputTokens: 3,
    outputTokens: 2,
    inputTokensDetails: { cached_tokens: 1 },
    outputTokensDetails: [{ reasoning_tokens: 1 }],
  };

  it('is the answers of all turns, and their usage', async () => {
    const { attributes } = await read([asked, 'weather?', { stream: true }], {
      chunks: [
        model({ type: 'response_started' }),
        model({ type: 'response_done', response: { id: 'response-1', usage } }),
        {
          type: 'run_item_stream_event',
          name: 'tool_called',
          item: { rawItem: { callId: 'call-1', name: 'weather', arguments: '{"city":"Rome"}' } },
        },
        { type: 'run_item_stream_event', name: 'tool_output', item: {} },
        model({ type: 'response_started' }),
        model({ type: 'output_text_delta', delta: 'sun' }),
        model({ type: 'output_text_delta', delta: 'ny' }),
        model({ type: 'response_done', response: { id: 'response-2', usage } }),
      ],
    });
    expect(attributes).to.include({
      'gen_ai.response.id': 'response-2',
      'gen_ai.usage.input_tokens': 6,
      'gen_ai.usage.output_tokens': 4,
      'gen_ai.usage.cache_read.input_tokens': 2,
      'gen_ai.usage.reasoning.output_tokens': 2,
    });
    expect(attributes['gen_ai.output.messages']).to.deep.equal([
      {
        role: 'assistant',
        parts: [
          { type: 'tool_call', id: 'call-1', name: 'weather', arguments: { city: 'Rome' } },
          { type: 'text', content: 'sunny' },
        ],
        finish_reason: 'stop',
      },
    ]);
  });

  it('is that a turn has not ended, whatever those before it did', async () => {
    const { attributes } = await read([asked, 'weather?', { stream: true }], {
      chunks: [
        model({ type: 'response_done', response: { id: 'response-1', usage } }),
        model({ type: 'response_started' }),
      ],
    });
    expect(attributes['gen_ai.response.finish_reasons']).to.deep.equal(['error']);
    expect(attributes).to.include({ 'gen_ai.usage.input_tokens': 3 });
  });

  it('is the answer of a run that is not streamed', async () => {
    const state = {
      _context: { usage: { ...usage, inputTokensDetails: [{ cached_tokens: 1 }, { cached_tokens: 2 }] } },
      _modelResponses: [{ responseId: 'response-1' }, { responseId: 'response-2' }],
      _currentStep: { type: 'next_step_final_output', output: 'sunny' },
    };
    const { attributes } = await read([asked, 'weather?'], { value: { state } });
    expect(attributes).to.deep.include({
      'gen_ai.response.id': 'response-2',
      'gen_ai.response.finish_reasons': ['stop'],
      'gen_ai.usage.input_tokens': 3,
      'gen_ai.usage.output_tokens': 2,
      'gen_ai.usage.cache_read.input_tokens': 3,
      'gen_ai.usage.reasoning.output_tokens': 1,
    });
    expect(attributes['gen_ai.output.messages'][0]?.parts).to.deep.equal([{ type: 'text', content: 'sunny' }]);
  });
});
