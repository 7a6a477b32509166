/** A list as the generated clients of Google Cloud have it: `listBucketsAsync` of a client that calls its service by HTTP. */
const http = require('node:http');

/** A method of the service, as the clients have them from gRPC. */
function methodAt(port) {
  return (request, _metadata, _options, callback) => {
    http.get({ host: '127.0.0.1', port, path: `/?page=${request.pageToken ?? ''}` }, async (response) => {
      const body = (await response.toArray()).join('');
      if (response.statusCode === 200) callback(null, JSON.parse(body));
      else callback(Object.assign(new Error('not yours'), { code: 7 }));
    });
    return { cancel() {} };
  };
}

module.exports = {
  preset: 'google-cloud',
  group: 'pages',
  packages: ['google-gax-4', 'google-gax-6'],
  module: 'google-gax',

  answer(request, response, { exit, secret }) {
    const isFirst = request.url.endsWith('=');
    if (exit === 'error' && !isFirst) response.writeHead(403).end();
    else {
      const buckets = [1, 2].map((number) => ({ name: `${secret}-${isFirst ? number : number + 2}` }));
      response.end(JSON.stringify({ buckets, nextPageToken: isFirst ? 'second' : '' }));
    }
  },

  open(gax, { port, secret }) {
    const descriptor = new gax.PageDescriptor('pageToken', 'nextPageToken', 'buckets');
    const settings = new gax.CallSettings();
    const listBuckets = gax.createApiCall(Promise.resolve(methodAt(port)), settings, descriptor);
    return descriptor.asyncIterate(listBuckets, { parent: `projects/${secret}`, pageSize: 2 }, settings);
  },

  show: ({ name }) => name,

  spans: () => ({ name: 'google-cloud.buckets' }),

  without: { abort: 'a call has no signal' },
};
