/**
 * What is known of an application that ran traced.
 */
import { escapeControls } from '../../base/foreign-text';
import type { Undelivered } from '../../run-report/protocol';
import type { RunOutcome, TargetReport } from '../../types';

/** A process or worker thread of the application. */
export interface Thread {
  readonly pid: number;
  /** 0 for the main thread. */
  readonly thread: number;
  readonly entry: string | undefined;
  /** Undefined if it never came to write its report: killed, or still there. */
  targets: readonly TargetReport[] | undefined;
  /** Undefined if there is nothing of the kind. */
  undelivered?: Undelivered | undefined;
}

/** How a run has ended, as far as it has. */
export interface RunEnd {
  readonly outcome: RunOutcome;
  readonly items: number;
  /** Milliseconds, as the rest. */
  readonly duration: number;
  readonly firstItem: number | undefined;
  readonly producer: number | undefined;
  readonly consumer: number | undefined;
  readonly error: { readonly type: string; readonly message: string } | undefined;
  /** Whether it ended in the very call: a plain function has returned what is no async iterable. */
  readonly atOnce: boolean;
}

/** One run of a generator. Times are milliseconds. */
export interface ObservedRun {
  readonly thread: Thread;
  readonly spanId: string;
  readonly traceId: string;
  /** The run whose body made it. */
  readonly parent: ObservedRun | undefined;
  readonly name: string;
  readonly module: string | undefined;
  readonly version: string | undefined;
  readonly exportPath: string;
  /** Since the Unix epoch. */
  readonly start: number;
  /** Undefined while it is open. */
  end: RunEnd | undefined;
}

/** How the application has ended. */
export interface ChildExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ApplicationExit extends ChildExit {
  /** Milliseconds since the Unix epoch. */
  readonly startedAt: number;
  readonly endedAt: number;
}

/** Outcomes, and what stands for the outcome of a run whose end was not seen. */
export type OutcomeOrOpen = RunOutcome | 'open';

export const outcomeOf = (run: ObservedRun): OutcomeOrOpen => run.end?.outcome ?? 'open';

/** How many runs there are of each outcome, in this order. */
export function countOutcomes(runs: readonly ObservedRun[]): Map<OutcomeOrOpen, number> {
  const order: OutcomeOrOpen[] = ['completed', 'returned', 'failed', 'aborted', 'abandoned', 'interrupted', 'open'];
  const counts = new Map<OutcomeOrOpen, number>(order.map((outcome) => [outcome, 0]));
  for (const run of runs) counts.set(outcomeOf(run), (counts.get(outcomeOf(run)) ?? 0) + 1);
  return new Map([...counts].filter(([, number]) => number > 0));
}

/** The name of a run, fit for a terminal. */
export const nameOf = ({ name }: ObservedRun): string => escapeControls(name) || '(no name)';

/** The module of a run, fit for a terminal. Empty for one that was traced by hand. */
export const moduleOf = ({ module }: ObservedRun): string => escapeControls(module ?? '');

/** What a run failed with, fit for a terminal. */
export function errorOf({ end }: ObservedRun): string | undefined {
  if (end?.error === undefined) return undefined;
  const { type, message } = end.error;
  return escapeControls(message === '' ? type : `${type}: ${message}`);
}
