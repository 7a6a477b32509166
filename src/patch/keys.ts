/**
 * Which properties of an object are exports. Reads descriptors only: a getter may do anything.
 */
import { types } from 'node:util';
import { isClass, isObjectLike, type AnyFunction } from '../run/intrinsics';

/** Own members of functions, classes and prototypes that no wildcard means. */
const NOT_EXPORTS: ReadonlySet<PropertyKey> = new Set([
  'length',
  'name',
  'prototype',
  'arguments',
  'caller',
  'constructor',
  '__esModule',
]);

/** Whether a wildcard may mean the property. */
export function isExportKey(key: PropertyKey): boolean {
  return !NOT_EXPORTS.has(key);
}

/** The keys that a wildcard may mean: the object's own, and those of a class that it is an instance of. */
export function exportKeys(object: object, inherited = true): PropertyKey[] {
  const keys = new Set<PropertyKey>();
  for (
    let owner: object | null = object;
    owner !== null && !isRootPrototype(owner);
    owner = Reflect.getPrototypeOf(owner)
  ) {
    for (const key of Reflect.ownKeys(owner)) if (isExportKey(key)) keys.add(key);
    if (!inherited || typeof object === 'function' || types.isModuleNamespaceObject(object)) break;
  }
  return [...keys];
}

/** The object in the prototype chain that defines the property. Never one of the language's own. */
export function ownerOf(object: object, key: PropertyKey): object | undefined {
  for (
    let owner: object | null = object;
    owner !== null && !isRootPrototype(owner);
    owner = Reflect.getPrototypeOf(owner)
  ) {
    if (Object.hasOwn(owner, key)) return owner;
  }
  return undefined;
}

const ROOT_PROTOTYPES: ReadonlySet<object> = new Set<object>([
  Object.prototype,
  Function.prototype,
  Array.prototype,
  Promise.prototype,
  Object.getPrototypeOf(async function* () {}) as object,
  Object.getPrototypeOf(async function () {}) as object,
]);

function isRootPrototype(object: object): boolean {
  return ROOT_PROTOTYPES.has(object);
}

/** Names for the report to suggest. Reads no getter. */
export function namesOf(root: object): string[] {
  const names: string[] = [];
  for (const key of exportKeys(root)) {
    if (typeof key !== 'string') continue;
    names.push(key);
    const value: unknown = Reflect.getOwnPropertyDescriptor(root, key)?.value;
    const prototype: unknown = isClass(value) ? (value as AnyFunction).prototype : undefined;
    if (isObjectLike(prototype)) {
      names.push(
        ...exportKeys(prototype, false).flatMap((member) => (typeof member === 'string' ? [`${key}#${member}`] : [])),
      );
    }
  }
  return typeof root === 'function' ? ['default', ...names] : names;
}
