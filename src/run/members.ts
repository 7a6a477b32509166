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

/** A property descriptor that inherits nothing. */
type OwnDescriptor = PropertyDescriptor & { __proto__: null };

const ORDINARY: object = {};

/** Whether a program has put a `get` or `set` on Object.prototype, which an ordinary descriptor would inherit. */
function descriptorsInherit(): boolean {
  return 'get' in ORDINARY || 'set' in ORDINARY;
}

function define(object: object, key: PropertyKey, value: unknown, enumerable: boolean): void {
  // The engine takes a third of the time for an ordinary one that is made here.
  if (!descriptorsInherit()) {
    defineProperty(object, key, { value, writable: true, configurable: true, enumerable });
    return;
  }
  const descriptor: OwnDescriptor = { __proto__: null, value, writable: true, configurable: true, enumerable };
  defineProperty(object, key, descriptor);
}

/** Names a function that stands in for one of the program's. */
export function setName(fn: object, name: string): void {
  const descriptor: OwnDescriptor = { __proto__: null, value: name, configurable: true };
  defineProperty(fn, 'name', descriptor);
}

/**
 * Defines the members on `object`, as non-enumerable unless they replace enumerable ones. All or none: that is asked first.
 *
 * @returns a function that takes them off again, leaving alone those that are no longer ours, and never throws; or undefined if
 * `object` cannot be patched (frozen)
 */
export function installMembers(object: object, members: readonly Member[]): (() => void) | undefined {
  const extensible = isExtensible(object);
  /** What they replace, which is seldom anything. */
  let replaced: (PropertyDescriptor | undefined)[] | undefined;
  for (let index = 0; index < members.length; index++) {
    const existing = getOwnPropertyDescriptor(object, (members[index] as Member).key);
    if (existing === undefined ? !extensible : !existing.configurable) return undefined;
    if (existing !== undefined) (replaced ??= [])[index] = setPrototypeOf(existing, null) as PropertyDescriptor;
  }
  for (let index = 0; index < members.length; index++) {
    const { key, value } = members[index] as Member;
    define(object, key, value, replaced?.[index]?.enumerable ?? false);
  }
  return () => {
    for (let index = 0; index < members.length; index++) {
      const { key, value } = members[index] as Member;
      try {
        takeOff(object, key, value, uncovered(replaced?.[index]));
      } catch {
        // A Proxy that refuses, or has been revoked since: what stays passes straight through.
      }
    }
  };
}

function takeOff(object: object, key: PropertyKey, value: object, previous: PropertyDescriptor | undefined): void {
  if (getOwnPropertyDescriptor(object, key)?.value !== value) {
    // Another run, or the program, has put its own over ours: whoever takes that off must not bring ours back.
    covered.set(value, previous);
  } else if (previous) defineProperty(object, key, previous);
  else deleteProperty(object, key);
}
