/**
 * The language's own functions, taken once at load. The hot path uses these, so that a program which patches
 * `Promise.prototype.then` or `Function.prototype.call` later neither changes what we do nor sees us do it.
 */
import { types } from 'node:util';

export const { isMap, isPromise, isProxy } = types;
const { isAsyncFunction, isGeneratorFunction: isGeneratorFunctionBrand, isGeneratorObject } = types;

const { bind, call } = Function.prototype;

/** Turns a method into a function that takes the receiver first: `uncurryThis(f)(receiver, ...args)`. */
export const uncurryThis = bind.bind(call) as unknown as <This, Args extends unknown[], Result>(
  method: (this: This, ...args: Args) => Result,
) => (self: This, ...args: Args) => Result;

type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;

/** `%AsyncGeneratorFunction.prototype.prototype%`, where `next`, `return` and `throw` live. */
export const AsyncGeneratorPrototype = (Object.getPrototypeOf(async function* () {}) as AsyncGeneratorFunction)
  .prototype;

export const asyncGeneratorNext = uncurryThis(AsyncGeneratorPrototype.next as unknown as AnyFunction);
export const asyncGeneratorReturn = uncurryThis(AsyncGeneratorPrototype.return as unknown as AnyFunction);
export const asyncGeneratorThrow = uncurryThis(AsyncGeneratorPrototype.throw as unknown as AnyFunction);

export const {
  then: promisePrototypeThen,
  catch: promisePrototypeCatch,
  finally: promisePrototypeFinally,
} = Promise.prototype;

/** `Promise.prototype.then`, receiver first. */
export const promiseThen = uncurryThis(promisePrototypeThen as unknown as AnyFunction) as <T>(
  promise: Promise<T>,
  onFulfilled: (value: T) => unknown,
  onRejected: (error: unknown) => unknown,
) => Promise<unknown>;

export const PromiseConstructor = Promise;
export const {
  defineProperty,
  deleteProperty,
  getOwnPropertyDescriptor,
  getPrototypeOf,
  ownKeys,
  get: reflectGet,
  has: reflectHas,
  preventExtensions,
  set: reflectSet,
  setPrototypeOf: reflectSetPrototypeOf,
} = Reflect;
export const reflectConstruct = Reflect.construct as (
  fn: AnyFunction,
  args: readonly unknown[],
  newTarget: AnyFunction,
) => object;
export const reflectApply = Reflect.apply as (fn: AnyFunction, self: unknown, args: readonly unknown[]) => unknown;
export const { getOwnPropertySymbols, isExtensible, setPrototypeOf } = Object;

const isPrototypeOf = uncurryThis(Object.prototype.isPrototypeOf as unknown as AnyFunction);
export const functionToString = uncurryThis(Function.prototype.toString as unknown as AnyFunction) as (
  fn: AnyFunction,
) => string;
export const hasOwn = Object.hasOwn;

export type { AnyFunction };

/** Name of the class of an object, which need not have any. */
export function classNameOf(object: object): unknown {
  try {
    return (object as { constructor?: { name?: unknown } | null }).constructor?.name;
  } catch {
    return undefined;
  }
}

export function isObjectLike(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

/**
 * Whether `fn` is an async-generator function by its brand: the engine's own classification, which nothing that the
 * program does to prototypes or `Symbol.toStringTag` can change. False for a Proxy of one.
 */
export function isAsyncGeneratorFunction(fn: unknown): fn is AnyFunction {
  return isGeneratorFunctionBrand(fn) && isAsyncFunction(fn);
}

/** Whether `value` is a generator object of an async-generator function. */
export function isAsyncGenerator(value: unknown): value is AsyncGenerator {
  return isGeneratorObject(value) && (isPrototypeOf(AsyncGeneratorPrototype, value) as boolean);
}

/**
 * Whether `value` is a promise that behaves as the language's own: not a subclass and not given a `then` of its own,
 * so that reacting to it has no effect but the reaction. Where a program has patched `Promise.prototype.then`, too: `await`
 * never calls that.
 */
export function isPlainPromise(value: unknown): value is Promise<unknown> {
  return isNativePromise(value) && !hasOwn(value, 'then');
}

/**
 * Whether `value` is a promise of this realm or another one, and not of a subclass: `await` in that realm reacts to it
 * without calling its `then`.
 */
export function isNativePromise(value: unknown): value is Promise<unknown> {
  if (!isPromise(value)) return false;
  const prototype = getPrototypeOf(value);
  return prototype === PromiseConstructor.prototype || isPromisePrototypeOfRealm(prototype, value);
}

const nativeThen = functionToString(promisePrototypeThen as unknown as AnyFunction);

function isPromisePrototypeOfRealm(prototype: object | null, value: Promise<unknown>): boolean {
  if (prototype === null || !hasOwn(prototype, 'then')) return false;
  try {
    const { constructor, then } = prototype as Promise<unknown>;
    // A bound function has no name in its source text, so this is the engine's.
    return (
      constructor === value.constructor &&
      typeof then === 'function' &&
      functionToString(then as unknown as AnyFunction) === nativeThen
    );
  } catch {
    return false;
  }
}

/** Whether `fn` can be called with `new`. Calls nothing of it. */
export function isConstructor(fn: AnyFunction): boolean {
  try {
    // A subclass is made of nothing else, and not constructed.
    reflectConstruct(Object as unknown as AnyFunction, [], fn);
    return true;
  } catch {
    return false;
  }
}

/** Whether `fn` was written with `class`, which calls without `new` reject. */
export function isClass(fn: unknown): boolean {
  return typeof fn === 'function' && !isProxy(fn) && /^class\b/.test(functionToString(fn as AnyFunction));
}

/** A class whose methods are the language's own, whatever a program does to those of `Class`. */
function withOwnMethods<Class extends new (...args: never[]) => object>(Class: Class): Class {
  const Own = class extends (Class as unknown as new (argument?: unknown) => object) {
    // eslint-disable-next-line @typescript-eslint/no-useless-constructor -- that of the language iterates over its arguments
    constructor(argument?: unknown) {
      super(argument);
    }
  };
  for (const key of Reflect.ownKeys(Class.prototype as object)) {
    if (key === 'constructor') continue;
    const descriptor = getOwnPropertyDescriptor(Class.prototype as object, key) as PropertyDescriptor;
    defineProperty(Own.prototype, key, descriptor);
  }
  return Own as unknown as Class;
}

export const OwnSet = withOwnMethods(Set);
export const OwnWeakMap = withOwnMethods(WeakMap);
export const OwnWeakRef = withOwnMethods(WeakRef);
export const OwnWeakSet = withOwnMethods(WeakSet);
export const OwnFinalizationRegistry = withOwnMethods(FinalizationRegistry);

/** A base class whose instances are the objects given to it, so that the private fields of a subclass land on them. */
export const GivenObject = function (object: object) {
  return object;
} as unknown as new (object: object) => object;

// Loops by index, as nothing else is out of the reach of a program that patches arrays.

export function filtered<T>(list: readonly T[], isWanted: (item: T) => boolean): T[] {
  const wanted: T[] = [];
  for (let index = 0; index < list.length; index++) {
    const item = list[index] as T;
    if (isWanted(item)) wanted[wanted.length] = item;
  }
  return wanted;
}

export function joined<T>(list: readonly T[], others: readonly T[]): T[] {
  const all: T[] = [];
  for (let index = 0; index < list.length; index++) all[index] = list[index] as T;
  for (let index = 0; index < others.length; index++) all[all.length] = others[index] as T;
  return all;
}
