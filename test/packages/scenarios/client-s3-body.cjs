/** A stream in a property of what a promise resolves to, by a method that the client inherits: `(await client.send(...)).Body`. */
/** `whole` is an object of one chunk, `cut` one whose connection breaks; all others are not there. */
function bucket({ method, url }, response) {
  const { pathname } = new URL(url, 'http://localhost');
  if (method === 'PUT') {
    response.end();
  } else if (pathname.endsWith('/whole')) {
    response.end('one and all');
  } else if (pathname.endsWith('/cut')) {
    response.writeHead(200, { 'content-length': '100' });
    response.write('one', () => response.destroy());
  } else {
    response.writeHead(404, { 'content-type': 'application/xml' });
    response.end('<?xml version="1.0"?><Error><Code>NoSuchKey</Code><Message>no such key</Message></Error>');
  }
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
      return await use((Key) => client.send(new s3.GetObjectCommand({ Bucket: 'b', Key })), client);
    } finally {
      client.destroy();
    }
  });

const textOf = (chunks) => Buffer.concat(chunks).toString();
const span = (outcome) => ({ name: 'S3Client.send.Body', outcome, items: 1 });

module.exports = {
  title: '@aws-sdk/client-s3, the body of an object',
  specifier: '@aws-sdk/client-s3',
  targets: '@aws-sdk/client-s3[S3Client#send().Body]',
  cases: {
    'a body that is read to its end': {
      run: (s3, tools) =>
        withClient(s3, tools, async (get) => {
          const { Body } = await get('whole');
          return textOf(await tools.collect(Body));
        }),
      spans: [span('completed')],
    },
    'a body that is left': {
      run: (s3, tools) =>
        withClient(s3, tools, async (get) => (await tools.collect((await get('whole')).Body, 1)).length),
      spans: [span('returned')],
    },
    'a body whose connection breaks': {
      run: (s3, tools) => withClient(s3, tools, async (get) => tools.rejection(tools.collect((await get('cut')).Body))),
      spans: [{ ...span('failed'), error: 'ECONNRESET', failed: true }],
    },
    'a body that is read at once, an object that is not there, and a command without a body': {
      run: (s3, tools) =>
        withClient(s3, tools, async (get, client) => {
          const { Body } = await get('whole');
          const put = await client.send(new s3.PutObjectCommand({ Bucket: 'b', Key: 'k', Body: 'x' }));
          return [await Body.transformToString(), await tools.rejection(get('none')), Object.keys(put)];
        }),
      spans: [],
    },
  },
};
