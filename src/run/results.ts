/**
 * What a traced function returned decides what happens: always look at what came back, never trust the function's shape.
 */
import { types } from 'node:util';
import { context, trace } from '@opentelemetry/api';
import type { GeneratorCall } from '../types';
import { carriedRunOf } from './carrier';
import { isTracingSuppressed } from './context';
import { getOwnPropertyDescriptor, isAsyncGenerator, isObjectLike, reflectApply, type AnyFunction } from './intrinsics';
import { installMembers, setName } from './members';
import { observe } from './observe';
import type { Run } from './run';
import { traceIterator, type TracedIterator } from './traced-iterator';

/**
 * Ties a run that started at its call to what the call returned.
 *
 * @returns what to hand to the program: the same value, unless that is frozen
 */
export function adoptResult(run: Run, call: GeneratorCall, result: unknown): unknown {
  const { preserveUnhandledRejections: preserve, thenableMembers } = run.lifecycle.plan;
  // Once a promise has been handed out, what it comes to can be patched but not replaced.
  let replaceable = true;
  let handedOut = result;
  let isPending = true;
  /** The wait that began with the call is over. False if it has been before. */
  const endWait = (): boolean => {
    if (!isPending) return false;
    isPending = false;
    run.pullSettled();
    return true;
  };
  try {
    // The program may await it or iterate over it: what it does first is the run.
    if (isThenableIterable(result)) {
      traceIterable(result, { run, call, isWaiting: () => isPending, begin: endWait }, false);
    }
    handedOut = observe(
      result,
      (value) => (endWait() ? adoptValue(run, call, value, replaceable) : value),
      (error) => {
        if (endWait()) run.fail(error);
      },
      preserve,
      thenableMembers,
    );
  } catch (error) {
    run.unobservable(error);
  }
  replaceable = preserve && handedOut !== result;
  // Still waiting for the value: if the promise is collected meanwhile, nobody will ever see one.
  if (run.hasPendingPull && isObjectLike(handedOut)) run.watch(handedOut);
  return handedOut;
}

function isThenableIterable(result: unknown): result is AsyncIterable<unknown> {
  // A Proxy may answer to any name.
  if (!isObjectLike(result) || types.isProxy(result)) return false;
  // In this order: few are iterable, and `then` is read again to observe it.
  return isAsyncIterable(result) && typeof (result as { then?: unknown }).then === 'function';
}

function adoptValue(run: Run, call: GeneratorCall, value: unknown, replaceable: boolean): unknown {
  if (isObjectLike(value)) {
    const carried = carriedRunOf(value, run.lifecycle.plan.target);
    // One call made the generator for another: ours is under way, the one that would begin with the first pull is not.
    if (carried !== undefined && !carried.isStarted && !carried.isParked) carried.close();
    if (carried === undefined || carried.isOver) {
      const traced = traceValue(run, call, value);
      if (traced === value || (traced !== undefined && replaceable)) return traced;
    }
  }
  run.end('completed');
  return value;
}

/** @returns `value`, or what delegates to it, or undefined if there is nothing to trace */
function traceValue(run: Run, call: GeneratorCall, value: object): object | undefined {
  try {
    if (isAsyncGenerator(value)) return traceIterator(value, run)?.facade;
    if (!isAsyncIterable(value)) return undefined;
    const stream = isStream(value);
    if (stream) run.park();
    // Handed out by an earlier call: its iterations are runs already, and another layer for every call would pile up.
    if (layerOf(value, run.lifecycle.plan.target) !== undefined) return stream ? value : undefined;
    const begin = () => {
      run.unpark();
      return true;
    };
    const traced = traceIterable(value, { run, call, isWaiting: () => true, begin }, isIterator(value));
    if (traced !== undefined && !stream) run.watch(traced);
    return traced;
  } catch {
    // A getter or a Proxy of the program's threw, which it would not have without us: the object is left alone.
    return undefined;
  }
}

function isAsyncIterable(value: object): value is AsyncIterable<unknown> {
  try {
    return typeof (value as Partial<AsyncIterable<unknown>>)[Symbol.asyncIterator] === 'function';
  } catch {
    return false;
  }
}

/** Node's or WHATWG's readable streams, which are read in more ways than by iteration. */
function isStream(value: object): boolean {
  if (typeof ReadableStream === 'function' && value instanceof ReadableStream) return true;
  const { pipe, on, read } = value as Record<string, unknown>;
  return typeof pipe === 'function' && typeof on === 'function' && typeof read === 'function';
}

function isIterator(value: object): boolean {
  return typeof (value as { next?: unknown }).next === 'function';
}

/** A call that the next iteration of what it returned belongs to. */
interface Waiting {
  readonly run: Run;
  readonly call: GeneratorCall;
  isWaiting(): boolean;
  /** The iteration goes on with the run of the call. False if that cannot be any more. */
  begin(): boolean;
  next?: Waiting;
}

/** A `Symbol.asyncIterator` that stays on an iterable. */
interface Layer {
  readonly target: object;
  /** What it took the place of, which may be the layer of another target. */
  readonly below: unknown;
  /** The iterable has been handed out by another call: one layer serves them all. */
  join(waiting: Waiting): void;
}

const layers = new WeakMap<object, Layer>();

function layerOf(value: object, target: object): Layer | undefined {
  let method: unknown = getOwnPropertyDescriptor(value, Symbol.asyncIterator)?.value;
  for (;;) {
    const layer = isObjectLike(method) ? layers.get(method) : undefined;
    if (layer === undefined || layer.target === target) return layer;
    method = layer.below;
  }
}

/**
 * Traces the iterators that `iterable` makes. The first belongs to the run of the call; each later one is a run of its
 * own. An object that is its own iterator is one run however often it is asked.
 *
 * @param isIterator whether the iterable has a `next`, and may be what it iterates with
 */
function traceIterable(iterable: AsyncIterable<unknown>, first: Waiting, isIterator: boolean): object | undefined {
  const { run } = first;
  const { target } = run.lifecycle.plan;
  const known = layerOf(iterable, target);
  if (known !== undefined) {
    known.join(first);
    return iterable;
  }
  const original = iterable[Symbol.asyncIterator] as AnyFunction;
  let oldest: Waiting | undefined = first;
  let newest = first;
  let ownIteration: TracedIterator | undefined;

  const join = (waiting: Waiting): void => {
    // Those whose value has come in another way.
    while (oldest !== undefined && !oldest.isWaiting()) oldest = oldest.next;
    if (oldest === undefined) oldest = waiting;
    else newest.next = waiting;
    newest = waiting;
  };

  const runOfIterator = (): Run | undefined => {
    const { lifecycle } = newest.run;
    // After `disable()` nobody is left to end the span of a stream that has waited for its iteration.
    if (!lifecycle.scope.enabled) return undefined;
    while (oldest !== undefined) {
      const { run: itsRun, begin, next } = oldest;
      oldest = next;
      if (begin() && !itsRun.isOver) return itsRun;
    }
    const creation = context.active();
    if (!lifecycle.scope.isActive() || isTracingSuppressed(creation)) return undefined;
    if (lifecycle.plan.requireParentSpan && trace.getSpan(creation) === undefined) return undefined;
    return newest.run.again(creation, newest.call);
  };

  const asyncIterator = function (this: unknown, ...args: unknown[]): unknown {
    const iterator = reflectApply(original, this, args);
    if (iterator === iterable || this !== iterable || !isObjectLike(iterator)) return iterator;
    if (ownIteration !== undefined) {
      // Its `next` is what this iterator pulls from (a cursor's, say), and may not even give results of the protocol.
      ownIteration.release();
      ownIteration = undefined;
      stay();
    }
    const carried = carriedRunOf(iterator, target);
    if (carried !== undefined) {
      if (oldest === undefined || carried.isStarted || carried.isParked) return iterator;
      // As in `adoptValue`.
      carried.close();
    }
    const itsRun = runOfIterator();
    if (itsRun === undefined || itsRun.isOver) return iterator;
    const traced = traceIterator(iterator, itsRun);
    if (traced !== undefined) return traced.facade;
    // The run of the call is over with the value that it gave; another has not begun.
    if (itsRun.isStarted) itsRun.end('completed');
    return iterator;
  };
  setName(asyncIterator, '[Symbol.asyncIterator]');

  const members = [{ key: Symbol.asyncIterator, value: asyncIterator }];
  /** A second iteration is a run of its own. */
  const stay = (): boolean => {
    if (installMembers(iterable, members) === undefined) return false;
    layers.set(asyncIterator, { target, below: original, join });
    return true;
  };
  if (isIterator) {
    ownIteration = traceIterator(iterable, run, members);
    return ownIteration?.facade;
  }
  if (!stay()) return undefined;
  return iterable;
}
