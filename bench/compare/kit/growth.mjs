// What thousands of runs, or of items, leave on the heap.
import { setTimeout as after } from 'node:timers/promises';
import { retainedBytes } from '../../lib/heap.mjs';

/** A leak grows the heap in each of them; one in which it does not grow is proof enough. */
const MOST_SEGMENTS = 10;
/** Until all finalizers have run: each takes a task, some time after the collection. */
const COLLECTIONS = 5;
/** What a heap that keeps nothing grows by at times. */
const NOISE_BYTES = 48 * 1024;

/**
 * The least of several segments: a buffer that grows once, or code that is compiled, is no leak. The first segment is not measured.
 *
 * @param work `(count) => Promise`: so many runs or items more
 * @param isAbandoned whether the runs end with a collection: then their spans are handed over some tasks after it
 * @param settle resolves when the tracer has handed over what it had to
 */
export async function growthPerUnit({ work, count, settle, isAbandoned = false }) {
  const bytesAfterWork = async () => {
    await work(count);
    for (let round = 0; isAbandoned && round < COLLECTIONS; round++) {
      await retainedBytes();
      await after(1);
    }
    await settle();
    return retainedBytes();
  };
  let before = await bytesAfterWork();
  let least = Infinity;
  for (let segment = 0; segment < MOST_SEGMENTS && least * count > NOISE_BYTES; segment++) {
    const bytes = await bytesAfterWork();
    least = Math.min(least, (bytes - before) / count);
    before = bytes;
  }
  return Math.max(0, least - NOISE_BYTES / count);
}
