/**
 * What the lines about runs have in common: the trees, the columns and their widths, the glyphs, and how errors are wrapped.
 */
import { escapeControls } from '../../base/foreign-text';
import { count, formatInteger, formatTime, widthOf, wrapAll, type Paint, type Style, type Terminal } from '../terminal';
import {
  errorLinesOf,
  isSpan,
  moduleOf,
  nameOf,
  OUTCOME_STYLES,
  outcomeOf,
  type ApplicationExit,
  type Drawn,
  type ObservedRun,
  type RunEnd,
  type Thread,
} from './model';

const UNICODE = {
  producer: '█',
  consumer: '░',
  /** For a run whose producer and consumer times were not measured, and for spans that are not runs. */
  unknown: '━',
  firstItem: '◆',
  /** Ends the bar of a run that has no end. */
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

export interface TreeNode {
  readonly drawn: Drawn;
  /** In front of its name. */
  readonly branch: string;
  /** In front of further lines about it. */
  readonly below: string;
  readonly hasChildren: boolean;
}

/** The runs of one process or worker thread, in the order of their lines. */
export interface ThreadTrees {
  readonly thread: Thread;
  readonly nodes: readonly TreeNode[];
}

/**
 * A tree that holds no run is left out: spans are drawn for what they say of runs.
 *
 * @param drawn in the order in which they started
 */
export function treesOf(drawn: readonly Drawn[], glyphs: Glyphs): ThreadTrees[] {
  const byId = new Map(drawn.map((each) => [keyOf(each, each.spanId), each]));
  const parentOf = (each: Drawn): Drawn | undefined => {
    if (isSpan(each)) return byId.get(keyOf(each, each.parentId));
    const { under, parent } = each;
    return byId.get(keyOf(each, under)) ?? (parent && byId.get(keyOf(parent, parent.spanId)));
  };
  const children = new Map<Drawn, Drawn[]>();
  const roots = new Map<Thread, Drawn[]>();
  for (const each of drawn) {
    const parent = parentOf(each);
    if (parent === undefined) add(roots, each.thread, each);
    else add(children, parent, each);
  }
  const threads = [...roots].map(([thread, ofThread]) => ({
    thread,
    nodes: ofThread
      .map((root) => flatten(root, children, glyphs))
      .filter((nodes) => nodes.some((node) => !isSpan(node.drawn)))
      .flat(),
  }));
  return threads.filter(({ nodes }) => nodes.length > 0);
}

const keyOf = ({ thread: { pid, thread } }: Drawn, spanId: string | undefined) => `${pid}:${thread}:${String(spanId)}`;

export function add<Key, Value>(lists: Map<Key, Value[]>, key: Key, value: Value): void {
  const values = lists.get(key);
  if (values === undefined) lists.set(key, [value]);
  else values.push(value);
}

/** Without recursion: a recursive generator nests as deep as what it walks. */
function flatten(root: Drawn, children: ReadonlyMap<Drawn, readonly Drawn[]>, glyphs: Glyphs): TreeNode[] {
  const nodes: TreeNode[] = [];
  const waiting = [{ drawn: root, branch: '', below: '' }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { below } = next;
    const ofThis = children.get(next.drawn) ?? [];
    nodes.push({ ...next, hasChildren: ofThis.length > 0 });
    for (let index = ofThis.length - 1; index >= 0; index--) {
      const isLast = index === ofThis.length - 1;
      waiting.push({
        drawn: ofThis[index] as Drawn,
        branch: below + (isLast ? glyphs.lastBranch : glyphs.branch),
        below: below + (isLast ? glyphs.noTrunk : glyphs.trunk),
      });
    }
  }
  return nodes;
}

/** In a narrower terminal, lines break: a bar needs this room. */
const NARROWEST = 50;

/** Bars need no more than this to show which run came when. Names get the rest, as far as they need it. */
const LEAST_AXIS = 20;

/** From these widths on there is room for more columns. */
const WITH_TIMES = 120;
const WITH_MODULE = 150;

export const GAP = '  ';

interface Column {
  readonly title: string;
  /** Numbers are aligned at the right. */
  readonly isNumber?: boolean;
  text(drawn: Drawn): string;
  style?(drawn: Drawn): Style;
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
  const drawn = nodes.map((node) => node.drawn);
  const right = rightColumns(drawn, lineColumns);
  const room = lineColumns - widthOfColumns(right) - GAP.length;
  const module: Column = {
    title: 'MODULE',
    text: (drawn) => (isSpan(drawn) ? '' : moduleOf(drawn)),
    style: () => 'dim',
  };
  const left = lineColumns < WITH_MODULE ? [] : [fit(module, drawn, Math.floor(room * 0.2))];
  const longestName = longest(nodes, (node) => node.branch.length + widthOf(nameOf(node.drawn)));
  const mostForNames = Math.max(Math.floor(room * 0.45), room - widthOfColumns(left) - LEAST_AXIS);
  const nameColumns = Math.min(Math.max(longestName, 'RUN'.length), mostForNames);
  return {
    nameColumns,
    left,
    axis: { ...spanOf(drawn, application), columns: room - nameColumns - widthOfColumns(left) },
    right,
    lineColumns,
    glyphs: glyphsFor(terminal),
    paint: terminal.paint,
  };
}

const widthOfColumns = (columns: readonly FittedColumn[]) =>
  columns.reduce((sum, column) => sum + GAP.length + column.columns, 0);

/** Not `Math.max(...)`: there may be more values than a call can have arguments. */
const longest = <T>(values: readonly T[], width: (value: T) => number): number =>
  values.reduce((most, value) => Math.max(most, width(value)), 0);

/** From the first start to the last end. Before and after, there is nothing to see. */
function spanOf(drawn: readonly Drawn[], { endedAt }: ApplicationExit): { from: number; to: number } {
  const from = drawn.reduce((least, { start }) => Math.min(least, start), Infinity);
  const to = longest(drawn, (each) => endOf(each) ?? Math.max(each.start, endedAt));
  return { from, to };
}

/** When a run or span ended, in milliseconds since the Unix epoch; undefined for a run that is open. */
export function endOf(drawn: Drawn): number | undefined {
  const duration = isSpan(drawn) ? drawn.duration : drawn.end?.duration;
  return duration === undefined ? undefined : drawn.start + duration;
}

function rightColumns(drawn: readonly Drawn[], lineColumns: number): FittedColumn[] {
  const times = [
    timeColumn('FIRST ITEM', ({ firstItem }) => firstItem),
    timeColumn('GENERATOR', ({ producer }) => producer),
    timeColumn('CONSUMER', ({ consumer }) => consumer),
  ];
  const columns: Column[] = [
    { title: 'ITEMS', isNumber: true, text: ofRun(({ end }) => (end === undefined ? '' : formatInteger(end.items))) },
    ...(lineColumns < WITH_TIMES ? [] : times),
    { title: 'DURATION', isNumber: true, text: (each) => timeText(endOf(each), each.start) },
    { title: 'OUTCOME', text: outcomeText, style: outcomeStyle },
  ];
  return columns.map((column) => fit(column, drawn));
}

/** Spans that are not runs have no items. */
const ofRun = (text: (run: ObservedRun) => string) => (drawn: Drawn) => (isSpan(drawn) ? '' : text(drawn));

const timeText = (to: number | undefined, from = 0) => (to === undefined ? '' : formatTime(to - from));

function timeColumn(title: string, timeOf: (end: RunEnd) => number | undefined): Column {
  return { title, isNumber: true, text: ofRun(({ end }) => timeText(end && timeOf(end))) };
}

const outcomeText = (drawn: Drawn) => (isSpan(drawn) ? escapeControls(drawn.outcome) : outcomeOf(drawn));

function outcomeStyle(drawn: Drawn): Style {
  if (isSpan(drawn)) return drawn.isError ? 'red' : 'dim';
  return OUTCOME_STYLES[outcomeOf(drawn)];
}

function fit(column: Column, drawn: readonly Drawn[], most = Infinity): FittedColumn {
  const widest = longest(drawn, (each) => widthOf(column.text(each)));
  return { ...column, columns: Math.min(Math.max(column.title.length, widest), most) };
}

/** More lines than these are a document, such as the page that a server answers with. */
const MOST_ERROR_LINES = 20;

/** Indentation takes no more than half of a line. */
const MOST_INDENTATION = 0.5;

/** What a run failed with, wrapped. All of it, unless it is very long. */
export function errorLines(run: ObservedRun, columns: number, ellipsis: string): string[] {
  const lines = errorLinesOf(run).flatMap((line) => wrapIndented(line, columns));
  const left = lines.length - MOST_ERROR_LINES;
  return left > 0 ? [...lines.slice(0, MOST_ERROR_LINES), `${ellipsis} ${count(left, 'more line')}`] : lines;
}

/** Keeps the indentation: an error may point with a mark at what is above it. */
function wrapIndented(line: string, columns: number): string[] {
  const text = line.trimStart();
  const indentation = line.slice(0, Math.min(line.length - text.length, Math.floor(columns * MOST_INDENTATION)));
  return wrapAll(text, columns - widthOf(indentation)).map((each) => indentation + each);
}
