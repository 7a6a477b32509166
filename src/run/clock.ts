/**
 * Time, as runs measure it: integer nanoseconds of one monotonic clock for everything within a run, and the wall clock
 * read once, at its start.
 */
import type { HrTime } from '@opentelemetry/api';

export interface Clock {
  /** Integer nanoseconds from a fixed but arbitrary point. */
  now(): number;
  /** Milliseconds since the Unix epoch. */
  epoch(): number;
}

// Taken once: fake timers of a test replace the properties, not these.
const readClock = process.hrtime.bigint;
const dateNow = Date.now;

// A third of what a traced item costs is the clock. Taking a bigint apart by way of its bytes makes no garbage, and takes three
// quarters of the time of `Number(bigint)` or `performance.now()`.
const nanoseconds = new BigUint64Array(1);
const halves = new Uint32Array(nanoseconds.buffer);
const [LOW, HIGH] = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? [0, 1] : [1, 0];

const systemClock: Clock = {
  now() {
    nanoseconds[0] = readClock();
    return (halves[HIGH] as number) * 2 ** 32 + (halves[LOW] as number);
  },
  epoch: dateNow,
};

let current = systemClock;

export const NANOSECONDS_PER_SECOND = 1e9;

/** Integer nanoseconds from a fixed but arbitrary point. */
export function now(): number {
  return current.now();
}

/** The wall clock as HrTime, in whole milliseconds as the SDK itself takes it, so that children never seem to start earlier. */
export function wallTime(): HrTime {
  const milliseconds = current.epoch();
  const seconds = Math.floor(milliseconds / 1e3);
  return [seconds, Math.round((milliseconds - seconds * 1e3) * 1e6)];
}

/** `time` plus `nanoseconds`. */
export function addNanoseconds(time: HrTime, nanoseconds: number): HrTime {
  const total = time[1] + nanoseconds;
  return [time[0] + Math.floor(total / NANOSECONDS_PER_SECOND), total % NANOSECONDS_PER_SECOND];
}

/** Puts another clock in place, for tests; without an argument the system's again. */
export function setClock(clock: Clock = systemClock): void {
  current = clock;
}
