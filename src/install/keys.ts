/** Which properties of an object are exports, and how far a wildcard looks into what they hold. Reads descriptors only: a getter may do anything. */
import { EventEmitter } from 'node:events';
import Module = require('node:module');
import Stream = require('node:stream');
import { types } from 'node:util';
import { functionToString, isClass, isObjectLike, type AnyFunction } from '../base/intrinsics';

/** How many levels a wildcard goes into the value that it matches: as deep as namespaces go, `OpenAI.Beta.Threads.Runs#stream`. */
export const MAX_DEPTH = 5;

/** Own members of every function and class that are not exports, and what shimmer writes. */
export const FUNCTION_KEYS: ReadonlySet<PropertyKey> = new Set(
  'length name prototype arguments caller __original __unwrap __wrapped'.split(' '),
);

/** Whether a wildcard may mean the property. A name may mean any property. */
function isExportKey(object: object, key: PropertyKey): boolean {
  return typeof object === 'function'
    ? // What `util.inherits` notes is the parent.
      !FUNCTION_KEYS.has(key) && key !== 'super_'
    : key !== 'constructor' && key !== '__esModule';
}

/** The keys that a wildcard may mean: the object's own, and those of a class that it is an instance of. */
export function exportKeys(object: object, inherited = true): PropertyKey[] {
  const keys = new Set<PropertyKey>();
  for (const owner of chainOf(object)) {
    if (ROOT_PROTOTYPES.has(owner)) break;
    for (const key of Reflect.ownKeys(owner)) if (isExportKey(owner, key)) keys.add(key);
    if (!inherited || typeof object === 'function' || types.isModuleNamespaceObject(object)) break;
  }
  return [...keys];
}

/** The object in the prototype chain that defines the property. Never one of the language's own. */
export function ownerOf(object: object, key: PropertyKey): object | undefined {
  for (const owner of chainOf(object)) {
    if (ROOT_PROTOTYPES.has(owner)) return undefined;
    if (Object.hasOwn(owner, key)) return owner;
  }
  return undefined;
}

/** The descriptor of a property, own or inherited. */
export function findDescriptor(object: object, key: PropertyKey): PropertyDescriptor | undefined {
  for (const owner of chainOf(object)) {
    const descriptor = Reflect.getOwnPropertyDescriptor(owner, key);
    if (descriptor !== undefined) return descriptor;
  }
  return undefined;
}

/** An object and the prototypes that it inherits from. */
function* chainOf(object: object): Generator<object> {
  for (let owner: object | null = object; owner !== null; owner = Reflect.getPrototypeOf(owner)) yield owner;
}

/** Whether a wildcard looks into the value of an export. A Proxy may answer to any name, and with anything. */
export function mayHoldExports(value: object): boolean {
  if (types.isProxy(value)) return false;
  return (
    typeof value === 'function' ||
    !(Array.isArray(value) || ArrayBuffer.isView(value) || types.isPromise(value) || value === globalThis)
  );
}

/** Whether an object is an instance of a class. Such an object is exported for its methods, not for what it holds. */
export function isInstance(value: object): boolean {
  if (typeof value === 'function' || types.isModuleNamespaceObject(value)) return false;
  const prototype = Reflect.getPrototypeOf(value);
  return prototype !== null && Reflect.getPrototypeOf(prototype) !== null;
}

/** The prototypes that a class's prototype inherits from, or the classes that a class does: without those of the language and of Node. */
export function ancestorsOf(owner: object): object[] {
  const parent = Reflect.getPrototypeOf(owner);
  return parent === null || isBuiltinClass(parent) ? [] : [parent, ...ancestorsOf(parent)];
}

/** A class of the language or of Node, or its prototype. */
function isBuiltinClass(owner: object): boolean {
  const isStatic = typeof owner === 'function';
  const prototype: unknown = isStatic ? Reflect.getOwnPropertyDescriptor(owner, 'prototype')?.value : owner;
  if (!isObjectLike(prototype) || ownerOf(prototype, 'constructor') === undefined) return true;
  const constructor: unknown = Reflect.getOwnPropertyDescriptor(prototype, 'constructor')?.value;
  return typeof constructor === 'function' && sourceOf(constructor as AnyFunction).endsWith('{ [native code] }');
}

const NAME = String.raw`[\w$]+`;
const KEY = String.raw`(?:\.${NAME}|\[(?:${NAME}|"[^"\\]*"|'[^'\\]*')\])`;
const REEXPORT = new RegExp(
  String.raw`^(?:\(\)\s*=>\s*|(?:function(?:\s+${NAME})?|get\s+${NAME}|${NAME})\s*\(\)\s*\{\s*return\s+)` +
    String.raw`\(*\s*(?!this\b)${NAME}${KEY}*\s*\)*\s*;?\s*\}?$`,
);

/**
 * Whether a getter only hands out a variable or what a module in a variable exports (`() => x`,
 * `function () { return mod_1.x; }`), as compilers write `export { x } from`. Reading it runs no code of the program's, as
 * lazy getters do.
 */
export function isReexport(getterSource: string): boolean {
  return REEXPORT.test(withoutComments(getterSource).trim());
}

export function withoutComments(source: string): string {
  return source.replace(/\/\*(?:(?!\*\/)[^])*\*\/|(?<![:'"`\\])\/\/[^\n]*/g, ' ');
}

/** The source text of a function, if it shows any. */
export function sourceOf(fn: AnyFunction): string {
  try {
    return functionToString(fn);
  } catch {
    return '';
  }
}

const requireBuiltin = Module.createRequire(__filename);

/** Core modules that have async generators. */
const BUILTINS = 'events fs fs/promises readline readline/promises stream timers timers/promises'.split(' ');

type Cache = Record<string, { readonly exports: unknown } | undefined>;

/** Test tools put others in its place. */
const requireCache = () => (Module as unknown as { readonly _cache: Cache })._cache;

/** What a file that has been required exports. */
export function requiredExportsOf(file: string): unknown {
  return requireCache()[file]?.exports;
}

/** Whether an object that the exports of `file` hold is what another package or a core module exports, and serves others as well. */
export function isForeign(object: object, file: string): boolean {
  if (BUILTINS.some((name) => requireBuiltin(name) === object)) return true;
  const cache = requireCache();
  const defining = Object.keys(cache).find((key) => cache[key]?.exports === object);
  return defining !== undefined && packageFolder(defining) !== packageFolder(file);
}

/** The folder below node_modules that a file lies in. Empty for own files. */
function packageFolder(file: string): string {
  return /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/s.exec(file)?.[0] ?? '';
}

/** Constructors of the language, and those of Node that are loaded in any case. */
const GLOBALS = [
  'Object Function Boolean Symbol Number BigInt String Date RegExp Iterator Promise Proxy',
  'Error AggregateError EvalError RangeError ReferenceError SyntaxError TypeError URIError',
  'Array Map Set WeakMap WeakSet WeakRef FinalizationRegistry ArrayBuffer SharedArrayBuffer DataView',
  'Int8Array Int16Array Int32Array BigInt64Array Uint8Array Uint8ClampedArray Uint16Array Uint32Array BigUint64Array',
  'Float32Array Float64Array Buffer EventTarget Event AbortController AbortSignal URL URLSearchParams',
].flatMap((line) => line.split(' '));

/** Prototypes of the language and of Node. A patch there would affect the whole process. */
const ROOT_PROTOTYPES: ReadonlySet<object> = new Set(
  [
    // By name: reading all globals of Node loads what is behind them.
    ...GLOBALS.map((name) => (globalThis as unknown as Record<string, { prototype?: object }>)[name]),
    ...[Stream, Stream.Readable, Stream.Writable, Stream.Duplex, Stream.Transform, Stream.PassThrough, EventEmitter],
    ...[async function* () {}, function* () {}, async function () {}].flatMap((fn) => [
      { prototype: Reflect.getPrototypeOf(fn) },
      // Of its generators: its own is another one for each function.
      { prototype: Reflect.getPrototypeOf((fn.prototype as object | undefined) ?? fn) },
    ]),
  ].flatMap((constructor) => [...(constructor?.prototype ? chainOf(constructor.prototype) : [])]),
);

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
