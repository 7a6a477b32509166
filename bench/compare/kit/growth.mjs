// What thousands of runs, or of items, leave on the heap.
import { retainedBytes } from '../../lib/heap.mjs';

const SEGMENTS = 3;
/** What a heap that keeps nothing grows by at times. */
const NOISE_BYTES = 48 * 1024;

/**
 * The least of several segments: a buffer that grows once, or code that is compiled, is no leak. The first segment is not measured.
 *
 * @param work `(count) => Promise`: so many runs or items more
 * @param settle resolves when the tracer has handed over what it had to
 */
export async function growthPerUnit(work, count, settle) {
  await work(count);
  await settle();
  let before = await retainedBytes();
  let least = Infinity;
  for (let segment = 0; segment < SEGMENTS; segment++) {
    await work(count);
    await settle();
    const after = await retainedBytes();
    least = Math.min(least, (after - before) / count);
    before = after;
  }
  return Math.max(0, least - NOISE_BYTES / count);
}
