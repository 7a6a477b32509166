/**
 * Which function is behind which: one wrapper for each function, however often it is exported, and by however many copies of this package.
 */
import { sharedByCopies } from '../base/registry';
import { isGeneratorFunction } from './generator-functions';
import { type AnyFunction, getOwnPropertyDescriptor, isProxy, OwnWeakMap } from '../base/intrinsics';

/** Another copy of this package that wants the calls of a function. */
export interface OtherCopy {
  isInUse(): boolean;
  call(thisArg: unknown, args: readonly unknown[]): unknown;
}

/** Read by all copies. */
export interface Wrapper {
  readonly original: AnyFunction;
  /** The traced function. */
  readonly proxy: AnyFunction;
  /** Whether an owner is enabled. */
  isInUse(): boolean;
  /** From now on the other copy gets the calls while no owner before it is enabled. */
  join(other: OtherCopy): void;
}

/** Finds the wrapper behind a Proxy. One for each copy. */
type Find = (fn: AnyFunction) => Wrapper | undefined;

const { byOriginal, finders } = sharedByCopies('wrappers.v2', () => ({
  byOriginal: new OwnWeakMap<AnyFunction, Wrapper>(),
  finders: [] as Find[],
}));

/** How this copy finds its own. */
export function addFinder(find: Find): void {
  finders[finders.length] = find;
}

/** From now on `wrapper` is the one of its original. */
export function addWrapper(wrapper: Wrapper): void {
  byOriginal.set(wrapper.original, wrapper);
}

/** The wrapper that `fn` is, or that is in its place. */
export function wrapperOf(fn: AnyFunction): Wrapper | undefined {
  const wrapper = byOriginal.get(fn);
  if (wrapper !== undefined || !isProxy(fn)) return wrapper;
  for (let index = 0; index < finders.length; index++) {
    const found = (finders[index] as Find)(fn);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Whether `fn` is a traced function whose owner is enabled. */
export function isTraced(fn: unknown): boolean {
  const wrapper = typeof fn === 'function' ? wrapperOf(fn as AnyFunction) : undefined;
  return wrapper !== undefined && wrapper.proxy === fn && wrapper.isInUse();
}

/** The function in whose place `fn` is, or `fn` itself. */
export function originalOf(fn: AnyFunction): AnyFunction {
  return wrapperOf(fn)?.original ?? fn;
}

/** More wrappers around one function than there will be: marks may go round in circles. */
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
    if (wrapperOf(wrapper)?.proxy === wrapper) return wrapper === fn ? undefined : wrapper;
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

/** Whether a function is an async generator, or was before it was compiled or wrapped. */
export function makesGenerator(fn: AnyFunction): boolean {
  return isGeneratorFunction(innermostOf(fn));
}
