// Copies of the program: as it is, traced, and with a part of what tracing does, done by hand, to compare with.
const path = require('node:path');

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

/** With what a pull that is observed cannot do without, done by hand: a reaction on the side. */
exports.loadObserved = function loadObserved() {
  const program = loadProgram();
  for (const name of TRACED_EXPORTS) {
    const original = program[name];
    program[name] = (...args) => {
      const iterator = original(...args);
      const pull = Function.prototype.call.bind(iterator.next);
      const next = function next(value) {
        const promise = pull(this, value);
        promise.then(nothing, nothing);
        return promise;
      };
      return Object.defineProperty(iterator, 'next', { value: next, writable: true, configurable: true });
    };
  }
  return program;
};

const nothing = () => {};
