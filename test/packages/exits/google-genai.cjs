/** Streams of models by Google's client, on every major version. */
const chunk = (parts, more) => ({
  candidates: [{ content: { role: 'model', parts }, index: 0, ...more }],
  usageMetadata: {
    promptTokenCount: 5,
    candidatesTokenCount: 1,
    thoughtsTokenCount: 4,
    cachedContentTokenCount: 2,
    totalTokenCount: 10,
  },
  modelVersion: 'gemini-2.5-flash-001',
  responseId: 'response-1',
});

module.exports = {
  preset: 'google-genai',
  group: 'models2',
  packages: ['google-genai-1', 'google-genai-2', 'google-genai-3'],
  module: '@google/genai',
  // The file that `require` gets in 1.0.0 is one that Node takes for an ES module.
  formats: (workspace) => (workspace === 'google-genai-1' ? ['esm'] : ['cjs', 'esm']),

  answer(request, response, { exit, secret }) {
    request.resume();
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const send = (data) => response.write(`data: ${JSON.stringify(data)}\r\n\r\n`);
    send(chunk([{ text: `hm, ${secret}`, thought: true }]));
    send(chunk([{ text: `good ${secret}` }]));
    // The client is to leave it in the middle.
    if (exit === 'abort') return;
    if (exit === 'error') return setImmediate(() => response.destroy());
    send(chunk([{ text: ' morning' }], { finishReason: 'STOP' }));
    response.end();
  },

  open({ GoogleGenAI }, { port, signal, secret }) {
    const client = new GoogleGenAI({
      apiKey: 'key',
      vertexai: false,
      httpOptions: { baseUrl: `http://127.0.0.1:${port}` },
    });
    return client.models.generateContentStream({
      model: 'gemini-2.5-flash',
      contents: `hello ${secret}?`,
      config: { abortSignal: signal, temperature: 0.5, maxOutputTokens: 100 },
    });
  },

  show: ({ candidates }) => candidates[0],

  spans: (exit) => ({
    name: 'generate_content gemini-2.5-flash',
    attributes: {
      'gen_ai.operation.name': 'generate_content',
      'gen_ai.provider.name': 'gcp.gemini',
      'gen_ai.request.model': 'gemini-2.5-flash',
      'gen_ai.request.stream': true,
      'gen_ai.request.temperature': 0.5,
      'gen_ai.request.max_tokens': 100,
      'server.address': '127.0.0.1',
      'gen_ai.response.finish_reasons': [exit === 'end' ? 'STOP' : 'error'],
      'gen_ai.response.time_to_first_chunk': (seconds) => seconds > 0,
      'gen_ai.usage.input_tokens': 5,
      'gen_ai.usage.output_tokens': 5,
      'gen_ai.usage.cache_read.input_tokens': 2,
      'gen_ai.usage.reasoning.output_tokens': 4,
    },
  }),
  metrics: () => ({ 'gen_ai.client.inference.duration': 1, 'gen_ai.client.inference.usage.output_tokens': 5 }),
};
