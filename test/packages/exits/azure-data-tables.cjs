/** The entities of a table: item by item. */

module.exports = {
  preset: 'azure',
  group: 'pages',
  packages: ['azure-data-tables'],
  module: '@azure/data-tables',

  answer(request, response, { exit, secret }) {
    const isFirst = !request.url.includes('NextPartitionKey=');
    if (exit === 'abort' && !isFirst) return;
    response.setHeader('content-type', 'application/json');
    if (isFirst) {
      response.setHeader('x-ms-continuation-NextPartitionKey', 'second');
      response.setHeader('x-ms-continuation-NextRowKey', 'row');
    }
    if (exit === 'error' && !isFirst) response.writeHead(403).end('{}');
    else {
      const partition = isFirst ? 'first' : 'second';
      const value = ['1', '2'].map((rowKey) => ({ PartitionKey: partition, RowKey: rowKey, text: secret }));
      response.end(JSON.stringify({ value }));
    }
  },

  open({ TableClient, AzureNamedKeyCredential }, { port, signal, secret }) {
    const key = new AzureNamedKeyCredential('account', Buffer.from('key').toString('base64'));
    const client = new TableClient(`http://127.0.0.1:${port}`, 'any', key, {
      allowInsecureConnection: true,
      retryOptions: { maxRetries: 0 },
    });
    return client.listEntities({ queryOptions: { filter: `text eq '${secret}'` }, abortSignal: signal });
  },

  show: ({ partitionKey, rowKey, text }) => [partitionKey, rowKey, text],

  spans: () => ({ name: 'azure.TableClient.listEntities' }),
};
