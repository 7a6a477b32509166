/** A change stream of MongoDB. */
const { openCollection } = require('../support/exits/mongodb-server.cjs');

/** What the server says of an insert, with where to resume after it. */
const change = (secret, number) => ({
  _id: { _data: `${number}` },
  operationType: 'insert',
  fullDocument: { _id: number, secret },
});

module.exports = {
  preset: 'mongodb',
  group: 'data',
  packages: ['mongodb-4', 'mongodb-7'],
  formats: ['cjs'],
  module: 'mongodb',

  async open(api, { exit, secret, onEnd }) {
    const rest = exit === 'error' ? { code: 96, errmsg: 'the operation failed' } : [change(secret, 3)];
    const batches = [[change(secret, 1), change(secret, 2)], rest, undefined];
    return (await openCollection(api, batches, onEnd)).watch();
  },
  show: ({ fullDocument }) => fullDocument,

  without: { end: 'a change stream has no end', abort: 'a change stream has no signal' },
  spans: () => ({ name: 'mongodb.ChangeStream' }),
};
