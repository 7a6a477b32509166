import type { DiagLogger } from '@opentelemetry/api';
import { isObjectLike, OwnSet, OwnWeakSet, reflectApply, type AnyFunction } from './intrinsics';

/** Reports each kind of problem once: a hook that throws for every item must not write a line for every item. */
export class Reporter {
  private readonly reported = new OwnSet<string>();
  private readonly reportedOf = new OwnWeakSet<object>();

  constructor(private readonly diag: () => DiagLogger) {}

  /** @param key what is reported once: a name, or the object (a hook) that has the problem */
  warnOnce(key: string | object, message: string, ...details: unknown[]): void {
    this.once('warn', key, message, details);
  }

  errorOnce(key: string | object, message: string, ...details: unknown[]): void {
    this.once('error', key, message, details);
  }

  /** Logging is telemetry too: a logger that throws must not reach the program. */
  private once(level: 'warn' | 'error', key: string | object, message: string, details: unknown[]): void {
    if (typeof key === 'string') {
      if (this.reported.has(key)) return;
      this.reported.add(key);
    } else {
      if (this.reportedOf.has(key)) return;
      this.reportedOf.add(key);
    }
    try {
      this.diag()[level](message, ...details);
    } catch {
      // Nowhere left to report it.
    }
  }
}

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
