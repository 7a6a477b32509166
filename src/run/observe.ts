/**
 * Learning what a promise, thenable or value came to without changing it.
 */
import { types } from 'node:util';
import { installMembers } from './members';
import { isObjectLike, isPlainPromise, promiseThen, reflectApply, type AnyFunction } from './intrinsics';

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
    if (observeThenable(result, onValue, onError)) return result;
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
 * @returns false if it cannot be patched
 */
function observeThenable(thenable: object, onValue: OnValue, onError: OnError): boolean {
  const original = thenable as { then: AnyFunction; catch?: unknown; finally?: unknown };
  let settled = false;
  const once = <Args extends unknown[], Result>(callback: (...args: Args) => Result) => {
    return (...args: Args): Result | undefined => {
      if (settled) return undefined;
      settled = true;
      return callback(...args);
    };
  };
  const valueSeen = once(onValue);
  const errorSeen = once(onError);

  const fulfilled = (handler: unknown) => (value: unknown) => {
    valueSeen(value);
    return typeof handler === 'function' ? (handler as AnyFunction).call(undefined, value) : value;
  };
  const rejected = (handler: unknown) => (error: unknown) => {
    errorSeen(error);
    if (typeof handler === 'function') return (handler as AnyFunction).call(undefined, error);
    throw error;
  };

  const members = new Map<PropertyKey, unknown>();
  const { then, catch: originalCatch, finally: originalFinally } = original;
  members.set(
    'then',
    {
      then(this: unknown, onFulfilled?: unknown, onRejected?: unknown) {
        return reflectApply(then, this, [fulfilled(onFulfilled), rejected(onRejected)]);
      },
    }.then,
  );
  if (typeof originalCatch === 'function') {
    members.set(
      'catch',
      {
        catch(this: unknown, onRejected?: unknown) {
          const derived = reflectApply(originalCatch as AnyFunction, this, [rejected(onRejected)]);
          // Fulfilled without the handler: that is our value passing through.
          if (isPlainPromise(derived)) promiseThen(derived, valueSeen, noop);
          return derived;
        },
      }.catch,
    );
  }
  if (typeof originalFinally === 'function') {
    members.set(
      'finally',
      {
        finally(this: unknown, onFinally?: unknown) {
          const derived = reflectApply(originalFinally as AnyFunction, this, [onFinally]);
          if (isPlainPromise(derived)) promiseThen(derived, valueSeen, errorSeen);
          return derived;
        },
      }.finally,
    );
  }
  return installMembers(thenable, members) !== undefined;
}

function noop(): void {}
