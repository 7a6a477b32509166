/**
 * Which columns a timeline has, and how wide they are.
 */
import type { Paint, Style, Terminal } from '../terminal';
import { formatInteger, formatTime, widthOf } from '../text';
import type { Axis } from './bar';
import type { TreeNode } from './forest';
import { glyphsFor, type Glyphs } from './glyphs';
import { outcomeOf, type ApplicationExit, type ObservedRun, type OutcomeOrOpen } from './model';
import { moduleOf, nameOf } from './names';

/** A narrower terminal breaks the lines: there is no room left for a bar. */
export const NARROWEST = 50;

/** From these widths on there is room for more columns. */
const WITH_TIMES = 120;
const WITH_MODULE = 150;

export const GAP = '  ';

/** A column of text beside the bar. */
export interface Column {
  readonly title: string;
  readonly columns: number;
  readonly alignment: 'left' | 'right';
  text(run: ObservedRun): string;
  style(run: ObservedRun): Style | undefined;
}

/** Everything that the lines of a timeline have in common. */
export interface Layout {
  readonly nameColumns: number;
  readonly left: readonly Column[];
  readonly axis: Axis;
  readonly right: readonly Column[];
  readonly lineColumns: number;
  readonly glyphs: Glyphs;
  readonly paint: Paint;
}

export const OUTCOME_STYLES: Readonly<Record<OutcomeOrOpen, Style>> = {
  completed: 'green',
  returned: 'yellow',
  failed: 'red',
  aborted: 'yellow',
  abandoned: 'red',
  interrupted: 'yellow',
  open: 'red',
};

/** @param nodes of the runs that get a line, at least one */
export function layOut(
  nodes: readonly TreeNode[],
  application: ApplicationExit,
  { columns, paint, hasUnicode }: Terminal,
): Layout {
  const lineColumns = Math.max(columns, NARROWEST);
  const runs = nodes.map(({ run }) => run);
  const right = rightColumns(runs, lineColumns);
  const room = lineColumns - widthOfColumns(right) - GAP.length;
  const left = lineColumns < WITH_MODULE ? [] : [moduleColumn(runs, Math.floor(room * 0.2))];
  const longestName = longest(nodes, ({ branch, run }) => branch.length + widthOf(nameOf(run)));
  const nameColumns = Math.min(Math.max(longestName, 'RUN'.length), Math.floor(room * 0.45));
  return {
    nameColumns,
    left,
    axis: { ...stretchOf(runs, application), columns: room - nameColumns - widthOfColumns(left) },
    right,
    lineColumns,
    glyphs: glyphsFor(hasUnicode),
    paint,
  };
}

const widthOfColumns = (columns: readonly Column[]) =>
  columns.reduce((sum, column) => sum + GAP.length + column.columns, 0);

function longest<T>(values: readonly T[], width: (value: T) => number): number {
  return values.reduce((most, value) => Math.max(most, width(value)), 0);
}

/** From the first start to the last end. Before and after, there is nothing to see. */
function stretchOf(runs: readonly ObservedRun[], { endedAt }: ApplicationExit): { from: number; to: number } {
  const ends = runs.map(({ start, end }) => (end === undefined ? Math.max(start, endedAt) : start + end.duration));
  const from = runs.reduce((least, { start }) => Math.min(least, start), Infinity);
  return { from, to: longest(ends, (end) => end) };
}

function rightColumns(runs: readonly ObservedRun[], lineColumns: number): Column[] {
  const items = textColumn('ITEMS', 'right', ({ end }) => (end === undefined ? '' : formatInteger(end.items)));
  const times = [
    timeColumn('FIRST ITEM', ({ end }) => end?.firstItem),
    timeColumn('GENERATOR', ({ end }) => end?.producer),
    timeColumn('CONSUMER', ({ end }) => end?.consumer),
  ];
  const duration = timeColumn('DURATION', ({ end }) => end?.duration);
  const outcome: ColumnOfAnyWidth = {
    ...textColumn('OUTCOME', 'left', outcomeOf),
    style: (run) => OUTCOME_STYLES[outcomeOf(run)],
  };
  const columns = [items, ...(lineColumns < WITH_TIMES ? [] : times), duration, outcome];
  return columns.map((column) => ({ ...column, columns: widthFor(column, runs) }));
}

function moduleColumn(runs: readonly ObservedRun[], most: number): Column {
  const column = textColumn('MODULE', 'left', moduleOf, 'dim');
  return { ...column, columns: Math.min(widthFor(column, runs), most) };
}

type ColumnOfAnyWidth = Omit<Column, 'columns'>;

function textColumn(
  title: string,
  alignment: Column['alignment'],
  text: Column['text'],
  style?: Style,
): ColumnOfAnyWidth {
  return { title, alignment, text, style: () => style };
}

function timeColumn(title: string, time: (run: ObservedRun) => number | undefined): ColumnOfAnyWidth {
  return textColumn(title, 'right', (run) => {
    const milliseconds = time(run);
    return milliseconds === undefined ? '' : formatTime(milliseconds);
  });
}

const widthFor = (column: ColumnOfAnyWidth, runs: readonly ObservedRun[]) =>
  Math.max(
    column.title.length,
    longest(runs, (run) => widthOf(column.text(run))),
  );
