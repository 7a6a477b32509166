/** A list of a client that makes its iterators itself, page by page. */

const page = (names, next) =>
  `<?xml version="1.0" encoding="utf-8"?><EnumerationResults ContainerName="any"><Blobs>${names
    .map((name) => `<Blob><Name>${name}</Name><Properties><Content-Length>1</Content-Length></Properties></Blob>`)
    .join('')}</Blobs><NextMarker>${next}</NextMarker></EnumerationResults>`;

module.exports = {
  preset: 'azure',
  group: 'pages',
  packages: ['azure-storage-blob'],
  module: '@azure/storage-blob',

  answer(request, response, { exit, secret }) {
    const marker = Number(new URL(request.url, 'http://localhost').searchParams.get('marker') ?? 0);
    if (exit === 'abort' && marker === 2) return;
    response.setHeader('content-type', 'application/xml');
    if (exit === 'error' && marker === 2) response.writeHead(403).end();
    else response.end(page([`${secret}-${marker}`, `other-${marker}`], marker < 3 ? marker + 1 : ''));
  },

  open({ ContainerClient }, { port, signal, secret }) {
    const client = new ContainerClient(`http://127.0.0.1:${port}/account/any`, undefined, {
      retryOptions: { maxTries: 1 },
    });
    return client.listBlobsFlat({ prefix: secret, abortSignal: signal }).byPage({ maxPageSize: 2 });
  },

  show: ({ segment }) => segment.blobItems.map(({ name }) => name),

  spans: () => ({ name: 'azure.ContainerClient.listBlobsFlat.byPage' }),
};
