/**
 * Writes the report of the signals that a traced application gets.
 *
 * The command forwards the signals that are meant for the application. Where the whole process group was signalled (by Ctrl-C,
 * GNU `timeout`, `kill -- -PGID`, systemd), the application has the signal already, and a second one would end an application that
 * listens once.
 */
import { appendLine, FORWARDED_SIGNALS, signalFileOf, type SignalLine } from './protocol';

// Taken at load, before the application can put its own in their place.
const { now } = Date;
const { stringify } = JSON;

/**
 * Writes a line for each signal that the program, or what is preloaded with it, listens to. Call it in the main thread, as early
 * as possible: Node takes `process.emit` as it is when the first listener is added.
 *
 * @param reportFile as for `openRunReport`
 */
export function reportSignals(reportFile: string): void {
  const { emit, pid } = process;
  const write = (signal?: NodeJS.Signals) => {
    const line: SignalLine = { pid, time: now(), signal };
    appendLine(signalFileOf(reportFile), stringify(line));
  };
  // Not a listener, which the program could count, and which would change what a signal does.
  process.emit = function (this: NodeJS.Process, ...args: unknown[]): boolean {
    const signal = args[0] as NodeJS.Signals;
    if (FORWARDED_SIGNALS.includes(signal)) write(signal);
    return Reflect.apply(emit, this, args) as boolean;
  } as typeof process.emit;
  for (const signal of FORWARDED_SIGNALS) if (process.listenerCount(signal) > 0) listenAgain(signal);
  write();
}

/** Another preload listens already: what Node calls for a signal is bound to the `process.emit` of then. */
function listenAgain(signal: NodeJS.Signals): void {
  const listeners = process.rawListeners(signal) as NodeJS.SignalsListener[];
  process.removeAllListeners(signal);
  for (const listener of listeners) process.on(signal, listener);
}
