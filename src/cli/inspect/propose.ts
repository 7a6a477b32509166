/**
 * Selectors to propose: as short as can be, and taking no more than what they stand for.
 */
import type { InspectedExport } from './types';

/** Fewer names than this are not worth a wildcard. */
const WORTH_A_WILDCARD = 3;
/** More selectors than this nobody reads. */
const TOO_MANY = 6;

/**
 * For the async-generator functions among the exports that can be patched.
 *
 * @param unread exports that a wildcard may mean, and of which nobody knows what they are
 */
export function proposeSelectors(exports: readonly InspectedExport[], unread: readonly string[]): string[] {
  const wanted = exports.filter(({ isAsyncGenerator, patch }) => isAsyncGenerator && patch.method !== undefined);
  const names = wanted.map(({ selector }) => selector);
  const rest = exports.filter((each) => !wanted.includes(each) && each.isAsyncGenerator);
  const avoid = [...rest.map(({ selector }) => selector), ...unread];
  const selectors = compress(names, avoid);
  const takenByStar = wanted.every(
    ({ selector, definition }) => isTakenByStar(selector) && definition !== 'inherited method',
  );
  return selectors.length > TOO_MANY && takenByStar && avoid.length === 0 ? ['*'] : selectors;
}

/** `*` takes exports and the methods of exported classes, but nothing further down, and no symbols. */
function isTakenByStar(selector: string): boolean {
  return /^[^.#[]+(?:[.#][^.#[]+)?$/.test(selector);
}

/** Replaces groups of names by a wildcard that matches none of `avoid`. */
function compress(names: readonly string[], avoid: readonly string[]): string[] {
  const groups = new Map<string, string[]>();
  for (const name of names) {
    const wildcard = wildcardFor(name);
    groups.set(wildcard ?? name, [...(groups.get(wildcard ?? name) ?? []), name]);
  }
  return [...groups].flatMap(([wildcard, group]) =>
    group.length >= WORTH_A_WILDCARD && !avoid.some((name) => matches(wildcard, name)) ? [wildcard] : group,
  );
}

/** `paginateListObjects` -> `paginate*`, `Client#scan` -> `Client#*`, `ns.count` -> `ns.*`. */
function wildcardFor(name: string): string | undefined {
  if (name.includes('[')) return undefined;
  const parent = /^.*[.#]/.exec(name)?.[0];
  if (parent !== undefined) return `${parent}*`;
  const firstWord = /^[A-Z]?[a-z]{2,}(?=[A-Z0-9_])/.exec(name)?.[0];
  return firstWord === undefined ? undefined : `${firstWord}*`;
}

function matches(wildcard: string, name: string): boolean {
  return name.startsWith(wildcard.slice(0, -1));
}
