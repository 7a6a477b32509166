// node FLAGS allocate.cjs CONDITION PRODUCER
//
// Measures what an item allocates, in bytes: untraced, with what cannot be done without done by hand (`floor`), and traced. Writes
// JSON. The flags (measure.ts) make that exact: nothing is collected between two looks at the heap, the compiler comes at the same
// point every time, and it does not inline, so that nothing depends on what it happened to see together.
const { performance } = require('node:perf_hooks');
const { getHeapStatistics } = require('node:v8');
const { conditions } = require('./conditions.cjs');
const { enter, pull } = require('./run.cjs');
const { loadByHand, loadTraced, loadUntraced } = require('./variants.cjs');

// Numbers of items: until all is compiled and optimised; then the heap is emptied, which makes the engine throw away some of
// that; and until it has made it again.
const WARM = 15_000;
const WARM_AGAIN = WARM + 5000;
const WINDOW = 1000;
const WINDOWS = 9;

// As in a process that has been running for hours: the nanoseconds of the first two seconds are small integers, which take no
// memory. This takes another number for each read.
const { now } = performance;
performance.now = () => Reflect.apply(now, performance, []) + 1e7;

const [condition, producer] = [conditions[process.argv[2]], process.argv[3]];
const { floor = 'switch and reaction', isFrameNew = false } = condition;
/** Where AsyncLocalStorage is built on frames, one can be remembered. */
const hasFrames = Number(process.versions.node.split('.')[0]) >= 24;

/** By how much the heap grows: the median of several windows, since one in which something was compiled stands out. */
async function bytesPerItem(variant) {
  const windows = [];
  let before;
  await pull(condition, producer, variant, (count) => {
    if (count === WARM) globalThis.gc();
    if (count < WARM_AGAIN || count % WINDOW !== 0) return false;
    const after = getHeapStatistics().used_heap_size;
    if (count > WARM_AGAIN) windows.push((after - before) / WINDOW);
    before = getHeapStatistics().used_heap_size;
    return windows.length === WINDOWS;
  });
  return windows.sort((a, b) => a - b)[(WINDOWS - 1) / 2];
}

enter(condition, async () => {
  const untraced = { program: loadUntraced() };
  const bytes = { untraced: await bytesPerItem(untraced) };
  bytes.floor = floor === 'nothing' ? bytes.untraced : await bytesPerItem({ program: loadByHand(partsOfFloor()) });
  // Loaded only now: that alone must not make the program's own promises dearer.
  bytes.traced = await bytesPerItem(loadTraced(condition.options));
  console.log(JSON.stringify(bytes));
});

function partsOfFloor() {
  return { remembered: hasFrames && !isFrameNew, observed: floor === 'switch and reaction' };
}
