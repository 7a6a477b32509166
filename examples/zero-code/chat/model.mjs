import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout } from 'node:timers/promises';

const ANSWERS = new Map([
  ['What is a stream?', 'A stream is a value that takes its time.'],
  ['Tell me everything about streams.', 'Everything about streams: '.repeat(1000)],
]);
const PROMPT_TOKENS = 12;
const WORD = 25;

/** Stands in for a provider of language models: as much of OpenAI's API as it takes. */
export async function startModel() {
  let answering = 0;
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    const { model, messages } = JSON.parse(body);
    answering++;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    let tokens = 0;
    const send = (choices) => {
      const usage = { prompt_tokens: PROMPT_TOKENS, completion_tokens: tokens, total_tokens: PROMPT_TOKENS + tokens };
      const chunk = { id: 'chatcmpl-1', object: 'chat.completion.chunk', model: `${model}-2026`, choices, usage };
      response.write(`data: ${JSON.stringify(chunk)}\n\n`);
    };
    send([{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }]);
    for (const word of ANSWERS.get(messages[0].content).trim().split(' ')) {
      await setTimeout(WORD);
      if (response.destroyed) break;
      tokens++;
      send([{ index: 0, delta: { content: `${word} ` }, finish_reason: null }]);
    }
    if (!response.destroyed) {
      send([{ index: 0, delta: {}, finish_reason: 'stop' }]);
      response.end('data: [DONE]\n\n');
    }
    answering--;
    server.emit('answered');
  });

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}/v1`,
    /** Resolves when no answer is under way, to the end or not. */
    async idle() {
      while (answering > 0) await once(server, 'answered');
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
