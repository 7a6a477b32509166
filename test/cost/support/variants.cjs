// Copies of the program: as it is, traced, and with parts of what tracing does, done by hand, to compare with.
const { AsyncResource } = require('node:async_hooks');
const path = require('node:path');
const { context, createContextKey } = require('@opentelemetry/api');

const FILE = path.join(__dirname, 'program.cjs');
const TRACED_EXPORTS = ['generator', 'iterator', 'stubborn', 'nested'];

function loadProgram() {
  delete require.cache[FILE];
  const program = require(FILE);
  // Nobody is to find it there and patch it.
  delete require.cache[FILE];
  return program;
}

exports.loadUntraced = loadProgram;

/** The package as its users have it: the build, and a module that is then required. */
exports.loadTraced = function loadTraced(options) {
  const { AsyncGeneratorInstrumentation } = require('../../../build/src/index.js');
  const instrumentation = new AsyncGeneratorInstrumentation({
    targets: [{ module: FILE, exports: TRACED_EXPORTS }],
    ...options,
  });
  const program = loadProgram();
  const [{ status, message }] = instrumentation.getPatchReport();
  if (status !== 'patched') throw new Error(`the program is ${status}: ${message}`);
  return { program, instrumentation };
};

const KEY = createContextKey('by hand');

/** A body's context for every pull, by the API's own `context.with`. */
const withContext = (active) => (pull, receiver, value) => context.with(active, pull, undefined, receiver, value);

const captureFrame = () => new AsyncResource('ByHand', RESOURCE_OPTIONS);
const RESOURCE_OPTIONS = { requireManualDestroy: true };

/** The same by a frame that is remembered, with a look at the consumer's frame and one at the body's. */
function inFrame(active) {
  const remembered = context.with(active, captureFrame);
  return (pull, receiver, value) => {
    captureFrame();
    try {
      return remembered.runInAsyncScope(pull, undefined, receiver, value);
    } finally {
      captureFrame();
    }
  };
}

/**
 * What a pull cannot do without, done by hand.
 *
 * @param remembered whether the switch to the body's context is one that is remembered
 * @param observed whether there is a reaction on the side
 */
exports.loadByHand = function loadByHand({ remembered, observed }) {
  const program = loadProgram();
  for (const name of TRACED_EXPORTS) {
    const original = program[name];
    program[name] = (...args) => {
      const iterator = original(...args);
      const active = context.active().setValue(KEY, name);
      const doPull = remembered ? inFrame(active) : withContext(active);
      const pull = Function.prototype.call.bind(iterator.next);
      const next = function next(value) {
        const promise = doPull(pull, this, value);
        if (observed) promise.then(identity, identity);
        return promise;
      };
      return Object.defineProperty(iterator, 'next', { value: next, writable: true, configurable: true });
    };
  }
  return program;
};

const identity = (value) => value;
