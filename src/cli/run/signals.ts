/**
 * Forwards the signals that the command gets to the application, each of them once.
 *
 * A signal does not tell whether the whole process group got it, and the application with it. So the application has a
 * moment to end, or to report the signal (../../run-report/runs.ts).
 */
import type { ChildProcess } from 'node:child_process';
import * as fs from 'node:fs';
import { constants } from 'node:os';
import { FORWARDED_SIGNALS, signalFileOf, type SignalLine } from '../../run-report/protocol';
import { parseSignalLine } from './report';

/** How long an application has for its report. */
const PATIENCE_MS = 100;
/** GNU `timeout` signals the command, and then its whole group, which includes the command. These two are one signal. */
const SAME_WITHIN_MS = 100;
/** An application that is busy reports late. It almost certainly has a signal that comes from a terminal. */
const PATIENCE_AT_TERMINAL_MS = 1000;
const FROM_TERMINAL: readonly NodeJS.Signals[] = ['SIGINT', 'SIGHUP', 'SIGQUIT'];

const LOOK_EVERY_MS = 5;
/** The application may get a signal before the command does. A signal from long before is another one. */
const EARLIER_MS = 500;

/** On Windows, a signal that one process sends to another ends it, and Ctrl-C reaches all processes. */
const canSend = process.platform !== 'win32';

/**
 * @param readReport what the application's processes have reported so far
 * @returns a function that ends it
 */
export function forwardSignals(child: ChildProcess, readReport: () => readonly SignalLine[]): () => void {
  const hasTerminal = canOpenTerminal();
  const waiting = new Set<NodeJS.Timeout>();
  /** Places in the report: a line accounts for one signal. */
  const accounted = new Set<number>();

  const isOfChild = ({ pid }: SignalLine) => pid === child.pid;
  const account = (signal: NodeJS.Signals, since: number): boolean => {
    const place = readReport().findIndex(
      (line, index) => isOfChild(line) && line.signal === signal && line.time >= since && !accounted.has(index),
    );
    if (place !== -1) accounted.add(place);
    return place !== -1;
  };

  const waitForReport = (signal: NodeJS.Signals, since: number, patience: number, otherwise: () => void) => {
    const deadline = Date.now() + patience;
    const timer = setInterval(() => {
      const isAccounted = account(signal, since);
      if (!isAccounted && Date.now() < deadline) return;
      clearInterval(timer);
      waiting.delete(timer);
      if (!isAccounted) otherwise();
    }, LOOK_EVERY_MS);
    waiting.add(timer);
  };

  const listen = (signal: NodeJS.Signals) => {
    const isOfTerminal = hasTerminal && FROM_TERMINAL.includes(signal);
    const patience = isOfTerminal ? PATIENCE_AT_TERMINAL_MS : PATIENCE_MS;
    let lastAt = -Infinity;
    const listener = () => {
      const now = Date.now();
      if (now - lastAt < SAME_WITHIN_MS) return;
      lastAt = now;
      waitForReport(signal, now - EARLIER_MS, patience, () => {
        if (isOfTerminal && !readReport().some(isOfChild)) return;
        const sentAt = Date.now();
        child.kill(signal);
        // Its line does not account for the next signal.
        waitForReport(signal, sentAt, patience, () => undefined);
      });
    };
    const onSignal = canSend ? listener : () => undefined;
    process.on(signal, onSignal);
    return () => process.off(signal, onSignal);
  };

  // Windows does not have them all.
  const stops = FORWARDED_SIGNALS.filter((signal) => signal in constants.signals).map(listen);
  return () => {
    for (const stop of stops) stop();
    for (const timer of waiting) clearInterval(timer);
  };
}

/** Whether this process belongs to a terminal, wherever its stdio goes. */
function canOpenTerminal(): boolean {
  try {
    fs.closeSync(fs.openSync('/dev/tty', 'r'));
    return true;
  } catch {
    return false;
  }
}

/** What has been reported so far, by all processes of the application. */
export function readSignals(reportFile: string): SignalLine[] {
  try {
    const lines = fs.readFileSync(signalFileOf(reportFile), 'utf8').split('\n');
    // The last one is empty, or not complete yet.
    return lines.slice(0, -1).flatMap((line) => parseSignalLine(line) ?? []);
  } catch {
    return [];
  }
}
