/**
 * The methods of an iterator as the program would reach them, so that a `next` of its own making stays in force.
 */
import {
  asyncGeneratorNext,
  AsyncGeneratorPrototype,
  asyncGeneratorReturn,
  asyncGeneratorThrow,
  isAsyncGenerator,
  reflectApply,
  type AnyFunction,
} from './intrinsics';

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

const INTRINSIC: IteratorMethods = {
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

const intrinsics = AsyncGeneratorPrototype as unknown as Required<AnyIterator>;
const { next: intrinsicNext, return: intrinsicReturn, throw: intrinsicThrow } = intrinsics;
const intrinsicDispose = (intrinsics as AnyIterator)[Symbol.asyncDispose];

export function methodsOf(iterator: object): IteratorMethods {
  const { next, return: returnMethod, throw: throwMethod } = iterator as AnyIterator;
  const isIntrinsic = next === intrinsicNext && returnMethod === intrinsicReturn && throwMethod === intrinsicThrow;
  if (isIntrinsic && isAsyncGenerator(iterator)) return INTRINSIC;
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
