/**
 * Looks through the exports of a loaded module for async generators. Runs in the child process, before anything is patched.
 * Reads descriptors only, and getters only where that runs no code of the module's: see `isReexport`.
 */
import { Channel, tracingChannel } from 'node:diagnostics_channel';
import { types } from 'node:util';
import { readText } from '../../install/application-files';
import {
  ancestorsOf,
  exportKeys,
  isForeign,
  isInstance,
  isReexport,
  MAX_DEPTH,
  mayHoldExports,
  ownerOf,
  sourceOf,
} from '../../install/keys';
import { isGeneratorFunction } from '../../trace/generator-functions';
import { isClass, isObjectLike, type AnyFunction } from '../../base/intrinsics';
import { innermostOf } from '../../trace/wrappers';
import { parseSelector } from '../../targets/selector';
import { evidenceOf, productsOf, rankOfGuess } from './evidence';
import type { Definition, FoundExport, ModuleFormat, Survey } from './model';

/** A module may export a very large graph of objects. */
const MAX_OBJECTS = 20_000;

/** Names of functions that make clients, streams or generators. What they make cannot be seen without a call. */
const FACTORY =
  /^(?:create|make|build|open)\w*(?:Api|Client|Connection|Consumer|Cursor|Iterator|Pool|Reader|Session|Stream)$|^(?:connect|open)(?![a-z])/;

interface Place {
  readonly selector: string;
  readonly key: PropertyKey;
  readonly depth: number;
  readonly kind: FoundExport['kind'];
  readonly definition: Definition;
  readonly inheritedFrom?: string;
}

/** A class, or a function that is used as one. */
interface FoundClass {
  readonly selector: string;
  readonly value: AnyFunction;
  readonly prototype: object;
}

/** @param file of the module, whose text shows what some compilers have made plain functions of. What other packages export is left out. */
export function surveyExports(exports: unknown, format: ModuleFormat, file?: string): Survey {
  const walk = new Walk(file);
  if (!isObjectLike(exports)) return walk.result(0);
  // Symbols (the tag of namespaces) and the whole of a CommonJS module, as Node adds it to namespaces, are not exports.
  const exported = exportKeys(exports).filter((key) => typeof key === 'string' && key !== 'module.exports');
  const isCallable = typeof exports === 'function';
  walk.visitProperties(exports, '', 0, format === 'module');
  // Last, for the same reason as in `visitProperties`.
  if (isCallable) {
    const named = { selector: 'default', key: 'default', depth: 1 };
    walk.visitCallable(exports as AnyFunction, { ...named, kind: 'function', definition: 'module.exports' });
  }
  walk.visitInherited();
  return walk.result(exported.length + Number(isCallable));
}

class Walk {
  private readonly found: FoundExport[] = [];
  /** Functions that are not async generators. What they may return is asked when all async generators are known. */
  private readonly others: { readonly fn: AnyFunction; readonly place: Place }[] = [];
  private readonly unread: string[] = [];
  private readonly unspellable: string[] = [];
  private readonly factories: string[] = [];
  private readonly classes: FoundClass[] = [];
  /** Objects and classes: once is enough, under the first name. Functions are listed under each. */
  private readonly visited = new Set<object>();
  private readonly functions = new Map<object, string>();
  private source: string | undefined;

  constructor(private readonly file: string | undefined) {}

  result(exportCount: number): Survey {
    const generators = new Set(this.found.map(({ selector }) => lastKeyOf(selector)));
    for (const { fn, place } of this.others) {
      const name = nameFor(place.key, fn);
      // What calls another of its name is not explained by that.
      const others = new Set([...generators].filter((each) => each !== name));
      const evidence = evidenceOf(name, sourceOf(fn), others);
      if (evidence.length === 0) continue;
      const made = productsOf(sourceOf(fn)).filter((each) => parseSelector(place.selector + each) !== undefined);
      // Of a factory nothing can be seen but what it makes: its own calls give no items.
      for (const each of made.length > 0 ? made : ['']) this.add(fn, place, evidence, each);
    }
    const found = [...this.found].sort((a, b) => rankOf(a) - rankOf(b));
    const { unread, unspellable, factories } = this;
    return { found, unread, unspellable, factories, exportCount };
  }

  visitProperties(object: object, parent: string, depth: number, isNamespace: boolean): void {
    if (depth > MAX_DEPTH || this.visited.size > MAX_OBJECTS || this.visited.has(object)) return;
    this.visited.add(object);
    // The default export is often a named one as well, and that is the better name.
    const keys = exportKeys(object).sort((a, b) => Number(a === 'default') - Number(b === 'default'));
    for (const key of keys) {
      const selector = parent === '' ? textOf(key) : `${parent}.${textOf(key)}`;
      const read = readProperty(object, key, isNamespace);
      if (!canBeNamed(key)) this.noteUnspellable(read?.value, selector);
      else if (read !== undefined) this.visit(read.value, { ...read, selector, key, depth: depth + 1 });
      else if (depth === 0) this.unread.push(selector);
    }
  }

  private visit(value: unknown, place: Place): void {
    if (typeof value === 'function') this.visitCallable(value as AnyFunction, place);
    else if (isObjectLike(value) && mayHoldExports(value) && !isChannel(value) && !this.isForeign(value)) {
      const depth = isInstance(value) ? MAX_DEPTH : place.depth;
      this.visitProperties(value, place.selector, depth, types.isModuleNamespaceObject(value));
    }
  }

  visitCallable(value: AnyFunction, place: Place): void {
    if (this.isGenerator(value)) {
      this.add(value, place, []);
      this.visitStatics(value, place, 'data property');
      return;
    }
    if (place.depth === 1 && FACTORY.test(String(place.key))) this.factories.push(place.selector);
    const prototype: unknown = Reflect.getOwnPropertyDescriptor(value, 'prototype')?.value;
    // Before there was `class`, a subclass could be a function without methods of its own.
    const hasMethods =
      isObjectLike(prototype) && (exportKeys(prototype, false).length > 0 || ancestorsOf(prototype).length > 0);
    if (isClass(value) || hasMethods) {
      if (isObjectLike(prototype)) this.visitClass({ selector: place.selector, value, prototype }, place);
      return;
    }
    this.visitStatics(value, place, 'data property');
    if (typeof place.key === 'symbol' && place.key !== Symbol.asyncIterator) return;
    // A generator that is not async returns what is not async.
    if (!types.isGeneratorFunction(value)) this.others.push({ fn: value, place });
  }

  private visitClass(found: FoundClass, place: Place): void {
    const { selector, prototype } = found;
    if (place.depth <= MAX_DEPTH && !this.visited.has(prototype)) {
      this.visited.add(prototype);
      this.classes.push(found);
      const { depth } = place;
      this.visitMembers(prototype, `${selector}#`, { depth, kind: 'method', definition: 'prototype method' });
    }
    this.visitStatics(found.value, place, 'static method');
  }

  /** What a function has as properties. Those of the module's exports have been visited. */
  private visitStatics(fn: AnyFunction, { selector, depth }: Place, definition: Definition): void {
    if (depth > MAX_DEPTH || this.visited.has(fn)) return;
    this.visited.add(fn);
    const kind = definition === 'static method' ? 'static method' : 'function';
    this.visitMembers(fn, `${selector}.`, { depth, kind, definition });
  }

  private visitMembers(owner: object, prefix: string, about: Omit<Place, 'selector' | 'key'>): void {
    const isInherited = about.inheritedFrom !== undefined;
    for (const key of exportKeys(owner, false)) {
      const selector = prefix + textOf(key);
      // Accessors of a class are there for its instances, and say nothing without one.
      const descriptor = Reflect.getOwnPropertyDescriptor(owner, key);
      const value: unknown = descriptor?.value;
      if (descriptor === undefined || !isObjectLike(value)) continue;
      const definition = isLocked(descriptor) && !isInherited ? 'read-only property' : about.definition;
      const place: Place = { ...about, selector, key, depth: about.depth + 1, definition };
      if (!canBeNamed(key)) this.noteUnspellable(value, selector);
      else if (about.kind !== 'method' && !isInherited) this.visit(value, place);
      else if (typeof value === 'function' && !isClass(value)) this.visitCallable(value as AnyFunction, place);
    }
  }

  private isGenerator(value: unknown): boolean {
    return (
      typeof value === 'function' &&
      isGeneratorFunction(innermostOf(value as AnyFunction), () => (this.source ??= readText(this.file ?? '')))
    );
  }

  /** As wildcards have it, which leave alone what belongs to others. */
  private isForeign(object: object): boolean {
    return this.file !== undefined && isForeign(object, this.file);
  }

  private noteUnspellable(value: unknown, name: string): void {
    if (this.isGenerator(value)) this.unspellable.push(name);
  }

  /** Methods of parent classes that the module does not export: reachable by the name of the child alone. */
  visitInherited(): void {
    for (const { selector, value, prototype } of [...this.classes]) {
      this.visitAncestors(prototype, `${selector}#`, 'method');
      this.visitAncestors(value, `${selector}.`, 'static method');
    }
  }

  private visitAncestors(child: object, prefix: string, kind: FoundExport['kind']): void {
    for (const owner of ancestorsOf(child)) {
      if (this.visited.has(owner)) continue;
      this.visited.add(owner);
      const inheritedFrom = nameOfClass(owner);
      this.visitMembers(owner, prefix, { depth: MAX_DEPTH - 1, kind, definition: 'inherited method', inheritedFrom });
    }
  }

  /** @param made what the function makes, as `productsOf` has it; empty for the function itself */
  private add(fn: AnyFunction, place: Place, evidence: readonly string[], made = ''): void {
    const { selector, kind, definition, inheritedFrom } = place;
    const known = this.functions.get(fn);
    if (known === undefined) this.functions.set(fn, selector);
    const sameAs = known === undefined || known === selector ? undefined : known + made;
    const isAsyncGenerator = this.isGenerator(fn);
    const about = { kind, isAsyncGenerator, evidence, definition, inheritedFrom, sameAs };
    this.found.push({ selector: selector + made, ...about });
  }
}

/** Diagnostics channels have a method that is called `subscribe`, and clients have dozens of them. */
function isChannel(value: object): boolean {
  return value instanceof Channel || Reflect.getPrototypeOf(value) === TRACING_CHANNEL;
}

const TRACING_CHANNEL = Reflect.getPrototypeOf(tracingChannel('opentelemetry-instrumentation-async-generator'));

function rankOf({ isAsyncGenerator, selector, evidence }: FoundExport): number {
  return isAsyncGenerator ? 0 : rankOfGuess(lastKeyOf(selector), evidence);
}

const lastKeyOf = (selector: string) => /[^.#]*$/.exec(selector)?.[0] ?? '';

/** Undefined for a getter that runs code, and for one that throws. */
function readProperty(
  object: object,
  key: PropertyKey,
  isNamespace: boolean,
): (Pick<Place, 'kind' | 'definition'> & { value: unknown }) | undefined {
  try {
    // A binding that has no value yet throws.
    if (isNamespace) return { value: Reflect.get(object, key), kind: 'function', definition: 'ES module binding' };
    const owner = ownerOf(object, key);
    const descriptor = owner && Reflect.getOwnPropertyDescriptor(owner, key);
    if (descriptor === undefined) return undefined;
    if (descriptor.get !== undefined) {
      if (!isReexport(sourceOf(descriptor.get))) return undefined;
      const definition = descriptor.configurable ? 'getter' : 'locked getter';
      return { value: Reflect.get(object, key), kind: 'function', definition };
    }
    const { value } = descriptor as { value: unknown };
    if (isLocked(descriptor)) return { value, kind: 'function', definition: 'read-only property' };
    if (owner === object) return { value, kind: 'function', definition: 'data property' };
    return { value, kind: 'method', definition: 'prototype method' };
  } catch {
    return undefined;
  }
}

const isLocked = ({ writable, configurable }: PropertyDescriptor) => writable === false && configurable === false;

/** A default export has no name of its own, and a function under a symbol is an iterator's. */
function nameFor(key: PropertyKey, fn: AnyFunction): string {
  if (typeof key === 'symbol') return 'asyncIterator';
  if (key !== 'default') return String(key);
  const name: unknown = Reflect.getOwnPropertyDescriptor(fn, 'name')?.value;
  return typeof name === 'string' ? name : '';
}

const textOf = (key: PropertyKey) => (typeof key === 'symbol' ? `[${key.description ?? ''}]` : String(key));

/** Whether a selector can have the key in it. */
function canBeNamed(key: PropertyKey): boolean {
  const parsed = parseSelector(textOf(key));
  if (parsed === undefined || parsed.factory !== undefined || parsed.member !== undefined) return false;
  const [pattern, ...rest] = parsed.path;
  return pattern !== undefined && rest.length === 0 && !pattern.isWildcard && pattern.key === key;
}

function nameOfClass(owner: object): string {
  const constructor: unknown =
    typeof owner === 'function' ? owner : Reflect.getOwnPropertyDescriptor(owner, 'constructor')?.value;
  const name: unknown =
    typeof constructor === 'function' ? Reflect.getOwnPropertyDescriptor(constructor, 'name')?.value : undefined;
  return typeof name === 'string' && name !== '' ? name : 'a class without a name';
}
