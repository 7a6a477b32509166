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
}

/** Claims at the exports object itself, those that win before those that lose. */
export function claimsOf(targets: readonly Target[]): Claim[] {
  const byRank = [...targets].sort((a, b) => Number(b.spanName !== undefined) - Number(a.spanName !== undefined));
  return byRank.flatMap((target) =>
    target.selectors.map((selector) => ({
      target,
      selector,
      depth: 0,
      keys: [],
      memberKey: undefined,
      isWildcard: false,
    })),
  );
}

/** The pattern that the next key of the path has to match, if there is one. */
export function nextPattern(claim: Claim): KeyPattern | undefined {
  return claim.selector.path[claim.depth];
}

export function advance(claim: Claim, pattern: KeyPattern, key: PropertyKey): Claim {
  return {
    ...claim,
    depth: claim.depth + 1,
    keys: [...claim.keys, key],
    isWildcard: claim.isWildcard || pattern.isWildcard,
  };
}

/** The claim on a method of a class that `*` selects: a static one, or one of the prototype. */
export function claimMember(claim: Claim, key: PropertyKey, isStatic: boolean, isWildcard: boolean): Claim {
  return {
    ...claim,
    keys: isStatic ? [...claim.keys, key] : claim.keys,
    memberKey: isStatic ? undefined : key,
    isWildcard,
  };
}

/** The path of the export that the claim has come to. */
export function pathOf(claim: Claim): string {
  const path = [...claim.keys, ...(claim.memberKey === undefined ? [] : [claim.memberKey])].reduce<string>(
    joinPath,
    '',
  );
  return (claim.selector.factory?.path ?? []).reduce((text, { key }) => joinPath(text, key), path);
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
