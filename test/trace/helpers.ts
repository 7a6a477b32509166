import { diag, trace } from '@opentelemetry/api';
import { createManualPlan } from '../../src/manual/options';
import type { AnyFunction } from '../../src/base/intrinsics';
import type { RunPlan } from '../../src/trace/plan';
import { Scope } from '../../src/trace/scope';
import { traceFunctionAlone } from '../../src/trace/traced-function';
import { Reporter } from '../../src/base/reporter';

export function newScope(): Scope {
  return new Scope({ tracer: () => trace.getTracer('test') }, new Reporter(() => diag));
}

/** `fn`, traced as the plan says, which may be one that no option leads to. */
export function traceWithPlan<Fn>(fn: Fn, plan: Partial<RunPlan>, scope = newScope()): Fn {
  const tracing = { plan: { ...createManualPlan({}, 'traced'), ...plan }, scope };
  return traceFunctionAlone(fn as AnyFunction, { tracing }) as Fn;
}

/** The items of `iterable`, to its end. */
export async function drain<T>(iterable: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of iterable) items.push(item);
  return items;
}

/** What `promise` rejects with; throws if it fulfils. */
export async function rejectionOf(promise: PromiseLike<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('expected a rejection');
}

/** What `fn` throws; throws if it does not. */
export function thrownBy(fn: () => unknown): unknown {
  try {
    fn();
  } catch (error) {
    return error;
  }
  throw new Error('expected an exception');
}

/** Resolves when all microtasks, and what they queue, have run. */
export function microtasksDone(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
