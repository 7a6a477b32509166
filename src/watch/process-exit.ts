/**
 * One listener on the process, however many instrumentations there are.
 */
const listeners = new Set<() => void>();

/**
 * Calls `listener` when the process exits. It must not throw.
 *
 * @returns a function that ends it
 */
export function onProcessExit(listener: () => void): () => void {
  if (listeners.size === 0) process.on('exit', notify);
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) process.off('exit', notify);
  };
}

function notify(): void {
  for (const listener of listeners) listener();
}
