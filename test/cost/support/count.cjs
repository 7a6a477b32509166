// node count.cjs CONDITION PRODUCER
//
// Counts what a pull does, untraced and traced, and writes both as JSON. Everything that is counted is patched before the package
// is loaded.
const asyncHooks = require('node:async_hooks');
const { context } = require('@opentelemetry/api');
const { conditions } = require('./conditions.cjs');
const { enter, pull } = require('./run.cjs');
const { loadTraced, loadUntraced } = require('./variants.cjs');

// Numbers of items. Steady state is reached long before the first.
const [TICKS_FROM, TICKS_TO] = [100, 110];
const [COUNTS_FROM, COUNTS_TO] = [200, 800];

const [condition, producer] = [conditions[process.argv[2]], process.argv[3]];

const counts = {};
function countCalls(object, method, name) {
  const original = object[method];
  counts[name] ??= 0;
  object[method] = function (...args) {
    counts[name]++;
    return Reflect.apply(original, this, args);
  };
}

// Not the manager's: one whose methods are patched has to be used.
countCalls(Object.getPrototypeOf(context), 'with', 'switches');
countCalls(asyncHooks.AsyncLocalStorage.prototype, 'run', 'storageRuns');
countCalls(asyncHooks.AsyncLocalStorage.prototype, 'enterWith', 'storageEntries');
countCalls(asyncHooks.AsyncResource.prototype, 'runInAsyncScope', 'scopes');
countCalls(asyncHooks.AsyncResource, 'bind', 'binds');

countCalls(process.hrtime, 'bigint', 'clockReads');
countCalls(Date, 'now', 'clockReads');

Object.assign(counts, { promises: 0, resources: 0 });
const hook = asyncHooks.createHook({
  init(_id, type) {
    if (type === 'PROMISE') counts.promises++;
    else counts.resources++;
  },
});

/** Per item: what is counted, in `counts`; how many ticks pass, in `ticks`; and which own members what was consumed has. */
async function measure(variant) {
  const ticker = createTicker();
  const ticks = [];
  let before;
  const perItem = {};
  let members;
  await pull(condition, producer, variant, (count, consumed) => {
    if (count >= TICKS_FROM && count <= TICKS_TO) ticks.push(ticker.ticks());
    if (count === TICKS_FROM) ticker.start();
    if (count === TICKS_TO) ticker.stop();
    if (count === COUNTS_FROM) {
      hook.enable();
      before = { ...counts };
    }
    if (count < COUNTS_TO) return false;
    const after = { ...counts };
    hook.disable();
    for (const name of Object.keys(after)) perItem[name] = (after[name] - before[name]) / (COUNTS_TO - COUNTS_FROM);
    members = [consumed].flat().flatMap((iterator) => Object.getOwnPropertyNames(iterator));
    return true;
  });
  return { counts: perItem, ticks: ticks.slice(1).map((value, index) => value - ticks[index]), members };
}

/** Counts the ticks of the microtask queue, while it is on. */
function createTicker() {
  let ticks = 0;
  let isOn = false;
  const tick = () => {
    ticks++;
    if (isOn) queueMicrotask(tick);
  };
  return {
    ticks: () => ticks,
    start() {
      isOn = true;
      queueMicrotask(tick);
    },
    stop() {
      isOn = false;
    },
  };
}

enter(condition, async () => {
  const untraced = await measure({ program: loadUntraced() });
  const traced = await measure(loadTraced(condition.options));
  console.log(JSON.stringify({ untraced, traced }));
});
