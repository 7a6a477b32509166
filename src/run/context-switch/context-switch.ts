/**
 * Runs the synchronous part of a pull in the body's context, and brings back the consumer's. One for each run.
 *
 * There are three, which behave alike: test/run/context.test.ts and context-fuzz.test.ts compare each with the untraced program.
 */
export interface ContextSwitch {
  /** Calls `fn(a, b)` in the body's context. */
  run<A, B, Result>(fn: (a: A, b: B) => Result, a: A, b: B): Result;
}
