/**
 * Programs that are started as their users start them, and that a test talks to while they run. For those that need
 * nothing of that, `runNode` is enough.
 */
import { spawn } from 'node:child_process';
import { ROOT } from './child';

export interface ProgramResult {
  /** `null` if a signal ended it. */
  status: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface Program {
  /**
   * Resolves as soon as the output contains the text. Rejects if the program ends before that.
   */
  prints(text: string): Promise<void>;
  /** What it has written to stdout until now. */
  output(): string;
  kill(signal: NodeJS.Signals): void;
  ended: Promise<ProgramResult>;
}

/** The environment of the tests without what would set up tracing, or another preload. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const isForeign = (name: string) => name.startsWith('OTEL_') || name === 'NODE_OPTIONS';
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !isForeign(name)));
}

/**
 * Starts Node. The environment has no `OTEL_*` variables but those given.
 *
 * @example
 * const program = startProgram(['app.mjs'], { cwd });
 * await program.prints('page 3 ...');
 * program.kill('SIGTERM');
 * const { status, signal } = await program.ended;
 */
export function startProgram(
  args: readonly string[],
  { env, cwd = ROOT }: { env?: NodeJS.ProcessEnv; cwd?: string } = {},
): Program {
  const child = spawn(process.execPath, args, {
    cwd,
    env: { ...cleanEnvironment(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const written = { stdout: '', stderr: '' };
  const lookers = new Set<() => void>();
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      written[name] += text;
      for (const look of [...lookers]) look();
    });
  }
  const ended = new Promise<ProgramResult>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status, signal) => resolve({ status, signal, ...written }));
  });

  return {
    prints: (text) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (!written.stdout.includes(text)) return;
          lookers.delete(look);
          resolve();
        };
        lookers.add(look);
        look();
        ended.then(({ status, signal, stdout, stderr }) => {
          reject(new Error(`${args.join(' ')} ended (${signal ?? status}) without '${text}': ${stdout}${stderr}`));
        }, reject);
      }),
    output: () => written.stdout,
    kill: (signal) => void child.kill(signal),
    ended,
  };
}

/** Runs Node to its end. */
export const runProgram = (args: readonly string[], options?: { env?: NodeJS.ProcessEnv; cwd?: string }) =>
  startProgram(args, options).ended;
