/**
 * Functions that stand in for others: one wrapper for each function, whoever asks, however often it is exported.
 */
import { isGeneratorFunction } from './generator-functions';
import { callTraced, type TracedState } from './traced-function';
import {
  type AnyFunction,
  defineProperty,
  deleteProperty,
  getOwnPropertyDescriptor,
  isExtensible,
  ownKeys,
  OwnSet,
  OwnWeakMap,
  reflectGet,
  reflectHas,
} from './intrinsics';
import type { RunLifecycle } from './lifecycle';

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

/**
 * What shimmer, and OpenTelemetry's `_wrap`, write on the functions that they put in place. `_wrap` takes off whatever carries all three
 * before it wraps: https://github.com/open-telemetry/opentelemetry-js/blob/main/experimental/packages/opentelemetry-instrumentation/src/platform/node/instrumentation.ts
 */
const WRAP_MARKS: readonly string[] = ['__original', '__unwrap', '__wrapped'];

function isWrapMark(key: PropertyKey): boolean {
  return key === '__original' || key === '__unwrap' || key === '__wrapped';
}

/** Takes off what our own use of shimmer has written on a function that it put in place. */
export function removeWrapMarks(fn: object): void {
  for (const mark of WRAP_MARKS) Reflect.deleteProperty(fn, mark);
}

/** A place in which a stand-in lies over what another has put there. */
export interface Layer {
  /** Puts back what is below it. False if something else lies above it. */
  takeOff(): boolean;
  putOn(): void;
}

/** Of each stand-in that lies over a wrapper with shimmer's marks. */
const layers = new OwnWeakMap<AnyFunction, Set<Layer>>();

/** Notes that `standIn` lies over `original`, if that is a wrapper which another may want to take off. */
export function layWrapperOver(standIn: AnyFunction, original: unknown, layer: Layer): void {
  if (typeof original !== 'function' || unwrapOf(original as AnyFunction) === undefined) return;
  const known = layers.get(standIn) ?? new OwnSet();
  layers.set(standIn, known.add(layer));
}

export function removeLayer(standIn: AnyFunction, layer: Layer): void {
  layers.get(standIn)?.delete(layer);
}

function unwrapOf(fn: AnyFunction): AnyFunction | undefined {
  const unwrap: unknown = getOwnPropertyDescriptor(fn, '__unwrap')?.value;
  return typeof unwrap === 'function' ? (unwrap as AnyFunction) : undefined;
}

/**
 * What OpenTelemetry's `_unwrap` calls on whatever is in the place of a wrapper that it has put there: takes off the wrapper, and leaves the
 * stand-in above it. Only that one mark answers, and only where there is such a wrapper: `_wrap` takes off what has all three.
 */
function unwrapBelow(standIn: AnyFunction, original: AnyFunction): AnyFunction | undefined {
  const unwrap = layers.get(standIn)?.size ? unwrapOf(original) : undefined;
  return (
    unwrap &&
    (() => {
      const lifted = [...(layers.get(standIn) ?? [])].filter((layer) => layer.takeOff());
      unwrap.call(original);
      for (const layer of lifted) layer.putOn();
    })
  );
}

/**
 * A Proxy of `original`: name, length, own properties, prototype, tag and (in)constructibility are the original's, now
 * and later. Only the marks of those who wrap functions are each function's own: those on the original say that somebody put the original in
 * place, and those on the Proxy must not land on the program's function.
 */
export function standIn(original: AnyFunction, traps: ProxyHandler<AnyFunction>): AnyFunction {
  const own = Object.create(null) as Record<PropertyKey, unknown>;
  /** Where a property is. A Proxy may not hide what can't be taken off its target. */
  const holderOf = (target: AnyFunction, key: PropertyKey): object =>
    isWrapMark(key) && isExtensible(target) && getOwnPropertyDescriptor(target, key)?.configurable !== false
      ? own
      : target;
  const proxy: AnyFunction = new Proxy(original, {
    ...traps,
    get: (target, key, receiver) => {
      const value = reflectGet(holderOf(target, key), key, receiver) as unknown;
      return key === '__unwrap' ? (value ?? unwrapBelow(proxy, original)) : value;
    },
    has: (target, key) => reflectHas(holderOf(target, key), key),
    deleteProperty: (target, key) => deleteProperty(holderOf(target, key), key),
    defineProperty: (target, key, descriptor) => defineProperty(holderOf(target, key), key, descriptor),
    getOwnPropertyDescriptor: (target, key) => getOwnPropertyDescriptor(holderOf(target, key), key),
    ownKeys: (target) => {
      const keys: (string | symbol)[] = [];
      const collect = (holder: object) => {
        const all = ownKeys(holder);
        for (let index = 0; index < all.length; index++) {
          const key = all[index] as string | symbol;
          if (holder === own || holderOf(target, key) === target) keys[keys.length] = key;
        }
      };
      collect(target);
      collect(own);
      return keys;
    },
  });
  return proxy;
}
