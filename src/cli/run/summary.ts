import {
  count,
  formatInteger,
  formatTime,
  padEnd,
  padStart,
  truncate,
  truncateMiddle,
  widthOf,
  wrap,
} from '../terminal';
import { add, GAP, type Layout } from './layout';
import { countOutcomes, nameOf, type ObservedRun } from './model';

/** More names than these are the same question again: which of them matter? */
const MOST_NAMES = 20;

/** Outcomes take from the names until they are as short as this: names are above, too. */
const SHORTEST_NAME = 20;

type Row = readonly [name: string, runs: string, items: string, longest: string, outcomes: string];

const TITLES: Row = ['RUNS BY NAME', 'RUNS', 'ITEMS', 'LONGEST', 'OUTCOMES'];

/**
 * One line a name for all runs, those with most runs first, where not every run has a line of its own.
 *
 * @param shown how many have one
 */
export function summarizeByName(runs: readonly ObservedRun[], shown: number, layout: Layout): string[] {
  const { lineColumns, glyphs, paint } = layout;
  const byName = new Map<string, ObservedRun[]>();
  for (const run of runs) add(byName, nameOf(run), run);
  const names = [...byName].sort(([, a], [, b]) => b.length - a.length);
  const rows = names.slice(0, MOST_NAMES).map(([name, ofName]) => describe(name, ofName));
  const left = count(runs.length - shown, 'more run');
  return [
    paint('dim', truncate(`${glyphs.ellipsis} and ${left}; --limit 0 shows all`, lineColumns, glyphs.ellipsis)),
    '',
    ...format([TITLES, ...rows], layout).map((line, index) => (index === 0 ? paint('dim', line) : line)),
    ...(names.length > MOST_NAMES
      ? [paint('dim', `${glyphs.ellipsis} and ${count(names.length - MOST_NAMES, 'more name')}`)]
      : []),
  ];
}

function describe(name: string, runs: readonly ObservedRun[]): Row {
  const items = runs.reduce((sum, { end }) => sum + (end?.items ?? 0), 0);
  const longest = runs.reduce((most, { end }) => Math.max(most, end?.duration ?? 0), 0);
  const outcomes = countOutcomes(runs).map(([outcome, number]) => `${formatInteger(number)} ${outcome}`);
  return [name, formatInteger(runs.length), formatInteger(items), formatTime(longest), outcomes.join(', ')];
}

function format(rows: readonly Row[], { lineColumns, glyphs }: Layout): string[] {
  const widest = (column: number) => Math.max(...rows.map((row) => widthOf(row[column] as string)));
  const numbers = [1, 2, 3].map(widest);
  const room = numbers.reduce((left, width) => left - width - GAP.length, lineColumns - GAP.length);
  const nameColumns = Math.min(widest(0), Math.max(room - widest(4), SHORTEST_NAME));
  return rows.flatMap(([name, ...rest]) => {
    const cells = numbers.map((width, index) => padStart(rest[index] as string, width));
    const start = [padEnd(truncateMiddle(name, nameColumns, glyphs.ellipsis), nameColumns), ...cells, ''].join(GAP);
    return wrapOutcomes(rest[3], room - nameColumns).map(
      (line, index) => (index === 0 ? start : ' '.repeat(widthOf(start))) + line,
    );
  });
}

/** Breaks between outcomes only: a number belongs to what follows it. */
function wrapOutcomes(outcomes: string, columns: number): string[] {
  return wrap(outcomes.replace(/(?<!,) /g, '\u00a0'), columns).map((line) => line.replaceAll('\u00a0', ' '));
}
