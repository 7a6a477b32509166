/**
 * Patches the exports of one loaded module: walks down the paths that the selectors name, and puts traced functions in
 * the places where they end.
 */
import { types } from 'node:util';
import { isAsyncGeneratorFunction, isClass, isObjectLike, type AnyFunction } from '../run/intrinsics';
import { isTraced, originalOf } from '../run/wrappers';
import { keyText } from '../targets/selector';
import { advance, claimMember, claimsOf, isExcluded, nextPattern, pathOf, type Claim } from './claim';
import { traceFactory } from './factory';
import type { ModuleEntry } from './report';
import { createReplacement, extendReplacement, isReplacement } from './replacement';
import { isForwarding, replaceBinding, replaceSlot, type Replace } from './slot';
import type { Target } from '../targets/target';
import type { PatchMethod } from '../types';

/** The exports of a module, and a way to put others in their place. */
export interface ExportsHolder {
  readonly exports: unknown;
  /** The namespace of an ES module as import-in-the-middle has it: its bindings are assigned one by one. */
  readonly isNamespace: boolean;
  /** Undefined where nothing can take the place of the whole. */
  readonly replace: ((exports: unknown) => void) | undefined;
}

export interface PatchOptions {
  /** The traced function for an export. */
  trace(fn: AnyFunction, claim: Claim, path: string): AnyFunction;
  /** Whether factories patch what they make. */
  isEnabled(): boolean;
}

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

export class ModulePatch {
  private readonly undos: (() => void)[] = [];
  /** The getters that this patch has put in place. */
  private readonly getters = new WeakSet();
  private readonly claims: readonly Claim[];
  /** The object that took the place of the exports, if one had to. */
  private replacement: object | undefined;
  private readonly original: unknown;
  /** Factory or function -> what stands in for it, so that every way to reach it leads to the same. */
  private readonly factories = new WeakMap<AnyFunction, AnyFunction>();

  constructor(
    private readonly holder: ExportsHolder,
    private readonly entries: ReadonlyMap<Target, ModuleEntry>,
    private readonly options: PatchOptions,
  ) {
    this.claims = claimsOf([...entries.keys()]);
    this.original = holder.exports;
  }

  /** Patches what there is. May be called again, for exports that were added since. Never throws. */
  apply(): void {
    const root = this.original;
    if (!isObjectLike(root)) return;
    try {
      this.applyTo(root);
    } catch (error) {
      for (const entry of this.entries.values()) entry.failures.add(`looking at its exports threw ${String(error)}`);
    }
  }

  private applyTo(root: object): void {
    const { isNamespace, replace } = this.holder;
    for (const entry of this.entries.values()) entry.available = namesOf(root);
    const locked = this.patchObject(root, this.claims, isNamespace);
    if (replace === undefined) {
      for (const claims of locked.values()) this.noteReadOnly(claims);
      if (typeof root === 'function' && !isNamespace) {
        this.noteReadOnly(this.claimsOn('default', this.claims).filter((claim) => !claim.isWildcard));
      }
      return;
    }
    const call = typeof root === 'function' ? this.defaultOf(root as AnyFunction) : root;
    if (locked.size > 0) this.replaceExports(root, locked, call as AnyFunction);
    else if (call !== root && this.holder.exports === root) this.setExports(call);
  }

  /** Puts everything back that is still ours. */
  undo(): void {
    while (this.undos.length > 0) this.undos.pop()?.();
    this.replacement = undefined;
  }

  /** A function as `module.exports` is its own default export: what stands in for it, or the function itself. */
  private defaultOf(root: AnyFunction): AnyFunction {
    const claims = isTraced(root) ? [] : this.claimsOn('default', this.claims);
    if (claims.length === 0) return root;
    return this.replaceValue(root, claims, (claim) => {
      this.entryOf(claim).patched('default', 'exports');
    }) as AnyFunction;
  }

  private replaceExports(root: object, locked: ReadonlyMap<PropertyKey, Claim[]>, call: AnyFunction): void {
    const replace = (key: PropertyKey): Replace => {
      const claims = locked.get(key);
      return claims === undefined ? (value) => value : (value) => this.replaceValue(value, claims, notePatched);
    };
    const notePatched = (claim: Claim) => {
      this.entryOf(claim).patched(pathOf(claim), 'exports');
    };
    if (this.replacement !== undefined) {
      extendReplacement(this.replacement, root, replace);
      return;
    }
    this.replacement = createReplacement(root, replace, call);
    this.setExports(this.replacement);
    for (const [key, claims] of locked) this.readIfNamed(this.replacement, key, claims);
  }

  private setExports(exports: unknown): void {
    const { holder, original } = this;
    holder.replace?.(exports);
    this.undos.push(() => {
      if (holder.exports === exports) holder.replace?.(original);
    });
  }

  /**
   * Patches the properties of `object` that the claims lead to.
   *
   * @returns the properties that cannot be replaced in it, with the claims on them
   */
  private patchObject(object: object, claims: readonly Claim[], isNamespace = false): Map<PropertyKey, Claim[]> {
    const locked = new Map<PropertyKey, Claim[]>();
    for (const [key, keyClaims] of this.claimsByKey(object, claims)) {
      const owner = ownerOf(object, key);
      const descriptor = owner && Reflect.getOwnPropertyDescriptor(owner, key);
      if (owner === undefined || descriptor === undefined || this.isDone(descriptor)) continue;
      let method: PatchMethod | undefined = descriptor.get && !isNamespace ? 'getter' : undefined;
      const found: Claim[] = [];
      const notePatched = (claim: Claim) => {
        if (method === undefined) found.push(claim);
        else this.entryOf(claim).patched(pathOf(claim), method);
      };
      const replace: Replace = (value) => this.replaceValue(value, keyClaims, notePatched);
      const result = isNamespace
        ? replaceBinding(object as Record<string, unknown>, key as string, replace)
        : replaceSlot(owner, key, replace);
      if (result === 'locked') {
        locked.set(key, keyClaims);
        continue;
      }
      method = result === 'unchanged' ? (isNamespace ? 'binding' : 'property') : result.method;
      found.forEach(notePatched);
      if (result === 'unchanged') continue;
      this.undos.push(() => {
        result.undo();
      });
      if (method === 'getter') {
        this.noteDone(owner, key);
        this.readIfNamed(object, key, keyClaims);
      }
    }
    return locked;
  }

  /** A getter that the user named is read, so that the report can say what it gave; others wait for the program. */
  private readIfNamed(object: object, key: PropertyKey, claims: readonly Claim[]): void {
    const descriptor = Reflect.getOwnPropertyDescriptor(object, key);
    if (descriptor?.get === undefined || !isForwarding(descriptor)) return;
    if (claims.every((claim) => claim.isWildcard)) {
      for (const claim of claims) this.entryOf(claim).unread.add(pathOf(claim));
      return;
    }
    try {
      Reflect.get(object, key);
    } catch (error) {
      for (const claim of claims) this.entryOf(claim).failures.add(`reading ${keyText(key)} threw ${String(error)}`);
    }
  }

  /** For every property that a claim leads to, the claims on it: names before `default`, winners first. */
  private claimsByKey(object: object, claims: readonly Claim[]): [PropertyKey, Claim[]][] {
    const keys = new Set<PropertyKey>();
    const all = exportKeys(object);
    for (const claim of claims) {
      const pattern = nextPattern(claim);
      if (pattern === undefined) continue;
      if (!pattern.isWildcard) keys.add(pattern.key);
      else for (const key of all) if (pattern.matches(key)) keys.add(key);
    }
    const found = [...keys].map((key): [PropertyKey, Claim[]] => [key, this.claimsOn(key, claims)]);
    const rank = ([key, [best]]: [PropertyKey, Claim[]]) =>
      (best ? claims.indexOf(this.origin(best, claims)) * 2 : 0) + Number(key === 'default');
    return found.sort((a, b) => rank(a) - rank(b));
  }

  /** The claim that `claim` was advanced from. */
  private origin(claim: Claim, claims: readonly Claim[]): Claim {
    return claims.find(({ selector, target }) => selector === claim.selector && target === claim.target) as Claim;
  }

  private claimsOn(key: PropertyKey, claims: readonly Claim[]): Claim[] {
    return claims.flatMap((claim) => {
      const pattern = nextPattern(claim);
      return pattern?.matches(key) && !(pattern.isWildcard && NOT_EXPORTS.has(key))
        ? [advance(claim, pattern, key)]
        : [];
    });
  }

  /** What stands in for a value that the claims have come to. Never throws: it runs in the program's property reads. */
  private replaceValue(value: unknown, claims: readonly Claim[], notePatched: (claim: Claim) => void): unknown {
    for (const claim of claims) this.entryOf(claim).unread.delete(pathOf(claim));
    if (!isObjectLike(value)) return value;
    try {
      return this.replaceObject(value, claims, notePatched);
    } catch (error) {
      for (const claim of claims) this.entryOf(claim).failures.add(`patching ${pathOf(claim)} threw ${String(error)}`);
      return value;
    }
  }

  private replaceObject(value: object, claims: readonly Claim[], notePatched: (claim: Claim) => void): unknown {
    const deeper = claims.filter((claim) => nextPattern(claim) !== undefined);
    if (deeper.length > 0) this.patchInside(value, deeper);
    // A callable replacement calls what is traced.
    if (typeof value !== 'function' || isReplacement(value)) return value;

    const here = claims.filter((claim) => nextPattern(claim) === undefined);
    const factories: Claim[] = [];
    let traced: Claim | undefined;
    for (const claim of here) {
      if (claim.selector.member !== undefined) this.patchPrototype(value as AnyFunction, claim);
      else if (isClass(value) && claim.selector.factory === undefined) this.patchClass(value as AnyFunction, claim);
      else if (isExcluded(claim)) continue;
      else if (claim.selector.factory !== undefined) factories.push(claim);
      else if (!claim.isWildcard || isGeneratorLike(value)) traced ??= claim;
      else this.entryOf(claim).passedOver.add(pathOf(claim));
    }
    let result = value as AnyFunction;
    if (traced !== undefined) {
      result = this.options.trace(result, traced, pathOf(traced));
      notePatched(traced);
    }
    return factories.length === 0 ? result : this.replaceFactory(result, factories);
  }

  /** Patches properties of an object that an export holds; there is nothing to put in the place of that object. */
  private patchInside(value: object, claims: readonly Claim[]): void {
    for (const locked of this.patchObject(value, claims).values()) this.noteReadOnly(locked);
  }

  private noteReadOnly(claims: readonly Claim[]): void {
    for (const claim of claims) {
      this.entryOf(claim).failures.add(
        `${pathOf(claim)} cannot be replaced: it is read-only; trace it with traceAsyncGenerator instead`,
      );
    }
  }

  /** `Class#method`, `Class#*`. */
  private patchPrototype(value: AnyFunction, claim: Claim): void {
    const prototype: unknown = Reflect.getOwnPropertyDescriptor(value, 'prototype')?.value;
    const pattern = claim.selector.member;
    if (!isObjectLike(prototype) || pattern === undefined) {
      this.entryOf(claim).failures.add(`${keyText(claim.keys[claim.keys.length - 1] as PropertyKey)} is no class`);
      return;
    }
    const keys = pattern.isWildcard
      ? exportKeys(prototype, false).filter((key) => pattern.matches(key))
      : [pattern.key];
    const isWildcard = claim.isWildcard || pattern.isWildcard;
    for (const key of keys) {
      if (!NOT_EXPORTS.has(key)) this.patchMember(prototype, claimMember(claim, key, false, isWildcard), key);
    }
  }

  /** `*` on a class means its async-generator methods; a name alone means nothing that could be traced. */
  private patchClass(value: AnyFunction, claim: Claim): void {
    if (!claim.isWildcard) {
      const name = pathOf(claim);
      this.entryOf(claim).failures.add(
        `${name} is a class: select its methods with ${name}#*, ${name}#method or ${name}.method`,
      );
      return;
    }
    const prototype: unknown = value.prototype;
    if (isObjectLike(prototype)) {
      for (const key of exportKeys(prototype, false))
        this.patchMember(prototype, claimMember(claim, key, false, true), key);
    }
    for (const key of exportKeys(value, false)) this.patchMember(value, claimMember(claim, key, true, true), key);
  }

  /** Patches a method where it is defined, be that a parent class. */
  private patchMember(object: object, claim: Claim, key: PropertyKey): void {
    if (isExcluded(claim)) return;
    const entry = this.entryOf(claim);
    const owner = ownerOf(object, key);
    const descriptor = owner && Reflect.getOwnPropertyDescriptor(owner, key);
    if (owner === undefined || descriptor === undefined || this.isDone(descriptor)) return;
    // A wildcard on an accessor would have to look at whatever a program reads through it.
    if (claim.isWildcard && !isGeneratorLike(descriptor.value)) return;
    const path = pathOf(claim);
    const member = claim.selector.factory;
    const replace: Replace = (value) => {
      if (typeof value !== 'function') return value;
      return member === undefined
        ? this.options.trace(value as AnyFunction, claim, path)
        : this.replaceFactory(value as AnyFunction, [claim]);
    };
    const result = replaceSlot(owner, key, replace);
    if (result === 'locked') this.noteReadOnly([claim]);
    else if (result !== 'unchanged') {
      this.undos.push(() => {
        result.undo();
      });
      if (result.method === 'getter') this.noteDone(owner, key);
      entry.patched(path, member === undefined ? result.method : 'factory');
    } else if (isTraced(descriptor.value)) entry.patched(path, 'property');
  }

  private replaceFactory(factory: AnyFunction, claims: readonly Claim[]): AnyFunction {
    const known = this.factories.get(factory);
    if (known !== undefined) return known;
    const products = claims.flatMap((claim) => {
      const { factory: selector } = claim.selector;
      if (selector === undefined) return [];
      const path = pathOf(claim);
      const entry = this.entryOf(claim);
      entry.patched(path, 'factory');
      return [
        {
          selector,
          replace: (value: unknown) =>
            typeof value === 'function' ? this.options.trace(value as AnyFunction, claim, path) : value,
          failed: (reason: string) => {
            entry.failures.add(`${claim.selector.text}: ${reason}`);
          },
        },
      ];
    });
    const standIn = traceFactory(factory, products, this.options.isEnabled);
    this.factories.set(factory, standIn);
    this.factories.set(standIn, standIn);
    return standIn;
  }

  /** Whether an earlier `apply` has replaced the getter. Those of other patches are replaced in turn. */
  private isDone({ get }: PropertyDescriptor): boolean {
    return get !== undefined && this.getters.has(get);
  }

  private noteDone(owner: object, key: PropertyKey): void {
    this.getters.add(Reflect.getOwnPropertyDescriptor(owner, key)?.get as object);
  }

  private entryOf(claim: Claim): ModuleEntry {
    return this.entries.get(claim.target) as ModuleEntry;
  }
}

/** Whether a wildcard takes the value: an async-generator function, or one that stands in for it. */
function isGeneratorLike(value: unknown): boolean {
  return typeof value === 'function' && isAsyncGeneratorFunction(originalOf(value as AnyFunction));
}

/** The keys that a wildcard may mean: the object's own, and those of a class that it is an instance of. */
function exportKeys(object: object, inherited = true): PropertyKey[] {
  const keys = new Set<PropertyKey>();
  for (
    let owner: object | null = object;
    owner !== null && !isRootPrototype(owner);
    owner = Reflect.getPrototypeOf(owner)
  ) {
    for (const key of Reflect.ownKeys(owner)) if (!NOT_EXPORTS.has(key)) keys.add(key);
    if (!inherited || typeof object === 'function' || types.isModuleNamespaceObject(object)) break;
  }
  return [...keys];
}

/** The object in the prototype chain that defines the property. Never one of the language's own. */
function ownerOf(object: object, key: PropertyKey): object | undefined {
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
function namesOf(root: object): string[] {
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
