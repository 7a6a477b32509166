// Makes tests that import `../src/x` get `build/src/x.js`. For coverage: the child processes of tests run the build, so
// V8 can only add up what they and mocha covered if mocha runs the very same files. Source maps lead back to src. See coverage.mjs.
const Module = require('node:module');
const path = require('node:path');

const root = path.resolve(__dirname, '..');
const source = path.join(root, 'src') + path.sep;
const build = path.join(root, 'build', 'src') + path.sep;
const resolveFilename = Module._resolveFilename;

Module._resolveFilename = function (...args) {
  const file = Reflect.apply(resolveFilename, this, args);
  return file.startsWith(source) && file.endsWith('.ts')
    ? build + file.slice(source.length, -'.ts'.length) + '.js'
    : file;
};

// mocha ends its workers, and kills one that is not gone within a second (`workerTerminateTimeout` of https://github.com/josdejong/workerpool#options).
// The coverage of thousands of tests takes longer to write, and would be lost.
const workerpool = Module.createRequire(require.resolve('mocha'))('workerpool');
const { pool } = workerpool;
workerpool.pool = (script, options) => pool(script, { ...options, workerTerminateTimeout: 120_000 });
