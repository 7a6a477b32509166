/**
 * A claim is a selector on its way through an exports object: which part of its path is behind it and which is ahead.
 */
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

/** In the order in which they win: what the user named, what has a name for its spans, what comes first. */
export function inOrderOfRank(targets: Iterable<Target>): Target[] {
  const rank = ({ preset, spanName }: Target) => (preset === undefined ? 0 : 2) + (spanName === undefined ? 1 : 0);
  return [...targets].sort((a, b) => rank(a) - rank(b));
}

/** Claims on the exports object itself, in the order in which they win. */
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
export function nextPattern({ selector, depth }: Claim): KeyPattern | undefined {
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

/** The path of the export that the claim is on. */
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

/** Whether the target excludes what the claim is on. */
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
