/** A list that got pages through by the header Link. */

module.exports = {
  preset: 'got',
  group: 'pages',
  packages: ['got-12', 'got-16'],
  module: 'got',
  // An ES module. Asynchronous hooks (Node 20) are not told of what it imports where it is required.
  formats: ['esm'],

  answer(request, response, { exit, secret }) {
    const isFirst = !request.url.includes('page=2');
    if (exit === 'abort' && !isFirst) return;
    response.setHeader('content-type', 'application/json');
    if (isFirst) response.setHeader('link', `<http://${request.headers.host}/?page=2>; rel="next"`);
    if (exit === 'error' && !isFirst) response.writeHead(403).end('{}');
    else response.end(JSON.stringify([1, 2].map((number) => [secret, isFirst ? number : number + 2])));
  },

  open({ default: got }, { port, signal, secret }) {
    // Nothing of an instance is known to the module that exports got.
    const client = got.extend({ retry: { limit: 0 }, searchParams: { secret } });
    return client.paginate(`http://127.0.0.1:${port}/`, { responseType: 'json', signal });
  },

  spans: () => ({ name: 'got.paginate' }),
};
