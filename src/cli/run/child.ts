/**
 * Runs the application in a process of its own, which is to be as if nobody stood above it.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import * as fs from 'node:fs';
import { constants } from 'node:os';

export interface ChildOptions {
  readonly execPath: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
}

export interface ChildExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A terminal sends these to every process in the foreground: the application has them already. */
const FROM_TERMINAL: readonly NodeJS.Signals[] = ['SIGINT', 'SIGHUP', 'SIGQUIT'];
const FORWARDED: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGUSR2', ...FROM_TERMINAL];
/** Windows does not have them all. */
const isKnown = (signal: NodeJS.Signals) => signal in constants.signals;

/**
 * Runs a process to its end. Signals that this process gets meanwhile are for that one.
 *
 * @throws the error of the system if it cannot be started
 */
export async function runChild({ execPath, args, env, cwd }: ChildOptions): Promise<ChildExit> {
  const child = spawn(execPath, args, { cwd, env, stdio: 'inherit' });
  const stop = forwardSignals(child);
  try {
    return await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) => {
        resolve({ code, signal });
      });
    });
  } finally {
    stop();
  }
}

/** @returns a function that ends it */
function forwardSignals(child: ChildProcess): () => void {
  const hasTerminal = canOpenTerminal();
  const listeners = FORWARDED.filter(isKnown).map((signal) => {
    const listener = () => {
      if (!hasTerminal || !FROM_TERMINAL.includes(signal)) child.kill(signal);
    };
    process.on(signal, listener);
    return { signal, listener };
  });
  return () => {
    for (const { signal, listener } of listeners) process.off(signal, listener);
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

/** Ends this process as the application has ended: by the same signal, so that whoever waits for it sees the same. */
export function endBySignal(signal: NodeJS.Signals): Promise<never> {
  process.kill(process.pid, signal);
  // It is on its way. Should the process survive it (as process 1 of a container), it ends as shells have it.
  return new Promise(() => {
    setTimeout(() => {
      process.exit(128 + constants.signals[signal]);
    }, 1000);
  });
}
