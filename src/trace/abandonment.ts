import { setImmediate } from '../base/clock';
import { OwnFinalizationRegistry } from '../base/intrinsics';
import type { RunRecord } from './record';

/** How many objects at most are held until the event loop turns: then or at this number they are let go. */
const MAX_YOUNG = 512;

interface Young {
  readonly record: RunRecord;
  readonly object: object;
  readonly registry: FinalizationRegistry<RunRecord>;
}

const young: Young[] = [];
let isTurnAwaited = false;

/**
 * Tells of runs whose object has been collected.
 *
 * A FinalizationRegistry costs a run one to two microseconds, most of it in the garbage collector, and most runs are over before the event
 * loop has turned. What belongs to a young run is therefore held until then, and only registered if the run is still open.
 */
export class Abandonment {
  private readonly registry: FinalizationRegistry<RunRecord>;

  /** @param onCollected called with the record of a run that was not over when its object went */
  constructor(onCollected: (record: RunRecord) => void) {
    this.registry = new OwnFinalizationRegistry(onCollected);
  }

  /** From now on `object` is the one that tells; another one before it does not any more. */
  watch(record: RunRecord, object: object): void {
    this.unwatch(record);
    // No `push`: a program may have patched it.
    record.youngIndex = young.length;
    young[young.length] = { record, object, registry: this.registry };
    if (young.length >= MAX_YOUNG) {
      registerYoung();
    } else if (!isTurnAwaited) {
      isTurnAwaited = true;
      setImmediate(onTurn).unref();
    }
  }

  unwatch(record: RunRecord): void {
    if (record.youngIndex >= 0) {
      const last = young[young.length - 1] as Young;
      young.length--;
      if (last.record !== record) {
        young[record.youngIndex] = last;
        last.record.youngIndex = record.youngIndex;
      }
      record.youngIndex = -1;
    } else if (record.isRegistered) {
      // Looking for what is not there costs as much as finding it.
      this.registry.unregister(record);
      record.isRegistered = false;
    }
  }
}

function onTurn(): void {
  isTurnAwaited = false;
  registerYoung();
}

function registerYoung(): void {
  for (let index = 0; index < young.length; index++) {
    const { record, object, registry } = young[index] as Young;
    registry.register(object, record, record);
    record.youngIndex = -1;
    record.isRegistered = true;
  }
  young.length = 0;
}
