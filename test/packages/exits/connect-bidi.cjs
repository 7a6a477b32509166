/** A method of Connect that takes a stream, and gives one: over HTTP/2. */
const http2 = require('node:http2');
const { createRequire } = require('node:module');
const connect = require('./connect.cjs');
const { createHandler, createService } = require('../support/exits/connect.cjs');

module.exports = {
  ...connect,
  answer: undefined,

  async open({ createClient }, { exit, signal, secret, onEnd }) {
    const { createConnectTransport, Http2SessionManager } = createRequire(`${process.cwd()}/x.js`)(
      '@connectrpc/connect-node',
    );
    const service = createService();
    const server = http2.createServer(createHandler(service, { exit, secret }));
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    const baseUrl = `http://127.0.0.1:${server.address().port}`;
    const sessionManager = new Http2SessionManager(baseUrl);
    onEnd(() => {
      sessionManager.abort();
      server.close();
    });
    const messages = (async function* () {
      yield { value: secret };
    })();
    const transport = createConnectTransport({ baseUrl, httpVersion: '2', sessionManager });
    return createClient(service, transport).talk(messages, { signal });
  },

  spans: () => ({ name: 'connect.shop.v1.OrderService/Talk' }),
};
