/** Messages of Anthropic's client, which makes no spans itself: before 0.134, or if it is told so. */

const usage = { input_tokens: 3, cache_read_input_tokens: 20, cache_creation_input_tokens: 7, output_tokens: 1 };

module.exports = {
  preset: 'anthropic',
  group: 'models',
  packages: ['anthropic-0.14', 'anthropic-0.133', 'anthropic-0.134', 'anthropic-1'],
  module: '@anthropic-ai/sdk',
  items: 4,

  answer(request, response, { exit, secret }) {
    request.resume();
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const send = (type, data) => response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`);
    const delta = (index, part) => send('content_block_delta', { index, delta: part });
    const message = { id: 'msg_1', type: 'message', role: 'assistant', model: 'claude-1', content: [], usage };
    send('message_start', { message });
    send('content_block_start', { index: 0, content_block: { type: 'text', text: '' } });
    delta(0, { type: 'text_delta', text: `good ${secret}` });
    delta(0, { type: 'text_delta', text: ' morning' });
    if (exit === 'abort') return;
    if (exit === 'error') {
      setImmediate(() => response.destroy());
      return;
    }
    send('content_block_stop', { index: 0 });
    send('content_block_start', {
      index: 1,
      content_block: { type: 'tool_use', id: 'toolu_1', name: 'greet', input: {} },
    });
    delta(1, { type: 'input_json_delta', partial_json: `{"who":"${secret}"}` });
    send('content_block_stop', { index: 1 });
    send('message_delta', { delta: { stop_reason: 'tool_use' }, usage: { output_tokens: 12 } });
    send('message_stop');
    response.end();
  },

  open({ Anthropic }, { port, signal, secret }, traces = false) {
    const baseURL = `http://127.0.0.1:${port}`;
    const client = new Anthropic({ apiKey: 'key', baseURL, maxRetries: 0, openTelemetry: { traces } });
    return client.messages.create(
      {
        model: 'claude-0',
        max_tokens: 100,
        system: `be kind to ${secret}`,
        messages: [{ role: 'user', content: `hello ${secret}?` }],
        stream: true,
      },
      { signal },
    );
  },

  show: ({ type, delta, usage: used }) => [type, delta, used],

  spans: (exit) => ({
    name: 'chat claude-0',
    attributes: {
      'gen_ai.provider.name': 'anthropic',
      'gen_ai.request.model': 'claude-0',
      'gen_ai.request.max_tokens': 100,
      'gen_ai.response.model': 'claude-1',
      'gen_ai.response.finish_reasons': [exit === 'end' ? 'tool_use' : 'error'],
      'gen_ai.response.time_to_first_chunk': (seconds) => seconds > 0,
      'gen_ai.usage.input_tokens': 30,
      'gen_ai.usage.cache_read.input_tokens': 20,
      'gen_ai.usage.cache_write.input_tokens': 7,
      'gen_ai.usage.output_tokens': exit === 'end' ? 12 : 1,
      'server.address': '127.0.0.1',
    },
  }),

  metrics: (exit) => ({
    'gen_ai.client.inference.duration': 1,
    'gen_ai.client.inference.usage.input_tokens': 30,
    'gen_ai.client.inference.usage.output_tokens': exit === 'end' ? 12 : 1,
  }),
};
