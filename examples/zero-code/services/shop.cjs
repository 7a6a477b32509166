// The second of two services: streams its offers, made of what the first one streams. `node shop.cjs INVENTORY PORT`
const { createServer } = require('node:http');
const { pipeline, Readable } = require('node:stream');
const { offers } = require('./offers.cjs');

const inventory = process.argv[2] ?? 'http://127.0.0.1:4001';

const server = createServer((request, response) => {
  response.writeHead(200, { 'content-type': 'text/plain' });
  pipeline(Readable.from(offers(inventory)), response, (error) => {
    if (error) console.error(`shop: ${error.message}`);
  });
});

server.listen(Number(process.argv[3] ?? 4002), '127.0.0.1', () => {
  console.log(`shop: http://127.0.0.1:${server.address().port}`);
});
process.once('SIGTERM', () => server.close(() => console.log('shop: closed')));
