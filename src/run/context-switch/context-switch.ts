/**
 * Runs the synchronous part of a pull in the body's context, and brings back the consumer's. One for each run.
 *
 * There are three, which behave alike: test/run/context.test.ts and context-fuzz.test.ts compare each with the untraced program.
 */
export interface ContextSwitch {
  /** Calls `fn(a, b, c)` in the body's context. */
  run<A, B, C, Result>(fn: (a: A, b: B, c: C) => Result, a: A, b: B, c: C): Result;
}
