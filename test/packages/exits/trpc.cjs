/** A query whose procedure is an async generator, over httpBatchStreamLink. */
const { createRequire } = require('node:module');
const { setTimeout: wait } = require('node:timers/promises');

const load = (specifier) => createRequire(`${process.cwd()}/x.js`)(specifier);

function createHandler({ exit, secret }) {
  const { initTRPC } = load('@trpc/server');
  const { createHTTPHandler } = load('@trpc/server/adapters/standalone');
  const t = initTRPC.create({ isDev: false });
  const list = t.procedure
    .input((value) => value)
    .query(async function* ({ signal }) {
      for (let number = 1; number <= 4; number++) {
        if (number === 3 && exit === 'error') throw new Error('not yours');
        // The client is to leave it in the middle.
        if (number === 3 && exit === 'abort') await wait(60_000, undefined, { signal });
        yield `${secret} ${number}`;
      }
    });
  return createHTTPHandler({ router: t.router({ posts: t.router({ list }) }) });
}

module.exports = {
  preset: 'trpc',
  group: 'pages',
  packages: ['trpc-11-0', 'trpc-11-25'],
  module: '@trpc/client',

  answer(request, response, options) {
    createHandler(options)(request, response);
  },

  open({ createTRPCClient, httpBatchStreamLink }, { port, signal, secret }) {
    const client = createTRPCClient({ links: [httpBatchStreamLink({ url: `http://127.0.0.1:${port}` })] });
    return client.posts.list.query(secret, { signal });
  },

  spans: () => ({ name: 'trpc.posts.list' }),
};
