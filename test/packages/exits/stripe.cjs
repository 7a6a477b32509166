/** A list of stripe's, page by page. */

const customers = (secret, from) => [
  { id: `cus_${from}`, object: 'customer', name: `customer ${secret}` },
  { id: `cus_${from + 1}`, object: 'customer', name: 'another one' },
];

module.exports = {
  preset: 'stripe',
  group: 'pages',
  packages: ['stripe-12', 'stripe-23'],
  module: 'stripe',

  answer(request, response, { exit, secret }) {
    const after = new URL(request.url, 'http://localhost').searchParams.get('starting_after');
    if (exit === 'error' && after !== null) {
      response.writeHead(400, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ error: { type: 'invalid_request_error', message: 'no such page' } }));
      return;
    }
    const data = customers(secret, after === null ? 0 : 2);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ object: 'list', url: '/v1/customers', has_more: after === null, data }));
  },

  open(api, { port, secret }) {
    const Stripe = api.default ?? api;
    const stripe = new Stripe('key', {
      host: '127.0.0.1',
      port,
      protocol: 'http',
      maxNetworkRetries: 0,
      telemetry: false,
    });
    // In an object: the list is a promise, too.
    return { [Symbol.asyncIterator]: () => stripe.customers.list({ email: secret, limit: 2 })[Symbol.asyncIterator]() };
  },

  show: ({ id, name }) => [id, name],

  spans: () => ({ name: 'stripe.customers.list' }),

  without: { abort: 'the client has no signal' },
};
