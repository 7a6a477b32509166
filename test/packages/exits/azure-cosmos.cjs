/** The documents of a container of Cosmos DB: page by page. */

module.exports = {
  preset: 'azure',
  group: 'pages',
  packages: ['azure-cosmos'],
  module: '@azure/cosmos',

  answer(request, response, { exit, secret }) {
    request.resume();
    response.setHeader('content-type', 'application/json');
    const { pathname } = new URL(request.url, 'http://server');
    const page = Number(request.headers['x-ms-continuation'] ?? 1);
    if (!pathname.endsWith('/docs')) {
      response.end(JSON.stringify({ writableLocations: [], readableLocations: [] }));
      return;
    }
    if (exit === 'abort' && page === 3) return;
    if (page < 4) response.setHeader('x-ms-continuation', String(page + 1));
    if (exit === 'error' && page === 3)
      response.writeHead(403).end(JSON.stringify({ code: 'Forbidden', message: 'not yours' }));
    else response.end(JSON.stringify({ Documents: [{ id: `${page}`, text: secret }], _count: 1 }));
  },

  open({ CosmosClient }, { port, signal, onEnd }) {
    const client = new CosmosClient({
      endpoint: `http://127.0.0.1:${port}`,
      key: Buffer.from('key').toString('base64'),
      connectionPolicy: { enableEndpointDiscovery: false, enableBackgroundEndpointRefreshing: false },
    });
    onEnd(() => client.dispose());
    const { items } = client.database('shop').container('orders');
    return items.readAll({ maxItemCount: 1, abortSignal: signal }).getAsyncIterator();
  },
  show: ({ resources }) => resources,

  spans: () => ({ name: 'azure.QueryIterator.getAsyncIterator' }),
};
