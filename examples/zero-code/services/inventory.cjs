// The first of two services: streams what is in stock, a line of JSON each. `node inventory.cjs PORT`
const { createServer } = require('node:http');
const { pipeline, Readable } = require('node:stream');
const { readStock } = require('./stock.cjs');

const server = createServer((request, response) => {
  response.writeHead(200, { 'content-type': 'application/x-ndjson' });
  pipeline(Readable.from(readStock()), response, (error) => {
    if (error) console.error(`inventory: ${error.message}`);
  });
});

server.listen(Number(process.argv[2] ?? 4001), '127.0.0.1', () => {
  console.log(`inventory: http://127.0.0.1:${server.address().port}`);
});
process.once('SIGTERM', () => server.close(() => console.log('inventory: closed')));
