/** A hash that a stream of `ioredis` scans, a page at a time. */
const { addAbortSignal } = require('node:stream');
const { fillHash, keyOf, service } = require('../support/exits/redis-hash.cjs');

let spoil;

module.exports = {
  preset: 'redis',
  group: 'data',
  packages: ['ioredis-4', 'ioredis-6'],
  module: 'ioredis',
  service,

  async open(api, { exit, signal, secret, onEnd, workspace }) {
    const Redis = api.default ?? api;
    const client = new Redis(6379, '127.0.0.1');
    const key = keyOf(workspace);
    onEnd(async () => {
      await client.del(key);
      await client.quit();
    });
    await fillHash((field) => client.hset(key, field, secret));
    await client.expire(key, 60);
    spoil = exit === 'error' ? () => client.set(key, 'no hash') : undefined;
    const pages = client.hscanStream(key, { count: 5, highWaterMark: 1 });
    return exit === 'abort' ? addAbortSignal(signal, pages) : pages;
  },
  // The stream has asked for one more page by then.
  show(page) {
    spoil?.();
    return page.filter((_text, index) => index % 2 === 1);
  },

  spans: () => ({ name: 'ioredis.hscanStream' }),
  beside: { workspace: 'ioredis-6', name: '@opentelemetry/instrumentation-ioredis', children: ['hscan'] },
};
