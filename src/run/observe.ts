/**
 * Learning what a promise, thenable or value came to without changing it.
 */
import { types } from 'node:util';
import { installMembers, type Member } from './members';
import {
  isNativePromise,
  isObjectLike,
  isPlainPromise,
  promisePrototypeCatch,
  promisePrototypeFinally,
  promiseThen,
  reflectApply,
  type AnyFunction,
} from './intrinsics';

type OnValue = (value: unknown) => unknown;
type OnError = (error: unknown) => void;

/**
 * Calls `onValue` or `onError` with what `result` comes to, before anybody else hears of it.
 *
 * @param derive return a promise derived from `result` instead of `result` itself: one tick later, but a rejection that
 * nobody handles stays one
 * @returns what to hand to the program in place of `result`
 */
export function observe(result: unknown, onValue: OnValue, onError: OnError, derive: boolean): unknown {
  if (isPlainPromise(result)) {
    if (derive) return deriveFrom(result, onValue, onError);
    // The same promise goes back: a derived one would settle one tick later, and programs notice.
    promiseThen(result, onValue, onError);
    return result;
  }
  // A Proxy may answer to any name, `then` too.
  if (isObjectLike(result) && !types.isProxy(result) && typeof (result as { then?: unknown }).then === 'function') {
    if (observeThenable(result, onValue, onError, !derive && isNativePromise(result))) return result;
  }
  return onValue(result);
}

/** A promise that settles as `result` does, one tick later, after `onValue` or `onError` has been called. */
export function deriveFrom(result: Promise<unknown>, onValue: OnValue, onError: OnError): Promise<unknown> {
  return promiseThen(
    result,
    (value) => onValue(value),
    (error) => {
      onError(error);
      throw error;
    },
  );
}

/**
 * Observes a promise subclass or another thenable, whose `then` may be what starts the work: we must not call it, so
 * we wait until the program does.
 *
 * @param awaited a native promise with a `then` of its own, which `await` does not call: we react to it as well
 * @returns false if it cannot be observed
 */
function observeThenable(thenable: object, onValue: OnValue, onError: OnError, awaited: boolean): boolean {
  const { then, catch: originalCatch, finally: originalFinally } = thenable as Record<string, unknown>;
  let settled = false;
  /** Whether a call of `catch` or `finally` has come by our `then`, as those of the language do. */
  let reached = false;

  const valueSeen = (value: unknown) => {
    if (!settled) {
      settled = true;
      onValue(value);
    }
    return value;
  };
  const errorSeen = (error: unknown) => {
    if (!settled) {
      settled = true;
      onError(error);
    }
  };
  const rethrow = (error: unknown) => {
    errorSeen(error);
    throw error;
  };
  const fulfilled = (handler: unknown) =>
    typeof handler !== 'function'
      ? valueSeen
      : (value: unknown) => reflectApply(handler as AnyFunction, undefined, [valueSeen(value)]);
  const rejected = (handler: unknown) =>
    typeof handler !== 'function'
      ? rethrow
      : (error: unknown) => {
          errorSeen(error);
          return reflectApply(handler as AnyFunction, undefined, [error]);
        };
  /**
   * Calls an overridden `catch` or `finally`. One that does not come by our `then` gives a promise that has to be
   * observed: by deriving from it, one tick later, so that its rejection stays unhandled if nobody handles it.
   */
  const callOverridden = (method: AnyFunction, self: unknown, args: readonly unknown[]): unknown => {
    reached = false;
    const derived = reflectApply(method, self, args);
    return reached || !isPlainPromise(derived) ? derived : promiseThen(derived, valueSeen, rethrow);
  };

  const own = {
    then(this: unknown, ...args: unknown[]) {
      reached = true;
      args[0] = fulfilled(args[0]);
      args[1] = rejected(args[1]);
      return reflectApply(then as AnyFunction, this, args);
    },
    catch(this: unknown, ...args: unknown[]) {
      // More than one argument is a filter (Bluebird), and goes by `then`.
      if (args.length < 2) args[0] = rejected(args[0]);
      return callOverridden(originalCatch as AnyFunction, this, args);
    },
    finally(this: unknown, ...args: unknown[]) {
      return callOverridden(originalFinally as AnyFunction, this, args);
    },
  };
  const members: Member[] = [{ key: 'then', value: own.then }];
  const overrides = (method: unknown, intrinsic: unknown) => typeof method === 'function' && method !== intrinsic;
  // No `push`: a program may have patched it.
  if (overrides(originalCatch, promisePrototypeCatch)) members[members.length] = { key: 'catch', value: own.catch };
  if (overrides(originalFinally, promisePrototypeFinally)) {
    members[members.length] = { key: 'finally', value: own.finally };
  }
  const installed = installMembers(thenable, members) !== undefined;
  if (awaited) promiseThen(thenable as Promise<unknown>, valueSeen, errorSeen);
  return installed || awaited;
}
