/**
 * What a traced application tells the `run` command about signals: that it has got one.
 *
 * The command forwards the signals that are meant for the application. Where the whole process group was signalled (by Ctrl-C,
 * GNU `timeout`, `kill -- -PGID`, systemd), the application has the signal already, and a second one would end an application that
 * listens once.
 */
import { readFileSync } from 'node:fs';
import { appendLine } from './append-line';

/** Those that may be meant for the application, and that a process can listen to. */
export const FORWARDED_SIGNALS: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGUSR2', 'SIGINT', 'SIGHUP', 'SIGQUIT'];

export interface SignalLine {
  readonly pid: number;
  /** Milliseconds since the Unix epoch. */
  readonly time: number;
  /** What the process has got. Absent in its first line, which says that it can report. */
  readonly signal?: NodeJS.Signals;
}

// Taken at load, before the application can put its own in their place.
const { now } = Date;
const { stringify } = JSON;

/** A file of its own: the report of the runs can be long, and a signal is to be answered at once. */
const fileBeside = (reportFile: string) => `${reportFile}.signals`;

/**
 * Writes a line for each signal that the program, or somebody for it, listens to. Call it in the main thread, as early as can be:
 * Node takes `process.emit` as it is when somebody begins to listen.
 *
 * @param reportFile as for `openRunReport`
 */
export function reportSignals(reportFile: string): void {
  const { emit, pid } = process;
  const write = (signal?: NodeJS.Signals) => {
    const line: SignalLine = { pid, time: now(), signal };
    appendLine(fileBeside(reportFile), stringify(line));
  };
  // Not a listener, which the program could count, and which would change what a signal does.
  process.emit = function (this: NodeJS.Process, ...args: unknown[]): boolean {
    const signal = args[0] as NodeJS.Signals;
    if (FORWARDED_SIGNALS.includes(signal)) write(signal);
    return Reflect.apply(emit, this, args) as boolean;
  } as typeof process.emit;
  for (const signal of FORWARDED_SIGNALS) if (process.listenerCount(signal) > 0) listenAnew(signal);
  write();
}

/** Somebody has been preloaded before: what Node calls for a signal is bound to the `process.emit` of then. */
function listenAnew(signal: NodeJS.Signals): void {
  const listeners = process.rawListeners(signal) as NodeJS.SignalsListener[];
  process.removeAllListeners(signal);
  for (const listener of listeners) process.on(signal, listener);
}

/** What has been reported so far, by all processes of the application. */
export function readSignals(reportFile: string): SignalLine[] {
  try {
    const lines = readFileSync(fileBeside(reportFile), 'utf8').split('\n');
    // What stands behind the last end of a line is nothing, or not complete yet.
    return lines.slice(0, -1).map((line) => JSON.parse(line) as SignalLine);
  } catch {
    return [];
  }
}
