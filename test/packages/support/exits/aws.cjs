/** Clients of the AWS SDK, and a server that answers with an event stream. */
const http = require('node:http');
const http2 = require('node:http2');

/**
 * @param Client its class
 * @param isHttp2 whether it speaks HTTP/2, which such clients do without asking
 * @param answer `(response)`, to which it writes frames
 */
async function openClient(Client, { isHttp2, onEnd }, answer) {
  const server = (isHttp2 ? http2 : http).createServer((request, response) => {
    request.resume();
    response.writeHead(200, { 'content-type': 'application/vnd.amazon.eventstream' });
    answer(response);
  });
  const sockets = new Set();
  server.on('connection', (socket) => sockets.add(socket));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const client = new Client({
    endpoint: `http://127.0.0.1:${server.address().port}`,
    region: 'eu-central-1',
    maxAttempts: 1,
    credentials: { accessKeyId: 'id', secretAccessKey: 'secret' },
  });
  onEnd(() => {
    client.destroy();
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return client;
}

module.exports = { openClient };
