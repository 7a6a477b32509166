/**
 * Functions that stand in for others: one wrapper for each function, whoever asks, however often it is exported.
 */
import { sharedByCopies } from './copies';
import { isGeneratorFunction } from './generator-functions';
import { callTraced, type TracedState } from './traced-function';
import { type AnyFunction, getOwnPropertyDescriptor, OwnWeakMap, reflectApply } from './intrinsics';
import type { RunLifecycle } from './lifecycle';
import { standIn } from './stand-in';

/** Another copy of this package that wants the calls of a function. */
interface OtherCopy {
  isInUse(): boolean;
  call(thisArg: unknown, args: readonly unknown[]): unknown;
}

/** Read by all copies. */
interface Wrapper {
  readonly original: AnyFunction;
  readonly traced: AnyFunction;
  /** Whether an owner is enabled. */
  isInUse(): boolean;
  /** From now on the other copy gets the calls while no owner before it is enabled. */
  join(other: OtherCopy): void;
}

/** Under originals and wrappers alike. */
const table = sharedByCopies('wrappers.v1', () => new OwnWeakMap<AnyFunction, Wrapper>());

/** By traced function: how this copy traces its calls. */
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
  /** Called if this copy does not trace the function at present. */
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
  const state = existing && states.get(existing.traced);
  if (existing === undefined || state === undefined) {
    return traceFunctionAs(fn, { lifecycle: createLifecycle(), factoryArgs });
  }
  // Made again, of other arguments: nobody can tell which of them a call is about.
  if (factoryArgs !== undefined) state.factoryArgs = undefined;
  // References taken while it was in use come back to life with it.
  if (!isEnabled(state) || mayTakeOver(state.lifecycle)) state.lifecycle = createLifecycle();
  return existing.traced;
}

/** The traced function for `fn`, unless this copy has one in use: in a state that it shares with others. */
export function traceFunctionAs(fn: AnyFunction, state: TracedState): AnyFunction {
  const existing = table.get(fn);
  if (existing === undefined) return wrap(fn, state);
  const known = states.get(existing.traced);
  if (known !== undefined) return isEnabled(known) ? existing.traced : wrap(existing.original, state);
  const { original, traced } = existing;
  const makesGenerator = isGeneratorFunction(innermostOf(original));
  states.set(traced, state);
  existing.join({
    isInUse: () => isEnabled(state),
    call: (thisArg, args) => callTraced(original, state, makesGenerator, thisArg, args),
  });
  return traced;
}

function wrap(original: AnyFunction, state: TracedState): AnyFunction {
  const wrapper = new OwnWrapper(original, state);
  table.set(original, wrapper);
  return wrapper.traced;
}

/**
 * A traced function for this caller alone: others that trace `fn` keep theirs, and patches leave the new one as it is.
 */
export function traceFunctionAlone(fn: AnyFunction, state: TracedState): AnyFunction {
  return new OwnWrapper(originalOf(fn), state).traced;
}

function isEnabled({ lifecycle }: TracedState): boolean {
  return lifecycle.scope.enabled;
}

/** A class, since there may be one for every call of a function that defines another. */
class OwnWrapper implements Wrapper {
  readonly traced: AnyFunction;
  private others: OtherCopy[] | undefined;

  constructor(
    readonly original: AnyFunction,
    private readonly state: TracedState,
  ) {
    const makesGenerator = isGeneratorFunction(innermostOf(original));
    this.traced = standIn(original, {
      apply: (target, thisArg, args) =>
        this.others === undefined || isEnabled(state)
          ? callTraced(target, state, makesGenerator, thisArg, args)
          : this.callOther(thisArg, args),
    });
    states.set(this.traced, state);
    table.set(this.traced, this);
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
