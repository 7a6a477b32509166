/**
 * Which properties of an object are exports. Reads descriptors only: a getter may do anything.
 */
import { EventEmitter } from 'node:events';
import Stream = require('node:stream');
import { types } from 'node:util';
import { isClass, isObjectLike, type AnyFunction } from '../run/intrinsics';

/** Own members of every function or class. */
const OF_FUNCTIONS: ReadonlySet<PropertyKey> = new Set(['length', 'name', 'prototype', 'arguments', 'caller']);

/** Own members of prototypes and of what compilers make of ES modules. */
const OF_OBJECTS: ReadonlySet<PropertyKey> = new Set(['constructor', '__esModule']);

/** Whether a wildcard may mean the property of `object`. A name means whatever it names. */
function isExportKey(object: object, key: PropertyKey): boolean {
  return !(typeof object === 'function' ? OF_FUNCTIONS : OF_OBJECTS).has(key);
}

/** The keys that a wildcard may mean: the object's own, and those of a class that it is an instance of. */
export function exportKeys(object: object, inherited = true): PropertyKey[] {
  const keys = new Set<PropertyKey>();
  for (
    let owner: object | null = object;
    owner !== null && !isRootPrototype(owner);
    owner = Reflect.getPrototypeOf(owner)
  ) {
    for (const key of Reflect.ownKeys(owner)) if (isExportKey(owner, key)) keys.add(key);
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

/** Constructors of the language, and those of Node's that are loaded in any case. */
const GLOBALS = [
  ...['Object', 'Function', 'Boolean', 'Symbol', 'Number', 'BigInt', 'String', 'Date', 'RegExp', 'Iterator'],
  ...['Error', 'AggregateError', 'EvalError', 'RangeError', 'ReferenceError', 'SyntaxError', 'TypeError', 'URIError'],
  ...['Array', 'Map', 'Set', 'WeakMap', 'WeakSet', 'WeakRef', 'FinalizationRegistry', 'Promise', 'Proxy'],
  ...['ArrayBuffer', 'SharedArrayBuffer', 'DataView', 'Int8Array', 'Int16Array', 'Int32Array', 'BigInt64Array'],
  ...[
    'Uint8Array',
    'Uint8ClampedArray',
    'Uint16Array',
    'Uint32Array',
    'BigUint64Array',
    'Float32Array',
    'Float64Array',
  ],
  ...['Buffer', 'EventTarget', 'Event', 'AbortController', 'AbortSignal', 'URL', 'URLSearchParams'],
];

/** Prototypes of the language and of Node: what is patched there is patched for the whole process. */
const ROOT_PROTOTYPES: ReadonlySet<object> = new Set([
  ...globalPrototypes(),
  EventEmitter.prototype,
  ...[Stream, Stream.Readable, Stream.Writable, Stream.Duplex, Stream.Transform, Stream.PassThrough].map(prototypeOf),
  ...chainOf(async function* () {}),
  ...chainOf(async function* () {}.prototype as object),
  ...chainOf(function* () {}.prototype as object),
  ...chainOf(async function () {}),
]);

/** With those that they inherit from. By name: reading the globals of Node's own loads what is behind them. */
function globalPrototypes(): object[] {
  return GLOBALS.flatMap((name) => {
    const prototype = (globalThis as unknown as Record<string, { prototype?: object } | undefined>)[name]?.prototype;
    return prototype === undefined ? [] : [prototype, ...chainOf(prototype)];
  });
}

function prototypeOf(constructor: { prototype: object }): object {
  return constructor.prototype;
}

/** The prototypes of an object, without itself. */
function chainOf(object: object): object[] {
  const prototype = Reflect.getPrototypeOf(object);
  return prototype === null ? [] : [prototype, ...chainOf(prototype)];
}

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
