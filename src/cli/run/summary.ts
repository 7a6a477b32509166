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

interface Row {
  readonly name: string;
  readonly runs: string;
  readonly items: string;
  readonly longest: string;
  readonly outcomes: string;
}

const TITLES: Row = { name: 'RUNS BY NAME', runs: 'RUNS', items: 'ITEMS', longest: 'LONGEST', outcomes: 'OUTCOMES' };

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
  return {
    name,
    runs: formatInteger(runs.length),
    items: formatInteger(items),
    longest: formatTime(longest),
    outcomes: countOutcomes(runs)
      .map(([outcome, number]) => `${formatInteger(number)} ${outcome}`)
      .join(', '),
  };
}

function format(rows: readonly Row[], { lineColumns, glyphs }: Layout): string[] {
  const widest = (key: keyof Row) => Math.max(...rows.map((row) => widthOf(row[key])));
  const [runs, items, longest] = [widest('runs'), widest('items'), widest('longest')];
  const room = lineColumns - runs - items - longest - 4 * GAP.length;
  const name = Math.min(widest('name'), Math.max(room - widest('outcomes'), SHORTEST_NAME));
  return rows.flatMap((row) => {
    const cells = [
      padEnd(truncateMiddle(row.name, name, glyphs.ellipsis), name),
      padStart(row.runs, runs),
      padStart(row.items, items),
      padStart(row.longest, longest),
    ];
    const start = cells.join(GAP) + GAP;
    return wrapOutcomes(row.outcomes, room - name).map(
      (line, index) => (index === 0 ? start : ' '.repeat(widthOf(start))) + line,
    );
  });
}

/** Breaks between outcomes only: a number belongs to what follows it. */
function wrapOutcomes(outcomes: string, columns: number): string[] {
  return wrap(outcomes.replace(/(?<!,) /g, '\u00a0'), columns).map((line) => line.replaceAll('\u00a0', ' '));
}
