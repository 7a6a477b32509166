/**
 * Functions that stand in for others: one wrapper for each function, whoever asks, however often it is exported.
 */
import { sharedByCopies } from '../base/copies';
import { isGeneratorFunction } from './generator-functions';
import { callTraced, type TracedState } from './traced-function';
import { type AnyFunction, getOwnPropertyDescriptor, isProxy, OwnWeakMap, reflectApply } from '../base/intrinsics';
import type { Tracing } from './record';
import { StandIn, standInBehind } from './stand-in';

/** Another copy of this package that wants the calls of a function. */
interface OtherCopy {
  isInUse(): boolean;
  call(thisArg: unknown, args: readonly unknown[]): unknown;
}

/** Read by all copies. */
interface Wrapper {
  readonly original: AnyFunction;
  /** What stands in for it. */
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
finders[finders.length] = ownWrapper;

/** How this copy traces the calls of wrappers that another has made, by their Proxy. */
const joined = new OwnWeakMap<AnyFunction, TracedState>();

/** The wrapper that `fn` is, or that stands in for it. */
function wrapperOf(fn: AnyFunction): Wrapper | undefined {
  const wrapper = byOriginal.get(fn);
  if (wrapper !== undefined || !isProxy(fn)) return wrapper;
  for (let index = 0; index < finders.length; index++) {
    const found = (finders[index] as Find)(fn);
    if (found !== undefined) return found;
  }
  return undefined;
}

function ownWrapper(fn: AnyFunction): OwnWrapper | undefined {
  const found = standInBehind(fn);
  return found instanceof OwnWrapper ? found : undefined;
}

/** How this copy traces the calls of a wrapper. */
function stateOf(wrapper: Wrapper): TracedState | undefined {
  return wrapper instanceof OwnWrapper ? wrapper.state : joined.get(wrapper.proxy);
}

/** Whether `fn` is a traced function whose owner is enabled. */
export function isTraced(fn: unknown): boolean {
  const wrapper = typeof fn === 'function' ? wrapperOf(fn as AnyFunction) : undefined;
  return wrapper !== undefined && wrapper.proxy === fn && wrapper.isInUse();
}

/** The function that `fn` stands in for, or `fn` itself. */
export function originalOf(fn: AnyFunction): AnyFunction {
  return wrapperOf(fn)?.original ?? fn;
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

export interface TraceFunctionOptions {
  /** Called if this copy does not trace the function at present. */
  createTracing(): Tracing;
  /** Whether this caller takes over a function that another target's tracing, of this copy, has in use. */
  mayTakeOver(other: Tracing): boolean;
  /** What the factory that made the function was called with. */
  readonly factoryArgs?: readonly unknown[];
}

/**
 * The traced function for `fn`: the one that exists, or a new one.
 */
export function traceFunction(
  fn: AnyFunction,
  { createTracing, mayTakeOver, factoryArgs }: TraceFunctionOptions,
): AnyFunction {
  const existing = wrapperOf(fn);
  const state = existing && stateOf(existing);
  if (existing === undefined || state === undefined) {
    const tracing = createTracing();
    if (existing !== undefined) return join(existing, { tracing, factoryArgs });
    const wrapper = new OwnWrapper(fn, { tracing, factoryArgs }, makesGenerator(fn));
    byOriginal.set(fn, wrapper);
    return wrapper.proxy;
  }
  // Made again, of other arguments: nobody can tell which of them a call is about.
  if (factoryArgs !== undefined) state.factoryArgs = undefined;
  // References taken while it was in use come back to life with it.
  if (!isEnabled(state) || mayTakeOver(state.tracing)) state.tracing = createTracing();
  return existing.proxy;
}

/**
 * The traced function for one of a definition, unless this copy has one in use: in a state that it shares with the others of the definition. There
 * may be a million of them, so none is kept in a table.
 */
export function traceFunctionAs(fn: AnyFunction, state: TracedState, isGenerator: boolean): AnyFunction {
  const existing = wrapperOf(fn);
  if (existing === undefined) return new OwnWrapper(fn, state, isGenerator).proxy;
  const known = stateOf(existing);
  if (known === undefined) return join(existing, state);
  return isEnabled(known) ? existing.proxy : new OwnWrapper(existing.original, state, isGenerator).proxy;
}

/** Has this copy trace the calls of a wrapper that another has made. */
function join(wrapper: Wrapper, state: TracedState): AnyFunction {
  const { original, proxy } = wrapper;
  const isGenerator = makesGenerator(original);
  joined.set(proxy, state);
  wrapper.join({
    isInUse: () => isEnabled(state),
    call: (thisArg, args) => callTraced(original, state, isGenerator, thisArg, args),
  });
  return proxy;
}

/**
 * A traced function for this caller alone: others that trace `fn` keep theirs, and patches leave the new one as it is.
 */
export function traceFunctionAlone(fn: AnyFunction, state: TracedState): AnyFunction {
  const original = originalOf(fn);
  return new OwnWrapper(original, state, makesGenerator(original)).proxy;
}

/** Whether a function is an async generator, or was before it was compiled or wrapped. */
export function makesGenerator(fn: AnyFunction): boolean {
  return isGeneratorFunction(innermostOf(fn));
}

function isEnabled({ tracing }: TracedState): boolean {
  return tracing.scope.enabled;
}

class OwnWrapper extends StandIn implements Wrapper {
  private others: OtherCopy[] | undefined;

  constructor(
    original: AnyFunction,
    readonly state: TracedState,
    private readonly isGenerator: boolean,
  ) {
    super(original);
  }

  apply(_target: AnyFunction, thisArg: unknown, args: readonly unknown[]): unknown {
    const { original, state } = this;
    return this.others === undefined || isEnabled(state)
      ? callTraced(original, state, this.isGenerator, thisArg, args)
      : this.callOther(thisArg, args);
  }

  isInUse(): boolean {
    return isEnabled(this.state) || this.otherInUse() !== undefined;
  }

  join(other: OtherCopy): void {
    this.others ??= [];
    this.others[this.others.length] = other;
  }

  private callOther(thisArg: unknown, args: readonly unknown[]): unknown {
    const other = this.otherInUse();
    return other === undefined ? reflectApply(this.original, thisArg, args) : other.call(thisArg, args);
  }

  private otherInUse(): OtherCopy | undefined {
    const { others } = this;
    if (others === undefined) return undefined;
    // By index: a program may have patched the iteration of arrays.
    for (let index = 0; index < others.length; index++) {
      const other = others[index] as OtherCopy;
      if (other.isInUse()) return other;
    }
    return undefined;
  }
}
