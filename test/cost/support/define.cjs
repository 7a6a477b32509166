// node FLAGS define.cjs
//
// Measures what it allocates to make a function, in bytes: an async-generator function that is made for each call of another one,
// untraced, and as source mode traces it. Writes JSON. The flags (measure.ts) make that exact.
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { getHeapStatistics } = require('node:v8');

const PROGRAM = 'exports.make = () => { async function* items() { yield 1; } return items; };';
const WARM = 20_000;
const WINDOW = 1000;
const WINDOWS = 9;

/** The median of several windows, since one in which something was compiled is an outlier. */
function bytesPerFunction(make) {
  for (let count = 0; count < WARM; count++) make();
  const windows = [];
  for (let window = 0; window < WINDOWS; window++) {
    const before = getHeapStatistics().used_heap_size;
    for (let count = 0; count < WINDOW; count++) make();
    windows.push((getHeapStatistics().used_heap_size - before) / WINDOW);
  }
  return windows.sort((a, b) => a - b)[(WINDOWS - 1) / 2];
}

const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'define-')));
try {
  const load = (name) => {
    fs.writeFileSync(path.join(folder, name), PROGRAM);
    return require(path.join(folder, name)).make;
  };
  const untraced = bytesPerFunction(load('untraced.cjs'));
  const { AsyncGeneratorInstrumentation } = require('../../../build/src/index.js');
  const instrumentation = new AsyncGeneratorInstrumentation({ targets: [{ module: path.join(folder, 'traced.cjs') }] });
  const make = load('traced.cjs');
  const [{ status, message }] = instrumentation.getPatchReport();
  if (status !== 'patched') throw new Error(`the program is ${status}: ${message}`);
  console.log(JSON.stringify({ untraced, traced: bytesPerFunction(make) }));
} finally {
  fs.rmSync(folder, { recursive: true });
}
