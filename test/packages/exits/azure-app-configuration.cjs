/** A list of a client that has its iterators from @azure/core-paging. */

/** The service is to be reached by HTTPS only: not this one. */
const insecure = {
  policy: {
    name: 'insecure',
    sendRequest(request, next) {
      request.allowInsecureConnection = true;
      return next(request);
    },
  },
  position: 'perCall',
};

module.exports = {
  preset: 'azure',
  group: 'pages',
  packages: ['azure-app-configuration'],
  module: '@azure/app-configuration',

  answer(request, response, { exit, secret }) {
    const isFirst = !request.url.includes('after=');
    // The client is to leave it in the middle.
    if (exit === 'abort' && !isFirst) return;
    response.setHeader('content-type', 'application/vnd.microsoft.appconfig.kvset+json');
    if (exit === 'error' && !isFirst) response.writeHead(403).end('{}');
    else {
      const items = [1, 2].map((number) => ({ key: `${isFirst ? 'first' : 'second'}-${number}`, value: secret }));
      response.end(JSON.stringify({ items, ...(isFirst && { '@nextLink': '/kv?api-version=1&after=second' }) }));
    }
  },

  open({ AppConfigurationClient }, { port, signal, secret }) {
    const connection = `Endpoint=http://127.0.0.1:${port};Id=id;Secret=${Buffer.from(secret).toString('base64')}`;
    const client = new AppConfigurationClient(connection, {
      additionalPolicies: [insecure],
      retryOptions: { maxRetries: 0 },
    });
    return client.listConfigurationSettings({ keyFilter: secret, abortSignal: signal });
  },

  show: ({ key, value }) => [key, value],

  spans: () => ({ name: 'azure.list' }),
};
