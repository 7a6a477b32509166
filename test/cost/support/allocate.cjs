// node FLAGS allocate.cjs CONDITION PRODUCER
//
// Measures what an item allocates, in bytes: untraced, with what cannot be done without done by hand (`floor`), and traced. Writes
// JSON. The flags (measure.ts) make that exact: nothing is collected between two looks at the heap, the compiler comes at the same
// point every time, and it does not inline, so that nothing depends on what it happened to see together.
const { getHeapStatistics } = require('node:v8');
const { conditions } = require('./conditions.cjs');
const { enter, pull } = require('./run.cjs');
const { loadObserved, loadTraced, loadUntraced } = require('./variants.cjs');

// Numbers of items: until all is compiled and optimised; then the heap is emptied, which makes the engine throw away some of
// that; and until it has made it again.
const WARM = 15_000;
const WARM_AGAIN = WARM + 5000;
const WINDOW = 1000;
const WINDOWS = 9;

const [condition, producer] = [conditions[process.argv[2]], process.argv[3]];

/** By how much the heap grows: the median of several windows, since one in which something was compiled is an outlier. */
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
  bytes.floor = condition.isObserved === false ? bytes.untraced : await bytesPerItem({ program: loadObserved() });
  // Loaded only now: that alone must not make the program's own promises more expensive.
  bytes.traced = await bytesPerItem(loadTraced(condition.options));
  console.log(JSON.stringify(bytes));
});
