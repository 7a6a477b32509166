// A service that streams what a sensor measures, and two clients: one reads to the end, one disconnects before.
import { Readable } from 'node:stream';
import Fastify from 'fastify';
import { readLines } from './client.mjs';
import { measurements } from './measurements.mjs';

const app = Fastify();

app.get('/measurements', (request, reply) => {
  const { count = Infinity } = request.query;
  reply.type('application/x-ndjson');
  // When the client disconnects, Fastify destroys the stream, and a destroyed stream closes the generator behind it.
  return reply.send(Readable.from(measurements(Number(count))));
});

const address = await app.listen({ host: '127.0.0.1', port: 0 });

const lines = await readLines(`${address}/measurements?count=5`);
console.log(`first client:  read all ${lines.length} measurements`);

console.log('second client: leaves an endless stream after 3 measurements');
await readLines(`${address}/measurements`, 3);

await app.close();
