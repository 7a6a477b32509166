// A condition is what a whole process is like: whether there is an SDK, what the consumer does. Each has an unwrapped row of its own,
// which the ratios of its other rows are to, and a process of its own, since some of it cannot be undone (on Node 20, one
// AsyncLocalStorage in use makes every promise of the process dearer).
//
// `enter(work)` sets it up and calls `work` in it; `consume(program)` is the consumer.
import { AsyncLocalStorage } from 'node:async_hooks';
import { inRequest, registerSdk, tracer } from '../lib/sdk.mjs';

const plainConsumer = (program) => program.consume;

export const conditions = [
  {
    name: 'plain',
    label: '',
    enter(work) {
      registerSdk();
      return inRequest(work);
    },
    consume: plainConsumer,
  },
  {
    name: 'without-sdk',
    label: 'no SDK registered',
    enter: (work) => work(),
    consume: plainConsumer,
    rows: ['recording'],
    columns: ['per-item', 'per-item-await', 'one-item-run', 'ticks', 'bytes-per-item'],
  },
  {
    name: 'ten-storages',
    label: 'ten AsyncLocalStorages in use',
    enter(work) {
      registerSdk();
      for (let count = 0; count < 10; count++) new AsyncLocalStorage().enterWith({ count });
      return inRequest(work);
    },
    consume: plainConsumer,
    rows: ['recording', 'timing-off', 'for-await-in-context'],
    columns: ['per-item', 'per-item-await', 'one-item-run'],
  },
  {
    name: 'span-per-item',
    label: 'the consumer opens a span for every item',
    enter(work) {
      registerSdk();
      return inRequest(work);
    },
    consume: (program) => (iterable) => program.consumeInSpans(iterable, tracer),
    rows: ['recording', 'timing-off', 'for-await-in-context'],
    columns: ['per-item', 'per-item-await'],
  },
];
