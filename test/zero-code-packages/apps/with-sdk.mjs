// An application that sets its SDK up in code, and instruments `fetch` with it.
import { createServer } from 'node:http';
import './early.mjs';
import { logger, tracer } from './early-api.mjs';
import './sdk.mjs';
import { readPages } from './pages.mjs';

const server = createServer((request, response) => response.end(request.url));
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const url = `http://127.0.0.1:${server.address().port}/`;
for await (const body of readPages(url, 1)) console.log(body);
await tracer.startActiveSpan('fetching', async (span) => {
  console.log(await (await fetch(url, { headers: { connection: 'close' } })).text());
  logger.emit({ body: 'fetched' });
  span.end();
});
server.closeAllConnections();
server.close();
