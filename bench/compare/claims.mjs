// What counts: what a contestant claims. A thing that it does not claim is no failure, and one that it does all the same counts for it.
import { ANOTHER_OBJECT, checks } from './kit/checks.mjs';
import { exits } from './kit/exits.mjs';

/** What the documentation of no peer speaks of. */
const UNCLAIMED_BY_PEERS = ['abandoned', 'exit', 'ticks', ANOTHER_OBJECT];

/**
 * @param contestant with `claims`: `all`, `none`, or nothing, which is what a peer claims that traces streams
 * @param name of an exit or a check, or the reason of a failure
 */
function isClaimed({ claims }, name) {
  if (claims === 'all') return true;
  return claims !== 'none' && !UNCLAIMED_BY_PEERS.includes(name);
}

/** Of the checks of one exit. */
export const cellOfExit = (contestant, result, exit) =>
  cell(
    contestant,
    exit,
    checks.map(({ name }) => ({ other: name, outcome: result.exits[exit][name] })),
  );

/** Of one check at all exits. */
export const cellOfCheck = (contestant, result, check) =>
  cell(
    contestant,
    check,
    exits.map(({ name }) => ({ other: name, outcome: result.exits[name][check] })),
  );

/** @param outcomes see `judge` in kit/checks.mjs */
function cell(contestant, name, outcomes) {
  const known = outcomes.filter(({ outcome }) => outcome !== null);
  const failed = known.filter(({ outcome }) => outcome !== true);
  if (failed.length > 0 && !isClaimed(contestant, name)) return 'not claimed';
  const unclaimed = failed.filter(({ other, outcome }) =>
    [other, outcome].some((each) => !isClaimed(contestant, each)),
  );
  const count = known.length - unclaimed.length;
  return count === 0 ? 'not claimed' : `${known.length - failed.length} of ${count}`;
}

/** @returns `[{ check, exit, reason, isClaimed }]` */
export function failuresOf(contestant, result) {
  return checks.flatMap(({ name: check }) =>
    exits.flatMap(({ name: exit }) => {
      const reason = result.exits[exit][check];
      if (typeof reason !== 'string') return [];
      return [{ check, exit, reason, isClaimed: [check, exit, reason].every((each) => isClaimed(contestant, each)) }];
    }),
  );
}
