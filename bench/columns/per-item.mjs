import { oneRun, timeColumn } from './support.mjs';

/** A generator that only yields: nothing but the cost of pulls. */
export default timeColumn({ name: 'per-item', label: 'per item, no I/O', sampleOf: oneRun('items') });
