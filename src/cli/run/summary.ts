import { count, formatInteger, formatTime, padEnd, padStart, truncate, widthOf } from '../text';
import { GAP, type Layout } from './layout';
import { countOutcomes, type ObservedRun } from './model';
import { nameOf } from './names';

/** More names than these are the same question again: which of them matter? */
const MOST_NAMES = 20;

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
  for (const run of runs) {
    const ofName = byName.get(nameOf(run));
    if (ofName === undefined) byName.set(nameOf(run), [run]);
    else ofName.push(run);
  }
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
    outcomes: [...countOutcomes(runs)].map(([outcome, number]) => `${formatInteger(number)} ${outcome}`).join(', '),
  };
}

function format(rows: readonly Row[], { lineColumns, nameColumns, glyphs }: Layout): string[] {
  const widest = (key: keyof Row) => Math.max(...rows.map((row) => widthOf(row[key])));
  const name = Math.min(widest('name'), Math.max(nameColumns, TITLES.name.length));
  const [runs, items, longest] = [widest('runs'), widest('items'), widest('longest')];
  return rows.map((row) => {
    const cells = [
      padEnd(truncate(row.name, name, glyphs.ellipsis), name),
      padStart(row.runs, runs),
      padStart(row.items, items),
      padStart(row.longest, longest),
      row.outcomes,
    ];
    return truncate(cells.join(GAP), lineColumns, glyphs.ellipsis);
  });
}
