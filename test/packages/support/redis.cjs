/** The cases of both Redis scenarios: the same methods, reached in two ways. */

/** A connected client and the keys of this process alone: other programs may use the same server. */
async function withClient({ createClient }, use) {
  const client = createClient({ url: 'redis://127.0.0.1:6379' });
  await client.connect();
  const prefix = `opentelemetry-instrumentation-async-generator:${process.pid}:`;
  const names = ['one', 'two', 'three'].map((key) => prefix + key);
  try {
    for (const name of names) await client.set(name, 'x', { EX: 60 });
    // A count beyond the number of keys makes it one page.
    return await use(client, { MATCH: `${prefix}*`, COUNT: 1e8 }, (page) =>
      page.map((key) => key.slice(prefix.length)),
    );
  } finally {
    if (client.isOpen) {
      await client.del(names);
      client.destroy();
    }
  }
}

/**
 * @param path what the traced methods are called after
 */
const casesOf = (path) => ({
  'a scan that is read to its end': {
    run: (redis, { collect }) =>
      withClient(redis, async (client, options, shorten) =>
        (await collect(client.scanIterator(options))).map((page) => shorten(page).sort()),
      ),
    spans: [{ name: `${path}.scanIterator`, outcome: 'completed', items: 1 }],
  },
  'a scan that is left': {
    run: (redis, { collect }) =>
      withClient(
        redis,
        async (client, options, shorten) => (await collect(client.scanIterator(options), 1)).map(shorten).flat().length,
      ),
    spans: [{ name: `${path}.scanIterator`, outcome: 'returned', items: 1 }],
  },
  'a scan of a client that has been closed': {
    run: (redis, { collect, rejection }) =>
      rejection(() =>
        withClient(redis, async (client, options) => {
          client.destroy();
          return collect(client.scanIterator(options));
        }),
      ),
    spans: [{ name: `${path}.scanIterator`, outcome: 'failed', items: 0, error: 'ClientClosedError', failed: true }],
  },
  'two clients of one factory': {
    run: (redis, { collect }) =>
      withClient(redis, (first, options) =>
        withClient(redis, async (second) => {
          const sizes = [];
          for (const client of [first, second]) sizes.push((await collect(client.scanIterator(options))).flat().length);
          return sizes;
        }),
      ),
    spans: [
      { name: `${path}.scanIterator`, outcome: 'completed', items: 1 },
      { name: `${path}.scanIterator`, outcome: 'completed', items: 1 },
    ],
  },
  'the method and its generator': {
    run: (redis, { shapeOfFunction, shapeOfIterable }) =>
      withClient(redis, (client, options) => [
        shapeOfFunction(client.scanIterator),
        shapeOfIterable(client.scanIterator(options), client.scanIterator),
        Object.keys(client).length,
      ]),
    spans: [],
  },
});

module.exports = { casesOf, service: { name: 'Redis', port: 6379 } };
