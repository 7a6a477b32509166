/**
 * Tells aborts from failures and from ends: by the error, and by the signal that the call was given.
 */
import { isObjectLike, OwnWeakRef, OwnWeakSet, reflectApply, type AnyFunction } from '../base/intrinsics';
import { callHook } from '../base/reporter';
import { isAbortError, isTimeoutError, read } from '../telemetry/errors';
import type { ErrorClassifier, GeneratorCall } from '../types';
import { installMembers, setName } from './members';
import type { Tracing } from './record';

/** Errors that were classified as aborts. The plans of the runs around may not know how to tell. */
const knownAborts = new OwnWeakSet<object>();

/** Signals that were aborted because a consumer left a helper, see `callHelper`. */
const left = new OwnWeakSet<object>();

/** Weak: its listeners may lead to what the run is of. While it can still be aborted, the program holds it. */
export type CallSignal = WeakRef<object>;

/** What a call was given to be aborted by, where its preset can tell. */
export function signalOf({ plan, scope }: Tracing, call: GeneratorCall): CallSignal | undefined {
  if (plan.abortSignal === undefined) return undefined;
  const signal = callHook(scope.reporter, 'abortSignal', plan.abortSignal, call);
  return isObjectLike(signal) ? new OwnWeakRef(signal) : undefined;
}

/** Whether the signal is aborted because the consumer has left a helper. */
export function isLeft(signal: CallSignal | undefined): boolean {
  const target = signal?.deref();
  return target !== undefined && left.has(target);
}

/** Whether an error aborts the run that it ends. A timeout is a failure. */
export function isAbort(error: unknown, { plan, scope }: Tracing, signal: CallSignal | undefined): boolean {
  const { classifyError } = plan;
  for (let index = 0; index < classifyError.length; index++) {
    const classify = classifyError[index] as ErrorClassifier;
    const classified = callHook(scope.reporter, 'classifyError', classify, error);
    if (classified === 'failed') return false;
    if (classified === 'aborted') return note(error);
  }
  if (isAbortError(error) || (isObjectLike(error) && knownAborts.has(error))) return true;
  const target = signal?.deref();
  return isAborted(target) && !isTimeoutError(error) && !isTimeoutError(read(target, 'reason')) && note(error);
}

function note(error: unknown): true {
  if (isObjectLike(error)) knownAborts.add(error);
  return true;
}

/** A program or a client may have given anything as a signal. */
export const isAborted = (signal: unknown): boolean => read(signal, 'aborted') === true;

/**
 * Calls a function that returns the iterator of a client's helper, which reads the stream of the request for itself. There is no run of it. If the
 * program leaves it, by `return`, the helper aborts its own request: to the run of the request that would look like an abort.
 *
 * @param leavingSignal gives the signal of the request
 */
export function callHelper(
  original: AnyFunction,
  call: GeneratorCall,
  { scope }: Tracing,
  leavingSignal: (call: GeneratorCall) => unknown,
): unknown {
  const iterator = reflectApply(original, call.thisArg, call.args);
  const signal = callHook(scope.reporter, 'leavingSignal', leavingSignal, call);
  if (isObjectLike(iterator) && isObjectLike(signal)) watchReturn(iterator, signal);
  return iterator;
}

function watchReturn(iterator: object, signal: object): void {
  try {
    const { return: original } = iterator as { return?: unknown };
    if (typeof original !== 'function') return;
    const value = function (this: unknown, ...args: unknown[]): unknown {
      if (isAborted(signal)) return reflectApply(original as AnyFunction, this, args);
      // Before the call: it aborts at once, and runs may end in it.
      left.add(signal);
      try {
        return reflectApply(original as AnyFunction, this, args);
      } finally {
        if (!isAborted(signal)) left.delete(signal);
      }
    };
    setName(value, 'return');
    installMembers(iterator, [{ key: 'return', value }]);
  } catch {
    // A getter or a Proxy of the program's threw, for a member that the program may never read.
  }
}
