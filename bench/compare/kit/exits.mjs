// The seven ways in which a run can end.

export const exits = [
  { name: 'end', label: 'end', meaning: 'the consumer reads to the end' },
  { name: 'break', label: 'break', meaning: 'the consumer leaves its loop by `break`' },
  { name: 'throw', label: 'throw', meaning: 'the consumer throws in its loop' },
  { name: 'abort', label: 'abort', meaning: 'an `AbortSignal` ends the work' },
  { name: 'error', label: 'error', meaning: 'the generator fails in mid-stream' },
  { name: 'abandoned', label: 'abandoned', meaning: 'the consumer drops the generator, which is garbage-collected' },
  { name: 'exit', label: 'process exit', meaning: 'the process ends by `process.exit()` while the run is open' },
];

/** How many items the consumer takes before it does something else than to read on. */
export const ITEMS_BEFORE_EXIT = 2;

/** Whether the body reaches its own end: a return, an error, or its `finally`. */
export const endsBody = (exit) => exit !== 'abandoned' && exit !== 'exit';
