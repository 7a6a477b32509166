/** Amazon Bedrock's client, and a server that answers it. */
const http = require('node:http');
const http2 = require('node:http2');

/** Newer clients speak HTTP/2, without asking. */
const makers = { 'bedrock-3.587': http.createServer, 'bedrock-3': http2.createServer };

/** @param answer `(send)`, where `send` writes a frame */
async function openClient({ BedrockRuntimeClient }, { workspace, onEnd, port: _none }, answer) {
  const server = makers[workspace]((request, response) => {
    request.resume();
    response.writeHead(200, { 'content-type': 'application/vnd.amazon.eventstream' });
    answer(response);
  });
  const sockets = new Set();
  server.on('connection', (socket) => sockets.add(socket));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const client = new BedrockRuntimeClient({
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
