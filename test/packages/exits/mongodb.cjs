/** Documents that a driver of MongoDB finds, a batch at a time. */
const { openCollection } = require('../support/exits/mongodb-server.cjs');

module.exports = {
  preset: 'mongodb',
  group: 'data',
  packages: ['mongodb-4', 'mongodb-7'],
  module: 'mongodb',

  async open(api, { exit, signal, secret, onEnd }) {
    const batch = (start) => [start, start + 1].map((_id) => ({ _id, secret }));
    const rest = exit === 'error' ? { code: 96, errmsg: 'the operation failed' } : batch(3);
    const rows = await openCollection(api, [batch(1), rest, batch(5)], onEnd);
    return rows.find({ secret }, { signal });
  },

  without: (workspace) => (workspace === 'mongodb-4' ? { abort: 'the driver has no signal' } : undefined),
  spans: () => ({ name: 'mongodb.FindCursor' }),
  beside: {
    workspace: 'mongodb-7',
    name: '@opentelemetry/instrumentation-mongodb',
    children: ['find rows', 'getMore rows'],
  },
};
