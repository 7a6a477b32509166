/**
 * Runs the synchronous part of a pull in the body's context, and brings back the consumer's. One for each run.
 *
 * There are three, which behave alike: test/trace/context.test.ts and context-fuzz.test.ts compare each with the untraced program.
 */
export interface ContextSwitch {
  /**
   * Enters the body's context. Whoever has entered it calls `leave` with what came back. Two calls rather than one with a
   * callback, so that a pull costs the program's stack a single frame: generators that recurse by `yield*` are as deep.
   *
   * @returns undefined where the context manager has to do it: by `run`, then
   */
  enter(): object | undefined;
  leave(entered: object): void;
  /** Calls `fn(a, b)` in the body's context by way of the context manager. */
  run<A, B, Result>(fn: (a: A, b: B) => Result, a: A, b: B): Result;
}

/** Calls `fn(a, b)` in the body's context. */
export function callInBody<A, B, Result>(way: ContextSwitch, fn: (a: A, b: B) => Result, a: A, b: B): Result {
  const entered = way.enter();
  if (entered === undefined) return way.run(fn, a, b);
  try {
    return fn(a, b);
  } finally {
    way.leave(entered);
  }
}
