/**
 * What a traced application tells the `run` command: one JSON object a line, in a file that the command has made.
 *
 * A file, because the application may use everything else: stdio, file descriptors, IPC and arguments. All of its
 * processes and worker threads append to the same file, so each line names its process and thread.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import type { RunOutcome, TargetReport } from '../types';

// Taken at load, before any instrumentation of `fs`.
const files = { openSync, writeSync, closeSync };

/** The environment variable that has the absolute path of the file. Set by `run`, read by `register`. */
export const RUN_REPORT_VARIABLE = 'OTEL_ASYNC_GENERATOR_RUN_REPORT';

/** The environment variable that is set if the command wants the spans of other instrumentations. */
export const RUN_SPANS_VARIABLE = 'OTEL_ASYNC_GENERATOR_RUN_SPANS';

export interface Source {
  readonly pid: number;
  /** 0 for the main thread. */
  readonly thread: number;
}

/** The first line of a process or worker thread. */
export interface BeginLine extends Source {
  readonly type: 'begin';
  /** Milliseconds since the Unix epoch, with a fraction. */
  readonly time: number;
  readonly parentPid: number;
  /** The file that the process or thread was started with. */
  readonly entry: string | undefined;
  /** The options that Node was given. Absent in lines of an older version. */
  readonly nodeArguments?: readonly string[];
}

/** Everything is set up, and the program starts. */
export interface ReadyLine extends Source {
  readonly type: 'ready';
  readonly time: number;
}

export interface StartLine extends Source {
  readonly type: 'start';
  readonly time: number;
  readonly run: string;
  readonly trace: string;
  /** The run whose body made the call, whatever other spans are between the two. Absent outside any. */
  readonly parent: string | undefined;
  /** The span that it is a child of. Only where spans are asked for. */
  readonly under?: string;
  readonly name: string;
  readonly module: string | undefined;
  readonly version: string | undefined;
  readonly export: string;
}

/** A run has ended. Times are in seconds, as in `RunSummary`. */
export interface EndLine extends Source {
  readonly type: 'end';
  readonly run: string;
  /** In milliseconds since the Unix epoch. The run started before its line was written: making the first span of a process takes a while. */
  readonly time?: number;
  readonly outcome: RunOutcome;
  readonly items: number;
  readonly duration: number;
  readonly firstItem: number | undefined;
  readonly producer: number | undefined;
  readonly consumer: number | undefined;
  readonly error: { readonly type: string; readonly message: string } | undefined;
  /** Whether it ended within the call: a plain function has returned something else than an async iterable. */
  readonly atOnce: boolean;
}

/** A span of another instrumentation has ended. Times are milliseconds. */
export interface SpanLine extends Source {
  readonly type: 'span';
  readonly time: number;
  readonly duration: number;
  readonly span: string;
  readonly trace: string;
  readonly parent: string | undefined;
  /** What it asked for, where that says more than its name. */
  readonly name: string;
  /** A status code of HTTP, `error`, or nothing. */
  readonly outcome: string;
  readonly isError: boolean;
}

/** What of the telemetry the collector has not taken, or not in time. */
export interface Undelivered {
  readonly signals: readonly ('traces' | 'metrics' | 'logs')[];
  /** Whether nothing has got through at all. */
  readonly isAll: boolean;
  /** In words, where it is known. */
  readonly reason: string | undefined;
}

/** Written at the end, if anything was lost. A process that survives a signal writes it again. */
export interface UndeliveredLine extends Source, Undelivered {
  readonly type: 'undelivered';
}

/** The last line of a process or worker thread: what became of each target in it. */
export interface TargetsLine extends Source {
  readonly type: 'targets';
  /** When the program had ended. What comes after that is the end of the tracing. */
  readonly time?: number;
  readonly targets: readonly TargetReport[];
}

export type ReportLine = BeginLine | ReadyLine | StartLine | EndLine | SpanLine | UndeliveredLine | TargetsLine;

/** The signals that may be meant for the application, and that a process can listen to. */
export const FORWARDED_SIGNALS: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGUSR2', 'SIGINT', 'SIGHUP', 'SIGQUIT'];

export interface SignalLine {
  readonly pid: number;
  /** Milliseconds since the Unix epoch. */
  readonly time: number;
  /** Absent in the first line of a process, which says that it can report. */
  readonly signal?: NodeJS.Signals;
}

/** A separate file: the report of the runs can be long, and a signal needs an answer at once. */
export const signalFileOf = (reportFile: string) => `${reportFile}.signals`;

/**
 * Writes a line to the end of a file that processes and threads share. One system call does it, so lines of several writers
 * do not mix. The file is not kept open: an application that closes all descriptors would take this one for one of its own.
 * An application that may not write, or outlives the command, goes on without the report.
 */
export function appendLine(file: string, line: string): void {
  try {
    const descriptor = files.openSync(file, 'a');
    try {
      files.writeSync(descriptor, `${line}\n`);
    } finally {
      files.closeSync(descriptor);
    }
  } catch {
    // The command says so if it finds no line at all.
  }
}
