/** A hash that `redis` scans, a page at a time. */
const { fillHash, keyOf, service } = require('../support/exits/redis-hash.cjs');

let spoil;

module.exports = {
  preset: 'redis',
  group: 'data',
  packages: ['redis-4', 'redis-6'],
  module: 'redis',
  service,

  async open({ createClient }, { exit, signal, secret, onEnd, workspace }) {
    const client = createClient({ url: 'redis://127.0.0.1:6379' });
    await client.connect();
    const key = keyOf(workspace);
    onEnd(async () => {
      await client.del(key);
      await client.quit();
    });
    await fillHash((field) => client.hSet(key, field, secret));
    await client.expire(key, 60);
    spoil = exit === 'error' ? () => client.set(key, 'no hash') : undefined;
    return (exit === 'abort' ? client.withAbortSignal(signal) : client).hScanIterator(key, { COUNT: 5 });
  },
  // Sent before the next page is asked for. Since version 5, an item is a page.
  show(item) {
    spoil?.();
    return Array.isArray(item) ? item.map(({ value }) => value) : item.value;
  },

  without: (workspace) => (workspace === 'redis-4' ? { abort: 'the client has no signal for iterators' } : undefined),
  spans: () => ({ name: 'redis.hScanIterator' }),
  beside: { workspace: 'redis-6', name: '@opentelemetry/instrumentation-redis', children: ['redis-HSCAN'] },
};
