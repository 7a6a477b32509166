/**
 * Walks down the paths that the selectors name, and puts traced functions in the places where they end.
 */
import * as fs from 'node:fs';
import { types } from 'node:util';
import { isGeneratorFunction } from '../trace/generator-functions';
import { isClass, isObjectLike, type AnyFunction } from '../base/intrinsics';
import { innermostOf, isTraced, tracedBelow } from '../trace/wrappers';
import { joinPath, keyText, type Selector } from '../targets/selector';
import type { Target } from '../targets/target';
import { errorText } from '../telemetry/errors';
import type { PatchMethod } from '../types';
import { claimMember, claimsAt, claimsByKey, isAtEnd, isExcluded, pathOf, takesAllIn, type Claim } from './claim';
import { traceFactory, type FactoryProducts } from './factory';
import {
  ancestorsOf,
  exportKeys,
  isForeign,
  isReexport,
  mayHoldExports,
  ownerOf,
  requiredExportsOf,
  sourceOf,
} from './keys';
import { canBeReplaced, createReplacement, isReplacement } from './replacement';
import type { ModuleEntry } from './report';
import { findDescriptor, isForwarding, type Edits, type Replace } from './edit';

export interface PatchOptions {
  /** The traced function for an export, or for what a factory has made, of these arguments. */
  trace(fn: AnyFunction, claim: Claim, factoryArgs?: readonly unknown[]): AnyFunction;
  /** Whether factories patch what they make. */
  isEnabled(): boolean;
  /** Whose the edits are, of all modules. */
  readonly owner: object;
  /** Of the module. The name of one that is Node's own. */
  readonly file: string;
  /** Something could not be patched, as it turned out only when the program ran. */
  failedLater(): void;
}

interface Factory {
  readonly standIn: AnyFunction;
  readonly products: FactoryProducts;
  /** Those that the products are of: one may come by several names of the factory, and with every `apply`. */
  readonly selectors: Set<Selector>;
}

export class ExportPatcher {
  /** By factory and by what stands in for it, so that every way to reach it leads to the same. */
  private readonly factories = new WeakMap<AnyFunction, Factory>();
  /** What stands in for functions: under each of their names. */
  private readonly replaced = new WeakMap<object, { readonly standIn: AnyFunction; readonly claim: Claim }>();
  /** Objects in the place of those that exports hold and that cannot be changed. */
  private readonly standIns = new WeakMap<object, object>();
  /** The objects that each wildcard has looked into. */
  private seen = new Map<Selector, WeakSet<object>>();
  /** Classes of which a wildcard takes what they inherit, once it has taken all that has a name of its own. */
  /** The exports themselves: what holds them once more does not give them other names. */
  private root: unknown;
  private source: string | undefined;
  private heirs: { readonly value: AnyFunction; readonly prototype: object; readonly claim: Claim }[] = [];

  constructor(
    private readonly entries: ReadonlyMap<Target, ModuleEntry>,
    private readonly options: PatchOptions,
    private readonly edits: Edits,
  ) {}

  /**
   * Looks at the exports of a module.
   *
   * @returns the exports that cannot be replaced, with the claims on them
   */
  patchRoot(root: object, claims: readonly Claim[], isNamespace: boolean): Map<PropertyKey, Claim[]> {
    this.seen = new Map();
    this.root = isNamespace ? (requiredExportsOf(this.options.file) ?? root) : root;
    const locked = this.patchObject(root, claims, isNamespace);
    this.patchInherited();
    this.source = undefined;
    return locked;
  }

  /** Exports that are the same function as one that a selector names: it is one function, whatever it is called by. */
  patchAliases(root: object, isNamespace: boolean): void {
    for (const key of Reflect.ownKeys(root)) {
      const descriptor = descriptorOf(root, key);
      const found = isObjectLike(descriptor?.value) ? this.replaced.get(descriptor.value) : undefined;
      if (descriptor === undefined || found === undefined || this.isDone(root, key, descriptor)) continue;
      const claim = { ...found.claim, keys: [key], memberKey: undefined };
      if (isExcluded(claim)) continue;
      const replace: Replace = (value) => this.aliasOf(value);
      const result = this.edits[isNamespace ? 'binding' : 'property'](root, key, replace);
      if (result === 'locked' || result === 'unchanged') continue;
      this.patched(claim, found.claim.selector.factory === undefined ? result : 'factory');
    }
  }

  /** What stands in for a value under another name; else the value itself. */
  aliasOf(value: unknown): unknown {
    const found = isObjectLike(value) && this.options.isEnabled() ? this.replaced.get(value) : undefined;
    return found?.standIn ?? value;
  }

  /**
   * Patches the properties of `object` that the claims lead to.
   *
   * @returns the properties that cannot be replaced in it, with the claims on them
   */
  private patchObject(object: object, claims: readonly Claim[], isNamespace = false): Map<PropertyKey, Claim[]> {
    const locked = new Map<PropertyKey, Claim[]>();
    for (const [key, allClaims] of claimsByKey(object, claims)) {
      const owner = ownerOf(object, key);
      const descriptor = owner && Reflect.getOwnPropertyDescriptor(owner, key);
      if (owner === undefined || descriptor === undefined || this.isDone(owner, key, descriptor)) continue;
      const { get } = descriptor;
      // Further down than a name leads, only getters are looked at that run nothing of the program's.
      const keyClaims = get === undefined || isReexport(sourceOf(get)) ? allClaims : allClaims.filter(isNamed);
      if (keyClaims.length === 0) continue;
      let method: PatchMethod | undefined = descriptor.get && !isNamespace ? 'getter' : undefined;
      const found: Claim[] = [];
      const notePatched = (claim: Claim) => {
        if (method === undefined) found.push(claim);
        else this.patched(claim, method);
      };
      const replace: Replace = (value) => this.replaceValue(value, keyClaims, notePatched);
      const result = isNamespace ? this.edits.binding(object, key, replace) : this.edits.property(owner, key, replace);
      if (result === 'locked') {
        if (get === undefined || keyClaims.some(isNamed) || this.isChanged(object, get, keyClaims)) {
          locked.set(key, keyClaims);
        }
        continue;
      }
      method = result === 'unchanged' ? (isNamespace ? 'binding' : 'property') : result;
      found.forEach(notePatched);
      if (result === 'getter') this.readIfNamed(object, key, keyClaims);
    }
    return locked;
  }

  /** Whether something stands in for what the getter gives. */
  private isChanged(object: object, get: () => unknown, claims: readonly Claim[]): boolean {
    try {
      const value = get.call(object);
      return this.replaceValue(value, claims, () => {}) !== value;
    } catch {
      // It has no value yet.
      return false;
    }
  }

  /** A getter that the user named is read, so that the report can say what it gave; others wait for the program. */
  readIfNamed(object: object, key: PropertyKey, claims: readonly Claim[]): void {
    const descriptor = Reflect.getOwnPropertyDescriptor(object, key);
    if (descriptor?.get === undefined || !isForwarding(descriptor)) return;
    if (claims.every((claim) => claim.isWildcard)) {
      for (const claim of claims) this.entryOf(claim).unread.set(pathOf(claim), claim.selector);
      return;
    }
    try {
      Reflect.get(object, key);
    } catch (error) {
      for (const claim of claims) this.failed(claim, `reading ${keyText(key)} threw ${errorText(error)}`);
    }
  }

  /** What stands in for a value that the claims have come to. Never throws: it runs in the program's property reads. */
  replaceValue(value: unknown, claims: readonly Claim[], notePatched: (claim: Claim) => void): unknown {
    for (const claim of claims) this.entryOf(claim).unread.delete(pathOf(claim));
    if (!this.options.isEnabled()) return value;
    if (!isObjectLike(value)) {
      this.noteUnsuitable(value, claims);
      return value;
    }
    try {
      return this.replaceObject(value, claimsAt(value, claims), notePatched);
    } catch (error) {
      for (const claim of claims) this.failed(claim, `patching ${pathOf(claim)} threw ${errorText(error)}`);
      return value;
    }
  }

  private replaceObject(value: object, claims: readonly Claim[], notePatched: (claim: Claim) => void): unknown {
    if (this.standIns.get(value) === value) return value;
    const inside = claims.filter((claim) => !isAtEnd(claim) || this.looksInto(claim, value));
    if (inside.length > 0) this.patchInside(value, inside);
    const here = claims.filter(isAtEnd);
    if (typeof value !== 'function') this.noteUnsuitable(value, here);
    // A callable replacement calls what is traced.
    if (typeof value !== 'function' || isReplacement(value)) return this.standIns.get(value) ?? value;

    const factories: Claim[] = [];
    let traced: Claim | undefined;
    for (const claim of here) {
      if (claim.selector.member !== undefined) this.patchPrototype(value as AnyFunction, claim);
      else if (isExcluded(claim)) continue;
      else if (claim.selector.factory !== undefined) factories.push(claim);
      else if (!this.isTaken(claim, value)) this.passOver(claim, value as AnyFunction);
      else if (traced === undefined) traced = claim;
      else this.lost(claim, traced);
    }
    let result = value as AnyFunction;
    if (traced !== undefined) {
      result = this.trace(result, traced);
      notePatched(traced);
    }
    if (factories.length > 0) result = this.replaceFactory(result, factories);
    const claim = traced ?? factories[0];
    if (result !== value && claim !== undefined) this.replaced.set(value, { standIn: result, claim });
    return result;
  }

  /** Whether the claim is on the function itself, and not only on what it holds. */
  private isTaken(claim: Claim, value: unknown): boolean {
    if (!claim.isWildcard) return !isClass(value);
    return this.isGeneratorLike(value) && !claim.below.some((object) => isForeign(object, this.options.file));
  }

  private passOver(claim: Claim, value: AnyFunction): void {
    if (claim.isWildcard) {
      if (!isClass(value)) this.entryOf(claim).notGenerator(claim.selector, pathOf(claim));
      return;
    }
    const name = pathOf(claim);
    this.failed(claim, `${name} is a class: select its methods with ${name}#*, ${name}#method or ${name}.method`);
  }

  private trace(fn: AnyFunction, claim: Claim, factoryArgs?: readonly unknown[]): AnyFunction {
    // Asks for what the traced function can't see: the file in which a lowered generator is defined.
    this.isGeneratorLike(fn);
    // Below a wrapper that another has put over it, ours comes back to life, and a second one above would make two spans.
    const below = tracedBelow(fn);
    const traced = this.options.trace(below ?? fn, claim, factoryArgs);
    return below === traced ? fn : traced;
  }

  /** Whether a wildcard takes the value: an async-generator function, or one that stands in for it. */
  private isGeneratorLike(value: unknown): boolean {
    return (
      typeof value === 'function' && isGeneratorFunction(innermostOf(value as AnyFunction), () => this.readSource())
    );
  }

  /** The text of the module's file; nothing if it cannot be read. */
  private readSource(): string {
    try {
      return (this.source ??= fs.readFileSync(this.options.file, 'utf8'));
    } catch {
      return (this.source = '');
    }
  }

  /** Whether a wildcard has yet to look into the value. What is excluded is left alone with all that it holds. */
  private looksInto(claim: Claim, value: object): boolean {
    if (!takesAllIn(claim)) return false;
    const holder = typeof value === 'function' ? innermostOf(value as AnyFunction) : value;
    if (!mayHoldExports(holder) || !this.isNew(claim.selector, holder)) return false;
    if (typeof holder !== 'function') return holder !== this.root && !isExcluded(claim);
    const prototype: unknown = Reflect.getOwnPropertyDescriptor(holder, 'prototype')?.value;
    if (isObjectLike(prototype)) this.isNew(claim.selector, prototype);
    if (isExcluded(claim)) return false;
    if (isObjectLike(prototype)) {
      this.patchMembers(prototype, claim, false);
      this.heirs.push({ value: holder as AnyFunction, prototype, claim });
    }
    return holder !== this.root;
  }

  private isNew(selector: Selector, object: object): boolean {
    const seen = this.seen.get(selector) ?? new WeakSet();
    this.seen.set(selector, seen);
    if (seen.has(object)) return false;
    seen.add(object);
    return true;
  }

  /** What is named is there, and no function, or nothing that has members. */
  private noteUnsuitable(value: unknown, claims: readonly Claim[]): void {
    for (const claim of claims) {
      if (claim.isWildcard) continue;
      const path = claim.keys.reduce<string>(joinPath, '');
      const expected = isAtEnd(claim) ? 'a function' : 'an object';
      const hint = isObjectLike(value) ? `: select what it holds, with ${path}.name or ${path}.*` : '';
      this.entryOf(claim).unsuitable.set(claim.selector, `${path} is ${kindOf(value)}, not ${expected}${hint}`);
    }
  }

  /** Patches properties of an object that an export holds, or makes what stands in for it because it cannot be changed. */
  private patchInside(value: object, claims: readonly Claim[]): void {
    const locked = this.patchObject(value, claims);
    if (locked.size === 0) return;
    // A frozen object that the program has made is left to it. What compilers make of `export * as ns` is not looked at as an object.
    const isNamespace = [...locked.keys()].every((key) => ownValue(value, key) === undefined);
    if (
      typeof value === 'function' ||
      !canBeReplaced(value) ||
      !(types.isModuleNamespaceObject(value) || isNamespace)
    ) {
      for (const [key, keyClaims] of locked) this.noteReadOnly(keyClaims, ownValue(value, key));
      return;
    }
    const notePatched = (claim: Claim) => {
      this.patched(claim, 'exports');
    };
    const standIn = createReplacement(value, (key) => {
      const keyClaims = locked.get(key);
      return (each) => (keyClaims === undefined ? each : this.replaceValue(each, keyClaims, notePatched));
    });
    this.standIns.set(value, standIn).set(standIn, standIn);
    for (const [key, keyClaims] of locked) this.readIfNamed(standIn, key, keyClaims);
  }

  /** @param value what a wildcard would take only if it is an async-generator function */
  noteReadOnly(claims: readonly Claim[], value?: unknown): void {
    for (const claim of claims) {
      if (claim.isWildcard && !this.isGeneratorLike(value)) continue;
      this.failed(
        claim,
        `${pathOf(claim)} cannot be replaced: it is read-only; trace it with traceAsyncGenerator instead`,
      );
    }
  }

  /** `Class#method`, `Class#*`. */
  private patchPrototype(value: AnyFunction, claim: Claim): void {
    const prototype: unknown = Reflect.getOwnPropertyDescriptor(value, 'prototype')?.value;
    const pattern = claim.selector.member;
    if (!isObjectLike(prototype) || pattern === undefined) {
      this.failed(claim, `${keyText(claim.keys[claim.keys.length - 1] as PropertyKey)} is no class`);
      return;
    }
    const keys = pattern.isWildcard ? exportKeys(prototype).filter((key) => pattern.matches(key)) : [pattern.key];
    const isWildcard = claim.isWildcard || pattern.isWildcard;
    for (const key of keys) {
      this.patchMember(prototype, claimMember(claim, key, false, isWildcard), key);
    }
  }

  /** The async-generator methods of a class that a wildcard takes, or its static ones. */
  private patchMembers(owner: object, claim: Claim, isStatic: boolean): void {
    for (const key of exportKeys(owner, false)) this.patchMember(owner, claimMember(claim, key, isStatic, true), key);
  }

  /** Methods of parents that are not exported: there are no other names for them. */
  private patchInherited(): void {
    for (const { value, prototype, claim } of this.heirs.splice(0)) {
      const isNew = (owner: object) => this.isNew(claim.selector, owner);
      for (const owner of ancestorsOf(prototype).filter(isNew)) this.patchMembers(owner, claim, false);
      for (const owner of ancestorsOf(value).filter(isNew)) this.patchMembers(owner, claim, true);
    }
  }

  /** Patches a method where it is defined, be that a parent class. */
  private patchMember(object: object, claim: Claim, key: PropertyKey): void {
    if (isExcluded(claim)) return;
    // What the language or Node defines serves the whole process: there, only this class gets a method of its own.
    const owner = ownerOf(object, key);
    const descriptor = findDescriptor(owner ?? object, key);
    if (descriptor === undefined || this.isDone(owner ?? object, key, descriptor)) return;
    // A wildcard on an accessor would have to look at whatever a program reads through it.
    if (claim.isWildcard && !this.isTaken(claim, descriptor.value)) {
      if (typeof descriptor.value === 'function') this.entryOf(claim).notGenerator(claim.selector, pathOf(claim));
      return;
    }
    const member = claim.selector.factory;
    const replace: Replace = (value) => {
      if (typeof value !== 'function') {
        // What is no function beforehand is not patched; a getter shows what it gives when the program reads it.
        if (descriptor.get !== undefined) this.failedLater(claim, noFunction(value));
        return value;
      }
      return member === undefined
        ? this.trace(value as AnyFunction, claim)
        : this.replaceFactory(value as AnyFunction, [claim]);
    };
    const result =
      owner === undefined ? this.edits.inherited(object, key, replace) : this.edits.property(owner, key, replace);
    if (result === 'locked') this.noteReadOnly([claim], descriptor.value);
    else if (result !== 'unchanged') this.patched(claim, member === undefined ? result : 'factory');
    else if (isTraced(descriptor.value)) this.patched(claim, 'property');
  }

  private replaceFactory(factory: AnyFunction, claims: readonly Claim[]): AnyFunction {
    const { standIn, products, selectors } = this.factories.get(factory) ?? this.createFactory(factory);
    for (const claim of claims) {
      const { factory: selector } = claim.selector;
      if (selector === undefined) continue;
      this.patched(claim, 'factory');
      if (selectors.has(claim.selector)) continue;
      selectors.add(claim.selector);
      (selector.construct ? products.constructed : products.called).push({
        selector,
        replace: (value: unknown, factoryArgs?: readonly unknown[]) => {
          if (typeof value === 'function') return this.trace(value as AnyFunction, claim, factoryArgs);
          this.failedLater(claim, noFunction(value));
          return value;
        },
        failed: (reason: string) => {
          this.failedLater(claim, reason);
        },
      });
    }
    return standIn;
  }

  private createFactory(factory: AnyFunction): Factory {
    const products: FactoryProducts = { called: [], constructed: [] };
    const standIn = traceFactory(factory, products, this.options.isEnabled);
    const created: Factory = { standIn, products, selectors: new Set() };
    this.factories.set(factory, created);
    this.factories.set(standIn, created);
    return created;
  }

  /** Whether an earlier `apply` has replaced the property. Those of other patches are replaced in turn. */
  private isDone(owner: object, key: PropertyKey, { get, value }: PropertyDescriptor): boolean {
    if (get !== undefined) return this.edits.hasGetter(get);
    // Where marks lead to ours, the patch that is enabled takes that over.
    if (typeof value === 'function' && tracedBelow(value as AnyFunction) !== undefined) return false;
    if (this.edits.wasAbove(owner, key, value)) return true;
    // Another's wrapper that nothing tells apart, unless it is an export that the module has set again.
    const isOther = this.edits.isOther(owner, key, value);
    return isOther && typeof value === 'function' && !isTraced(value) && !this.isGeneratorLike(value);
  }

  patched(claim: Claim, method: PatchMethod): void {
    this.entryOf(claim).patched(claim.selector, pathOf(claim), method);
  }

  failed(claim: Claim, reason: string): void {
    this.entryOf(claim).failed(claim.selector, reason);
  }

  /** Says once what the program's calls and reads may show again and again. */
  private failedLater(claim: Claim, reason: string): void {
    const failure = `${claim.selector.text}: ${reason}`;
    if (this.entryOf(claim).failures.has(failure)) return;
    this.failed(claim, failure);
    this.options.failedLater();
  }

  private lost(claim: Claim, winner: Claim): void {
    this.entryOf(claim).traced(claim.selector, claim.target === winner.target ? undefined : winner.target.text);
  }

  private entryOf(claim: Claim): ModuleEntry {
    return this.entries.get(claim.target) as ModuleEntry;
  }
}

/** Undefined for a binding that has no value yet. */
function descriptorOf(object: object, key: PropertyKey): PropertyDescriptor | undefined {
  try {
    return Reflect.getOwnPropertyDescriptor(object, key);
  } catch {
    return undefined;
  }
}

/** The value of an own data property. Reads no getter. */
export function ownValue(object: object, key: PropertyKey): unknown {
  return Reflect.getOwnPropertyDescriptor(object, key)?.value;
}

/** A stream in a property is made by nothing that could be replaced, and reading it to look at it may start it. */
function noFunction(value: unknown): string {
  const hint = isObjectLike(value) ? ': to trace that, wrap a function that returns it with traceAsyncGenerator' : '';
  return `what it names is ${kindOf(value)}, not a function${hint}`;
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** Whether it is on what the selector names, not on what a wildcard finds further down. */
function isNamed({ below }: Claim): boolean {
  return below.length === 0;
}
