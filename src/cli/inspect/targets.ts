/**
 * The target lines to paste for a module, which may consist of a file for `require` and one for `import`.
 */
import { formatShorthand } from '../../targets/shorthand';
import type { Targets } from './report';
import type { InspectReply } from './types';

/** More names than this are a list to look through, not a line to paste. */
const ENOUGH = 4;

export function targetsOf(module: string, replies: readonly InspectReply[]): Targets {
  const lists = replies.map(({ selectors }) => selectors).filter((selectors) => selectors.length > 0);
  const [first, ...others] = lists;
  const same = others.every((other) => other.join() === first?.join());
  // Each list is exact for its file. Where they differ, a name that the other file lacks does no harm.
  const selectors = same ? (first ?? []) : [...new Set(lists.flat())];
  const possible = replies.flatMap(({ exports }) =>
    exports
      .filter(({ isAsyncGenerator, sameAs, patch }) => !isAsyncGenerator && sameAs === undefined && patch.method)
      .map(({ selector }) => selector),
  );
  const names = [...new Set(possible)];
  return {
    generators: selectors.length === 0 ? undefined : formatShorthand(module, selectors),
    possible: names.length === 0 || names.length > ENOUGH ? undefined : formatShorthand(module, names),
  };
}
