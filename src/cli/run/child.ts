/**
 * Runs the application in a process of its own, which is to be as if nobody stood above it.
 */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { SignalLine } from '../../run-report/protocol';
import { forwardSignals } from './forward-signals';

export interface ChildOptions {
  readonly execPath: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** What the process, and others, have reported of signals so far. */
  readSignalReport(): readonly SignalLine[];
}

export interface ChildExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/**
 * Runs a process to its end. Signals that this process gets meanwhile are for that one, which gets each of them once.
 *
 * @throws the error of the system if it cannot be started
 */
export async function runChild({ execPath, args, env, cwd, readSignalReport }: ChildOptions): Promise<ChildExit> {
  // The name that the user started Node by (`node`): spawn would make it the whole path, and the default service.name is made of it.
  const { argv0 } = process;
  const child = spawn(execPath, args, { argv0, cwd, env, stdio: 'inherit' });
  const stop = forwardSignals(child, readSignalReport);
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
