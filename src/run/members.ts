/**
 * Own members put on an object that is the program's, and taken off again.
 */
import { defineProperty, deleteProperty, getOwnPropertyDescriptor, isExtensible, setPrototypeOf } from './intrinsics';

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

/** The property as it is, with nothing inherited from an Object.prototype that a program has added to. */
function descriptorOf(object: object, key: PropertyKey): PropertyDescriptor | undefined {
  const descriptor = getOwnPropertyDescriptor(object, key);
  return descriptor && (setPrototypeOf(descriptor, null) as PropertyDescriptor);
}

/** Names a function that stands in for one of the program's. */
export function setName(fn: object, name: string): void {
  defineProperty(fn, 'name', { __proto__: null, value: name, configurable: true } as PropertyDescriptor);
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
    const existing = descriptorOf(object, key);
    replaced[index] = existing;
    defineProperty(object, key, {
      // So that a `get` that a program has put on Object.prototype is none of ours.
      __proto__: null,
      value,
      writable: true,
      configurable: true,
      enumerable: existing?.enumerable ?? false,
    } as PropertyDescriptor);
  }
  return () => {
    for (let index = 0; index < members.length; index++) {
      const { key, value } = members[index] as Member;
      const previous = uncovered(replaced[index]);
      if (descriptorOf(object, key)?.value !== value) {
        // Another run, or the program, has put its own over ours: whoever takes that off must not bring ours back.
        covered.set(value, previous);
      } else if (previous) defineProperty(object, key, previous);
      else deleteProperty(object, key);
    }
  };
}
