/**
 * What the lines of a timeline have in common: the trees of runs, the columns and how wide they are, and what is drawn with.
 */
import { formatInteger, formatTime, widthOf, type Paint, type Style, type Terminal } from '../terminal';
import {
  moduleOf,
  nameOf,
  OUTCOME_STYLES,
  outcomeOf,
  type ApplicationExit,
  type ObservedRun,
  type RunEnd,
  type Thread,
} from './model';

/** What bars and trees are drawn with. */
const UNICODE = {
  producer: '█',
  consumer: '░',
  /** Of a run whose time was not measured apart. */
  unknown: '━',
  firstItem: '◆',
  /** At the end of a bar whose run has no end. */
  open: '▶',
  ellipsis: '…',
  branch: '├─ ',
  lastBranch: '└─ ',
  trunk: '│  ',
  noTrunk: '   ',
};

export type Glyphs = typeof UNICODE;

const ASCII: Glyphs = {
  producer: '#',
  consumer: '-',
  unknown: '=',
  firstItem: 'o',
  open: '>',
  ellipsis: '~',
  branch: '|- ',
  lastBranch: '`- ',
  trunk: '|  ',
  noTrunk: '   ',
};

export const glyphsFor = ({ hasUnicode }: Terminal): Glyphs => (hasUnicode ? UNICODE : ASCII);

/** A run and its place in its tree. */
export interface TreeNode {
  readonly run: ObservedRun;
  /** What is drawn in front of its name. */
  readonly branch: string;
  /** What is drawn in front of further lines about it. */
  readonly below: string;
  readonly hasChildren: boolean;
}

/** The runs of one process or worker thread, in the order of their lines. */
export interface ThreadTrees {
  readonly thread: Thread;
  readonly nodes: readonly TreeNode[];
}

/** @param runs in the order in which they started */
export function treesOf(runs: readonly ObservedRun[], glyphs: Glyphs): ThreadTrees[] {
  const shown = new Set(runs);
  const children = new Map<ObservedRun, ObservedRun[]>();
  const roots = new Map<Thread, ObservedRun[]>();
  for (const run of runs) {
    if (run.parent !== undefined && shown.has(run.parent)) add(children, run.parent, run);
    else add(roots, run.thread, run);
  }
  return [...roots].map(([thread, ofThread]) => ({
    thread,
    nodes: ofThread.flatMap((root) => flatten(root, children, glyphs)),
  }));
}

/** Adds a value to the list of a key. */
export function add<Key>(lists: Map<Key, ObservedRun[]>, key: Key, run: ObservedRun): void {
  const runs = lists.get(key);
  if (runs === undefined) lists.set(key, [run]);
  else runs.push(run);
}

/** Without recursion: a recursive generator nests as deep as what it walks. */
function flatten(
  root: ObservedRun,
  children: ReadonlyMap<ObservedRun, readonly ObservedRun[]>,
  glyphs: Glyphs,
): TreeNode[] {
  const nodes: TreeNode[] = [];
  const waiting = [{ run: root, branch: '', below: '' }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { below } = next;
    const ofThis = children.get(next.run) ?? [];
    nodes.push({ ...next, hasChildren: ofThis.length > 0 });
    for (let index = ofThis.length - 1; index >= 0; index--) {
      const isLast = index === ofThis.length - 1;
      waiting.push({
        run: ofThis[index] as ObservedRun,
        branch: below + (isLast ? glyphs.lastBranch : glyphs.branch),
        below: below + (isLast ? glyphs.noTrunk : glyphs.trunk),
      });
    }
  }
  return nodes;
}

/** A narrower terminal breaks the lines: there is no room left for a bar. */
const NARROWEST = 50;

/** Bars need no more than this to show which run came when. Names get the rest, as far as they need it. */
const LEAST_AXIS = 20;

/** From these widths on there is room for more columns. */
const WITH_TIMES = 120;
const WITH_MODULE = 150;

export const GAP = '  ';

/** A column of text beside the bar. */
interface Column {
  readonly title: string;
  /** Numbers are aligned at the right. */
  readonly isNumber?: boolean;
  text(run: ObservedRun): string;
  style?(run: ObservedRun): Style;
}

export interface FittedColumn extends Column {
  readonly columns: number;
}

/** The time that all bars are drawn on, in milliseconds since the Unix epoch, and its columns. */
export interface Axis {
  readonly from: number;
  readonly to: number;
  readonly columns: number;
}

/** Everything that the lines of a timeline have in common. */
export interface Layout {
  readonly nameColumns: number;
  readonly left: readonly FittedColumn[];
  readonly axis: Axis;
  readonly right: readonly FittedColumn[];
  readonly lineColumns: number;
  readonly glyphs: Glyphs;
  readonly paint: Paint;
}

/** @param nodes of the runs that get a line, at least one */
export function layOut(nodes: readonly TreeNode[], application: ApplicationExit, terminal: Terminal): Layout {
  const lineColumns = Math.max(terminal.columns, NARROWEST);
  const runs = nodes.map(({ run }) => run);
  const right = rightColumns(runs, lineColumns);
  const room = lineColumns - widthOfColumns(right) - GAP.length;
  const module: Column = { title: 'MODULE', text: moduleOf, style: () => 'dim' };
  const left = lineColumns < WITH_MODULE ? [] : [fit(module, runs, Math.floor(room * 0.2))];
  const longestName = longest(nodes, ({ branch, run }) => branch.length + widthOf(nameOf(run)));
  const mostForNames = Math.max(Math.floor(room * 0.45), room - widthOfColumns(left) - LEAST_AXIS);
  const nameColumns = Math.min(Math.max(longestName, 'RUN'.length), mostForNames);
  return {
    nameColumns,
    left,
    axis: { ...spanOf(runs, application), columns: room - nameColumns - widthOfColumns(left) },
    right,
    lineColumns,
    glyphs: glyphsFor(terminal),
    paint: terminal.paint,
  };
}

const widthOfColumns = (columns: readonly FittedColumn[]) =>
  columns.reduce((sum, column) => sum + GAP.length + column.columns, 0);

/** Without spreading: there may be more values than a call can have arguments. */
const longest = <T>(values: readonly T[], width: (value: T) => number): number =>
  values.reduce((most, value) => Math.max(most, width(value)), 0);

/** From the first start to the last end. Before and after, there is nothing to see. */
function spanOf(runs: readonly ObservedRun[], { endedAt }: ApplicationExit): { from: number; to: number } {
  const from = runs.reduce((least, { start }) => Math.min(least, start), Infinity);
  const to = longest(runs, ({ start, end }) => (end === undefined ? Math.max(start, endedAt) : start + end.duration));
  return { from, to };
}

function rightColumns(runs: readonly ObservedRun[], lineColumns: number): FittedColumn[] {
  const times = [
    timeColumn('FIRST ITEM', ({ firstItem }) => firstItem),
    timeColumn('GENERATOR', ({ producer }) => producer),
    timeColumn('CONSUMER', ({ consumer }) => consumer),
  ];
  const columns: Column[] = [
    { title: 'ITEMS', isNumber: true, text: ({ end }) => (end === undefined ? '' : formatInteger(end.items)) },
    ...(lineColumns < WITH_TIMES ? [] : times),
    timeColumn('DURATION', ({ duration }) => duration),
    { title: 'OUTCOME', text: outcomeOf, style: (run) => OUTCOME_STYLES[outcomeOf(run)] },
  ];
  return columns.map((column) => fit(column, runs));
}

function timeColumn(title: string, timeOf: (end: RunEnd) => number | undefined): Column {
  const text = ({ end }: ObservedRun) => {
    const milliseconds = end && timeOf(end);
    return milliseconds === undefined ? '' : formatTime(milliseconds);
  };
  return { title, isNumber: true, text };
}

function fit(column: Column, runs: readonly ObservedRun[], most = Infinity): FittedColumn {
  const widest = longest(runs, (run) => widthOf(column.text(run)));
  return { ...column, columns: Math.min(Math.max(column.title.length, widest), most) };
}
