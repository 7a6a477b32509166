/**
 * Replacing the value of one property, in whatever way its owner allows.
 */
import { types } from 'node:util';
import shimmer = require('shimmer');
import { isExtensible, isObjectLike, type AnyFunction } from '../base/intrinsics';
import { layWrapperOver, removeLayer, removeWrapMarks, type Layer } from '../trace/stand-in';
import type { PatchMethod } from '../types';

/** Gives what stands in for a value; the value itself if nothing does. */
export type Replace = (value: unknown) => unknown;

export interface SlotPatch {
  readonly method: PatchMethod;
  /**
   * Puts the original back, if what stands in for it is still there.
   *
   * @returns false if somebody has put something else in its place
   */
  undo(): boolean;
}

/** `locked`: only a replacement of the whole object would help. `unchanged`: there was nothing to replace. */
export type SlotResult = SlotPatch | 'locked' | 'unchanged';

/** Getters that forward to others: reading one runs code of the program's. */
const ourGetters = new WeakSet<object>();

/** Whether the property is an accessor of ours. */
export function isForwarding(descriptor: PropertyDescriptor): boolean {
  return descriptor.get !== undefined && ourGetters.has(descriptor.get);
}

interface Undone {
  readonly holder: object;
  readonly key: PropertyKey;
  readonly before: PropertyDescriptor;
}

/** What stands in -> the property before that, where it was undone while another's stand-in lay above it. */
const undoneBelow = new WeakMap<object, Undone>();

const valueOf = (descriptor?: PropertyDescriptor): unknown => descriptor?.get ?? descriptor?.value;

/**
 * Puts back what was there before `ours`, a value or a getter; or, where that has been undone meanwhile, what was there
 * before that.
 *
 * @returns false if the property holds something else than `ours`
 */
function putBack(holder: object, key: PropertyKey, ours: object, before: PropertyDescriptor): boolean {
  if (valueOf(Reflect.getOwnPropertyDescriptor(holder, key)) !== ours) {
    undoneBelow.set(ours, { holder, key, before });
    return false;
  }
  let below = before;
  for (;;) {
    const value = valueOf(below);
    const undone = isObjectLike(value) ? undoneBelow.get(value) : undefined;
    if (undone?.holder !== holder || undone.key !== key) return Reflect.defineProperty(holder, key, below);
    below = undone.before;
  }
}

/** Replaces the value of an own property of `holder`. */
export function replaceSlot(holder: object, key: PropertyKey, replace: Replace): SlotResult {
  let current: SlotResult;
  /** Replaces what is there now: a getter has put a value in its place, or another's wrapper has been taken off. */
  const renew = (): void => {
    const next = replaceOnce(holder, key, replace, renew);
    if (typeof next === 'object') current = next;
  };
  const first = (current = replaceOnce(holder, key, replace, renew));
  if (typeof first !== 'object') return first;
  return { method: first.method, undo: () => typeof current === 'object' && current.undo() };
}

function replaceOnce(holder: object, key: PropertyKey, replace: Replace, renew: () => void): SlotResult {
  const descriptor = Reflect.getOwnPropertyDescriptor(holder, key);
  if (descriptor === undefined) return 'unchanged';
  if (types.isModuleNamespaceObject(holder))
    return replace(descriptor.value) === descriptor.value ? 'unchanged' : 'locked';
  return descriptor.get === undefined
    ? replaceData(holder, key, descriptor, replace, renew)
    : replaceGetter(holder, key, descriptor, replace, renew);
}

function replaceData(
  holder: object,
  key: PropertyKey,
  descriptor: PropertyDescriptor,
  replace: Replace,
  renew: () => void,
): SlotResult {
  const original: unknown = descriptor.value;
  const replacement = replace(original);
  if (replacement === original) return reclaim(holder, key, original);
  if (descriptor.writable && descriptor.configurable && suitsShimmer(holder, original, replacement)) {
    const object = holder as Record<PropertyKey, unknown>;
    shimmer.wrap(object, key as string, () => replacement as never);
    removeWrapMarks(replacement as object);
  } else {
    if (!descriptor.configurable && !descriptor.writable) return 'locked';
    // A property that is only writable or only configurable takes a new value this way, its attributes unchanged.
    if (!Reflect.defineProperty(holder, key, { ...descriptor, value: replacement })) return 'locked';
  }
  // Not shimmer's `unwrap`: a wrapper that is exported twice would know its last place only.
  const undo = () => putBack(holder, key, replacement as object, descriptor);
  const layer: Layer = { takeOff: undo, putOn: renew };
  layWrapperOver(replacement as AnyFunction, original, layer);
  return {
    method: 'property',
    undo: () => {
      removeLayer(replacement as AnyFunction, layer);
      return undo();
    },
  };
}

/** What stands in is there already. Where that is because another's wrapper lay above it when it was undone, it can be undone now. */
function reclaim(holder: object, key: PropertyKey, standIn: unknown): SlotResult {
  const undone = isObjectLike(standIn) ? undoneBelow.get(standIn) : undefined;
  if (undone?.holder !== holder || undone.key !== key) return 'unchanged';
  // Once only: a second look must not take it for another patch, whose undoing would find nothing left.
  undoneBelow.delete(standIn as object);
  return { method: 'property', undo: () => putBack(holder, key, standIn as object, undone.before) };
}

/** shimmer writes marks on the replacement, which a frozen function cannot take, and asks the holder for `propertyIsEnumerable`. */
function suitsShimmer(holder: object, original: unknown, replacement: unknown): boolean {
  const { propertyIsEnumerable } = holder;
  return (
    typeof original === 'function' &&
    typeof replacement === 'function' &&
    isExtensible(replacement) &&
    typeof propertyIsEnumerable === 'function' &&
    !types.isProxy(holder)
  );
}

/** The getter may be lazy, throw, or change its mind: it is asked when the program asks, and not before. */
function replaceGetter(
  holder: object,
  key: PropertyKey,
  descriptor: PropertyDescriptor,
  replace: Replace,
  renew: () => void,
): SlotResult {
  if (!descriptor.configurable) return 'locked';
  const read = descriptor.get as (this: unknown) => unknown;
  const get = forwardingGetter(function (this: unknown) {
    const isOnTop = Reflect.getOwnPropertyDescriptor(holder, key)?.get === get;
    const value = read.call(this);
    // Many lazy getters put the value in their own place, or on the object that inherits them.
    if (isOnTop && Reflect.getOwnPropertyDescriptor(holder, key)?.get === undefined) renew();
    else if (this !== holder && isObjectLike(this)) replaceMemo(this, key, value, replace);
    return value;
  }, replace);
  if (!Reflect.defineProperty(holder, key, { ...descriptor, get })) return 'locked';
  return {
    method: 'getter',
    undo: () => putBack(holder, key, get, descriptor),
  };
}

/** Replaces what an inherited getter has just noted on the object that inherits it. */
function replaceMemo(object: object, key: PropertyKey, value: unknown, replace: Replace): void {
  if (typeof value === 'function' && Reflect.getOwnPropertyDescriptor(object, key)?.value === value) {
    replaceSlot(object, key, replace);
  }
}

/** A getter that gives what stands in for what `getter` gives. */
export function forwardingGetter(getter: (this: unknown) => unknown, replace: Replace): () => unknown {
  const forwarding = {
    get(this: unknown) {
      return replace(getter.call(this));
    },
  }.get;
  ourGetters.add(forwarding);
  return forwarding;
}

/** Replaces a binding of an ES module, by way of import-in-the-middle's namespace. */
export function replaceBinding(namespace: Record<string, unknown>, key: string, replace: Replace): SlotResult {
  const original = namespace[key];
  const replacement = replace(original);
  if (replacement === original) return 'unchanged';
  namespace[key] = replacement;
  return {
    method: 'binding',
    undo() {
      if (namespace[key] !== replacement) return false;
      namespace[key] = original;
      return true;
    },
  };
}

/**
 * Replaces the value of an inherited property for `object` alone, and those that inherit from it: by an own property.
 */
export function overrideInherited(object: object, key: PropertyKey, replace: Replace): SlotResult {
  const inherited = findDescriptor(object, key);
  if (inherited === undefined) return 'unchanged';
  const own: PropertyDescriptor =
    inherited.get === undefined
      ? { value: replace(inherited.value), writable: true }
      : { get: forwardingGetter(inherited.get, replace), set: inherited.set };
  if (inherited.get === undefined && own.value === inherited.value) return 'unchanged';
  if (!Reflect.defineProperty(object, key, { ...own, configurable: true, enumerable: false })) return 'locked';
  return {
    method: own.get === undefined ? 'property' : 'getter',
    undo() {
      const current = Reflect.getOwnPropertyDescriptor(object, key);
      const isOurs = current !== undefined && current.value === own.value && current.get === own.get;
      return isOurs && Reflect.deleteProperty(object, key);
    },
  };
}

/** The descriptor of a property, own or inherited. */
export function findDescriptor(object: object, key: PropertyKey): PropertyDescriptor | undefined {
  for (let owner: object | null = object; owner !== null; owner = Reflect.getPrototypeOf(owner)) {
    const descriptor = Reflect.getOwnPropertyDescriptor(owner, key);
    if (descriptor !== undefined) return descriptor;
  }
  return undefined;
}
