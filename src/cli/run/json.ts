/**
 * What `--json` writes. Times are in seconds, as in `RunSummary`, and start with the application.
 */
import type { TargetReport } from '../../types';
import { outcomeOf, type ApplicationExit, type ObservedRun, type OutcomeOrOpen, type Thread } from './model';

export interface JsonRun {
  readonly type: 'run';
  readonly pid: number;
  /** 0 for the main thread, else the id of the worker thread. */
  readonly thread: number;
  readonly traceId: string;
  readonly spanId: string;
  /** Span id of the run whose body made this one. */
  readonly parentSpanId: string | null;
  readonly name: string;
  readonly module: string | null;
  readonly version: string | null;
  readonly export: string;
  readonly start: number;
  /** Like all that follows null for an open run; those after it also where `timing` is off. */
  readonly duration: number | null;
  readonly items: number | null;
  readonly timeToFirstItem: number | null;
  readonly producerTime: number | null;
  readonly consumerTime: number | null;
  readonly outcome: OutcomeOrOpen;
  readonly error: { readonly type: string; readonly message: string } | null;
}

export interface JsonReport {
  readonly type: 'report';
  /** Of this format: it changes when something else than a new key does. */
  readonly version: 1;
  readonly application: {
    readonly file: string;
    readonly args: readonly string[];
    /** ISO 8601. */
    readonly startedAt: string;
    readonly duration: number;
    readonly exitCode: number | null;
    readonly signal: string | null;
  };
  /** In the order in which they started. */
  readonly runs: readonly JsonRun[];
  /** What became of each target, in each process and thread. */
  readonly targets: readonly (TargetReport & { readonly pid: number; readonly thread: number })[];
  /** Why nothing was seen, or less than was asked for. */
  readonly hints: readonly string[];
}

export interface JsonInput {
  readonly application: ApplicationExit & { readonly file: string; readonly args: readonly string[] };
  readonly runs: readonly ObservedRun[];
  readonly threads: readonly Thread[];
  readonly hints: readonly string[];
}

export function toJsonReport({ application, runs, threads, hints }: JsonInput): JsonReport {
  const { file, args, startedAt, endedAt, code, signal } = application;
  return {
    type: 'report',
    version: 1,
    application: {
      file,
      args,
      startedAt: new Date(startedAt).toISOString(),
      duration: seconds(endedAt - startedAt) as number,
      exitCode: code,
      signal,
    },
    runs: [...runs].sort((a, b) => a.start - b.start).map((run) => toJsonRun(run, startedAt)),
    targets: threads.flatMap(({ pid, thread, targets }) => (targets ?? []).map((each) => ({ pid, thread, ...each }))),
    hints,
  };
}

/** @param startedAt when the application did, in milliseconds since the Unix epoch */
export function toJsonRun(run: ObservedRun, startedAt: number): JsonRun {
  const { thread, traceId, spanId, parent, name, module, version, exportPath, start, end } = run;
  return {
    type: 'run',
    pid: thread.pid,
    thread: thread.thread,
    traceId,
    spanId,
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

/** Nanoseconds are as fine as it gets. */
function seconds(milliseconds: number | undefined): number | null {
  return milliseconds === undefined ? null : Math.round(milliseconds * 1e6) / 1e9;
}
