/**
 * What is known of an application that ran traced.
 */
import { escapeControls } from '../../base/foreign-text';
import type { EndLine, Undelivered } from '../../run-report/protocol';
import type { RunOutcome, TargetReport, TargetStatus } from '../../types';
import type { Style } from '../terminal';

/** A process or worker thread of the application. */
export interface Thread {
  readonly pid: number;
  /** 0 for the main thread. */
  readonly thread: number;
  readonly entry: string | undefined;
  /** What Node was given in front of it. */
  readonly nodeArguments: readonly string[];
  /** When its program started, after everything was set up, in milliseconds since the Unix epoch. */
  readyAt: number | undefined;
  endedAt: number | undefined;
  /** Undefined if it did not write its report: it was killed, or is still there. */
  targets: readonly TargetReport[] | undefined;
  /** Undefined if everything was delivered. */
  undelivered?: Undelivered | undefined;
}

/** How a run has ended. Times are milliseconds, where the line has seconds. */
export type RunEnd = Pick<
  EndLine,
  'outcome' | 'items' | 'duration' | 'firstItem' | 'producer' | 'consumer' | 'error' | 'atOnce'
>;

/** One run of a generator. Times are milliseconds. */
export interface ObservedRun {
  readonly thread: Thread;
  readonly spanId: string;
  readonly traceId: string;
  /** The run whose body made it. */
  readonly parent: ObservedRun | undefined;
  /** Id of the span that it is a child of. Only where spans were asked for. */
  readonly under?: string | undefined;
  readonly name: string;
  readonly module: string | undefined;
  readonly version: string | undefined;
  readonly exportPath: string;
  /** Since the Unix epoch. */
  start: number;
  /** Undefined while it is open. */
  end: RunEnd | undefined;
}

/** A span of another instrumentation, such as that of an HTTP call. Times are milliseconds. */
export interface ObservedSpan {
  readonly thread: Thread;
  readonly spanId: string;
  readonly traceId: string;
  readonly parentId: string | undefined;
  readonly name: string;
  /** Since the Unix epoch. */
  readonly start: number;
  readonly duration: number;
  /** A status code of HTTP, `error`, or nothing. */
  readonly outcome: string;
  readonly isError: boolean;
}

export interface ChildExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ApplicationExit extends ChildExit {
  /** When its own code started, in milliseconds since the Unix epoch. */
  readonly startedAt: number;
  readonly endedAt: number;
}

/** `open` is a run whose end was not seen. */
export type OutcomeOrOpen = RunOutcome | 'open';

/** In the order in which they are counted. */
export const OUTCOME_STYLES: Readonly<Record<OutcomeOrOpen, Style>> = {
  completed: 'green',
  returned: 'magenta',
  failed: 'red',
  aborted: 'magenta',
  abandoned: 'red',
  interrupted: 'magenta',
  open: 'red',
};

export const outcomeOf = (run: ObservedRun): OutcomeOrOpen => run.end?.outcome ?? 'open';

/** How many runs there are of each outcome that there is. */
export function countOutcomes(runs: readonly ObservedRun[]): [OutcomeOrOpen, number][] {
  const outcomes = Object.keys(OUTCOME_STYLES) as OutcomeOrOpen[];
  const counts = new Map(outcomes.map((outcome) => [outcome, 0]));
  for (const run of runs) counts.set(outcomeOf(run), (counts.get(outcomeOf(run)) as number) + 1);
  return [...counts].filter(([, number]) => number > 0);
}

/** Of what may become of a target, the best first. */
export const STATUS_RANKS: Readonly<Record<TargetStatus, number>> = {
  patched: 0,
  'loaded-before': 1,
  'not-patchable': 2,
  'no-export-matched': 3,
  'no-definition-matched': 3,
  'not-loaded': 4,
};

/** What has a line in the timeline. */
export type Drawn = ObservedRun | ObservedSpan;

export const isSpan = (drawn: Drawn): drawn is ObservedSpan => 'isError' in drawn;

/** The name of a run or span, fit for a terminal. */
export const nameOf = ({ name }: Drawn): string => escapeControls(name) || '(no name)';

/** The module of a run, fit for a terminal. Empty for one that was traced by hand. */
export const moduleOf = ({ module }: ObservedRun): string => escapeControls(module ?? '');

/** What a run failed with, in one line that is fit for a terminal. */
export function errorOf(run: ObservedRun): string | undefined {
  const text = errorTextOf(run);
  return text === undefined ? undefined : escapeControls(text);
}

/** The same, in the lines that it has. */
export const errorLinesOf = (run: ObservedRun): string[] =>
  (errorTextOf(run) ?? '').split(/\r?\n/).map((line) => escapeControls(line));

function errorTextOf({ end }: ObservedRun): string | undefined {
  if (end?.error === undefined) return undefined;
  const { type, message } = end.error;
  return message === '' ? type : `${type}: ${message}`;
}
