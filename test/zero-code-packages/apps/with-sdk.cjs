// An application that sets its SDK up in code, and instruments `fetch` with it.
const api = require('@opentelemetry/api');
const { count } = require('./count.cjs');
const { readPages } = require('./pages.cjs');
// Long before there is an SDK, as modules do.
const tracer = api.trace.getTracer('application');
const logger = (api.logs ?? require('@opentelemetry/api-logs').logs).getLogger('application');
const server = require('http').createServer((request, response) => response.end(request.url));
server.listen(0, '127.0.0.1', async () => {
  for await (const item of count(2)) console.log('early', item);
  require('./sdk.cjs');
  const url = `http://127.0.0.1:${server.address().port}/`;
  for await (const body of readPages(url, 1)) console.log(body);
  await tracer.startActiveSpan('fetching', async (span) => {
    console.log(await (await fetch(url, { headers: { connection: 'close' } })).text());
    logger.emit({ body: 'fetched' });
    span.end();
  });
  server.closeAllConnections();
  server.close();
});
