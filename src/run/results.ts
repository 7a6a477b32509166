/**
 * What a traced function returned decides what happens: always look at what came back, never trust the function's shape.
 */
import { context } from '@opentelemetry/api';
import type { GeneratorCall } from '../types';
import { carriedRunOf } from './carrier';
import { isTracingSuppressed } from './context';
import { getOwnPropertyDescriptor, isAsyncGenerator, isObjectLike, reflectApply, type AnyFunction } from './intrinsics';
import { installMembers, setName } from './members';
import { observe } from './observe';
import type { Run } from './run';
import { traceIterator } from './traced-iterator';

/**
 * Ties a run that started at its call to what the call returned.
 *
 * @returns what to hand to the program: the same value, unless that is frozen
 */
export function adoptResult(run: Run, call: GeneratorCall, result: unknown): unknown {
  const preserve = run.lifecycle.plan.preserveUnhandledRejections;
  // Once a promise has been handed out, what it comes to can be patched but not replaced.
  let replaceable = true;
  let handedOut = result;
  try {
    handedOut = observe(
      result,
      (value) => adoptValue(run, call, value, replaceable),
      (error) => {
        run.pullSettled();
        run.fail(error);
      },
      preserve,
    );
  } catch (error) {
    run.unobservable(error);
  }
  replaceable = preserve && handedOut !== result;
  // Still waiting for the value: if the promise is collected meanwhile, nobody will ever see one.
  if (run.hasPendingPull && isObjectLike(handedOut)) run.watch(handedOut);
  return handedOut;
}

function adoptValue(run: Run, call: GeneratorCall, value: unknown, replaceable: boolean): unknown {
  run.pullSettled();
  if (isObjectLike(value)) {
    const carried = carriedRunOf(value, run.lifecycle.plan.target);
    // One call made the generator for another: ours is under way, the one that would begin with the first pull is not.
    if (carried?.isStarted === false) carried.close();
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
    if (isAsyncGenerator(value)) return traceIterator(value, run);
    if (!isAsyncIterable(value)) return undefined;
    const stream = isStream(value);
    if (stream) run.park();
    // Handed out by an earlier call: its iterations are runs already, and another layer for every call would pile up.
    if (isTracedIterable(value, run.lifecycle.plan.target)) return stream ? value : undefined;
    return traceIterable(value, run, call, stream);
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

/** The `Symbol.asyncIterator` methods that stay on iterables, and the target that each is for. */
const tracedFor = new WeakMap<object, object>();

function isTracedIterable(value: object, target: object): boolean {
  const method: unknown = getOwnPropertyDescriptor(value, Symbol.asyncIterator)?.value;
  return isObjectLike(method) && tracedFor.get(method) === target;
}

/**
 * Traces the iterators that `iterable` makes. The first belongs to the run of the call; each later one is a run of its
 * own. An object that is its own iterator is one run however often it is asked.
 */
function traceIterable(
  iterable: AsyncIterable<unknown>,
  run: Run,
  call: GeneratorCall,
  stream: boolean,
): object | undefined {
  const original = iterable[Symbol.asyncIterator] as AnyFunction;
  const isIterator = typeof (iterable as { next?: unknown }).next === 'function';
  let taken = false;

  const runOfIterator = (): Run | undefined => {
    if (isIterator) return run;
    // After `disable()` nobody is left to end the span of a stream that has waited for its iteration.
    if (!run.lifecycle.scope.enabled) return undefined;
    if (!taken) {
      taken = true;
      run.unpark();
      return run;
    }
    const creation = context.active();
    if (!run.lifecycle.scope.isActive() || isTracingSuppressed(creation)) return undefined;
    return run.again(creation, call);
  };

  const asyncIterator = function (this: unknown, ...args: unknown[]): unknown {
    const iterator = reflectApply(original, this, args);
    if (iterator === iterable || this !== iterable || !isObjectLike(iterator)) return iterator;
    const carried = carriedRunOf(iterator, run.lifecycle.plan.target);
    if (carried !== undefined) {
      if (taken || carried.isStarted) return iterator;
      // As in `adoptValue`.
      carried.close();
    }
    const itsRun = runOfIterator();
    if (itsRun === undefined || itsRun.isOver) return iterator;
    const traced = traceIterator(iterator, itsRun);
    if (traced !== undefined) return traced;
    // The run of the call is over with the value that it gave; another has not begun.
    if (itsRun.isStarted) itsRun.end('completed');
    return iterator;
  };
  setName(asyncIterator, '[Symbol.asyncIterator]');

  const members = [{ key: Symbol.asyncIterator, value: asyncIterator }];
  if (isIterator) return traceIterator(iterable, run, members);
  if (installMembers(iterable, members) === undefined) return undefined;
  // Stays: a second iteration is a run of its own.
  tracedFor.set(asyncIterator, run.lifecycle.plan.target);
  if (!stream) run.watch(iterable);
  return iterable;
}
