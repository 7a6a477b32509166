/**
 * Helpers of clients: what a program iterates over is not the stream of the request, but an object that reads that stream for itself. If the program
 * leaves, by `return`, the helper aborts its own request. To the run of the request this looks like an abort, and it was none.
 */
import { isObjectLike, OwnWeakSet, reflectApply, type AnyFunction } from '../base/intrinsics';
import { callHook } from '../base/reporter';
import { read } from '../telemetry/errors';
import type { GeneratorCall } from '../types';
import { installMembers, setName } from './members';
import type { Tracing } from './record';

/** Signals that were aborted because a consumer left. */
const left = new OwnWeakSet<object>();

export const isLeftBy = (signal: object): boolean => left.has(signal);

/**
 * Calls a function that returns an iterator of a helper, and notes which signal its `return` aborts. There is no run of it.
 *
 * @param leavingSignal gives that signal
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
    // A getter of the program's threw, for a member that the program may never read.
  }
}

/** Of what a program or a client has given as a signal, which may be anything. */
export const isAborted = (signal: unknown): boolean => read(signal, 'aborted') === true;
