/**
 * `module.register` starts a thread of Node itself, which runs every `--require` file again. There is no program in it to
 * trace, and hooks registered there would be asked about the imports of the loaders themselves.
 */
import workerThreads = require('node:worker_threads');

/** Whether this is such a thread. The workers of a program are not: they are traced like the main thread. */
export function isInternalThread(): boolean {
  const { isMainThread, parentPort } = workerThreads;
  // Older versions of Node do not say so, but have a port to the parent in workers of the program only.
  const { isInternalThread: known } = workerThreads as { isInternalThread?: boolean };
  return known ?? (!isMainThread && parentPort === null);
}
