/**
 * Own members put on an object that is the program's, and taken off again.
 */
import { defineProperty, deleteProperty, getOwnPropertyDescriptor, isExtensible } from './intrinsics';

export interface Member {
  readonly key: PropertyKey;
  readonly value: object;
}

// Loops by index: a program may have patched the iteration of arrays.

/** Members that were to come off while others lay over them, and what they had replaced. */
const covered = new WeakMap<object, PropertyDescriptor | undefined>();

/** What there was before `replaced` was put in place, if that is over by now. */
function uncovered(replaced: PropertyDescriptor | undefined): PropertyDescriptor | undefined {
  let descriptor = replaced;
  while (descriptor !== undefined && covered.has(descriptor.value as object)) {
    descriptor = covered.get(descriptor.value as object);
  }
  return descriptor;
}

/** Whether `object` can be given these members. Asked first, so that an object is patched whole or not at all. */
function canDefine(object: object, members: readonly Member[]): boolean {
  const extensible = isExtensible(object);
  for (let index = 0; index < members.length; index++) {
    const existing = getOwnPropertyDescriptor(object, (members[index] as Member).key);
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
export function installMembers(object: object, members: readonly Member[]): (() => void) | undefined {
  if (!canDefine(object, members)) return undefined;
  const replaced: (PropertyDescriptor | undefined)[] = [];
  for (let index = 0; index < members.length; index++) {
    const { key, value } = members[index] as Member;
    const existing = getOwnPropertyDescriptor(object, key);
    replaced[index] = existing;
    defineProperty(object, key, {
      value,
      writable: true,
      configurable: true,
      enumerable: existing?.enumerable ?? false,
    });
  }
  return () => {
    for (let index = 0; index < members.length; index++) {
      const { key, value } = members[index] as Member;
      const previous = uncovered(replaced[index]);
      if (getOwnPropertyDescriptor(object, key)?.value !== value) {
        // Another run, or the program, has put its own over ours: whoever takes that off must not bring ours back.
        covered.set(value, previous);
      } else if (previous) defineProperty(object, key, previous);
      else deleteProperty(object, key);
    }
  };
}
