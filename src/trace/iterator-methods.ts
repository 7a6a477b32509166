/**
 * The methods of an iterator as the program would reach them, so that a `next` of its own making stays in force.
 */
import { tracedOf } from './carrier';
import {
  asyncGeneratorNext,
  AsyncGeneratorPrototype,
  asyncGeneratorReturn,
  asyncGeneratorThrow,
  isAsyncGenerator,
  reflectApply,
  type AnyFunction,
} from '../base/intrinsics';

/**
 * A method of the original iterator, receiver first. `input` is the value that the caller gave to a method of an async generator,
 * and a list of it, or of nothing, to that of another iterator.
 */
export type Method = (receiver: unknown, input: unknown) => unknown;

export interface IteratorMethods {
  readonly next: Method;
  readonly return: Method | undefined;
  readonly throw: Method | undefined;
  /** `Symbol.asyncDispose`, where it does something else than the language's own, which calls `return`. */
  readonly dispose: Method | undefined;
  /** The intrinsics of an async generator: what they return is always a plain promise of a plain result. */
  readonly intrinsic: boolean;
}

export const INTRINSIC: IteratorMethods = {
  next: asyncGeneratorNext,
  return: asyncGeneratorReturn,
  throw: asyncGeneratorThrow,
  dispose: undefined,
  intrinsic: true,
};

interface AnyIterator {
  next: AnyFunction;
  return?: AnyFunction;
  throw?: AnyFunction;
  [Symbol.asyncDispose]?: AnyFunction;
}

/** What a program has put in the place of the language's own methods is in it, too. */
const intrinsics = AsyncGeneratorPrototype as unknown as Required<AnyIterator>;
const { next: intrinsicNext, return: intrinsicReturn, throw: intrinsicThrow } = intrinsics;
const intrinsicDispose = (intrinsics as AnyIterator)[Symbol.asyncDispose];

/** Whether the program has left the methods of all async generators as they are. */
export function areIntrinsicsIntact(): boolean {
  return (
    intrinsics.next === intrinsicNext && intrinsics.return === intrinsicReturn && intrinsics.throw === intrinsicThrow
  );
}

/**
 * @param own methods that do for an async generator what the intrinsics do
 */
export function methodsOf(iterator: object, own: Record<'next' | 'return' | 'throw', unknown>): IteratorMethods {
  const { next, return: returnMethod, throw: throwMethod } = iterator as AnyIterator;
  const isIntrinsic =
    (next === own.next ? intrinsics.next : next) === intrinsicNext &&
    (returnMethod === own.return ? intrinsics.return : returnMethod) === intrinsicReturn &&
    (throwMethod === own.throw ? intrinsics.throw : throwMethod) === intrinsicThrow;
  // Whoever has the pulls already gets those of the next one, too.
  if (isIntrinsic && isAsyncGenerator(iterator) && tracedOf(iterator) === undefined) return INTRINSIC;
  const dispose = (iterator as AnyIterator)[Symbol.asyncDispose];
  return {
    next: methodOf(next),
    return: typeof returnMethod === 'function' ? methodOf(returnMethod) : undefined,
    throw: typeof throwMethod === 'function' ? methodOf(throwMethod) : undefined,
    dispose: typeof dispose === 'function' && dispose !== intrinsicDispose ? methodOf(dispose) : undefined,
    intrinsic: false,
  };
}

function methodOf(method: AnyFunction): Method {
  return (receiver, args) => reflectApply(method, receiver, args as readonly unknown[]);
}

// What the methods on a function's own `prototype` object do for a generator whose pulls go untraced: what it would inherit without them.

export function inheritedNext(self: unknown, value: unknown): unknown {
  const { next } = intrinsics;
  return next === intrinsicNext ? asyncGeneratorNext(self, value) : callInherited(next, self, value);
}

export function inheritedReturn(self: unknown, value: unknown): unknown {
  const { return: method } = intrinsics;
  return method === intrinsicReturn ? asyncGeneratorReturn(self, value) : callInherited(method, self, value);
}

export function inheritedThrow(self: unknown, error: unknown): unknown {
  const { throw: method } = intrinsics;
  return method === intrinsicThrow ? asyncGeneratorThrow(self, error) : callInherited(method, self, error);
}

/** Calls a method of the program's own. */
function callInherited(method: AnyFunction, self: unknown, value: unknown): unknown {
  return reflectApply(method, self, value === undefined ? [] : [value]);
}
