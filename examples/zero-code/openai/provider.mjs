import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout } from 'node:timers/promises';

const WORDS = 'a stream is a value that takes its time'.split(' ');
const THOUGHT = 120;
const WORD = 25;

/** Stands in for a provider of language models: as much of OpenAI's API as it takes. */
export async function startProvider() {
  let onThought = () => {};

  const server = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    const [{ content: question }] = JSON.parse(body).messages;
    await setTimeout(THOUGHT);
    onThought();
    if (question.includes('hard')) return;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const content of WORDS) {
      if (response.destroyed) return;
      response.write(`data: ${JSON.stringify({ choices: [{ index: 0, delta: { content } }] })}\n\n`);
      await setTimeout(WORD);
    }
    response.end('data: [DONE]\n\n');
  });

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}/v1`,
    onThought: (listener) => {
      onThought = listener;
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
