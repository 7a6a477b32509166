/** Which properties of an exports object the targets select. Reads descriptors only, and writes nothing. */
import { isClass, isObjectLike, type AnyFunction } from '../base/intrinsics';
import { joinPath, keyText, type KeyPattern, type Selector } from '../targets/selector';
import type { Target } from '../targets/target';
import { errorText } from '../telemetry/errors';
import { innermostOf } from '../trace/wrappers';
import {
  ancestorsOf,
  exportKeys,
  findDescriptor,
  isInstance,
  isReexport,
  MAX_DEPTH,
  mayHoldExports,
  ownerOf,
  sourceOf,
} from './keys';

export interface Claim {
  readonly target: Target;
  readonly selector: Selector;
  /** How many patterns of the selector's path have been matched. */
  readonly depth: number;
  /** The keys that they matched. */
  readonly keys: readonly PropertyKey[];
  /** The key that the selector's member pattern matched, once it has. */
  readonly memberKey: PropertyKey | undefined;
  /** Whether a wildcard was among the patterns. */
  readonly isWildcard: boolean;
  /** The objects that it has gone through below what the selector's path names. */
  readonly below: readonly object[];
  /** Name of the default export's function or class, for spans: `default` says nothing. */
  readonly defaultName: string | undefined;
}

/** Targets in the order in which they win: those of the user first, then those with a span name, then the earlier ones. */
export function inOrderOfRank(targets: Iterable<Target>): Target[] {
  const rank = ({ preset, spanName }: Target) => (preset === undefined ? 0 : 2) + (spanName === undefined ? 1 : 0);
  return [...targets].sort((a, b) => rank(a) - rank(b));
}

/** Claims on the exports object itself, winners first. */
export function claimsOf(
  targets: Iterable<Target>,
  seeks: (target: Target, selector: Selector) => boolean = () => true,
): Claim[] {
  return inOrderOfRank(targets).flatMap((target) =>
    target.selectors
      .filter((selector) => seeks(target, selector))
      .map((selector) => ({
        target,
        selector,
        depth: 0,
        keys: [],
        memberKey: undefined,
        isWildcard: false,
        below: [],
        defaultName: undefined,
      })),
  );
}

/** The pattern that the next key of the path has to match, if there is one. */
function nextPattern({ selector, depth }: Claim): KeyPattern | undefined {
  return selector.path[depth];
}

/** Whether the whole path of the selector has been matched. */
export function isAtEnd(claim: Claim): boolean {
  return nextPattern(claim) === undefined;
}

/** Whether it is on what the selector names, not on what a wildcard finds further down. */
export function isNamed({ below }: Claim): boolean {
  return below.length === 0;
}

export function pathOf(claim: Claim): string {
  return joinKeys(claim, claim.keys);
}

/** What the span of that export is called: the path, or undefined for a default export without a name. */
export function nameOf(claim: Claim): string | undefined {
  if (claim.keys[0] !== 'default') return pathOf(claim);
  const [, ...rest] = claim.keys;
  if (claim.defaultName !== undefined) return joinKeys(claim, [claim.defaultName, ...rest]);
  return rest.length > 0 || claim.memberKey !== undefined ? pathOf(claim) : undefined;
}

function joinKeys({ memberKey, selector }: Claim, keys: readonly PropertyKey[]): string {
  const made = selector.factory?.path.map(({ key }) => key) ?? [];
  return [...keys, ...(memberKey === undefined ? [] : [memberKey]), ...made].reduce<string>(joinPath, '');
}

export function isExcluded({ target, keys, memberKey }: Claim): boolean {
  return target.exclude.some(({ path, member }) => {
    const sameMember =
      member === undefined ? memberKey === undefined : memberKey !== undefined && member.matches(memberKey);
    return (
      sameMember &&
      path.length === keys.length &&
      path.every((pattern, index) => pattern.matches(keys[index] as PropertyKey))
    );
  });
}

/** A property that claims lead to. */
export interface Match {
  /** The object in which they have found it. */
  readonly object: object;
  readonly key: PropertyKey;
  /** The object that defines it: this one, or one that it inherits from. Undefined for one of the language's or Node's own objects. */
  readonly owner: object | undefined;
  /** On its value; those that win before those that lose. */
  readonly claims: readonly Claim[];
  /** Whether it is a method of a class, and not an export or what an export holds. */
  readonly isMember: boolean;
}

/** What is to be said about a claim that selects nothing here. */
export interface Note {
  readonly claim: Claim;
  /** `unsuitable`: the value cannot be traced, but it may be another one later. `notGenerator`: a wildcard leaves this function alone. */
  readonly kind: 'failed' | 'unsuitable' | 'notGenerator';
  readonly reason: string;
}

export interface Selected {
  /** What an object holds comes before the property that holds the object. */
  readonly matches: Match[];
  readonly notes: Note[];
}

/** What the claims at a function mean. */
export interface Choice {
  /** The one by which the function is traced. */
  readonly traced: Claim | undefined;
  /** Later claims on the same function. */
  readonly overruled: readonly Claim[];
  /** The claims on what the function makes. */
  readonly factories: readonly Claim[];
  readonly notes: readonly Note[];
}

/** What is to be known about the module. */
export interface SelectOptions {
  /** The exports themselves. An object that holds them again gives them no other names. */
  readonly root: unknown;
  /** Whether a function is an async generator, or was before it was compiled or wrapped. */
  isGenerator(fn: unknown): boolean;
  /** Whether an object belongs to another package or to Node. */
  isForeign(object: object): boolean;
  /** Whether an object replaces one that could not be changed. */
  isReplacement(object: object): boolean;
}

/** One look at a module. A wildcard looks into each object once. */
export class Selection {
  private readonly seen = new Map<Selector, WeakSet<object>>();
  /** Classes whose inherited methods a wildcard takes, after all methods that have names of their own. */
  private readonly heirs: { readonly value: AnyFunction; readonly prototype: object; readonly claim: Claim }[] = [];

  constructor(private readonly options: SelectOptions) {}

  /**
   * The properties of an exports object, and of what it holds, that the claims lead to. Reads no getter.
   *
   * @param isNamespace whether all properties are bindings of an ES module
   */
  in(exports: object, claims: readonly Claim[], isNamespace = false): Selected {
    const selected: Selected = { matches: [], notes: [] };
    this.inObject(exports, claims, isNamespace, selected);
    this.inAncestors(selected);
    return selected;
  }

  /** The same for what a value holds. The claims are on the value. */
  inValue(value: object, claims: readonly Claim[]): Selected {
    const selected: Selected = { matches: [], notes: [] };
    this.belowValue(value, claims, selected);
    this.inAncestors(selected);
    return selected;
  }

  /** @param claims on the function, those that win first */
  choose(value: AnyFunction, claims: readonly Claim[]): Choice {
    const choosing: Claim[] = [];
    const factories: Claim[] = [];
    const notes: Note[] = [];
    for (const claim of claims) {
      // A prototype's, or excluded.
      if (!isAtEnd(claim) || claim.selector.member !== undefined || isExcluded(claim)) continue;
      if (claim.selector.factory !== undefined) factories.push(claim);
      else if (this.isTaken(claim, value)) choosing.push(claim);
      else if (!claim.isWildcard) notes.push({ claim, kind: 'failed', reason: classWithoutMember(pathOf(claim)) });
      else if (!isClass(value)) notes.push({ claim, kind: 'notGenerator', reason: pathOf(claim) });
    }
    const [traced, ...overruled] = choosing;
    return { traced, overruled, factories, notes };
  }

  private inObject(object: object, claims: readonly Claim[], isNamespace: boolean, selected: Selected): void {
    for (const [key, allClaims] of claimsByKey(object, claims)) {
      const owner = ownerOf(object, key);
      const descriptor = owner && Reflect.getOwnPropertyDescriptor(owner, key);
      if (descriptor === undefined) continue;
      const { get } = descriptor;
      // Further down than a name leads, only getters are looked at that run nothing of the program's.
      const onKey = get === undefined || isReexport(sourceOf(get)) ? allClaims : allClaims.filter(isNamed);
      if (onKey.length === 0) continue;
      if (get === undefined || isNamespace) {
        const value: unknown = isNamespace ? Reflect.get(object, key) : descriptor.value;
        if (isObjectLike(value)) this.belowValue(value, onKey, selected);
      }
      selected.matches.push({ object, key, owner, claims: onKey, isMember: false });
    }
  }

  private belowValue(value: object, claims: readonly Claim[], selected: Selected): void {
    if (this.options.isReplacement(value)) return;
    try {
      const onValue = claimsAt(value, claims);
      const inside = onValue.filter((claim) => !isAtEnd(claim) || this.looksInto(claim, value, selected));
      if (inside.length > 0) this.inObject(value, inside, false, selected);
      if (typeof value !== 'function') return;
      for (const claim of onValue.filter(isAtEnd)) this.inPrototype(value as AnyFunction, claim, selected);
    } catch (error) {
      for (const claim of claims) {
        const reason = `patching ${pathOf(claim)} threw ${errorText(error)}`;
        selected.notes.push({ claim, kind: 'failed', reason });
      }
    }
  }

  /** Whether a wildcard has yet to look into the value. It does not look into what is excluded. */
  private looksInto(claim: Claim, value: object, selected: Selected): boolean {
    if (!takesAllIn(claim)) return false;
    const { root } = this.options;
    const holder = typeof value === 'function' ? innermostOf(value as AnyFunction) : value;
    if (!mayHoldExports(holder) || !this.isNew(claim.selector, holder)) return false;
    if (typeof holder !== 'function') return holder !== root && !isExcluded(claim);
    const prototype: unknown = Reflect.getOwnPropertyDescriptor(holder, 'prototype')?.value;
    if (isObjectLike(prototype)) this.isNew(claim.selector, prototype);
    if (isExcluded(claim)) return false;
    if (isObjectLike(prototype)) {
      this.members(prototype, claim, false, selected);
      this.heirs.push({ value: holder as AnyFunction, prototype, claim });
    }
    return holder !== root;
  }

  private isNew(selector: Selector, object: object): boolean {
    const seen = this.seen.get(selector) ?? new WeakSet();
    this.seen.set(selector, seen);
    if (seen.has(object)) return false;
    seen.add(object);
    return true;
  }

  /** `Class#method`, `Class#*`. */
  private inPrototype(value: AnyFunction, claim: Claim, selected: Selected): void {
    const pattern = claim.selector.member;
    if (pattern === undefined) return;
    const prototype: unknown = Reflect.getOwnPropertyDescriptor(value, 'prototype')?.value;
    if (!isObjectLike(prototype)) {
      const reason = `${keyText(claim.keys[claim.keys.length - 1] as PropertyKey)} is not a class`;
      selected.notes.push({ claim, kind: 'failed', reason });
      return;
    }
    const keys = pattern.isWildcard ? exportKeys(prototype).filter((key) => pattern.matches(key)) : [pattern.key];
    const isWildcard = claim.isWildcard || pattern.isWildcard;
    for (const key of keys) this.member(prototype, key, { ...claim, memberKey: key, isWildcard }, selected);
  }

  /** The async-generator methods of a class that a wildcard takes, or its static ones. */
  private members(owner: object, claim: Claim, isStatic: boolean, selected: Selected): void {
    for (const key of exportKeys(owner, false)) {
      const onMember = isStatic ? { ...claim, keys: [...claim.keys, key] } : { ...claim, memberKey: key };
      this.member(owner, key, { ...onMember, isWildcard: true }, selected);
    }
  }

  private member(object: object, key: PropertyKey, claim: Claim, selected: Selected): void {
    if (isExcluded(claim)) return;
    // What the language or Node defines serves the whole process: there, only this class gets a method of its own.
    const owner = ownerOf(object, key);
    const descriptor = findDescriptor(owner ?? object, key);
    if (descriptor === undefined) return;
    // A wildcard on an accessor would have to look at whatever a program reads through it.
    if (!claim.isWildcard || this.isTaken(claim, descriptor.value)) {
      selected.matches.push({ object, key, owner, claims: [claim], isMember: true });
    } else if (typeof descriptor.value === 'function') {
      selected.notes.push({ claim, kind: 'notGenerator', reason: pathOf(claim) });
    }
  }

  /** Methods of parents that are not exported, and so have no other names. */
  private inAncestors(selected: Selected): void {
    for (const { value, prototype, claim } of this.heirs.splice(0)) {
      const isNew = (owner: object) => this.isNew(claim.selector, owner);
      for (const owner of ancestorsOf(prototype).filter(isNew)) this.members(owner, claim, false, selected);
      for (const owner of ancestorsOf(value).filter(isNew)) this.members(owner, claim, true, selected);
    }
  }

  /** Whether the claim is on the function itself, not only on its members. */
  private isTaken(claim: Claim, value: unknown): boolean {
    if (!claim.isWildcard) return !isClass(value);
    return this.options.isGenerator(value) && !claim.below.some((object) => this.options.isForeign(object));
  }
}

/** Whether it takes the async generators in the value, as a wildcard at the end of a path does. */
function takesAllIn(claim: Claim): boolean {
  const { selector, isWildcard, below } = claim;
  if (!isWildcard || !isAtEnd(claim) || (selector.member ?? selector.factory) !== undefined) return false;
  const holder = below.at(-1);
  // What an instance holds is its own business: its methods are what it is exported for.
  return below.length < MAX_DEPTH && (holder === undefined || !isInstance(holder));
}

/** A step further, on a property of the object; undefined if the claim does not lead there. */
function advance(claim: Claim, object: object, key: PropertyKey): Claim | undefined {
  const pattern = nextPattern(claim);
  if (pattern === undefined ? !takesAllIn(claim) : !pattern.matches(key)) return undefined;
  return {
    ...claim,
    depth: claim.depth + 1,
    keys: [...claim.keys, key],
    isWildcard: claim.isWildcard || pattern?.isWildcard === true,
    below: pattern === undefined ? [...claim.below, object] : claim.below,
  };
}

/** The claims on an object that lead to one of its properties, each a step further. */
export function claimsOn(object: object, key: PropertyKey, claims: readonly Claim[]): Claim[] {
  return claims.flatMap((claim) => advance(claim, object, key) ?? []);
}

/** For every property of `object` that a claim leads to, the claims on it: names before `default`, winners first. */
function claimsByKey(object: object, claims: readonly Claim[]): [PropertyKey, Claim[]][] {
  const exported = new Set(exportKeys(object));
  const keys = new Set(exported);
  for (const claim of claims) {
    const pattern = nextPattern(claim);
    if (pattern !== undefined && !pattern.isWildcard) keys.add(pattern.key);
  }
  const found = [...keys]
    .map((key): [PropertyKey, Claim[]] => {
      const may = exported.has(key) ? claims : claims.filter((claim) => nextPattern(claim)?.isWildcard === false);
      return [key, claimsOn(object, key, may)];
    })
    .filter(([, onKey]) => onKey.length > 0);
  const rank = ([key, [best]]: [PropertyKey, Claim[]]) => {
    const position = claims.findIndex(({ selector, target }) => selector === best?.selector && target === best.target);
    return Math.max(position, 0) * 2 + Number(key === 'default');
  };
  return found.sort((a, b) => rank(a) - rank(b));
}

/** The claims at a value, which may have a name for the default export to offer. */
export function claimsAt(value: unknown, claims: readonly Claim[]): readonly Claim[] {
  const isDefault = claims.some(({ keys }) => keys.length === 1 && keys[0] === 'default');
  // Reads no getter: a static `name` of a class may be one.
  const name: unknown =
    isDefault && typeof value === 'function' ? Reflect.getOwnPropertyDescriptor(value, 'name')?.value : undefined;
  if (typeof name !== 'string' || name === '' || name === 'default') return claims;
  return claims.map((claim) => ({ ...claim, defaultName: name }));
}

/** Named exports that are not functions, or have no members. */
export function unsuitable(value: unknown, claims: readonly Claim[]): Note[] {
  return claims
    .filter((claim) => !claim.isWildcard)
    .map((claim) => {
      const path = claim.keys.reduce<string>(joinPath, '');
      const expected = isAtEnd(claim) ? 'a function' : 'an object';
      const hint = isObjectLike(value) ? `: select what it holds, with ${path}.name or ${path}.*` : '';
      return { claim, kind: 'unsuitable', reason: `${path} is ${kindOf(value)}, not ${expected}${hint}` };
    });
}

export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

const classWithoutMember = (name: string) =>
  `${name} is a class: select its methods with ${name}#*, ${name}#method or ${name}.method`;
