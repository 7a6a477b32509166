/**
 * Draws the runs of an application over its time: a pure function of the runs and of what the terminal can show. No table library fits, since
 * bars, trees and columns share one line of a fixed width.
 */
import { escapeControls } from '../../base/foreign-text';
import type { RunOutcome } from '../../types';
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
  wrapParts,
  type Paint,
  type Style,
  type Terminal,
} from '../terminal';
import {
  add,
  endOf,
  errorLines,
  GAP,
  glyphsFor,
  layOut,
  treesOf,
  type Axis,
  type FittedColumn,
  type Glyphs,
  type Layout,
  type ThreadTrees,
  type TreeNode,
} from './layout';
import {
  countOutcomes,
  errorOf,
  isSpan,
  nameOf,
  OUTCOME_STYLES,
  outcomeOf,
  type ApplicationExit,
  type Drawn,
  type ObservedRun,
  type ObservedSpan,
  type OutcomeOrOpen,
  type Thread,
} from './model';

/** The least that is shown of a name, however deep the run is in its tree. */
const SHORTEST_NAME = 8;

/** What an outcome means, where its name does not say. */
const MEANINGS: Partial<Record<RunOutcome, string>> = {
  returned: 'the consumer stopped early (break, return, throw)',
  aborted: 'ended by an AbortError',
  abandoned: 'garbage-collected without having been closed',
  interrupted: 'still running when the process ended',
};

/** A process that ends by itself ends its runs, except those of streams that wait for an iteration. */
const OPEN_IN_KILLED_PROCESS = 'no end was seen: the process was killed, or is still there';
const OPEN_IN_ENDED_PROCESS =
  'a stream that was not iterated; reading it otherwise (getReader, pipe, new Response) is not seen, and leaves no span';

/**
 * Draws at least one run. No line is wider than the terminal, if that has 50 columns.
 *
 * @param limit how many runs and spans have a line of their own, the first to start; all runs are in the summary. 0 for no limit
 * @returns lines without their ends
 */
export function renderTimeline(
  runs: readonly ObservedRun[],
  application: ApplicationExit,
  terminal: Terminal,
  limit: number,
  spans: readonly ObservedSpan[] = [],
): string[] {
  const glyphs = glyphsFor(terminal);
  // They were written when they started, but several threads write.
  const inOrder = [...runs].sort(byStart);
  const related = spansAround([...runs, ...spans].sort(byStart), glyphs);
  const drawn = [...runs, ...related].sort(byStart);
  const shown = limit > 0 ? drawn.slice(0, limit) : drawn;
  const shownRuns = shown.filter((each) => !isSpan(each)).length;
  const threads = treesOf(shown, glyphs);
  const layout = layOut(
    threads.flatMap(({ nodes }) => nodes),
    application,
    terminal,
  );
  return [
    heading(layout, application),
    ...threads.flatMap((trees) => [
      ...(threads.length > 1 ? [threadLine(trees.thread, layout)] : []),
      ...rows(trees, layout),
    ]),
    ...(shownRuns < inOrder.length ? ['', ...summarizeByName(inOrder, shownRuns, layout)] : []),
    '',
    ...legend(inOrder, related.length, layout),
  ];
}

const byStart = (a: Drawn, b: Drawn) => a.start - b.start;

/** The spans in the same trees as runs. */
function spansAround(drawn: readonly Drawn[], glyphs: Glyphs): ObservedSpan[] {
  const nodes = treesOf(drawn, glyphs).flatMap((trees) => trees.nodes);
  return nodes.map((node) => node.drawn).filter(isSpan);
}

/** The titles of the columns; over the bars, where they begin and end in the time of the application. */
function heading({ nameColumns, left, axis, right, paint }: Layout, { startedAt }: ApplicationExit): string {
  const to = `+${formatTime(axis.to - startedAt)}`;
  const from = `+${formatTime(axis.from - startedAt)}`;
  const room = axis.columns - to.length;
  const scale = from.length < room ? padEnd(from, room) + to : padStart(to, axis.columns);
  const titles = (columns: readonly FittedColumn[]) => columns.map((column) => align(column.title, column));
  return paint('dim', [padEnd('RUN', nameColumns), ...titles(left), scale, ...titles(right)].join(GAP).trimEnd());
}

function threadLine({ pid, thread, entry }: Thread, { lineColumns, glyphs, paint }: Layout): string {
  const where = thread === 0 ? `process ${pid}` : `process ${pid}, worker thread ${thread}`;
  const line = entry === undefined ? where : `${where}: ${escapeControls(entry)}`;
  return paint('dim', truncate(line, lineColumns, glyphs.ellipsis));
}

function rows({ nodes }: ThreadTrees, layout: Layout): string[] {
  const recorded = errorsOfChildren(nodes);
  return nodes.flatMap((node) => {
    const { drawn } = node;
    if (isSpan(drawn)) return [row(node, layout)];
    const error = errorOf(drawn);
    const isNews = error !== undefined && recorded.get(drawn)?.includes(error) !== true;
    return isNews ? [row(node, layout), ...errorRows(node, drawn, layout)] : [row(node, layout)];
  });
}

/** An error that passes through nested runs is shown under the innermost only, whose span has it. */
function errorsOfChildren(nodes: readonly TreeNode[]): Map<ObservedRun, string[]> {
  const errors = new Map<ObservedRun, string[]>();
  for (const { drawn } of nodes) {
    const error = isSpan(drawn) ? undefined : errorOf(drawn);
    if (error !== undefined && !isSpan(drawn) && drawn.parent !== undefined) add(errors, drawn.parent, error);
  }
  return errors;
}

function row(node: TreeNode, { nameColumns, left, axis, right, glyphs, paint }: Layout): string {
  const { drawn } = node;
  const full = nameOf(drawn);
  const branch = cutBranch(node.branch, nameColumns - Math.min(widthOf(full), SHORTEST_NAME), glyphs.ellipsis);
  // Of a URL, the beginning says more.
  const cut = isSpan(drawn) ? truncate : truncateMiddle;
  const name = cut(full, nameColumns - branch.length, glyphs.ellipsis);
  const padding = ' '.repeat(nameColumns - branch.length - widthOf(name));
  const cells = (columns: readonly FittedColumn[]) =>
    columns.map((column) => {
      const style = column.style?.(drawn);
      const text = align(truncate(column.text(drawn), column.columns, glyphs.ellipsis), column);
      return style === undefined ? text : paint(style, text);
    });
  const bar = drawBar(drawn, axis, glyphs, paint);
  return [
    paint('dim', branch) + (isSpan(drawn) ? paint('dim', name) : name) + padding,
    ...cells(left),
    bar,
    ...cells(right),
  ]
    .join(GAP)
    .trimEnd();
}

function errorRows({ below, hasChildren }: TreeNode, run: ObservedRun, layout: Layout): string[] {
  const { nameColumns, lineColumns, glyphs, paint } = layout;
  const branch = cutBranch(below + (hasChildren ? glyphs.trunk : glyphs.noTrunk), nameColumns, glyphs.ellipsis);
  const style = OUTCOME_STYLES[outcomeOf(run)];
  const lines = errorLines(run, lineColumns - branch.length, glyphs.ellipsis);
  return lines.map((line) => paint('dim', branch) + paint(style, line));
}

/** One that is too long loses its beginning: what is near the name says more. */
function cutBranch(branch: string, columns: number, ellipsis: string): string {
  return branch.length <= columns ? branch : ellipsis + branch.slice(branch.length - columns + ellipsis.length);
}

const align = (text: string, { isNumber, columns }: FittedColumn) => (isNumber ? padStart : padEnd)(text, columns);

/** The number of runs of each outcome, and what the signs mean. */
function legend(runs: readonly ObservedRun[], spans: number, { lineColumns, glyphs, paint }: Layout): string[] {
  const outcomes = countOutcomes(runs);
  const totals = outcomes.map(([outcome, number]) =>
    paint(OUTCOME_STYLES[outcome], `${formatInteger(number)} ${outcome}`),
  );
  const signs = [
    [paint(BAR_STYLES.producer, glyphs.producer), 'waiting for the generator'],
    [paint(BAR_STYLES.consumer, glyphs.consumer), 'waiting for the consumer'],
    [paint(BAR_STYLES.firstItem, glyphs.firstItem), 'first item'],
    ...(spans > 0
      ? [[paint(BAR_STYLES.unknown, glyphs.unknown), `${count(spans, 'span')} of other instrumentations`]]
      : []),
  ].map(([sign = '', meaning = '']) => `${sign} ${paint('dim', meaning)}`);
  const meanings = outcomes.flatMap(([outcome]) =>
    meaningsOf(outcome, runs).map((meaning) => `${outcome}: ${meaning}`),
  );
  return [
    ...wrap(`${count(runs.length, 'run')}: ${totals.join(', ')}`, lineColumns),
    ...wrapParts(signs, GAP, lineColumns),
    ...[SHARES, ...meanings].flatMap((text) => wrap(text, lineColumns)).map((line) => paint('dim', line)),
  ];
}

function meaningsOf(outcome: OutcomeOrOpen, runs: readonly ObservedRun[]): string[] {
  if (outcome !== 'open') {
    const meaning = MEANINGS[outcome];
    return meaning === undefined ? [] : [meaning];
  }
  const hasEnded = runs.filter(({ end }) => end === undefined).map(({ thread }) => thread.targets !== undefined);
  return [
    ...(hasEnded.includes(false) ? [OPEN_IN_KILLED_PROCESS] : []),
    ...(hasEnded.includes(true) ? [OPEN_IN_ENDED_PROCESS] : []),
  ];
}

const SHARES =
  'All bars share one time axis. After the first item, the shading shows how much of the time each took, not when.';

/**
 * Draws a run in its place on the axis: as long as it lasted, the first item where it came, and the rest of the time as
 * shares, the generator's first, then the consumer's: when each worked is not known. Exactly as wide as the axis.
 */
function drawBar(run: Drawn, axis: Axis, glyphs: Glyphs, paint: Paint): string {
  const { start, length } = placeOf(run, axis);
  const cells = cellsOf(run, length, glyphs);
  // Equal cells are painted at once.
  const groups = cells.join('').match(/(.)\1*/gu) ?? [];
  const painted = groups.map((group) => paint(styleOf(group[0] as string, glyphs), group));
  return ' '.repeat(start) + painted.join('') + ' '.repeat(axis.columns - start - length);
}

function placeOf(run: Drawn, { from, to, columns }: Axis): { start: number; length: number } {
  const scale = to > from ? columns / (to - from) : 0;
  const end = endOf(run) ?? to;
  const startColumn = clamp(Math.floor((run.start - from) * scale), 0, columns - 1);
  // Rounded, not up: of two runs one after the other, the first would seem to last into the second.
  const endColumn = clamp(Math.round((end - from) * scale), startColumn + 1, columns);
  return { start: startColumn, length: endColumn - startColumn };
}

function cellsOf(run: Drawn, length: number, glyphs: Glyphs): string[] {
  if (isSpan(run)) return Array<string>(length).fill(glyphs.unknown);
  const { end } = run;
  if (end === undefined) return [...Array<string>(length - 1).fill(glyphs.unknown), glyphs.open];
  const { producer, consumer, firstItem, duration } = end;
  const cells = Array<string>(length);
  if (producer === undefined || consumer === undefined) return cells.fill(glyphs.unknown);
  const total = producer + consumer;
  const producerCells = total > 0 ? Math.round((producer / total) * length) : length;
  cells.fill(glyphs.producer, 0, producerCells).fill(glyphs.consumer, producerCells);
  // A bar of one cell has room for one thing, and who worked says more.
  if (firstItem === undefined || length === 1) return cells;
  const mark = clamp(Math.floor((duration > 0 ? firstItem / duration : 0) * length), 0, length - 1);
  // Until there is an item, there is nothing for the consumer to do.
  cells.fill(glyphs.producer, 0, mark)[mark] = glyphs.firstItem;
  return cells;
}

/** What each sign of a bar is painted in. */
export const BAR_STYLES = {
  producer: 'cyan',
  consumer: 'magenta',
  firstItem: 'bold',
  unknown: 'dim',
} as const satisfies Partial<Record<keyof Glyphs, Style>>;

function styleOf(cell: string, glyphs: Glyphs): Style {
  if (cell === glyphs.firstItem) return BAR_STYLES.firstItem;
  if (cell === glyphs.producer) return BAR_STYLES.producer;
  return cell === glyphs.consumer ? BAR_STYLES.consumer : BAR_STYLES.unknown;
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}

/** A longer list would again not say which of them matter. */
const MOST_NAMES = 20;

/** Outcomes take room from the names until these are as short as this: the names are above as well. */
const SHORTEST_SUMMARY_NAME = 20;

type SummaryRow = readonly [name: string, runs: string, items: string, longest: string, outcomes: string];

const TITLES: SummaryRow = ['RUNS BY NAME', 'RUNS', 'ITEMS', 'LONGEST', 'OUTCOMES'];

/**
 * One line for each name, if not every run has a line of its own. The name with most runs comes first.
 *
 * @param shown how many runs have a line
 */
function summarizeByName(runs: readonly ObservedRun[], shown: number, layout: Layout): string[] {
  const { lineColumns, glyphs, paint } = layout;
  const byName = new Map<string, ObservedRun[]>();
  for (const run of runs) add(byName, nameOf(run), run);
  const names = [...byName].sort(([, a], [, b]) => b.length - a.length);
  const rows = names.slice(0, MOST_NAMES).map(([name, ofName]) => rowOf(name, ofName));
  const left = count(runs.length - shown, 'more run');
  return [
    paint('dim', truncate(`${glyphs.ellipsis} and ${left}; --limit 0 shows all`, lineColumns, glyphs.ellipsis)),
    '',
    ...formatRows([TITLES, ...rows], layout).map((line, index) => (index === 0 ? paint('dim', line) : line)),
    ...(names.length > MOST_NAMES
      ? [paint('dim', `${glyphs.ellipsis} and ${count(names.length - MOST_NAMES, 'more name')}`)]
      : []),
  ];
}

function rowOf(name: string, runs: readonly ObservedRun[]): SummaryRow {
  const items = runs.reduce((sum, { end }) => sum + (end?.items ?? 0), 0);
  const longest = runs.reduce((most, { end }) => Math.max(most, end?.duration ?? 0), 0);
  const outcomes = countOutcomes(runs).map(([outcome, number]) => `${formatInteger(number)} ${outcome}`);
  return [name, formatInteger(runs.length), formatInteger(items), formatTime(longest), outcomes.join(', ')];
}

function formatRows(rows: readonly SummaryRow[], { lineColumns, glyphs }: Layout): string[] {
  const widest = (column: number) => Math.max(...rows.map((row) => widthOf(row[column] as string)));
  const numbers = [1, 2, 3].map(widest);
  const room = numbers.reduce((left, width) => left - width - GAP.length, lineColumns - GAP.length);
  const nameColumns = Math.min(widest(0), Math.max(room - widest(4), SHORTEST_SUMMARY_NAME));
  return rows.flatMap(([name, ...rest]) => {
    const cells = numbers.map((width, index) => padStart(rest[index] as string, width));
    const start = [padEnd(truncateMiddle(name, nameColumns, glyphs.ellipsis), nameColumns), ...cells, ''].join(GAP);
    // Breaks between outcomes only: a number belongs to what follows it.
    return wrapParts(rest[3].split(/(?<=,) /), ' ', room - nameColumns).map(
      (line, index) => (index === 0 ? start : ' '.repeat(widthOf(start))) + line,
    );
  });
}
