/**
 * An exports object in place of one that cannot be changed: frozen, with getters that cannot be redefined, or the
 * namespace of an ES module that was required.
 */
import { types } from 'node:util';
import type { AnyFunction } from '../run/intrinsics';
import { forwardingGetter, type Replace } from './slot';

/** Own members of every function that are not exports. */
const OF_FUNCTIONS: ReadonlySet<PropertyKey> = new Set(['length', 'name', 'prototype', 'arguments', 'caller']);

/**
 * Makes an object that forwards every property of `exports`, with `replace(key)` applied to what it gives. Not a
 * Proxy: one of a frozen object must not answer anything but what the object holds, and TypeScript's `export *` helper
 * reads descriptors.
 */
export function createReplacement(exports: object, replace: (key: PropertyKey) => Replace): object {
  const replacement = typeof exports === 'function' ? callable(exports as AnyFunction) : {};
  Reflect.setPrototypeOf(replacement, Reflect.getPrototypeOf(exports));
  extendReplacement(replacement, exports, replace);
  return replacement;
}

/** Forwards the properties that `exports` has got since. */
export function extendReplacement(replacement: object, exports: object, replace: (key: PropertyKey) => Replace): void {
  for (const key of Reflect.ownKeys(exports)) {
    if (Object.hasOwn(replacement, key)) continue;
    if (typeof exports === 'function' && OF_FUNCTIONS.has(key)) continue;
    Reflect.defineProperty(replacement, key, forwardingProperty(exports, key, replace(key)));
  }
}

function forwardingProperty(exports: object, key: PropertyKey, replace: Replace): PropertyDescriptor {
  const { get, set, writable, enumerable } = Reflect.getOwnPropertyDescriptor(exports, key) as PropertyDescriptor;
  const source = exports as Record<PropertyKey, unknown>;
  const settable = set !== undefined || (writable === true && !types.isModuleNamespaceObject(exports));
  // Symbol.toStringTag and __esModule are read by brand checks and bundlers' helpers: they stay data.
  if (get === undefined && !settable && typeof source[key] !== 'function' && typeof source[key] !== 'object') {
    return { value: source[key], enumerable, writable: false, configurable: true };
  }
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

/** A function that calls and constructs as `original` does, with room for properties of its own. */
function callable(original: AnyFunction): object {
  const shell = function () {};
  for (const key of ['length', 'name'] as const) {
    Reflect.defineProperty(
      shell,
      key,
      Reflect.getOwnPropertyDescriptor(original, key) ?? { configurable: true, value: undefined },
    );
  }
  shell.prototype = original.prototype as unknown;
  const proxy: AnyFunction = new Proxy(shell, {
    apply: (_shell, thisArg, args: unknown[]) => Reflect.apply(original, thisArg, args),
    construct: (_shell, args, newTarget) =>
      Reflect.construct(original, args, newTarget === proxy ? original : newTarget) as object,
  });
  return proxy;
}
