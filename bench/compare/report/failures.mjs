// What was found, in a few lines.
import { checks } from '../kit/checks.mjs';
import { exits } from '../kit/exits.mjs';

const labelOf = (list, wanted) => list.find(({ name }) => name === wanted).label;

/** @returns lines such as `exported once: no span (break, throw)`; those that are not claimed after the others, and called so */
export function groupFailures(failures) {
  const lines = new Map();
  for (const { check, exit, reason, isClaimed } of [...failures].sort((a, b) => b.isClaimed - a.isClaimed)) {
    const line = `${isClaimed ? '' : 'not claimed: '}${labelOf(checks, check)}: ${reason}`;
    lines.set(line, [...(lines.get(line) ?? []), labelOf(exits, exit)]);
  }
  return [...lines].map(([line, where]) => `${line} (${where.length === exits.length ? 'always' : where.join(', ')})`);
}
