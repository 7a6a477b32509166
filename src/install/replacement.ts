/**
 * An exports object in place of one that cannot be changed: frozen, with getters that cannot be redefined, or the
 * namespace of an ES module that was required.
 */
import { types } from 'node:util';
import { isConstructor, type AnyFunction } from '../base/intrinsics';
import { forwardingGetter, type Replace } from './edit';
import { FUNCTION_KEYS } from './keys';

/** Each with the function that its calls go to. */
const replacements = new WeakMap<object, object>();

export function isReplacement(exports: object): boolean {
  return replacements.has(exports);
}

/** Whether another object can replace `exports`: not for an instance of a class, whose methods may need its private fields or internal slots. */
export function canBeReplaced(exports: object): boolean {
  if (typeof exports === 'function' || types.isModuleNamespaceObject(exports)) return true;
  const prototype = Reflect.getPrototypeOf(exports);
  return prototype === null || Reflect.getPrototypeOf(prototype) === null;
}

/**
 * Makes an object that forwards every property of `exports`, with `replace(key)` applied to what it gives. Not a
 * Proxy: one of a frozen object must not answer anything but what the object holds, and TypeScript's `export *` helper
 * reads descriptors.
 *
 * @param call what calls go to, if `exports` is a function
 */
export function createReplacement(
  exports: object,
  replace: (key: PropertyKey) => Replace,
  call = exports as AnyFunction,
): object {
  const replacement = typeof exports === 'function' ? callable(exports as AnyFunction, call) : {};
  replacements.set(replacement, call);
  Reflect.setPrototypeOf(replacement, Reflect.getPrototypeOf(exports));
  extendReplacement(replacement, exports, replace);
  if (Object.isFrozen(exports)) Object.freeze(replacement);
  else if (Object.isSealed(exports)) Object.seal(replacement);
  else if (!Object.isExtensible(exports)) Object.preventExtensions(replacement);
  return replacement;
}

/** Forwards the properties that `exports` has got since. */
export function extendReplacement(replacement: object, exports: object, replace: (key: PropertyKey) => Replace): void {
  const call = replacements.get(replacement);
  for (const key of Reflect.ownKeys(exports)) {
    if (Object.hasOwn(replacement, key)) continue;
    if (typeof exports === 'function' && FUNCTION_KEYS.has(key)) continue;
    const inner = replace(key);
    // Exports that hold themselves hold the replacement, also where the property has been patched before.
    const outer: Replace = (value) => (value === exports || value === call ? replacement : inner(value));
    Reflect.defineProperty(replacement, key, forwardingProperty(exports, key, outer));
  }
}

function forwardingProperty(exports: object, key: PropertyKey, replace: Replace): PropertyDescriptor {
  const descriptor = Reflect.getOwnPropertyDescriptor(exports, key) as PropertyDescriptor;
  const { get, set, writable, configurable, enumerable } = descriptor;
  // What can never change stays data: Symbol.toStringTag and __esModule, which helpers of bundlers read, among it.
  if (get === undefined && set === undefined && !writable && !configurable) {
    return { value: replace(descriptor.value), enumerable, writable: false, configurable: true };
  }
  const source = exports as Record<PropertyKey, unknown>;
  const settable = set !== undefined || (writable === true && !types.isModuleNamespaceObject(exports));
  return {
    enumerable,
    configurable: true,
    get: forwardingGetter(() => source[key], replace),
    set: settable
      ? (value: unknown) => {
          source[key] = value;
        }
      : undefined,
  };
}

/** A function that calls and constructs as `call` does and looks like `original`, with room for properties of its own. */
function callable(original: AnyFunction, call: AnyFunction): object {
  const shell = (isConstructor(original) ? function () {} : () => {}) as unknown as AnyFunction;
  for (const key of ['length', 'name', 'prototype']) {
    const descriptor = Reflect.getOwnPropertyDescriptor(original, key);
    if (descriptor !== undefined) Reflect.defineProperty(shell, key, descriptor);
  }
  const proxy: AnyFunction = new Proxy(shell, {
    apply: (_shell, thisArg, args) => Reflect.apply(call, thisArg, args) as unknown,
    construct: (_shell, args, newTarget) =>
      Reflect.construct(call, args, newTarget === proxy ? call : newTarget) as object,
  });
  return proxy;
}
