import type { Reporter } from './reporter';
import { isObjectLike, reflectApply, type AnyFunction } from './intrinsics';

/**
 * Calls a hook of the user's. Whatever it throws, or rejects with, is reported once and goes no further.
 *
 * @returns what the hook returned, or `undefined` if it threw
 */
export function callHook<Args extends unknown[], Result>(
  reporter: Reporter,
  name: string,
  hook: (...args: Args) => Result,
  ...args: Args
): Result | undefined {
  try {
    // No spread: it iterates, and a program may have patched the iteration of arrays.
    const result = reflectApply(hook as AnyFunction, undefined, args) as Result;
    if (isObjectLike(result) && typeof (result as { then?: unknown }).then === 'function') {
      // An async hook: its rejection would otherwise end the process.
      (result as unknown as PromiseLike<unknown>).then(undefined, (error: unknown) => {
        reportHook(reporter, name, hook, error);
      });
    }
    return result;
  } catch (error) {
    reportHook(reporter, name, hook, error);
    return undefined;
  }
}

/** Once for each hook: functions traced by hand share a reporter, but not their hooks. */
function reportHook(reporter: Reporter, name: string, hook: object, error: unknown): void {
  reporter.errorOnce(hook, `the hook ${name} threw; the stream goes on, later errors of it are not reported`, error);
}

/** Calls into the SDK (tracer, span, processor, sampler, exporter), which must not break the program either. */
export function callTelemetry<Result>(reporter: Reporter, what: string, call: () => Result): Result | undefined {
  try {
    return call();
  } catch (error) {
    reporter.errorOnce(
      `telemetry:${what}`,
      `${what} threw; the program goes on, later errors of it are not reported`,
      error,
    );
    return undefined;
  }
}
