/**
 * Draws the runs of an application over its time: a pure function of them, and of what the terminal can show.
 */
import { escapeControls } from '../../base/foreign-text';
import type { RunOutcome } from '../../types';
import type { Terminal } from '../terminal';
import { count, formatInteger, formatTime, padEnd, padStart, truncate, truncateMiddle, widthOf, wrap } from '../text';
import { drawBar } from './bar';
import { growForest, type Grove, type TreeNode } from './forest';
import { glyphsFor } from './glyphs';
import { GAP, layOut, OUTCOME_STYLES, type Column, type Layout } from './layout';
import { countOutcomes, type ApplicationExit, type ObservedRun, type OutcomeOrOpen, type Thread } from './model';
import { errorOf, nameOf } from './names';
import { summarizeByName } from './summary';

export interface TimelineOptions extends Terminal {
  /** How many runs have a line of their own, the first to start; all are in the summary. 0 for no limit. */
  readonly limit: number;
}

/** However deep a run lies in its tree, so much of its name is seen. */
const SHORTEST_NAME = 8;

/** What an outcome means, where its name does not say. */
const MEANINGS: Partial<Record<RunOutcome, string>> = {
  returned: 'the consumer stopped early (break, return, throw)',
  aborted: 'ended by an AbortError',
  abandoned: 'garbage-collected without having been closed',
  interrupted: 'still running when the process ended',
};

/** A process that ends by itself ends its runs, but for those of streams, which wait for an iteration. */
const OPEN_IN_KILLED_PROCESS = 'no end was seen: the process was killed, or is still there';
const OPEN_IN_ENDED_PROCESS =
  'a stream that was not iterated; reading it otherwise (getReader, pipe, new Response) is not seen, and leaves no span';

/**
 * Draws at least one run. No line is wider than the terminal, if that has 50 columns.
 *
 * @returns lines without their ends
 */
export function renderTimeline(
  runs: readonly ObservedRun[],
  application: ApplicationExit,
  options: TimelineOptions,
): string[] {
  const inOrder = [...runs].sort((a, b) => a.start - b.start);
  const shown = options.limit > 0 ? inOrder.slice(0, options.limit) : inOrder;
  const groves = growForest(shown, glyphsFor(options.hasUnicode));
  const layout = layOut(
    groves.flatMap(({ nodes }) => nodes),
    application,
    options,
  );
  return [
    heading(layout, application),
    ...groves.flatMap((grove) => [
      ...(groves.length > 1 ? [threadLine(grove.thread, layout)] : []),
      ...rows(grove, layout),
    ]),
    ...(shown.length < inOrder.length ? ['', ...summarizeByName(inOrder, shown.length, layout)] : []),
    '',
    ...legend(inOrder, layout),
  ];
}

/** The titles of the columns; over the bars, where they begin and end in the time of the application. */
function heading({ nameColumns, left, axis, right, paint }: Layout, { startedAt }: ApplicationExit): string {
  const to = `+${formatTime(axis.to - startedAt)}`;
  const from = `+${formatTime(axis.from - startedAt)}`;
  const room = axis.columns - to.length;
  const scale = from.length < room ? padEnd(from, room) + to : padStart(to, axis.columns);
  const titles = (columns: readonly Column[]) => columns.map((column) => align(column.title, column));
  return paint('dim', [padEnd('RUN', nameColumns), ...titles(left), scale, ...titles(right)].join(GAP).trimEnd());
}

function threadLine({ pid, thread, entry }: Thread, { lineColumns, glyphs, paint }: Layout): string {
  const where = thread === 0 ? `process ${pid}` : `process ${pid}, worker thread ${thread}`;
  const line = entry === undefined ? where : `${where}: ${escapeControls(entry)}`;
  return paint('dim', truncate(line, lineColumns, glyphs.ellipsis));
}

function rows({ nodes }: Grove, layout: Layout): string[] {
  const recorded = errorsOfChildren(nodes);
  return nodes.flatMap((node) => {
    const error = errorOf(node.run);
    const isNews = error !== undefined && recorded.get(node.run)?.has(error) !== true;
    return isNews ? [row(node, layout), errorLine(node, error, layout)] : [row(node, layout)];
  });
}

/** An error that passes through nested runs stands under the innermost only, as its span has it. */
function errorsOfChildren(nodes: readonly TreeNode[]): Map<ObservedRun, Set<string>> {
  const errors = new Map<ObservedRun, Set<string>>();
  for (const { run } of nodes) {
    const error = errorOf(run);
    if (error === undefined || run.parent === undefined) continue;
    errors.set(run.parent, (errors.get(run.parent) ?? new Set()).add(error));
  }
  return errors;
}

function row(node: TreeNode, { nameColumns, left, axis, right, glyphs, paint }: Layout): string {
  const { run } = node;
  const full = nameOf(run);
  const branch = cutBranch(node.branch, nameColumns - Math.min(widthOf(full), SHORTEST_NAME), glyphs.ellipsis);
  const name = truncateMiddle(full, nameColumns - branch.length, glyphs.ellipsis);
  const padding = ' '.repeat(nameColumns - branch.length - widthOf(name));
  const cells = (columns: readonly Column[]) =>
    columns.map((column) => {
      const style = column.style(run);
      const text = align(truncate(column.text(run), column.columns, glyphs.ellipsis), column);
      return style === undefined ? text : paint(style, text);
    });
  const bar = drawBar(run, axis, glyphs, paint);
  return [paint('dim', branch) + name + padding, ...cells(left), bar, ...cells(right)].join(GAP).trimEnd();
}

function errorLine({ run, below, hasChildren }: TreeNode, error: string, layout: Layout): string {
  const { nameColumns, lineColumns, glyphs, paint } = layout;
  const branch = cutBranch(below + (hasChildren ? glyphs.trunk : glyphs.noTrunk), nameColumns, glyphs.ellipsis);
  const style = run.end === undefined ? 'red' : OUTCOME_STYLES[run.end.outcome];
  return paint('dim', branch) + paint(style, truncate(error, lineColumns - branch.length, glyphs.ellipsis));
}

/** One that is too long loses its beginning: what is near the name says more. */
function cutBranch(branch: string, columns: number, ellipsis: string): string {
  return branch.length <= columns ? branch : ellipsis + branch.slice(branch.length - columns + ellipsis.length);
}

function align(text: string, { alignment, columns }: Column): string {
  return alignment === 'left' ? padEnd(text, columns) : padStart(text, columns);
}

/** What all of it comes to, and what the signs mean. */
function legend(runs: readonly ObservedRun[], { lineColumns, glyphs, paint }: Layout): string[] {
  const outcomes = countOutcomes(runs);
  const totals = [...outcomes].map(([outcome, number]) => ({ outcome, text: `${formatInteger(number)} ${outcome}` }));
  const total = `${count(runs.length, 'run')}: ${totals.map(({ text }) => text).join(', ')}`;
  const painted = `${count(runs.length, 'run')}: ${totals.map(({ outcome, text }) => paint(OUTCOME_STYLES[outcome], text)).join(', ')}`;
  const meanings = [...outcomes.keys()].flatMap((outcome) =>
    meaningsOf(outcome, runs).map((meaning) => `${outcome}: ${meaning}`),
  );
  const { producer, consumer, firstItem } = glyphs;
  const signs = [
    [paint('cyan', producer), 'generator works'],
    [paint('yellow', consumer), 'consumer works'],
    [paint('bold', firstItem), 'first item'],
  ];
  return [
    ...(widthOf(total) <= lineColumns ? [painted] : wrap(total, lineColumns)),
    signs.map(([sign, meaning]) => `${String(sign)} ${paint('dim', String(meaning))}`).join(GAP),
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
  'All bars lie on one axis of time. After the first item, the shades are shares of the time, not moments.';
