import { spawn, type ChildProcess } from 'node:child_process';
import * as path from 'node:path';
import { ROOT } from '../support/child';

export const CLI = path.join(ROOT, 'build/src/cli.js');
export const FIXTURES = path.join(__dirname, 'fixtures');

export interface CliResult {
  status: number | null;
  signal: NodeJS.Signals | null;
  stdout: Buffer;
  stderr: Buffer;
  /** stderr as text. */
  report: string;
}

export interface CliOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** The name that the process is started by; the path of Node unless there is one. */
  argv0?: string;
  /** What there is to read on stdin; nothing if it is left out. */
  input?: string;
  /** Called when the process has started. */
  started?: (child: ChildProcess) => void;
}

/** What a terminal, or somebody with a telemetry set-up of their own, puts into the environment. */
const OF_THE_SURROUNDINGS = /^(?:NODE_(?!V8_COVERAGE)|OTEL_|LC_|LANG$|COLUMNS$|TERM$|NO_COLOR$|FORCE_COLOR$)/;

/** Without a terminal: signals then come from nobody but the test. */
export function runProcess(command: string, args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const surroundings = Object.entries(process.env).filter(([name]) => !OF_THE_SURROUNDINGS.test(name));
  const env = { ...Object.fromEntries(surroundings), LANG: 'en_US.UTF-8', ...options.env };
  const { cwd = FIXTURES, argv0 } = options;
  const child = spawn(command, args, { cwd, env, detached: true, ...(argv0 !== undefined && { argv0 }) });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  child.stdin.on('error', () => undefined);
  if (options.input !== undefined || options.started === undefined) child.stdin.end(options.input);
  options.started?.(child);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status, signal) => {
      const errors = Buffer.concat(stderr);
      resolve({ status, signal, stdout: Buffer.concat(stdout), stderr: errors, report: errors.toString() });
    });
  });
}

/** The built command line. */
export function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  return runProcess(process.execPath, [CLI, ...args], options);
}

/** Calls `reaction` when `stream` has brought `text`. */
export function onText(stream: NodeJS.ReadableStream | null, text: string, reaction: () => void): void {
  let seen = '';
  stream?.on('data', function listener(chunk: Buffer) {
    seen += chunk.toString('latin1');
    if (!seen.includes(text)) return;
    stream.off('data', listener);
    reaction();
  });
}
