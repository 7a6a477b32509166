// Sets up a condition and pulls in it.
const { AsyncLocalStorage } = require('node:async_hooks');
const { readFile } = require('node:fs/promises');
const { context, trace } = require('@opentelemetry/api');
const { AsyncLocalStorageContextManager } = require('@opentelemetry/context-async-hooks');
const { AlwaysOffSampler, TracerProvider } = require('@opentelemetry/sdk-trace');

/** In which item of a loop it is switched off, where that is asked for. */
const DISABLED_AT = 5;

/**
 * Calls `work` as a request handler is called, late in a process's life: with a span active, and after some I/O, since on Node 20
 * promises differ before the first.
 */
exports.enter = function enter({ sdk = 'sampled', storages = 0 }, work) {
  if (sdk !== 'none') {
    const sampler = sdk === 'unsampled' ? { sampler: new AlwaysOffSampler() } : {};
    trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [], ...sampler }));
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  }
  for (let count = 0; count < storages; count++) new AsyncLocalStorage().enterWith({ count });
  return trace.getTracer('cost').startActiveSpan('GET /', async () => {
    await readFile(__filename);
    await work();
  });
};

/**
 * Pulls until `onItem(count, consumed)` returns true.
 *
 * @param variant `{ program, instrumentation? }`, see variants.cjs
 */
exports.pull = async function pull(condition, producer, { program, instrumentation }, onItem) {
  const { open = openOne, consumer = 'consume', disable } = condition;
  if (disable === 'before the call' && instrumentation !== undefined) {
    // The program has taken the traced functions, and calls them later.
    const held = { ...program };
    instrumentation.disable();
    Object.assign(program, held);
  }
  const consumed = open(program, producer);
  if (disable === 'before the first pull') instrumentation?.disable();
  const seen = (count) => {
    if (count === DISABLED_AT && disable === 'during the loop') instrumentation?.disable();
    return onItem(count, consumed);
  };
  await program[consumer](consumed, seen, trace.getTracer('cost'));
};

const openOne = (program, producer) => program[producer]();
