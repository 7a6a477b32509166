/** Speech by ElevenLabs' client: pieces of a sound, and no tokens. */
/** A chunk of a sound is what one read of the socket gives: here it is a line, so that all processes see the same. */
async function fetchInLines(url, init) {
  const { body, status, headers } = await fetch(url, init);
  return new Response(ReadableStream.from(linesOf(body)), { status, headers });
}

async function* linesOf(body) {
  let rest = '';
  for await (const chunk of body) {
    const lines = (rest + Buffer.from(chunk)).split('\n');
    rest = lines.pop();
    for (const line of lines) yield Buffer.from(line);
  }
}

module.exports = {
  preset: 'elevenlabs',
  group: 'models2',
  packages: ['elevenlabs-2'],
  module: '@elevenlabs/elevenlabs-js',

  answer(request, response, { exit, secret }) {
    request.resume();
    response.writeHead(200, { 'content-type': 'audio/mpeg' });
    response.write(`${secret}\ntwo\n`);
    // The client is to leave it in the middle.
    if (exit === 'abort') return;
    if (exit === 'error') return setImmediate(() => response.destroy());
    response.end('three\nfour\n');
  },

  open({ ElevenLabsClient }, { port, signal, secret }) {
    const client = new ElevenLabsClient({ apiKey: 'key', baseUrl: `http://127.0.0.1:${port}`, fetch: fetchInLines });
    const request = { text: `hello ${secret}`, modelId: 'eleven_flash_v2_5' };
    return client.textToSpeech.stream('voice', request, { abortSignal: signal, maxRetries: 0 });
  },

  show: (chunk) => Buffer.from(chunk).toString(),

  spans: () => ({
    name: 'generate_content eleven_flash_v2_5',
    attributes: {
      'gen_ai.operation.name': 'generate_content',
      'gen_ai.provider.name': 'elevenlabs',
      'gen_ai.request.model': 'eleven_flash_v2_5',
      'gen_ai.request.stream': true,
      'gen_ai.output.type': 'speech',
      'server.address': '127.0.0.1',
      'gen_ai.response.time_to_first_chunk': (seconds) => seconds > 0,
      // The service says neither why it has ended nor how many tokens it took.
      'gen_ai.response.finish_reasons': undefined,
      'gen_ai.usage.output_tokens': undefined,
    },
  }),
  metrics: () => ({ 'gen_ai.client.inference.duration': 1, 'gen_ai.client.inference.time_to_first_chunk': 1 }),
};
