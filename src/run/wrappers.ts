/**
 * Functions that stand in for others: one wrapper for each function, whoever asks, however often it is exported.
 */
import { isGeneratorFunction } from './generator-functions';
import { callTraced, type TracedState } from './traced-function';
import { type AnyFunction, getOwnPropertyDescriptor, OwnWeakMap } from './intrinsics';
import type { RunLifecycle } from './lifecycle';
import { standIn } from './stand-in';

interface Wrapper {
  readonly original: AnyFunction;
  readonly traced: AnyFunction;
  /** Which copy of this package made it. */
  readonly madeBy: object;
  /** Whether its owner is enabled: else another may take the function over. */
  isInUse(): boolean;
}

/** One table for all copies of this package in the process, under originals and wrappers alike. */
const TABLE_KEY = Symbol.for('opentelemetry-instrumentation-async-generator.wrappers.v1');
const shared = globalThis as unknown as Record<symbol, WeakMap<AnyFunction, Wrapper> | undefined>;
const table = (shared[TABLE_KEY] ??= new OwnWeakMap<AnyFunction, Wrapper>());

const THIS_COPY = {};
const states = new OwnWeakMap<AnyFunction, TracedState>();

/** Whether `fn` is a traced function whose owner is enabled. */
export function isTraced(fn: unknown): boolean {
  const wrapper = typeof fn === 'function' ? table.get(fn as AnyFunction) : undefined;
  return wrapper !== undefined && wrapper.traced === fn && wrapper.isInUse();
}

/** The function that `fn` stands in for, or `fn` itself. */
export function originalOf(fn: AnyFunction): AnyFunction {
  return table.get(fn)?.original ?? fn;
}

/** More wrappers around one function than anybody puts there: marks may go round in circles. */
const MOST_WRAPPERS = 20;

/** The function that is behind `fn` and behind the wrappers of others that shimmer, or `_wrap`, has marked. */
export function innermostOf(fn: AnyFunction): AnyFunction {
  let innermost = originalOf(fn);
  for (let count = 0; count < MOST_WRAPPERS; count++) {
    const original = markedOriginalOf(innermost);
    if (original === undefined) break;
    innermost = originalOf(original);
  }
  return innermost;
}

/** The traced function that lies below the marked wrappers of others around `fn`; undefined for one that is on top itself. */
export function tracedBelow(fn: AnyFunction): AnyFunction | undefined {
  let wrapper: AnyFunction | undefined = fn;
  for (let count = 0; count < MOST_WRAPPERS && wrapper !== undefined; count++) {
    if (table.get(wrapper)?.traced === wrapper) return wrapper === fn ? undefined : wrapper;
    wrapper = markedOriginalOf(wrapper);
  }
  return undefined;
}

/** What shimmer has noted as the original of a wrapper. Reads no getter. */
function markedOriginalOf(fn: AnyFunction): AnyFunction | undefined {
  try {
    const original: unknown = getOwnPropertyDescriptor(fn, '__original')?.value;
    return typeof original === 'function' && original !== fn ? (original as AnyFunction) : undefined;
  } catch {
    // A Proxy of the program's.
    return undefined;
  }
}

export interface TraceFunctionOptions {
  /** Called if this call is the one that puts the function in use. */
  createLifecycle(): RunLifecycle;
  /** Whether this caller takes over a function that another target's lifecycle, of this copy, has in use. */
  mayTakeOver(other: RunLifecycle): boolean;
  /** What the factory that made the function was called with. */
  readonly factoryArgs?: readonly unknown[];
}

/**
 * The traced function for `fn`: the one that exists, or a new one.
 */
export function traceFunction(
  fn: AnyFunction,
  { createLifecycle, mayTakeOver, factoryArgs }: TraceFunctionOptions,
): AnyFunction {
  const existing = table.get(fn);
  const state = existing?.madeBy === THIS_COPY ? (states.get(existing.traced) as TracedState) : undefined;
  // Made again, of other arguments: nobody can tell which of them a call is about.
  if (state !== undefined && factoryArgs !== undefined) state.factoryArgs = undefined;
  if (existing?.isInUse() && !(state !== undefined && mayTakeOver(state.lifecycle))) return existing.traced;
  if (existing !== undefined && state !== undefined) {
    // References taken while it was in use come back to life with it.
    state.lifecycle = createLifecycle();
    return existing.traced;
  }
  const wrapper = createWrapper(existing?.original ?? fn, { lifecycle: createLifecycle(), factoryArgs });
  table.set(wrapper.original, wrapper);
  return wrapper.traced;
}

/** The traced function for `fn`, unless one is in use: in a state that it shares with others. */
export function traceFunctionAs(fn: AnyFunction, state: TracedState): AnyFunction {
  const existing = table.get(fn);
  if (existing?.isInUse()) return existing.traced;
  const wrapper = createWrapper(existing?.original ?? fn, state);
  table.set(wrapper.original, wrapper);
  return wrapper.traced;
}

/**
 * A traced function for this caller alone: others that trace `fn` keep theirs, and patches leave the new one as it is.
 */
export function traceFunctionAlone(fn: AnyFunction, state: TracedState): AnyFunction {
  return createWrapper(originalOf(fn), state).traced;
}

function createWrapper(original: AnyFunction, state: TracedState): Wrapper {
  const makesGenerator = isGeneratorFunction(innermostOf(original));
  const traced = standIn(original, {
    apply: (target, thisArg, args) => callTraced(target, state, makesGenerator, thisArg, args),
  });
  states.set(traced, state);
  const wrapper: Wrapper = { original, traced, madeBy: THIS_COPY, isInUse: () => state.lifecycle.scope.enabled };
  table.set(traced, wrapper);
  return wrapper;
}
