// A chat endpoint: Fastify streams to the browser what the `openai` client gets from a model. The first browser reads the whole answer, the
// second one goes away in the middle of it.
import Fastify from 'fastify';
import OpenAI from 'openai';
import { Readable } from 'node:stream';
import { answer } from './answer.mjs';
import { ask } from './browser.mjs';
import { startModel } from './model.mjs';

const model = await startModel();
const client = new OpenAI({ apiKey: 'none', baseURL: model.url, maxRetries: 0 });
const app = Fastify({ forceCloseConnections: true });

app.post('/chat', (request, reply) => {
  reply.type('text/plain; charset=utf-8');
  // When the browser disconnects, Fastify destroys the stream, which closes the generator, which closes the stream of the client.
  return reply.send(Readable.from(answer(client, request.body.question)));
});

const address = await app.listen({ host: '127.0.0.1', port: 0 });

console.log(`first browser:  ${await ask(`${address}/chat`, 'What is a stream?')}`);
console.log(`second browser: ${await ask(`${address}/chat`, 'Tell me everything about streams.', 4)} ...`);

await model.idle();
await app.close();
model.close();
