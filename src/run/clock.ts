/**
 * Time, as runs measure it: integer nanoseconds of one monotonic clock for everything within a run, and the wall clock
 * read once, at its start.
 */
import { performance } from 'node:perf_hooks';
import type { HrTime } from '@opentelemetry/api';

export interface Clock {
  /** Integer nanoseconds from a fixed but arbitrary point. */
  now(): number;
  /** Milliseconds since the Unix epoch. */
  epoch(): number;
}

// Taken once: fake timers of a test replace the properties, not these.
const performanceNow = performance.now.bind(performance);
const dateNow = Date.now;
const round = Math.round;

const systemClock: Clock = {
  now: () => round(performanceNow() * 1e6),
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
