/**
 * Own members put on an object that is the program's, and taken off again.
 */
import {
  defineProperty,
  deleteProperty,
  getOwnPropertyDescriptor,
  hasOwn,
  isExtensible,
  OwnWeakMap,
  setPrototypeOf,
} from '../base/intrinsics';

export interface Member {
  readonly key: PropertyKey;
  readonly value?: object;
  /** In place of `value`: called when the program reads the member. */
  readonly onRead?: () => unknown;
}

export const NO_MEMBERS: readonly Member[] = [];

/** Whether `member` is what `object` has under its key. */
export function isInPlace(object: object, { key, value, onRead }: Member): boolean {
  const descriptor = getOwnPropertyDescriptor(object, key);
  if (descriptor === undefined) return false;
  return onRead === undefined ? descriptor.value === value : descriptor.get === onRead;
}

/** Our members that were to come off while others lay over them: what they had replaced. */
const covered = new OwnWeakMap<object, PropertyDescriptor | undefined>();

/** What to put back: `replaced`, or what lay below it if that has come off since. */
function uncovered(replaced: PropertyDescriptor | undefined): PropertyDescriptor | undefined {
  let descriptor = replaced;
  for (let own = ownOf(descriptor); own !== undefined && covered.has(own); own = ownOf(descriptor)) {
    descriptor = covered.get(own);
  }
  return descriptor;
}

/** The function that one of our members consists of. */
function ownOf(descriptor: PropertyDescriptor | undefined): object | undefined {
  return descriptor?.get ?? (descriptor?.value as object | undefined);
}

/** A property descriptor that inherits nothing. */
type OwnDescriptor = PropertyDescriptor & { __proto__: null };

const ORDINARY: object = {};

/** Whether a program has put a `get` or `set` on Object.prototype, which an ordinary descriptor would inherit. */
function descriptorsInherit(): boolean {
  return 'get' in ORDINARY || 'set' in ORDINARY;
}

function define(object: object, key: PropertyKey, value: unknown, enumerable: boolean): void {
  // An ordinary descriptor takes a third of the time.
  if (!descriptorsInherit()) {
    defineProperty(object, key, { value, writable: true, configurable: true, enumerable });
    return;
  }
  const descriptor: OwnDescriptor = { __proto__: null, value, writable: true, configurable: true, enumerable };
  defineProperty(object, key, descriptor);
}

/** A program that assigns to such a member has what it assigned. */
function defineGetter(object: object, { key, onRead: get }: Member, enumerable: boolean): void {
  const set = (value: unknown): void => {
    const own: OwnDescriptor = { __proto__: null, value, writable: true, configurable: true, enumerable: true };
    defineProperty(object, key, own);
  };
  const descriptor: OwnDescriptor = { __proto__: null, get, set, configurable: true, enumerable };
  defineProperty(object, key, descriptor);
}

/** Names a function that is put in place of one of the program's. */
export function setName(fn: object, name: string): void {
  const descriptor: OwnDescriptor = { __proto__: null, value: name, configurable: true };
  defineProperty(fn, 'name', descriptor);
}

/**
 * Defines all members on `object`, as non-enumerable unless they replace enumerable ones.
 *
 * @returns a function that takes off those that are still ours, and never throws; undefined if `object` cannot be patched (frozen)
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
    const member = members[index] as Member;
    const enumerable = replaced?.[index]?.enumerable ?? false;
    if (member.onRead === undefined) define(object, member.key, member.value, enumerable);
    else defineGetter(object, member, enumerable);
  }
  return () => {
    for (let index = 0; index < members.length; index++) {
      try {
        takeOff(object, members[index] as Member, uncovered(replaced?.[index]));
      } catch {
        // A Proxy that refuses, or has been revoked since: what stays passes straight through.
      }
    }
  };
}

/** Defines the members on `object` for good, as non-enumerable. False, and none, if it has any of them already or cannot be patched. */
export function addMembers(object: object, members: readonly Member[]): boolean {
  if (!isExtensible(object)) return false;
  for (let index = 0; index < members.length; index++) {
    if (hasOwn(object, (members[index] as Member).key)) return false;
  }
  for (let index = 0; index < members.length; index++) {
    const { key, value } = members[index] as Member;
    define(object, key, value, false);
  }
  return true;
}

function takeOff(object: object, member: Member, previous: PropertyDescriptor | undefined): void {
  if (!isInPlace(object, member)) {
    // Another run, or the program, has put its own over ours. To take that off must not bring ours back.
    covered.set(member.onRead ?? (member.value as object), previous);
  } else if (previous) defineProperty(object, member.key, previous);
  else deleteProperty(object, member.key);
}
