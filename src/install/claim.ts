/**
 * A claim is a selector on its way through an exports object: which part of its path is behind it and which is ahead.
 */
import { exportKeys, isInstance, MAX_DEPTH } from './keys';
import type { KeyPattern, Selector } from '../targets/selector';
import { joinPath } from '../targets/selector';
import type { Target } from '../targets/target';

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

/** Those that win before those that lose: what the user named, what has a name for its spans, what comes first. */
export function inOrderOfRank(targets: Iterable<Target>): Target[] {
  const rank = ({ preset, spanName }: Target) => (preset === undefined ? 0 : 2) + (spanName === undefined ? 1 : 0);
  return [...targets].sort((a, b) => rank(a) - rank(b));
}

/** Claims at the exports object itself, those that win before those that lose. */
export function claimsOf(
  targets: Iterable<Target>,
  isMeant: (target: Target, selector: Selector) => boolean = () => true,
): Claim[] {
  return inOrderOfRank(targets).flatMap((target) =>
    target.selectors
      .filter((selector) => isMeant(target, selector))
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
export function nextPattern({ selector, depth }: Claim): KeyPattern | undefined {
  return selector.path[depth];
}

/** Whether the claim has come to where the selector's path leads. */
export function isAtEnd(claim: Claim): boolean {
  return nextPattern(claim) === undefined;
}

/** Whether it takes the async generators in the value that it has come to, as a wildcard at the end of a path does. */
export function takesAllIn(claim: Claim): boolean {
  const { selector, isWildcard, below } = claim;
  if (!isWildcard || !isAtEnd(claim) || (selector.member ?? selector.factory) !== undefined) return false;
  const holder = below.at(-1);
  // What an instance holds is its own business: its methods are what it is exported for.
  return below.length < MAX_DEPTH && (holder === undefined || !isInstance(holder));
}

/** The claim on a property, a step further; undefined if it does not lead there. */
function advance(claim: Claim, object: object, key: PropertyKey): Claim | undefined {
  const pattern = nextPattern(claim);
  const isMeant = pattern === undefined ? takesAllIn(claim) : pattern.matches(key);
  if (!isMeant) return undefined;
  return {
    ...claim,
    depth: claim.depth + 1,
    keys: [...claim.keys, key],
    isWildcard: claim.isWildcard || pattern?.isWildcard === true,
    below: pattern === undefined ? [...claim.below, object] : claim.below,
  };
}

/** The claim on a method of a class: a static one, or one of the prototype. */
export function claimMember(claim: Claim, key: PropertyKey, isStatic: boolean, isWildcard: boolean): Claim {
  return {
    ...claim,
    keys: isStatic ? [...claim.keys, key] : claim.keys,
    memberKey: isStatic ? undefined : key,
    isWildcard,
  };
}

/** The claims at a value, which may have a name to offer. */
export function claimsAt(value: unknown, claims: readonly Claim[]): readonly Claim[] {
  const isDefault = claims.some(({ keys }) => keys.length === 1 && keys[0] === 'default');
  const name = isDefault && typeof value === 'function' ? nameOfFunction(value) : undefined;
  return name === undefined ? claims : claims.map((claim) => ({ ...claim, defaultName: name }));
}

/** Reads no getter: a static `name` of a class may be one. */
function nameOfFunction(fn: object): string | undefined {
  const name: unknown = Reflect.getOwnPropertyDescriptor(fn, 'name')?.value;
  return typeof name === 'string' && name !== '' && name !== 'default' ? name : undefined;
}

/** The path of the export that the claim has come to. */
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

/** Whether the target says to leave alone what the claim has come to. */
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

/** The claims that a property of the object they have come to belongs to, each a step further. */
export function claimsOn(object: object, key: PropertyKey, claims: readonly Claim[]): Claim[] {
  return claims.flatMap((claim) => advance(claim, object, key) ?? []);
}

/** For every property of `object` that a claim leads to, the claims on it: names before `default`, winners first. */
export function claimsByKey(object: object, claims: readonly Claim[]): [PropertyKey, Claim[]][] {
  const exported = new Set(exportKeys(object));
  const keys = new Set(exported);
  for (const claim of claims) {
    const pattern = nextPattern(claim);
    if (pattern !== undefined && !pattern.isWildcard) keys.add(pattern.key);
  }
  const found = [...keys]
    .map((key): [PropertyKey, Claim[]] => {
      const meant = exported.has(key) ? claims : claims.filter((claim) => nextPattern(claim)?.isWildcard === false);
      return [key, claimsOn(object, key, meant)];
    })
    .filter(([, keyClaims]) => keyClaims.length > 0);
  const rank = ([key, [best]]: [PropertyKey, Claim[]]) => {
    const position = claims.findIndex(({ selector, target }) => selector === best?.selector && target === best.target);
    return Math.max(position, 0) * 2 + Number(key === 'default');
  };
  return found.sort((a, b) => rank(a) - rank(b));
}
