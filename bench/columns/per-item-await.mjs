import { oneRun, timeColumn } from './support.mjs';

/** A generator that awaits once an item, without I/O. */
export default timeColumn({
  name: 'per-item-await',
  label: 'per item, one `await`',
  sampleOf: oneRun('itemsAfterAwait'),
});
