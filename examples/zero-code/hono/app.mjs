// A service that streams the words of a story, and two clients: one reads to the end, one disconnects before.
import { once } from 'node:events';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { streamText } from 'hono/streaming';
import { readWords } from './client.mjs';
import { tellStory } from './story.mjs';

const app = new Hono();

app.get('/story', (context) => {
  const words = Number(context.req.query('words') ?? Infinity);
  return streamText(context, async (stream) => {
    for await (const word of tellStory(words)) {
      await stream.write(`${word} `);
      // When the client disconnects, Hono swallows what is written from then on. Without this line the loop would go
      // on, and the generator stay open.
      if (stream.aborted) break;
    }
  });
});

const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 });
await once(server, 'listening');
const address = `http://127.0.0.1:${server.address().port}`;

const words = await readWords(`${address}/story?words=8`);
console.log(`first client:  ${words.join(' ')}`);

console.log('second client: leaves an endless story after 3 words');
await readWords(`${address}/story`, 3);

server.close();
