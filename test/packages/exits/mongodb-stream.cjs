/** A stream of Node's that reads a cursor of MongoDB. */
const { addAbortSignal } = require('node:stream');
const mongodb = require('./mongodb.cjs');

const { beside: _ofCursors, without: _abort, ...scenario } = mongodb;

module.exports = {
  ...scenario,
  formats: ['cjs'],
  async open(api, tools) {
    const stream = (await mongodb.open(api, { ...tools, signal: undefined })).stream();
    return tools.exit === 'abort' ? addAbortSignal(tools.signal, stream) : stream;
  },
};
