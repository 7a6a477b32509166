/** Time: nanoseconds of one monotonic clock for everything within a run, and the wall clock read once, at its start. And Node's timers. */
import type { HrTime } from '@opentelemetry/api';
import timers = require('node:timers');

// Taken at load: programs, above all their tests, replace Node's timers.
export const { setTimeout, clearTimeout, setImmediate } = timers;

// Taken at load: a program may patch them.
const { floor, round } = Math;

export interface Clock {
  /** Nanoseconds from a fixed but arbitrary point. */
  now(): bigint;
  /** Milliseconds since the Unix epoch. */
  epoch(): number;
}

// Taken once: fake timers of a test replace the properties, not these.
const systemClock: Clock = { now: process.hrtime.bigint, epoch: Date.now };

let current = systemClock;

export const NANOSECONDS_PER_SECOND = 1e9;

/** The monotonic clock. trace/times.ts reads it for every pull. */
export function readClock(): bigint {
  return current.now();
}

/** The wall clock as HrTime, in whole milliseconds as the SDK itself takes it, so that children never seem to start earlier. */
export function wallTime(): HrTime {
  const milliseconds = current.epoch();
  const seconds = floor(milliseconds / 1e3);
  return [seconds, round((milliseconds - seconds * 1e3) * 1e6)];
}

/** `time` plus `nanoseconds`. */
export function addNanoseconds(time: HrTime, nanoseconds: number): HrTime {
  const total = time[1] + nanoseconds;
  return [time[0] + floor(total / NANOSECONDS_PER_SECOND), total % NANOSECONDS_PER_SECOND];
}

/** Puts another clock in place, for tests; without an argument the system's again. */
export function setClock(clock: Clock = systemClock): void {
  current = clock;
}
