// What is on the heap, and what has been put there meanwhile. Needs --expose-gc.
import { GCProfiler, getHeapStatistics } from 'node:v8';

/** Bytes in use once everything that can be collected is, finalizers and weak entries included. */
export async function retainedBytes() {
  for (let pass = 0; pass < 2; pass++) {
    globalThis.gc();
    // FinalizationRegistry callbacks run in a task of their own.
    await new Promise((resolve) => setImmediate(resolve));
  }
  globalThis.gc();
  const { used_heap_size: used, external_memory: external } = getHeapStatistics();
  return used + external;
}

/**
 * Bytes that `work` allocates, kept or not: the growth of the heap between collections, summed up over all that happen
 * meanwhile.
 */
export async function allocatedBytes(work) {
  globalThis.gc();
  const profiler = new GCProfiler();
  profiler.start();
  let previous = usedBytes();
  await work();
  const end = usedBytes();
  let allocated = 0;
  for (const { beforeGC, afterGC } of profiler.stop().statistics) {
    allocated += beforeGC.heapStatistics.usedHeapSize - previous;
    previous = afterGC.heapStatistics.usedHeapSize;
  }
  return allocated + end - previous;
}

function usedBytes() {
  return getHeapStatistics().used_heap_size;
}
