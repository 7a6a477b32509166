/** Writable exports of a CommonJS bundle: `@aws-sdk/client-s3` against a small HTTP server of its own. */
const page = (keys, next) =>
  `<?xml version="1.0"?><ListBucketResult><IsTruncated>${next !== undefined}</IsTruncated>` +
  keys.map((key) => `<Contents><Key>${key}</Key><Size>1</Size></Contents>`).join('') +
  (next === undefined ? '' : `<NextContinuationToken>${next}</NextContinuationToken>`) +
  '</ListBucketResult>';

/** Three pages in the bucket `full`; the bucket `closed` may not be listed. */
function bucket(request, response) {
  const { pathname, searchParams } = new URL(request.url, 'http://localhost');
  response.setHeader('content-type', 'application/xml');
  if (pathname.startsWith('/closed')) {
    response.statusCode = 403;
    response.end('<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>not yours</Message></Error>');
    return;
  }
  const token = Number(searchParams.get('continuation-token') ?? 0);
  response.end(page([`a${token}`, `b${token}`], token === 2 ? undefined : String(token + 1)));
}

const withClient = (s3, { withServer }, use) =>
  withServer(bucket, async (port) => {
    const client = new s3.S3Client({
      endpoint: `http://127.0.0.1:${port}`,
      forcePathStyle: true,
      region: 'eu-central-1',
      maxAttempts: 1,
      credentials: { accessKeyId: 'id', secretAccessKey: 'secret' },
    });
    try {
      return await use(client);
    } finally {
      client.destroy();
    }
  });

const keysOf = (pages) => pages.map(({ Contents }) => Contents.map(({ Key }) => Key));

module.exports = {
  specifier: '@aws-sdk/client-s3',
  targets: '@aws-sdk/client-s3[paginate*]',
  cases: {
    'a paginator that is read to its end': {
      run: (s3, tools) =>
        withClient(s3, tools, async (client) =>
          keysOf(await tools.collect(s3.paginateListObjectsV2({ client }, { Bucket: 'full' }))),
        ),
      spans: [{ name: 'paginateListObjectsV2', outcome: 'completed', items: 3 }],
    },
    'a paginator that is left after the first page': {
      run: (s3, tools) =>
        withClient(s3, tools, async (client) =>
          keysOf(await tools.collect(s3.paginateListObjectsV2({ client }, { Bucket: 'full' }), 1)),
        ),
      spans: [{ name: 'paginateListObjectsV2', outcome: 'returned', items: 1 }],
    },
    'a paginator that the service refuses': {
      run: (s3, tools) =>
        withClient(s3, tools, (client) =>
          tools.rejection(() => tools.collect(s3.paginateListObjectsV2({ client }, { Bucket: 'closed' }))),
        ),
      spans: [{ name: 'paginateListObjectsV2', outcome: 'failed', items: 0, error: 'AccessDenied', failed: true }],
    },
    'a paginator whose requests are aborted': {
      run: (s3, tools) =>
        withClient(s3, tools, (client) => {
          const options = { abortSignal: AbortSignal.abort() };
          return tools.rejection(() =>
            tools.collect(s3.paginateListObjectsV2({ client }, { Bucket: 'full' }, options)),
          );
        }),
      spans: [{ name: 'paginateListObjectsV2', outcome: 'aborted', items: 0 }],
    },
    'a paginator that is made and never pulled': {
      run: (s3, tools) =>
        withClient(s3, tools, (client) => {
          s3.paginateListBuckets({ client }, {});
        }),
      spans: [],
    },
    'the function and its generator': {
      run: (s3, tools) =>
        withClient(s3, tools, (client) => {
          const { paginateListParts } = s3;
          const generator = paginateListParts({ client }, { Bucket: 'full', Key: 'a', UploadId: 'b' });
          return [
            tools.shapeOfFunction(paginateListParts),
            tools.shapeOfIterable(generator, paginateListParts),
            Object.keys(s3).filter((key) => key.startsWith('paginate')),
          ];
        }),
      spans: [],
    },
  },
};
