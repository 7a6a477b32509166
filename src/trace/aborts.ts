/**
 * Tells aborts from failures and from ends: by the error, and by the signal that the call was given.
 */
import { isObjectLike, OwnWeakRef, OwnWeakSet } from '../base/intrinsics';
import { callHook } from '../base/reporter';
import { isAbortError, isTimeoutError, read } from '../telemetry/errors';
import type { ErrorClassifier, GeneratorCall } from '../types';
import { isAborted, isLeftBy } from './leaving';
import type { Tracing } from './record';

/** Errors that were classified as aborts: so they are for the runs around, whose plans may not know how to tell. */
const knownAborts = new OwnWeakSet<object>();

/** Weak: its listeners may lead to what the run is of. While it can still be aborted, the program holds it. */
export type CallSignal = WeakRef<object>;

/** What a call was given to be aborted by, where its preset can tell. */
export function signalOf({ plan, scope }: Tracing, call: GeneratorCall): CallSignal | undefined {
  if (plan.abortSignal === undefined) return undefined;
  const signal = callHook(scope.reporter, 'abortSignal', plan.abortSignal, call);
  return isObjectLike(signal) ? new OwnWeakRef(signal) : undefined;
}

/** Whether the signal is aborted because the consumer has left what reads for it. */
export function isLeft(signal: CallSignal | undefined): boolean {
  const target = signal?.deref();
  return target !== undefined && isLeftBy(target);
}

export function isSignalled(signal: CallSignal | undefined): boolean {
  return isAborted(signal?.deref());
}

/** Whether a run that ends with `error` was aborted. What has run into a timeout has failed. */
export function isAbort(error: unknown, { plan, scope }: Tracing, signal: CallSignal | undefined): boolean {
  const { classifyError } = plan;
  for (let index = 0; index < classifyError.length; index++) {
    const classify = classifyError[index] as ErrorClassifier;
    const classified = callHook(scope.reporter, 'classifyError', classify, error);
    if (classified === 'failed') return false;
    if (classified === 'aborted') return note(error);
  }
  if (isAbortError(error) || (isObjectLike(error) && knownAborts.has(error))) return true;
  return (
    isSignalled(signal) && !isTimeoutError(error) && !isTimeoutError(read(signal?.deref(), 'reason')) && note(error)
  );
}

function note(error: unknown): true {
  if (isObjectLike(error)) knownAborts.add(error);
  return true;
}
