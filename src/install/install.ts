/** Puts traced functions in the places that a selection has found. */
import * as fs from 'node:fs';
import { types } from 'node:util';
import { isObjectLike, type AnyFunction } from '../base/intrinsics';
import { keyText } from '../targets/selector';
import type { Target } from '../targets/target';
import { errorText } from '../telemetry/errors';
import { isGeneratorFunction } from '../trace/generator-functions';
import type { Tracing } from '../trace/record';
import type { Scope } from '../trace/scope';
import { traceFunction } from '../trace/traced-function';
import { innermostOf, isTraced, tracedBelow } from '../trace/wrappers';
import type { PatchMethod } from '../types';
import {
  isAtEnd,
  isExcluded,
  isNamed,
  pathOf,
  type Claim,
  claimsAt,
  kindOf,
  Selection,
  unsuitable,
  type Match,
  type Note,
  type Selected,
} from './select';
import { isForwarding, type Edits, type Replace } from './edit';
import { FactoryProduct, type Factories, type ProductOwner } from './factory';
import { findDescriptor, isForeign, requiredExportsOf } from './keys';
import { canBeReplaced, createReplacement, isReplacement } from './replacement';
import type { ModuleEntry } from './report';

export interface InstallOptions {
  /** Replaced getters and factories do nothing while it is disabled. */
  readonly scope: Scope;
  tracingOf(claim: Claim): Tracing;
  /** Of all modules: classes of several packages may inherit one method. */
  readonly factories: Factories;
  /** The owner of the edits of all modules. */
  readonly owner: object;
  /** Of the module. The name of one that is Node's own. */
  readonly file: string;
  /** Something turned out to be unpatchable only when the program ran. */
  failedLater(): void;
}

/** By property: the claims on those that cannot be replaced. */
export type Locked = Map<PropertyKey, readonly Claim[]>;

export class Installer implements ProductOwner {
  private selection!: Selection;
  /** The exports of the module. */
  private exports!: object;
  private isNamespace = false;
  /** The text of the module's file, while it is being looked at. */
  private source: string | undefined;
  /** Replacements of functions, for their other names. */
  private readonly replaced = new WeakMap<object, { readonly replacement: AnyFunction; readonly claim: Claim }>();
  /** Replacements of objects that exports hold and that cannot be changed; each also leads to itself. */
  private readonly replacedObjects = new WeakMap<object, object>();
  /** What could not be replaced in an object. */
  private readonly locked = new WeakMap<object, Locked>();

  constructor(
    private readonly entries: ReadonlyMap<Target, ModuleEntry>,
    private readonly options: InstallOptions,
    private readonly edits: Edits,
  ) {}

  /**
   * Patches the properties of the exports that the claims lead to, and what they hold.
   *
   * @returns the properties that cannot be replaced in the exports
   */
  patch(exports: object, claims: readonly Claim[], isNamespace: boolean): Locked {
    const { file } = this.options;
    this.exports = exports;
    this.isNamespace = isNamespace;
    this.selection = new Selection({
      root: isNamespace ? (requiredExportsOf(file) ?? exports) : exports,
      isGenerator: (fn) => this.isGenerator(fn),
      isForeign: (object) => isForeign(object, file),
      isReplacement: (object) => this.replacedObjects.get(object) === object,
    });
    this.install(this.selection.in(exports, claims, isNamespace));
    this.source = undefined;
    return this.takeLocked(exports);
  }

  private install({ matches, notes }: Selected): void {
    this.report(notes);
    const isFactory = ({ isMember, claims: [claim] }: Match) => isMember && claim?.selector.factory !== undefined;
    // A method may be traced, and be a factory: the factory calls the traced one.
    const inOrder = [...matches.filter((match) => !isFactory(match)), ...matches.filter(isFactory)];
    for (const match of inOrder) {
      try {
        if (match.isMember) this.installMember(match);
        else this.installProperty(match);
      } catch (error) {
        for (const claim of match.claims) this.failed(claim, `patching ${pathOf(claim)} threw ${errorText(error)}`);
      }
    }
  }

  private installProperty({ object, key, owner = object, claims }: Match): void {
    const isBinding = this.isNamespace && object === this.exports;
    const descriptor = Reflect.getOwnPropertyDescriptor(owner, key);
    if (descriptor === undefined || this.isDone(owner, key, descriptor)) return;
    const get = isBinding ? undefined : descriptor.get;
    const traced: Claim[] = [];
    const replace: Replace =
      get === undefined
        ? (value) => this.replaceValue(value, claims, (claim) => traced.push(claim))
        : (value) => this.replaceLateValue(value, claims, 'getter');
    const result = isBinding ? this.edits.binding(object, key, replace) : this.edits.property(owner, key, replace);
    if (result === 'locked') {
      if (get !== undefined && !claims.some(isNamed) && !this.isReplacedIn(object, get, claims)) return;
      const locked = this.locked.get(object) ?? new Map<PropertyKey, readonly Claim[]>();
      this.locked.set(object, locked.set(key, claims));
      return;
    }
    const method = result === 'unchanged' ? (isBinding ? 'binding' : 'property') : result;
    for (const claim of traced) this.patched(claim, method);
    if (result === 'getter') this.readIfNamed(object, key, claims);
  }

  /** Whether there is a replacement for what the getter gives. */
  private isReplacedIn(object: object, get: () => unknown, claims: readonly Claim[]): boolean {
    try {
      const value = get.call(object);
      return this.replaceLateValue(value, claims) !== value;
    } catch {
      // It has no value yet.
      return false;
    }
  }

  /** Replaces a method where it is defined, which may be a parent class. */
  private installMember({ object, key, owner, claims: [claim] }: Match): void {
    const descriptor = findDescriptor(owner ?? object, key);
    if (claim === undefined || descriptor === undefined) return;
    const isFactory = claim.selector.factory !== undefined;
    if (isFactory && this.options.factories.hasReplacement(descriptor.value)) {
      this.replaceFactory(descriptor.value, [claim]);
      return;
    }
    if (this.isDone(owner ?? object, key, descriptor)) return;
    const replace: Replace = (value) => {
      if (typeof value === 'function') {
        return isFactory ? this.replaceFactory(value as AnyFunction, [claim]) : this.trace(value as AnyFunction, claim);
      }
      // Other values are not patched; a getter shows what it gives when the program reads it.
      if (descriptor.get !== undefined) this.failedLater(claim, noFunction(value));
      return value;
    };
    const result =
      owner === undefined ? this.edits.inherited(object, key, replace) : this.edits.property(owner, key, replace);
    if (result === 'locked') this.readOnly([claim], descriptor.value);
    else if (result !== 'unchanged') this.patched(claim, isFactory ? 'factory' : result);
    else if (isTraced(descriptor.value)) this.patched(claim, 'property');
  }

  /** Exports that are the same function as one that a selector names: it is one function, whatever it is called by. */
  replaceAliases(root: object): void {
    for (const key of Reflect.ownKeys(root)) {
      const descriptor = descriptorOf(root, key);
      const found = isObjectLike(descriptor?.value) ? this.replaced.get(descriptor.value) : undefined;
      if (descriptor === undefined || found === undefined || this.isDone(root, key, descriptor)) continue;
      const claim = { ...found.claim, keys: [key], memberKey: undefined };
      if (isExcluded(claim)) continue;
      const result = this.edits[this.isNamespace ? 'binding' : 'property'](root, key, (value) => this.aliasOf(value));
      if (result === 'locked' || result === 'unchanged') continue;
      this.patched(claim, found.claim.selector.factory === undefined ? result : 'factory');
    }
  }

  /** The replacement of a value under another name, or the value itself. */
  aliasOf(value: unknown): unknown {
    const found = isObjectLike(value) && this.options.scope.enabled ? this.replaced.get(value) : undefined;
    return found?.replacement ?? value;
  }

  /** A getter that the user named is read, so that the report can say what it gave; others wait for the program. */
  readIfNamed(object: object, key: PropertyKey, claims: readonly Claim[]): void {
    const descriptor = Reflect.getOwnPropertyDescriptor(object, key);
    if (descriptor === undefined || !isForwarding(descriptor)) return;
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

  /** The replacement of a value that was not there when the exports were looked at. Its members are patched first. */
  replaceLateValue(value: unknown, claims: readonly Claim[], method?: PatchMethod): unknown {
    for (const claim of claims) this.entryOf(claim).unread.delete(pathOf(claim));
    if (isObjectLike(value) && this.options.scope.enabled) this.install(this.selection.inValue(value, claims));
    return this.replaceValue(value, claims, (claim) => {
      if (method !== undefined) this.patched(claim, method);
    });
  }

  /** The replacement of a value that the claims are on. Never throws: it runs in the program's property reads. */
  private replaceValue(value: unknown, claims: readonly Claim[], onTraced: (claim: Claim) => void): unknown {
    if (!this.options.scope.enabled) return value;
    if (!isObjectLike(value)) {
      this.report(unsuitable(value, claims));
      return value;
    }
    try {
      // Exports may hold themselves. The caller of `patch` replaces what is locked in them.
      if (value !== this.exports) this.replaceLocked(value);
      const here = claimsAt(value, claims).filter(isAtEnd);
      if (typeof value === 'function' && !isReplacement(value)) {
        return this.replaceFunction(value as AnyFunction, here, onTraced);
      }
      if (typeof value !== 'function' && this.replacedObjects.get(value) !== value)
        this.report(unsuitable(value, here));
      return this.replacedObjects.get(value) ?? value;
    } catch (error) {
      for (const claim of claims) this.failed(claim, `patching ${pathOf(claim)} threw ${errorText(error)}`);
      return value;
    }
  }

  private replaceFunction(value: AnyFunction, claims: readonly Claim[], onTraced: (claim: Claim) => void): AnyFunction {
    const { traced, overruled, factories, notes } = this.selection.choose(value, claims);
    this.report(notes);
    let result = value;
    if (traced !== undefined) {
      result = this.trace(result, traced);
      onTraced(traced);
      for (const claim of overruled) {
        const { target } = traced;
        this.entryOf(claim).traced(claim.selector, target === claim.target ? undefined : target.text);
      }
    }
    if (factories.length > 0) result = this.replaceFactory(result, factories);
    const claim = traced ?? factories[0];
    if (result !== value && claim !== undefined) this.replaced.set(value, { replacement: result, claim });
    return result;
  }

  trace(fn: AnyFunction, claim: Claim, factoryArgs?: readonly unknown[]): AnyFunction {
    // Asks for what the traced function can't see: the file in which a lowered generator is defined.
    this.isGenerator(fn);
    // A traced function below another's wrapper works again from now on. A second one above would make two spans.
    const below = tracedBelow(fn);
    const traced = traceFunction(below ?? fn, {
      createTracing: () => this.tracingOf(claim),
      mayTakeOver: ({ plan, scope }) =>
        scope === this.options.scope && plan.isOfPreset === true && claim.target.preset === undefined,
      factoryArgs,
    });
    return below === traced ? fn : traced;
  }

  tracingOf(claim: Claim): Tracing {
    return this.options.tracingOf(claim);
  }

  private isGenerator(value: unknown): boolean {
    return (
      typeof value === 'function' && isGeneratorFunction(innermostOf(value as AnyFunction), () => this.readSource())
    );
  }

  private readSource(): string {
    try {
      return (this.source ??= fs.readFileSync(this.options.file, 'utf8'));
    } catch {
      return (this.source = '');
    }
  }

  private takeLocked(object: object): Locked {
    const locked = this.locked.get(object);
    this.locked.delete(object);
    return locked ?? new Map<PropertyKey, readonly Claim[]>();
  }

  /** Replaces an object that an export holds and that cannot be changed. */
  private replaceLocked(object: object): void {
    const locked = this.takeLocked(object);
    if (locked.size === 0) return;
    // Frozen objects of the program stay as they are. Namespaces, which compilers make of `export * as ns`, are replaced.
    const isNamespace =
      types.isModuleNamespaceObject(object) || [...locked.keys()].every((key) => ownValue(object, key) === undefined);
    if (typeof object === 'function' || !canBeReplaced(object) || !isNamespace) {
      for (const [key, claims] of locked) this.readOnly(claims, ownValue(object, key));
      return;
    }
    const replacement = createReplacement(object, (key) => {
      const claims = locked.get(key);
      return (value) => (claims === undefined ? value : this.replaceLateValue(value, claims, 'exports'));
    });
    this.replacedObjects.set(object, replacement).set(replacement, replacement);
    for (const [key, claims] of locked) this.readIfNamed(replacement, key, claims);
  }

  /** @param value what a wildcard would take only if it is an async-generator function */
  readOnly(claims: readonly Claim[], value?: unknown): void {
    for (const claim of claims) {
      if (claim.isWildcard && !this.isGenerator(value)) continue;
      const reason = 'it is read-only; trace it with traceAsyncGenerator instead';
      this.failed(claim, `${pathOf(claim)} cannot be replaced: ${reason}`);
    }
  }

  private replaceFactory(factory: AnyFunction, claims: readonly Claim[]): AnyFunction {
    for (const claim of claims) this.patched(claim, 'factory');
    return this.options.factories.replace(
      factory,
      claims.map((claim) => new FactoryProduct(claim, this)),
    );
  }

  /** Whether an earlier `apply` has replaced the property. Those of other patches are replaced in turn. */
  private isDone(owner: object, key: PropertyKey, { get, value }: PropertyDescriptor): boolean {
    if (get !== undefined) return this.edits.hasGetter(get);
    // Where marks lead to a traced function below, the patch that is enabled takes that over.
    if (typeof value === 'function' && tracedBelow(value as AnyFunction) !== undefined) return false;
    if (this.edits.wasAbove(owner, key, value)) return true;
    // Another's wrapper without marks, unless it is an export that the module has set again.
    const isOther = this.edits.isOther(owner, key, value);
    return isOther && typeof value === 'function' && !isTraced(value) && !this.isGenerator(value);
  }

  private patched(claim: Claim, method: PatchMethod): void {
    this.entryOf(claim).patched(claim.selector, pathOf(claim), method);
  }

  failed(claim: Claim, reason: string): void {
    this.entryOf(claim).failed(claim.selector, reason);
  }

  private report(notes: readonly Note[]): void {
    for (const { claim, kind, reason } of notes) this.entryOf(claim)[kind](claim.selector, reason);
  }

  /** Reports once what the program's calls and reads may show many times. */
  failedLater(claim: Claim, reason: string): void {
    const failure = failureText(claim, reason);
    if (this.entryOf(claim).failures.has(failure)) return;
    this.failed(claim, failure);
    this.options.failedLater();
  }

  recovered(claim: Claim, reason: string): void {
    this.entryOf(claim).failures.delete(failureText(claim, reason));
  }

  private entryOf(claim: Claim): ModuleEntry {
    return this.entries.get(claim.target) as ModuleEntry;
  }
}

function failureText({ selector }: Claim, reason: string): string {
  return `${selector.text}: ${reason}`;
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

/** Where only a call can be traced: a stream that an export holds is made by nothing that could be replaced. */
function noFunction(value: unknown): string {
  const hint = isObjectLike(value) ? ': to trace that, wrap a function that returns it with traceAsyncGenerator' : '';
  return `what it names is ${kindOf(value)}, not a function${hint}`;
}
