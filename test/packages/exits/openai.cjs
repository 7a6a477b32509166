/** Chat completions of OpenAI's client, on every major version. */
const chunk = (choice, more) => ({
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  model: 'gpt-4o-2024-08-06',
  service_tier: 'default',
  system_fingerprint: 'fp_1',
  choices: choice === undefined ? [] : [{ index: 0, finish_reason: null, ...choice }],
  ...more,
});

const usage = {
  prompt_tokens: 30,
  completion_tokens: 12,
  total_tokens: 42,
  prompt_tokens_details: { cached_tokens: 10 },
  completion_tokens_details: { reasoning_tokens: 4 },
};

const toolCall = (args, more) => ({ index: 0, function: { arguments: args, ...more?.function }, ...more });

module.exports = {
  preset: 'openai',
  group: 'models',
  packages: ['openai-4', 'openai-5', 'openai-6', 'openai-7'],
  module: 'openai',
  items: 3,

  answer(request, response, { exit, secret }) {
    request.resume();
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const send = (data) => response.write(`data: ${JSON.stringify(data)}\n\n`);
    send(chunk({ delta: { role: 'assistant', content: '' } }));
    send(chunk({ delta: { content: `good ${secret}` } }));
    // Of a server that reports the usage with every chunk.
    send(chunk({ delta: { content: ' morning' } }, { usage: { prompt_tokens: 30, completion_tokens: 2 } }));
    if (exit === 'abort') return;
    if (exit === 'error') {
      setImmediate(() => response.destroy());
      return;
    }
    send(
      chunk({ delta: { tool_calls: [toolCall('', { id: 'call_1', type: 'function', function: { name: 'greet' } })] } }),
    );
    send(chunk({ delta: { tool_calls: [toolCall(`{"who":"${secret}"}`)] } }));
    send(chunk({ delta: {}, finish_reason: 'tool_calls' }));
    send(chunk(undefined, { usage }));
    response.end('data: [DONE]\n\n');
  },

  open({ OpenAI }, { port, signal, secret }) {
    const client = new OpenAI({ apiKey: 'key', baseURL: `http://127.0.0.1:${port}/v1`, maxRetries: 0 });
    return client.chat.completions.create(
      {
        model: 'gpt-4o',
        messages: [
          { role: 'system', content: `be kind to ${secret}` },
          { role: 'user', content: [{ type: 'text', text: `hello ${secret}?` }] },
        ],
        temperature: 0.5,
        max_tokens: 100,
        n: 1,
        stop: 'end',
        service_tier: 'flex',
        stream: true,
        stream_options: { include_usage: true },
      },
      { signal },
    );
  },

  show: ({ choices, usage: used }) => [choices[0]?.delta, used],

  spans: (exit) => ({
    name: 'chat gpt-4o',
    kind: exit === 'exit' ? 'CLIENT' : 2,
    attributes: {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'gpt-4o',
      'gen_ai.request.stream': true,
      'gen_ai.request.temperature': 0.5,
      'gen_ai.request.max_tokens': 100,
      'gen_ai.request.stop_sequences': ['end'],
      'gen_ai.request.choice.count': undefined,
      'openai.api.type': 'chat_completions',
      'openai.request.service_tier': 'flex',
      'openai.response.service_tier': 'default',
      'openai.response.system_fingerprint': 'fp_1',
      'server.address': '127.0.0.1',
      'server.port': Number.isInteger,
      'gen_ai.response.id': 'chatcmpl-1',
      'gen_ai.response.model': 'gpt-4o-2024-08-06',
      'gen_ai.response.time_to_first_chunk': (seconds) => seconds > 0,
      'gen_ai.response.finish_reasons': [exit === 'end' ? 'tool_calls' : 'error'],
      'gen_ai.usage.input_tokens': 30,
      'gen_ai.usage.output_tokens': exit === 'end' ? 12 : 2,
      'gen_ai.usage.cache_read.input_tokens': exit === 'end' ? 10 : undefined,
      'gen_ai.usage.reasoning.output_tokens': exit === 'end' ? 4 : undefined,
    },
  }),

  metrics: (exit) => ({
    'gen_ai.client.inference.duration': 1,
    'gen_ai.client.inference.time_to_first_chunk': 1,
    'gen_ai.client.inference.time_per_output_chunk': exit === 'end' ? 3 : 1,
    'gen_ai.client.inference.usage.input_tokens': 30,
    'gen_ai.client.inference.usage.output_tokens': exit === 'end' ? 12 : 2,
    'gen_ai.client.inference.operation.output_tokens': 1,
  }),
};
