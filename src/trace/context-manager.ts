/**
 * The context manager that is registered, which is foreign code: it may throw, and it may do more than keep contexts.
 */
import { context, ROOT_CONTEXT, type Context, type ContextManager } from '@opentelemetry/api';
import { logger } from '../base/logger';
import { apiRegistry, type ApiRegistry } from '../base/registry';
import { Reporter } from '../base/reporter';

let registry: ApiRegistry = {};

/**
 * The context manager that is registered. Only to tell whether it is still the same one: what it does is asked through the
 * API, which takes four times as long to look it up.
 */
export function contextManager(): ContextManager | undefined {
  return registry.context;
}

export function lookUpContextManager(): ContextManager | undefined {
  registry = apiRegistry() ?? {};
  return registry.context;
}

const reporter = new Reporter(() => logger);

function failed(method: string, error: unknown): void {
  reporter.errorOnce(
    method,
    `${method}() of the context manager threw; the program goes on without its contexts`,
    error,
  );
}

/** The context that is active, or the root context where the manager has none to give. */
export function activeContext(): Context {
  try {
    const active = context.active();
    if (typeof active.getValue === 'function') return active;
    throw new TypeError('no context came back');
  } catch (error) {
    failed('active', error);
    return ROOT_CONTEXT;
  }
}

/**
 * Calls `fn(a, b)` in `inner`, once, whatever the manager does.
 *
 * @param look called in `inner` before it
 */
export function callWith<A, B, Result>(
  inner: Context,
  fn: (a: A, b: B) => Result,
  a: A,
  b: B,
  look?: () => void,
): Result {
  let isCalled = false;
  let hasThrown = false;
  let outcome: unknown;
  const call = () => {
    if (isCalled) return;
    isCalled = true;
    look?.();
    try {
      outcome = fn(a, b);
    } catch (error) {
      hasThrown = true;
      outcome = error;
      throw error;
    }
  };
  try {
    context.with(inner, call);
  } catch (error) {
    if (!hasThrown || error !== outcome) failed('with', error);
  }
  if (!isCalled) return fn(a, b);
  if (hasThrown) throw outcome;
  return outcome as Result;
}
