/**
 * Own members put on an object that is the program's, and taken off again.
 */
import { defineProperty, deleteProperty, getOwnPropertyDescriptor, isExtensible } from './intrinsics';

type Members = ReadonlyMap<PropertyKey, unknown>;

/** Whether `object` can be given these members. Asked first, so that an object is patched whole or not at all. */
function canDefine(object: object, members: Members): boolean {
  const extensible = isExtensible(object);
  for (const key of members.keys()) {
    const existing = getOwnPropertyDescriptor(object, key);
    if (existing ? !existing.configurable : !extensible) return false;
  }
  return true;
}

/**
 * Defines the members on `object`, as non-enumerable unless they replace enumerable ones.
 *
 * @returns a function that takes them off again, leaving alone those that are no longer ours; or undefined if `object`
 * cannot be patched (frozen)
 */
export function installMembers(object: object, members: Members): (() => void) | undefined {
  if (!canDefine(object, members)) return undefined;
  const replaced = new Map<PropertyKey, PropertyDescriptor>();
  for (const [key, value] of members) {
    const existing = getOwnPropertyDescriptor(object, key);
    if (existing) replaced.set(key, existing);
    defineProperty(object, key, {
      value,
      writable: true,
      configurable: true,
      enumerable: existing?.enumerable ?? false,
    });
  }
  return () => {
    for (const [key, value] of members) {
      if (getOwnPropertyDescriptor(object, key)?.value !== value) continue;
      const previous = replaced.get(key);
      if (previous) defineProperty(object, key, previous);
      else deleteProperty(object, key);
    }
  };
}
