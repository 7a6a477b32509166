/**
 * Tells of runs whose object has been collected.
 *
 * A FinalizationRegistry costs a run one to two microseconds, most of it in the garbage collector, and most runs are over before the event
 * loop has turned. So what belongs to a run is simply held until then, and only registered if the run is still open.
 */
import { setImmediate } from '../base/clock';
import { OwnFinalizationRegistry } from '../base/intrinsics';
import type { RunRecord } from './record';

/** How many objects at most are held until the event loop turns: then or at this number they are let go. */
const MAX_HELD = 512;

const held: { readonly record: RunRecord; readonly object: object }[] = [];
let isTurnAwaited = false;

const registry = new OwnFinalizationRegistry((record: RunRecord) => {
  record.end('abandoned');
});

/** From now on `object` is the one whose collection ends the run as `abandoned`; another one before it is not any more. */
export function watch(record: RunRecord, object: object): void {
  unwatch(record);
  // No `push`: a program may have patched it.
  record.unregisteredIndex = held.length;
  held[held.length] = { record, object };
  if (held.length >= MAX_HELD) {
    register();
  } else if (!isTurnAwaited) {
    isTurnAwaited = true;
    setImmediate(onTurn).unref();
  }
}

export function unwatch(record: RunRecord): void {
  const index = record.unregisteredIndex;
  if (index >= 0) {
    const last = held[held.length - 1] as (typeof held)[number];
    held.length--;
    if (last.record !== record) {
      held[index] = last;
      last.record.unregisteredIndex = index;
    }
    record.unregisteredIndex = -1;
  } else if (record.isRegistered) {
    // Looking for what is not there costs as much as finding it.
    registry.unregister(record);
    record.isRegistered = false;
  }
}

function onTurn(): void {
  isTurnAwaited = false;
  register();
}

function register(): void {
  for (let index = 0; index < held.length; index++) {
    const { record, object } = held[index] as (typeof held)[number];
    registry.register(object, record, record);
    record.unregisteredIndex = -1;
    record.isRegistered = true;
  }
  held.length = 0;
}
