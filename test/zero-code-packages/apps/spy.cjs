// Tells on stderr, from whatever thread, where this is preloaded, and where an SDK is loaded.
const { writeSync } = require('fs');
const Module = require('module');
const { isMainThread } = require('worker_threads');

const thread = isMainThread ? 'the main thread' : 'another thread';
writeSync(2, `preloaded in ${thread}\n`);
const { _load } = Module;
Module._load = function (request, ...rest) {
  if (/^@opentelemetry\/sdk-node$|sdk-node.*index\.c?js$|sdk-node\/dist\/index/.test(request)) {
    writeSync(2, `SDK in ${thread}\n`);
  }
  return Reflect.apply(_load, this, [request, ...rest]);
};
