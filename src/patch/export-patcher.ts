/**
 * Walks down the paths that the selectors name, and puts traced functions in the places where they end.
 */
import { isAsyncGeneratorFunction, isClass, isObjectLike, type AnyFunction } from '../run/intrinsics';
import { isTraced, originalOf } from '../run/wrappers';
import { joinPath, keyText, type Selector } from '../targets/selector';
import type { Target } from '../targets/target';
import { errorText } from '../telemetry/errors';
import type { PatchMethod } from '../types';
import { claimMember, claimsAt, claimsByKey, isExcluded, nextPattern, pathOf, type Claim } from './claim';
import { traceFactory, type FactoryProducts } from './factory';
import type { CoveredSlots } from './covered';
import { exportKeys, ownerOf } from './keys';
import { isReplacement } from './replacement';
import type { ModuleEntry } from './module-entry';
import {
  findDescriptor,
  isForwarding,
  overrideInherited,
  replaceBinding,
  replaceSlot,
  type Replace,
  type SlotPatch,
} from './slot';

export interface PatchOptions {
  /** The traced function for an export, or for what a factory has made, of these arguments. */
  trace(fn: AnyFunction, claim: Claim, factoryArgs?: readonly unknown[]): AnyFunction;
  /** Whether factories patch what they make. */
  isEnabled(): boolean;
  /** Where somebody has put a wrapper over ours: ours is below it, and comes back to life by itself. */
  readonly covered: CoveredSlots;
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
  private readonly undos: (() => void)[] = [];
  /** The getters that this patcher has put in place. */
  private readonly getters = new WeakSet();
  /** By factory and by what stands in for it, so that every way to reach it leads to the same. */
  private readonly factories = new WeakMap<AnyFunction, Factory>();

  constructor(
    private readonly entries: ReadonlyMap<Target, ModuleEntry>,
    private readonly options: PatchOptions,
  ) {}

  /** Puts everything back that is still ours. */
  undo(): void {
    while (this.undos.length > 0) this.undos.pop()?.();
  }

  /**
   * Patches the properties of `object` that the claims lead to.
   *
   * @returns the properties that cannot be replaced in it, with the claims on them
   */
  patchObject(object: object, claims: readonly Claim[], isNamespace = false): Map<PropertyKey, Claim[]> {
    const locked = new Map<PropertyKey, Claim[]>();
    for (const [key, keyClaims] of claimsByKey(object, claims)) {
      const owner = ownerOf(object, key);
      const descriptor = owner && Reflect.getOwnPropertyDescriptor(owner, key);
      if (owner === undefined || descriptor === undefined || this.isDone(owner, key, descriptor)) continue;
      let method: PatchMethod | undefined = descriptor.get && !isNamespace ? 'getter' : undefined;
      const found: Claim[] = [];
      const notePatched = (claim: Claim) => {
        if (method === undefined) found.push(claim);
        else this.patched(claim, method);
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
      this.done(owner, key, result);
      if (method === 'getter') {
        this.readIfNamed(object, key, keyClaims);
      }
    }
    return locked;
  }

  /** A getter that the user named is read, so that the report can say what it gave; others wait for the program. */
  readIfNamed(object: object, key: PropertyKey, claims: readonly Claim[]): void {
    const descriptor = Reflect.getOwnPropertyDescriptor(object, key);
    if (descriptor?.get === undefined || !isForwarding(descriptor)) return;
    if (claims.every((claim) => claim.isWildcard)) {
      for (const claim of claims) this.entryOf(claim).waitsFor(claim.selector, pathOf(claim));
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
    const deeper = claims.filter((claim) => nextPattern(claim) !== undefined);
    if (deeper.length > 0) this.patchInside(value, deeper);
    const here = claims.filter((claim) => nextPattern(claim) === undefined);
    if (typeof value !== 'function') this.noteUnsuitable(value, here);
    // A callable replacement calls what is traced.
    if (typeof value !== 'function' || isReplacement(value)) return value;

    const factories: Claim[] = [];
    let traced: Claim | undefined;
    for (const claim of here) {
      if (claim.selector.member !== undefined) this.patchPrototype(value as AnyFunction, claim);
      else if (isClass(value) && claim.selector.factory === undefined) this.patchClass(value as AnyFunction, claim);
      else if (isExcluded(claim)) continue;
      else if (claim.selector.factory !== undefined) factories.push(claim);
      else if (claim.isWildcard && !isGeneratorLike(value)) {
        this.entryOf(claim).passOver(claim.selector, pathOf(claim));
      } else if (traced === undefined) traced = claim;
      else this.lost(claim, traced);
    }
    let result = value as AnyFunction;
    if (traced !== undefined) {
      result = this.options.trace(result, traced);
      notePatched(traced);
    }
    return factories.length === 0 ? result : this.replaceFactory(result, factories);
  }

  /** What is named is there, and no function, or nothing that has members. */
  private noteUnsuitable(value: unknown, claims: readonly Claim[]): void {
    for (const claim of claims) {
      if (claim.isWildcard) continue;
      const path = claim.keys.reduce<string>(joinPath, '');
      const expected = nextPattern(claim) === undefined ? 'a function' : 'an object';
      const hint = isObjectLike(value) ? `: select what it holds, with ${path}.name or ${path}.*` : '';
      this.entryOf(claim).isUnsuitable(claim.selector, `${path} is ${kindOf(value)}, not ${expected}${hint}`);
    }
  }

  /** Patches properties of an object that an export holds; there is nothing to put in the place of that object. */
  private patchInside(value: object, claims: readonly Claim[]): void {
    for (const [key, locked] of this.patchObject(value, claims)) this.noteReadOnly(locked, ownValue(value, key));
  }

  /** @param value what a wildcard would take only if it is an async-generator function */
  noteReadOnly(claims: readonly Claim[], value?: unknown): void {
    for (const claim of claims) {
      if (claim.isWildcard && !isGeneratorLike(value)) continue;
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
    const keys = pattern.isWildcard
      ? exportKeys(prototype, false).filter((key) => pattern.matches(key))
      : [pattern.key];
    const isWildcard = claim.isWildcard || pattern.isWildcard;
    for (const key of keys) {
      this.patchMember(prototype, claimMember(claim, key, false, isWildcard), key);
    }
  }

  /** `*` on a class means its async-generator methods; a name alone means nothing that could be traced. */
  private patchClass(value: AnyFunction, claim: Claim): void {
    if (!claim.isWildcard) {
      const name = pathOf(claim);
      this.failed(claim, `${name} is a class: select its methods with ${name}#*, ${name}#method or ${name}.method`);
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
    // What the language or Node defines serves the whole process: there, only this class gets a method of its own.
    const owner = ownerOf(object, key);
    const descriptor = findDescriptor(owner ?? object, key);
    if (descriptor === undefined || this.isDone(owner ?? object, key, descriptor)) return;
    // A wildcard on an accessor would have to look at whatever a program reads through it.
    if (claim.isWildcard && !isGeneratorLike(descriptor.value)) {
      if (typeof descriptor.value === 'function') this.entryOf(claim).passOver(claim.selector, pathOf(claim));
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
        ? this.options.trace(value as AnyFunction, claim)
        : this.replaceFactory(value as AnyFunction, [claim]);
    };
    const result = owner === undefined ? overrideInherited(object, key, replace) : replaceSlot(owner, key, replace);
    if (result === 'locked') this.noteReadOnly([claim], descriptor.value);
    else if (result !== 'unchanged') {
      this.done(owner ?? object, key, result);
      this.patched(claim, member === undefined ? result.method : 'factory');
    } else if (isTraced(descriptor.value)) this.patched(claim, 'property');
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
          if (typeof value === 'function') return this.options.trace(value as AnyFunction, claim, factoryArgs);
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
    return get === undefined ? this.options.covered.has(owner, key, value) : this.getters.has(get);
  }

  private done(owner: object, key: PropertyKey, patch: SlotPatch): void {
    const getter = patch.method === 'getter' ? Reflect.getOwnPropertyDescriptor(owner, key)?.get : undefined;
    if (getter !== undefined) this.getters.add(getter);
    this.undos.push(() => {
      if (!patch.undo()) this.options.covered.add(owner, key, ownValue(owner, key));
    });
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
    this.entryOf(claim).lost(claim.selector, claim.target === winner.target ? undefined : winner.target.text);
  }

  private entryOf(claim: Claim): ModuleEntry {
    return this.entries.get(claim.target) as ModuleEntry;
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

/** Whether a wildcard takes the value: an async-generator function, or one that stands in for it. */
function isGeneratorLike(value: unknown): boolean {
  return typeof value === 'function' && isAsyncGeneratorFunction(originalOf(value as AnyFunction));
}
