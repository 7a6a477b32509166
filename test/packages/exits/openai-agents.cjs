/** Runs of agents of OpenAI's SDK for agents, with a model of its own in place of one that is asked over the network. */
const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

/** A turn that uses a tool, and one that answers. */
class Model {
  turn = 0;
  constructor({ exit, secret }) {
    this.exit = exit;
    this.secret = secret;
  }
  async *getStreamedResponse({ signal }) {
    const isFirst = ++this.turn === 1;
    yield { type: 'response_started' };
    await nextTurn();
    if (isFirst) {
      const call = { type: 'function_call', callId: 'call-1', name: 'weather', status: 'completed', arguments: '{}' };
      yield done('response-1', [call]);
      return;
    }
    yield { type: 'output_text_delta', delta: `good ${this.secret}` };
    await nextTurn();
    if (this.exit === 'error') throw new Error('the model fails');
    // The program is to leave it in the middle.
    if (this.exit === 'abort') await new Promise((resolve) => signal.addEventListener('abort', resolve));
    yield { type: 'output_text_delta', delta: ' morning' };
    const content = [{ type: 'output_text', text: `good ${this.secret} morning` }];
    yield done('response-2', [{ type: 'message', role: 'assistant', status: 'completed', content }]);
  }
}

function done(id, output) {
  const usage = { inputTokens: 3, outputTokens: 2, totalTokens: 5, inputTokensDetails: { cached_tokens: 1 } };
  return { type: 'response_done', response: { id, output, usage: { requests: 1, ...usage } } };
}

module.exports = {
  preset: 'openai-agents',
  group: 'agents',
  packages: ['openai-agents-0.1', 'openai-agents-0.20'],
  module: '@openai/agents-core',
  // Up to the first text of the second turn.
  items: 6,

  open({ Agent, Runner, setTracingDisabled, tool }, { exit, secret, signal }) {
    setTracingDisabled(true);
    const weather = tool({
      name: 'weather',
      description: 'Says how the weather is',
      parameters: { type: 'object', properties: {}, required: [], additionalProperties: false },
      execute: () => `sunny ${secret}`,
    });
    const agent = new Agent({
      name: 'Host',
      instructions: `be friendly, ${secret}`,
      model: 'gpt-4o',
      modelSettings: { temperature: 0.5 },
      tools: [weather],
    });
    const model = new Model({ exit, secret });
    return new Runner({ modelProvider: { getModel: () => model } }).run(agent, `hello ${secret}?`, {
      stream: true,
      signal,
    });
  },

  show: ({ type, name, data }) => [type, name, data?.type, data?.delta],

  spans: (exit) => ({
    name: 'invoke_agent Host',
    attributes: {
      'gen_ai.operation.name': 'invoke_agent',
      'gen_ai.provider.name': 'openai',
      'gen_ai.agent.name': 'Host',
      'gen_ai.request.model': 'gpt-4o',
      'gen_ai.request.stream': true,
      'gen_ai.request.temperature': 0.5,
      'gen_ai.response.id': exit === 'end' ? 'response-2' : 'response-1',
      'gen_ai.response.finish_reasons': [exit === 'end' ? 'stop' : 'error'],
      'gen_ai.response.time_to_first_chunk': (seconds) => seconds > 0,
      // Those of the turns that have ended.
      'gen_ai.usage.input_tokens': exit === 'end' ? 6 : 3,
      'gen_ai.usage.output_tokens': exit === 'end' ? 4 : 2,
      'gen_ai.usage.cache_read.input_tokens': exit === 'end' ? 2 : 1,
    },
  }),
  metrics: () => ({ 'gen_ai.invoke_agent.duration': 1 }),

  without: (workspace) =>
    workspace === 'openai-agents-0.1'
      ? { abort: 'an abort while the stream is read makes an unhandled rejection there, traced or not' }
      : undefined,
};
