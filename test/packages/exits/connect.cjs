/** A method of Connect that gives a stream, over HTTP/1.1. */
const { createRequire } = require('node:module');
const { createHandler, createService } = require('../support/exits/connect.cjs');

module.exports = {
  preset: 'connect',
  group: 'pages',
  packages: ['connect-2.0', 'connect-2'],
  module: '@connectrpc/connect',

  answer: (request, response, options) => createHandler(createService(), options)(request, response),

  async open({ createClient }, { port, signal, secret }) {
    const { createConnectTransport } = createRequire(`${process.cwd()}/x.js`)('@connectrpc/connect-node');
    const transport = createConnectTransport({ baseUrl: `http://127.0.0.1:${port}`, httpVersion: '1.1' });
    const client = createClient(createService(), transport);
    // One message has no run.
    await client.find({ value: secret });
    return client.watch({ value: secret }, { signal });
  },
  show: ({ value }) => value,

  spans: () => ({ name: 'connect.shop.v1.OrderService/Watch' }),
};
