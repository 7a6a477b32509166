/**
 * What the command writes, as JSON and as text: when a run has ended, and when the application has.
 */
import { escapeControls, toPrintableJson } from '../../base/foreign-text';
import { count, formatTime, padStart, wrap, type Terminal } from '../terminal';
import { whatIsMissing, whatMayBeFactories, whatWasNotDelivered, whyNoRuns, type Circumstances } from './diagnosis';
import { add, errorLines, glyphsFor } from './layout';
import {
  errorOf,
  nameOf,
  OUTCOME_STYLES,
  outcomeOf,
  type ApplicationExit,
  type ObservedRun,
  type ObservedSpan,
} from './model';
import { renderTimeline } from './timeline';

export interface Observation {
  readonly application: ApplicationExit & {
    readonly file: string;
    readonly args: readonly string[];
    /** What the user has started, in the words of the user. */
    readonly title: string;
  };
  readonly runs: readonly ObservedRun[];
  /** Of other instrumentations, where the user wants them. */
  readonly spans: readonly ObservedSpan[];
  readonly circumstances: Circumstances;
}

export type JsonRun = ReturnType<typeof toJsonRun>;
export type JsonReport = ReturnType<typeof toJsonReport>;

/** What `--json` writes, in a line. */
export const renderJson = (observation: Observation): string => `${toPrintableJson(toJsonReport(observation))}\n`;

/** Times are in seconds, as in `RunSummary`, and start with the application. */
export function toJsonReport({ application, runs, spans, circumstances }: Observation) {
  const { file, args, startedAt, endedAt, code, signal } = application;
  return {
    type: 'report',
    /** Of this format. New keys do not change it. */
    version: 1,
    application: {
      file,
      args,
      startedAt: new Date(startedAt).toISOString(),
      duration: seconds(endedAt - startedAt) as number,
      exitCode: code,
      signal,
    },
    /** In the order in which they started. */
    runs: [...runs].sort((a, b) => a.start - b.start).map((run) => toJsonRun(run, startedAt)),
    /** Those of other instrumentations, where they were asked for. */
    ...(circumstances.wantsSpans && {
      spans: [...spans].sort((a, b) => a.start - b.start).map((span) => toJsonSpan(span, startedAt)),
    }),
    /** What became of each target, in each process and thread. */
    targets: circumstances.threads.flatMap(({ pid, thread, targets = [] }) =>
      targets.map((each) => ({ pid, thread, ...each })),
    ),
    /** Why nothing was seen, or less than was asked for. */
    hints: [...hintsOf(runs, circumstances), ...whatWasNotDelivered(circumstances)],
  };
}

/**
 * Null is what an open run does not have yet, and what is not measured where `timing` is off.
 *
 * @param startedAt when the application did, in milliseconds since the Unix epoch
 */
export function toJsonRun(run: ObservedRun, startedAt: number) {
  const { thread, traceId, spanId, parent, name, module, version, exportPath, start, end } = run;
  return {
    type: 'run',
    pid: thread.pid,
    /** 0 for the main thread, else the id of the worker thread. */
    thread: thread.thread,
    traceId,
    spanId,
    /** Of the run whose body made this one. */
    parentSpanId: parent?.spanId ?? null,
    name,
    module: module ?? null,
    version: version ?? null,
    export: exportPath,
    start: seconds(start - startedAt) as number,
    duration: seconds(end?.duration),
    items: end?.items ?? null,
    timeToFirstItem: seconds(end?.firstItem),
    producerTime: seconds(end?.producer),
    consumerTime: seconds(end?.consumer),
    outcome: outcomeOf(run),
    error: end?.error ?? null,
  };
}

function toJsonSpan(span: ObservedSpan, startedAt: number) {
  const { thread, traceId, spanId, parentId = null, name, start, duration, outcome, isError } = span;
  return {
    type: 'span',
    pid: thread.pid,
    thread: thread.thread,
    traceId,
    spanId,
    parentSpanId: parentId,
    name,
    start: seconds(start - startedAt),
    duration: seconds(duration),
    outcome,
    isError,
  };
}

/** To the nanosecond. */
function seconds(milliseconds: number | undefined): number | null {
  return milliseconds === undefined ? null : Math.round(milliseconds * 1e6) / 1e9;
}

/** @param limit how many runs have a line of their own; 0 for all */
export function renderText(
  { application, runs, spans, circumstances }: Observation,
  terminal: Terminal,
  limit: number,
): string {
  const { paint, columns } = terminal;
  const bold = (text: string) => wrap(text, columns).map((line) => paint('bold', line));
  const hints = hintsOf(runs, circumstances).flatMap((hint) => bullet(hint, columns));
  const nothing = 'no run of an async generator was seen';
  const what =
    runs.length === 0 ? nothing : count(runs.length, 'run of an async generator', 'runs of async generators');
  const time = formatTime(application.endedAt - application.startedAt);
  const lines = ['', ...bold(`${escapeControls(application.title)} ran for ${time}: ${what}`), ''];
  if (runs.length === 0) lines.push(...hints);
  else {
    lines.push(...renderTimeline(runs, application, terminal, limit, spans));
    if (hints.length > 0) lines.push('', ...bold('Not all that you asked for was traced:'), '', ...hints);
  }
  for (const loss of whatWasNotDelivered(circumstances)) lines.push('', ...wrap(escapeControls(loss), columns));
  return lines.map((line) => `${line}\n`).join('');
}

const hintsOf = (runs: readonly ObservedRun[], circumstances: Circumstances): string[] =>
  runs.length === 0 ? whyNoRuns(circumstances) : [...whatIsMissing(circumstances), ...whatMayBeFactories(runs)];

function bullet(text: string, columns: number): string[] {
  const lines = wrap(escapeControls(text), Math.max(columns - 2, 20));
  return lines.map((line, index) => (index === 0 ? `- ${line}` : `  ${line}`));
}

/** As wide as times are, up to the minute. */
const TIME_COLUMNS = 10;
/** What follows the first line of a run is below its name. */
const INDENT = ' '.repeat(TIME_COLUMNS + 2);
/** Where there is no room for more, the line is longer than the terminal is wide. */
const LEAST_COLUMNS = 30;

/** The lines of `--watch-spans`: what became of each run, in the order in which they end. */
export class EndedRuns {
  /** An error that passes through nested runs is written where it came from. */
  private readonly errorsOfChildren = new Map<ObservedRun, string[]>();

  /**
   * @param startedAt when the application did, in milliseconds since the Unix epoch
   * @returns its lines; nothing for a run that is open
   * @example
   * +396.6 ms  readOrders failed, 3 items in 84.6 ms, first after 16.9 ms
   *            RangeError: order 4 has no total
   */
  render(run: ObservedRun, startedAt: number, terminal: Terminal): string {
    const { end } = run;
    if (end === undefined) return '';
    const { paint } = terminal;
    const columns = Math.max(terminal.columns - INDENT.length, LEAST_COLUMNS);
    const style = OUTCOME_STYLES[end.outcome];
    const at = padStart(`+${formatTime(run.start + end.duration - startedAt)}`, TIME_COLUMNS);
    const first = end.firstItem === undefined ? '' : `, first after ${formatTime(end.firstItem)}`;
    const how = `${paint(style, end.outcome)}, ${count(end.items, 'item')} in ${formatTime(end.duration)}${first}`;
    const [line = '', ...more] = [
      ...wrap(`${nameOf(run)} ${how}`, columns),
      ...this.newErrorLines(run, columns, glyphsFor(terminal).ellipsis).map((each) => paint(style, each)),
    ];
    return [`${paint('dim', at)}  ${line}`, ...more.map((each) => INDENT + each)].map((each) => `${each}\n`).join('');
  }

  private newErrorLines(run: ObservedRun, columns: number, ellipsis: string): string[] {
    const error = errorOf(run);
    if (error === undefined) return [];
    if (run.parent !== undefined) add(this.errorsOfChildren, run.parent, error);
    const isNews = this.errorsOfChildren.get(run)?.includes(error) !== true;
    this.errorsOfChildren.delete(run);
    return isNews ? errorLines(run, columns, ellipsis) : [];
  }
}
