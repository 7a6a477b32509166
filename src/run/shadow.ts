/**
 * Node 26 prints a Proxy as `Proxy(...)`, and a traced function is one. But it asks the Proxy's target how it wants to be printed, past all traps.
 * So there the target is a function of its own, a shadow, which has the original printed; the traps forward everything else to the original.
 */
import { inspect, type InspectOptions } from 'node:util';
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
  reflectApply,
  reflectConstruct,
  reflectSet,
  reflectSetPrototypeOf,
} from './intrinsics';

type Traps = ProxyHandler<AnyFunction>;

const arePrinted = inspect(new Proxy({}, {})).startsWith('Proxy(');

/** The shadow of `original`; undefined where Proxies are not told from their targets, or where there can be none. */
export function shadowOf(original: AnyFunction): Shadow | undefined {
  // Another's Proxy is printed as such untraced, too, and its traps are not ours to call.
  if (!arePrinted || isProxy(original)) return undefined;
  try {
    return new Shadow(original);
  } catch {
    return undefined;
  }
}

export class Shadow {
  readonly target: AnyFunction;

  constructor(private readonly original: AnyFunction) {
    this.target = functionLike(original);
    const value = printerOf(original);
    reflectSetPrototypeOf(
      this.target,
      Object.create(getPrototypeOf(original), { [inspect.custom]: { value } }) as object,
    );
    // For who prints without asking, as the messages of node:assert do.
    this.copy('name');
    this.copy('length');
    if (!isExtensible(original)) this.seal();
  }

  /** What a Proxy of the shadow does where one of the original would pass on to it. */
  forward({ apply, construct }: Traps): Traps {
    const { original, target } = this;
    return {
      apply: (_target, thisArg, args) =>
        apply === undefined
          ? reflectApply(original, thisArg, args as unknown[])
          : (apply(original, thisArg, args) as unknown),
      construct: (_target, args, newTarget) =>
        (construct === undefined
          ? reflectConstruct(original, args as unknown[], newTarget as AnyFunction)
          : construct(original, args, newTarget)) as object,
      getPrototypeOf: () => getPrototypeOf(original),
      setPrototypeOf: (_target, prototype) => reflectSetPrototypeOf(original, prototype),
      set: (_target, key, value, receiver) => reflectSet(original, key, value, receiver),
      isExtensible: () => {
        if (!isExtensible(original) && isExtensible(target)) this.seal();
        return isExtensible(original);
      },
      preventExtensions: () => {
        const isPrevented = preventExtensions(original);
        if (isPrevented && isExtensible(target)) this.seal();
        return isPrevented;
      },
    };
  }

  /**
   * Called before a trap says what the original has under `key`, or which keys. A Proxy may tell of a property that it cannot be changed only if its
   * target has it so, and of one that it is gone only if a target that can no longer be extended has lost it, too.
   */
  follow(key?: PropertyKey): void {
    const { original, target } = this;
    if (key !== undefined && getOwnPropertyDescriptor(original, key)?.configurable === false) this.copy(key);
    if (!isExtensible(target)) this.removeExtra();
  }

  private removeExtra(): void {
    const keys = ownKeys(this.target);
    for (let index = 0; index < keys.length; index++) {
      const key = keys[index] as PropertyKey;
      if (!hasOwn(this.original, key)) deleteProperty(this.target, key);
    }
  }

  private copy(key: PropertyKey): void {
    const descriptor = getOwnPropertyDescriptor(this.original, key);
    if (descriptor !== undefined) defineProperty(this.target, key, descriptor);
  }

  /** The original can no longer be extended: a Proxy must tell so of its target, which then has to have just what the original has. */
  private seal(): void {
    const { original, target } = this;
    this.removeExtra();
    const keys = ownKeys(original);
    for (let index = 0; index < keys.length; index++) this.copy(keys[index] as PropertyKey);
    reflectSetPrototypeOf(target, getPrototypeOf(original));
    preventExtensions(target);
  }
}

/** https://nodejs.org/api/util.html#custom-inspection-functions-on-objects */
function printerOf(original: AnyFunction) {
  let isPrinting = false;
  let isCircular = false;
  return (depth: number, options: InspectOptions, print = inspect): string => {
    if (isPrinting) {
      isCircular = true;
      return '[Circular *1]';
    }
    isPrinting = true;
    isCircular = false;
    try {
      const printed = print(original, { ...options, depth });
      return isCircular ? `<ref *1> ${printed}` : printed;
    } finally {
      isPrinting = false;
    }
  };
}

/** A function that does nothing, with the unchangeable properties that one of the kind of `original` has from the start. */
function functionLike(original: AnyFunction): AnyFunction {
  if (isAsyncGeneratorFunction(original)) return async function* () {} as unknown as AnyFunction;
  const hasPrototype = getOwnPropertyDescriptor(original, 'prototype')?.configurable === false;
  if (isConstructor(original)) {
    const constructor = function () {} as AnyFunction;
    return hasPrototype ? constructor : (constructor.bind(undefined) as AnyFunction);
  }
  return hasPrototype ? (function* () {} as unknown as AnyFunction) : () => undefined;
}
