/** Runs of OpenAI's assistants, streamed. */
const usage = {
  prompt_tokens: 30,
  completion_tokens: 12,
  total_tokens: 42,
  prompt_token_details: { cached_tokens: 10 },
};
const usageOfStep = { prompt_tokens: 10, completion_tokens: 4, total_tokens: 14 };

const run = (status, more) => ({
  id: 'run_1',
  object: 'thread.run',
  assistant_id: 'asst_1',
  thread_id: 'thread_1',
  model: 'gpt-4o-2024-08-06',
  status,
  usage: null,
  ...more,
});
const message = (content) => ({ id: 'msg_1', object: 'thread.message', role: 'assistant', content });
const step = (more) => ({ id: 'step_1', object: 'thread.run.step', type: 'tool_calls', ...more });

module.exports = {
  preset: 'openai',
  group: 'models',
  packages: ['openai-4', 'openai-5', 'openai-6', 'openai-7'],
  module: 'openai',
  items: 7,

  answer(request, response, { exit, secret }) {
    request.resume();
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const send = (event, data) => response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    const delta = (value) =>
      send('thread.message.delta', {
        id: 'msg_1',
        object: 'thread.message.delta',
        delta: { content: [{ index: 0, type: 'text', text: { value, annotations: [] } }] },
      });
    const details = (toolCall) => ({ type: 'tool_calls', tool_calls: [{ index: 0, type: 'function', ...toolCall }] });
    send('thread.run.created', run('queued', { instructions: `be kind to ${secret}` }));
    send(
      'thread.run.step.created',
      step({ status: 'in_progress', step_details: { type: 'tool_calls', tool_calls: [] } }),
    );
    const greet = { name: 'greet', arguments: `{"who":"${secret}"}` };
    send('thread.run.step.delta', {
      id: 'step_1',
      delta: { step_details: details({ id: 'call_1', function: greet }) },
    });
    send(
      'thread.run.step.completed',
      step({ status: 'completed', step_details: details({ id: 'call_1', function: greet }), usage: usageOfStep }),
    );
    send('thread.message.created', message([]));
    delta(`good ${secret}`);
    delta(' morning');
    if (exit === 'abort') return;
    if (exit === 'error') {
      // The client gives it as an item, and ends the stream like any other.
      send('thread.run.failed', run('failed', { last_error: { code: 'server_error', message: 'no more' } }));
    } else {
      send('thread.message.completed', message([{ type: 'text', text: { value: `good ${secret} morning` } }]));
      send('thread.run.completed', run('completed', { usage }));
    }
    response.end('event: done\ndata: [DONE]\n\n');
  },

  open({ OpenAI }, { port, signal, secret }) {
    const client = new OpenAI({ apiKey: 'key', baseURL: `http://127.0.0.1:${port}/v1`, maxRetries: 0 });
    return client.beta.threads.runs.create(
      'thread_1',
      {
        assistant_id: 'asst_1',
        model: 'gpt-4o',
        instructions: `be kind to ${secret}`,
        additional_messages: [{ role: 'user', content: `hello ${secret}?` }],
        temperature: 0.5,
        max_completion_tokens: 100,
        stream: true,
      },
      { signal },
    );
  },

  show: ({ event, data: { delta, status, usage: used } }) => [event, delta, status, used],
  isErrorTold: true,

  spans: (exit) => ({
    name: 'invoke_agent',
    kind: exit === 'exit' ? 'CLIENT' : 2,
    attributes: {
      'gen_ai.operation.name': 'invoke_agent',
      'gen_ai.provider.name': 'openai',
      'gen_ai.agent.id': 'asst_1',
      'gen_ai.conversation.id': 'thread_1',
      'gen_ai.request.model': 'gpt-4o',
      'gen_ai.request.stream': true,
      'gen_ai.request.temperature': 0.5,
      'gen_ai.request.max_tokens': 100,
      'server.address': '127.0.0.1',
      'server.port': Number.isInteger,
      'gen_ai.response.id': 'run_1',
      'gen_ai.response.model': 'gpt-4o-2024-08-06',
      'gen_ai.response.time_to_first_chunk': (seconds) => seconds > 0,
      'gen_ai.response.finish_reasons': [{ end: 'completed', error: 'failed' }[exit] ?? 'error'],
      // Those of the step that has ended.
      'gen_ai.usage.input_tokens': exit === 'end' ? 30 : 10,
      'gen_ai.usage.output_tokens': exit === 'end' ? 12 : 4,
      'gen_ai.usage.cache_read.input_tokens': exit === 'end' ? 10 : undefined,
      'error.type': exit === 'error' ? 'server_error' : undefined,
    },
  }),

  metrics: () => ({ 'gen_ai.invoke_agent.duration': 1 }),
};
