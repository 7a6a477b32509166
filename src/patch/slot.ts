/**
 * Replacing the value of one property, in whatever way its owner allows.
 */
import { types } from 'node:util';
import * as shimmer from 'shimmer';
import { isExtensible } from '../run/intrinsics';
import type { PatchMethod } from '../types';

/** Gives what stands in for a value; the value itself if nothing does. */
export type Replace = (value: unknown) => unknown;

export interface SlotPatch {
  readonly method: PatchMethod;
  undo(): void;
}

/** `locked`: only a replacement of the whole object would help. `unchanged`: there was nothing to replace. */
export type SlotResult = SlotPatch | 'locked' | 'unchanged';

/** Getters that forward to others: reading one runs code of the program's. */
const ourGetters = new WeakSet<object>();

/** Whether the property is an accessor of ours. */
export function isForwarding(descriptor: PropertyDescriptor): boolean {
  return descriptor.get !== undefined && ourGetters.has(descriptor.get);
}

/** Replaces the value of an own property of `holder`. */
export function replaceSlot(holder: object, key: PropertyKey, replace: Replace): SlotResult {
  const descriptor = Reflect.getOwnPropertyDescriptor(holder, key);
  if (descriptor === undefined) return 'unchanged';
  if (types.isModuleNamespaceObject(holder))
    return replace(descriptor.value) === descriptor.value ? 'unchanged' : 'locked';
  return descriptor.get === undefined
    ? replaceData(holder, key, descriptor, replace)
    : replaceGetter(holder, key, descriptor, replace);
}

function replaceData(holder: object, key: PropertyKey, descriptor: PropertyDescriptor, replace: Replace): SlotResult {
  const original: unknown = descriptor.value;
  const replacement = replace(original);
  if (replacement === original) return 'unchanged';
  if (descriptor.writable && descriptor.configurable && suitsShimmer(holder, original, replacement)) {
    const object = holder as Record<PropertyKey, unknown>;
    shimmer.wrap(object, key as string, () => replacement as never);
    return {
      method: 'property',
      undo() {
        if (object[key] === replacement) shimmer.unwrap(object, key);
      },
    };
  }
  if (!descriptor.configurable && !descriptor.writable) return 'locked';
  // A property that is only writable or only configurable takes a new value this way, its attributes unchanged.
  if (!Reflect.defineProperty(holder, key, { ...descriptor, value: replacement })) return 'locked';
  return {
    method: 'property',
    undo() {
      if (Reflect.getOwnPropertyDescriptor(holder, key)?.value === replacement) {
        Reflect.defineProperty(holder, key, descriptor);
      }
    },
  };
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
function replaceGetter(holder: object, key: PropertyKey, descriptor: PropertyDescriptor, replace: Replace): SlotResult {
  if (!descriptor.configurable) return 'locked';
  const get = forwardingGetter(descriptor.get as () => unknown, replace);
  if (!Reflect.defineProperty(holder, key, { ...descriptor, get })) return 'locked';
  return {
    method: 'getter',
    undo() {
      if (Reflect.getOwnPropertyDescriptor(holder, key)?.get === get) Reflect.defineProperty(holder, key, descriptor);
    },
  };
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
      if (namespace[key] === replacement) namespace[key] = original;
    },
  };
}
