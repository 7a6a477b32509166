/**
 * Node 26 prints a Proxy as `Proxy(...)`, and a traced function is one. But it asks the Proxy's target how it wants to be printed, past all traps.
 * So there the target is a function of its own, a shadow, which has the original printed; the traps forward everything to the original.
 */
import { inspect } from 'node:util';
import { GivenObject } from './carrier';
import {
  type AnyFunction,
  defineProperty,
  deleteProperty,
  getOwnPropertyDescriptor,
  getPrototypeOf,
  hasOwn,
  isAsyncGeneratorFunction,
  isConstructor,
  isExtensible,
  isProxy,
  ownKeys,
  preventExtensions,
  reflectSetPrototypeOf,
} from '../base/intrinsics';

/** Whether Proxies are told from their targets. */
export const arePrinted = inspect(new Proxy({}, {})).startsWith('Proxy(');

/** What a Proxy in the place of `original` has for its target: the original itself where that does as well, or where a shadow is impossible. */
export function targetFor(original: AnyFunction): AnyFunction {
  // Another's Proxy is printed as such untraced, too, and its traps are not ours to call.
  if (!arePrinted || isProxy(original)) return original;
  try {
    return createShadow(original);
  } catch {
    return original;
  }
}

function createShadow(original: AnyFunction): AnyFunction {
  const name: unknown = getOwnPropertyDescriptor(original, 'name')?.value;
  const shadow = functionLike(original, typeof name === 'string' ? name : '');
  const prototype = getPrototypeOf(original);
  // The engine takes a third of the time where many functions get the same one.
  reflectSetPrototypeOf(shadow, prototype === ofAsyncGenerators ? printedAsOriginal : createPrototype(prototype));
  new Shadow(shadow, original);
  // For who prints without asking, as the messages of node:assert do.
  if (shadow.name !== name) copy('name', original, shadow);
  if (getOwnPropertyDescriptor(original, 'length')?.value !== shadow.length) copy('length', original, shadow);
  if (!isExtensible(original)) seal(shadow, original);
  return shadow;
}

/** A private field on the shadow. */
class Shadow extends GivenObject {
  readonly #original: AnyFunction;

  constructor(shadow: AnyFunction, original: AnyFunction) {
    super(shadow);
    this.#original = original;
  }

  static originalOf(value: object): AnyFunction | undefined {
    return #original in value ? value.#original : undefined;
  }
}

/** https://nodejs.org/api/util.html#custom-inspection-functions-on-objects */
function createPrototype(prototype: object | null): object {
  return Object.create(prototype, {
    [inspect.custom]: {
      get(this: object) {
        const original = Shadow.originalOf(this);
        return original && (() => original);
      },
    },
  }) as object;
}

const ofAsyncGenerators = getPrototypeOf(async function* () {});
const printedAsOriginal = createPrototype(ofAsyncGenerators);

/**
 * Called before a trap says what the original has under `key`, or which keys. A Proxy may tell of a property that it cannot be changed only if its
 * target has it so, and of one that it is gone only if a target that can no longer be extended has lost it, too.
 */
export function follow(target: AnyFunction, original: AnyFunction, key?: PropertyKey): void {
  if (target === original) return;
  if (key !== undefined && getOwnPropertyDescriptor(original, key)?.configurable === false) copy(key, original, target);
  if (!isExtensible(target)) removeExtra(target, original);
}

/** The original may no longer be extended: a Proxy must tell so of its target, which then has to have just what the original has. */
export function sealLike(target: AnyFunction, original: AnyFunction): void {
  if (target !== original && !isExtensible(original) && isExtensible(target)) seal(target, original);
}

function seal(shadow: AnyFunction, original: AnyFunction): void {
  removeExtra(shadow, original);
  const keys = ownKeys(original);
  for (let index = 0; index < keys.length; index++) copy(keys[index] as PropertyKey, original, shadow);
  reflectSetPrototypeOf(shadow, getPrototypeOf(original));
  preventExtensions(shadow);
}

function removeExtra(shadow: AnyFunction, original: AnyFunction): void {
  const keys = ownKeys(shadow);
  for (let index = 0; index < keys.length; index++) {
    const key = keys[index] as PropertyKey;
    if (!hasOwn(original, key)) deleteProperty(shadow, key);
  }
}

function copy(key: PropertyKey, original: AnyFunction, shadow: AnyFunction): void {
  const descriptor = getOwnPropertyDescriptor(original, key);
  if (descriptor !== undefined) defineProperty(shadow, key, descriptor);
}

/** A function that does nothing, with the unchangeable properties that one of the kind of `original` has from the start. */
function functionLike(original: AnyFunction, name: string): AnyFunction {
  // A literal names it in half the time that `defineProperty` takes.
  if (isAsyncGeneratorFunction(original)) return { [name]: async function* () {} }[name] as unknown as AnyFunction;
  const hasPrototype = getOwnPropertyDescriptor(original, 'prototype')?.configurable === false;
  if (isConstructor(original)) {
    const constructor = function () {} as AnyFunction;
    return hasPrototype ? constructor : (constructor.bind(undefined) as AnyFunction);
  }
  return hasPrototype ? (function* () {} as unknown as AnyFunction) : () => undefined;
}
