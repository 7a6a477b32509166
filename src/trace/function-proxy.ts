/** Functions in place of the program's that look the same: to those who wrap functions and read their marks, and when they are printed. */
import { inspect } from 'node:util';
import {
  type AnyFunction,
  defineProperty,
  deleteProperty,
  filtered,
  getOwnPropertyDescriptor,
  getPrototypeOf,
  GivenObject,
  hasOwn,
  isAsyncGeneratorFunction,
  isConstructor,
  isExtensible,
  isProxy,
  joined,
  ownKeys,
  OwnSet,
  OwnWeakMap,
  preventExtensions,
  reflectConstruct,
  reflectGet,
  reflectHas,
  reflectSet,
  reflectSetPrototypeOf,
} from '../base/intrinsics';

/**
 * What shimmer, and OpenTelemetry's `_wrap`, write on the functions that they put in place. `_wrap` takes off whatever carries all three
 * before it wraps: https://github.com/open-telemetry/opentelemetry-js/blob/main/experimental/packages/opentelemetry-instrumentation/src/platform/node/instrumentation.ts
 */
function isWrapMark(key: PropertyKey): boolean {
  return key === '__original' || key === '__unwrap' || key === '__wrapped';
}

/** A place in which a proxy is in front of what another instrumentation has put there. */
export interface Layer {
  /** Puts back what is below it. False if something else lies above it. */
  takeOff(): boolean;
  putOn(): void;
}

/** Of each proxy that is in front of a wrapper with shimmer's marks. */
const layers = new OwnWeakMap<AnyFunction, Set<Layer>>();

/** Notes that `proxy` lies over `original`, if that is a wrapper which another instrumentation may take off. */
export function layWrapperOver(proxy: AnyFunction, original: unknown, layer: Layer): void {
  if (typeof original !== 'function' || unwrapOf(original as AnyFunction) === undefined) return;
  const known = layers.get(proxy) ?? new OwnSet();
  layers.set(proxy, known.add(layer));
}

export function removeLayer(proxy: AnyFunction, layer: Layer): void {
  layers.get(proxy)?.delete(layer);
}

function unwrapOf(fn: AnyFunction): AnyFunction | undefined {
  const unwrap: unknown = getOwnPropertyDescriptor(fn, '__unwrap')?.value;
  return typeof unwrap === 'function' ? (unwrap as AnyFunction) : undefined;
}

/**
 * What OpenTelemetry's `_unwrap` calls on the proxy that is in the place of its wrapper: takes off the wrapper, and leaves the proxy. No other mark of
 * the wrapper shows, as `_wrap` takes off what has all three.
 */
function unwrapBelow(proxy: AnyFunction, original: AnyFunction): AnyFunction | undefined {
  const unwrap = layers.get(proxy)?.size ? unwrapOf(original) : undefined;
  return (
    unwrap &&
    (() => {
      const lifted = [...(layers.get(proxy) ?? [])].filter((layer) => layer.takeOff());
      unwrap.call(original);
      for (const layer of lifted) layer.putOn();
    })
  );
}

/** Asked of one of our Proxies as if it were a property: its handler answers. */
const WHO = Symbol('function proxy');
let answer: FunctionProxy | undefined;

/** The handler of `value`, if that is one of our Proxies. A table entry would cost more than a function that is made for one call. */
export function handlerBehind(value: unknown): FunctionProxy | undefined {
  if (!isProxy(value)) return undefined;
  answer = undefined;
  try {
    getOwnPropertyDescriptor(value as object, WHO);
  } catch {
    // A Proxy of the program's.
  }
  // A Proxy of the program may have a traced function as its target, which then answered.
  const found = answer as FunctionProxy | undefined;
  answer = undefined;
  return found?.proxy === value ? found : undefined;
}

/**
 * A Proxy of `original`: name, length, own properties, prototype, tag and (in)constructibility are the original's, now and later. Only the marks of
 * wrappers are each function's own: those on the original belong to its place, and those on the Proxy must not land on the program's function.
 *
 * It is the Proxy's handler itself: a function that is made for every call gets one every time, and closures would cost as much as its run.
 */
export abstract class FunctionProxy implements ProxyHandler<AnyFunction> {
  readonly proxy: AnyFunction;
  private marks: Record<PropertyKey, unknown> | undefined;

  constructor(readonly original: AnyFunction) {
    this.proxy = new Proxy(targetFor(original), this);
  }

  abstract apply(target: AnyFunction, thisArg: unknown, args: readonly unknown[]): unknown;

  declare construct?: (target: AnyFunction, args: readonly unknown[], newTarget: AnyFunction) => object;

  get(_target: AnyFunction, key: PropertyKey, receiver: unknown): unknown {
    const value = reflectGet(this.holderOf(key), key, receiver) as unknown;
    return key === '__unwrap' ? (value ?? unwrapBelow(this.proxy, this.original)) : value;
  }

  set(_target: AnyFunction, key: PropertyKey, value: unknown, receiver: unknown): boolean {
    return reflectSet(this.original, key, value, receiver);
  }

  has(target: AnyFunction, key: PropertyKey): boolean {
    follow(target, this.original);
    return reflectHas(this.holderOf(key), key);
  }

  deleteProperty(target: AnyFunction, key: PropertyKey): boolean {
    const isDeleted = deleteProperty(this.holderOf(key), key);
    follow(target, this.original);
    return isDeleted;
  }

  defineProperty(target: AnyFunction, key: PropertyKey, descriptor: PropertyDescriptor): boolean {
    const isDefined = defineProperty(this.holderOf(key), key, descriptor);
    follow(target, this.original, key);
    return isDefined;
  }

  getOwnPropertyDescriptor(target: AnyFunction, key: PropertyKey): PropertyDescriptor | undefined {
    if (key === WHO) {
      // eslint-disable-next-line @typescript-eslint/no-this-alias -- for the one who asks
      answer = this;
      return undefined;
    }
    follow(target, this.original, key);
    return getOwnPropertyDescriptor(this.holderOf(key), key);
  }

  getPrototypeOf(): object | null {
    return getPrototypeOf(this.original);
  }

  setPrototypeOf(_target: AnyFunction, prototype: object | null): boolean {
    return reflectSetPrototypeOf(this.original, prototype);
  }

  isExtensible(target: AnyFunction): boolean {
    sealLike(target, this.original);
    return isExtensible(this.original);
  }

  preventExtensions(target: AnyFunction): boolean {
    const isPrevented = preventExtensions(this.original);
    sealLike(target, this.original);
    return isPrevented;
  }

  ownKeys(target: AnyFunction): (string | symbol)[] {
    const { original } = this;
    follow(target, original);
    const keys = filtered(ownKeys(original), (key) => this.holderOf(key) === original);
    return this.marks === undefined ? keys : joined(keys, ownKeys(this.marks));
  }

  /** Where a property is. A Proxy may not hide what can't be taken off its target. */
  private holderOf(key: PropertyKey): object {
    const { original } = this;
    return isWrapMark(key) && isExtensible(original) && getOwnPropertyDescriptor(original, key)?.configurable !== false
      ? (this.marks ??= Object.create(null) as Record<PropertyKey, unknown>)
      : original;
  }
}

/*
 * Shadows. Node 26 prints a Proxy as `Proxy(...)`, and a traced function is one. But it asks the Proxy's target how it wants to be printed, past all
 * traps. So there the target is a function of its own, a shadow, which has the original printed; the traps forward everything to the original.
 */

/** Whether Proxies are told from their targets. */
const arePrinted = inspect(new Proxy({}, {})).startsWith('Proxy(');

/** The target of a Proxy of `original`: the original itself where that does as well, or where a shadow is impossible. */
function targetFor(original: AnyFunction): AnyFunction {
  // A Proxy of the program is printed as one anyway, and its traps must not be called.
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
 * Called before a trap tells what the original has under `key`, or which keys. By the language's invariants, a property of a Proxy is non-configurable
 * only if its target's is, and missing only if a non-extensible target lacks it, too.
 */
function follow(target: AnyFunction, original: AnyFunction, key?: PropertyKey): void {
  if (target === original) return;
  if (key !== undefined && getOwnPropertyDescriptor(original, key)?.configurable === false) copy(key, original, target);
  if (!isExtensible(target)) removeExtra(target, original);
}

/** By the same invariants, a Proxy is non-extensible only if its target is, with the same keys. */
function sealLike(target: AnyFunction, original: AnyFunction): void {
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
  const extra = filtered(ownKeys(shadow), (key) => !hasOwn(original, key));
  for (let index = 0; index < extra.length; index++) deleteProperty(shadow, extra[index] as PropertyKey);
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

// Only where the Proxy would construct a shadow: it would be one more frame in the stacks of the program.
if (arePrinted) {
  FunctionProxy.prototype.construct = function (this: FunctionProxy, _target, args, newTarget) {
    return reflectConstruct(this.original, args, newTarget);
  };
}
