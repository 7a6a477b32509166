/** Counts what a pull does, in processes of their own: everything that is counted is patched before the package is loaded. */
import * as path from 'node:path';
import { runProgram } from '../../support/program';

/** What is counted for each item that is pulled. */
export interface Counts {
  /** Calls of `context.with`. */
  readonly switches: number;
  /** Calls of `AsyncLocalStorage.prototype.run`, which `context.with` makes. */
  readonly storageRuns: number;
  /** Calls of `AsyncLocalStorage.prototype.enterWith`. */
  readonly storageEntries: number;
  /** Calls of `AsyncResource.prototype.runInAsyncScope`. */
  readonly scopes: number;
  readonly clockReads: number;
  readonly promises: number;
  /** Asynchronous resources, beside promises. */
  readonly resources: number;
}

export interface Measured {
  readonly counts: Counts;
  /** Microtask ticks from each of several items to the next. */
  readonly ticks: readonly number[];
  /** The names of the own properties of what was consumed. */
  readonly members: readonly string[];
}

/** Bytes that an item allocates; `floor` is the untraced program with the reaction that observing it takes, if it is observed. */
export interface Bytes {
  readonly untraced: number;
  readonly floor: number;
  readonly traced: number;
}

/** No collection while it is measured, and no thread but one: the same numbers every time. */
const EXACT = [
  '--expose-gc',
  '--single-threaded',
  '--min-semi-space-size=64',
  '--max-semi-space-size=64',
  '--no-turbo-inlining',
];

export function count(
  condition: string,
  producer: string,
  env?: NodeJS.ProcessEnv,
): Promise<{ untraced: Measured; traced: Measured }> {
  return run([], 'count.cjs', [condition, producer], env);
}

export function allocate(condition: string, producer: string): Promise<Bytes> {
  // Maglev is a compiler that Node 20 has not switched on.
  const maglev = Number(process.versions.node.split('.')[0]) > 20 ? ['--no-maglev-inlining'] : [];
  return run([...EXACT, ...maglev], 'allocate.cjs', [condition, producer]);
}

/** What it allocates to make a function. */
export function define(): Promise<Pick<Bytes, 'untraced' | 'traced'>> {
  return run(EXACT, 'define.cjs', []);
}

async function run<Result>(
  flags: readonly string[],
  file: string,
  args: readonly string[],
  variables: NodeJS.ProcessEnv = {},
): Promise<Result> {
  // Coverage makes the engine allocate counters of its own.
  const env = { ...variables, NODE_V8_COVERAGE: undefined };
  const { status, stdout, stderr } = await runProgram([...flags, path.join(__dirname, file), ...args], { env });
  if (status !== 0) throw new Error(`${file} ${args.join(' ')} ended with ${status}: ${stderr}`);
  return JSON.parse(stdout) as Result;
}
