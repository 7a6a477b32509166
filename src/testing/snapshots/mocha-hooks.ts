/**
 * The part of span snapshots that belongs to mocha: which test is running, whether it leaves runs open, and the end of a mocha run.
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { checkKeys, invalid } from '../../base/invalid';
import { listOpen, runCount, runsLeftSince } from '../recorder/runs';
import {
  HEADER,
  SnapshotFiles,
  snapshotMode,
  UPDATE_VARIABLE,
  type SnapshotResult,
  type TestId,
} from './snapshot-files';

type TestFunction = (this: unknown, ...args: unknown[]) => unknown;

/** The part of mocha's `Test` that is used here. */
interface MochaTest {
  readonly file?: string;
  readonly state?: string;
  fn?: TestFunction;
  titlePath(): string[];
}

/** The part of mocha's `Suite` that is used here. */
interface MochaSuite {
  readonly tests: readonly MochaTest[];
  readonly suites: readonly MochaSuite[];
  hasOnly(): boolean;
}

/** A test that is running. Mocha runs the tests of a process one after the other. */
export interface RunningTest extends TestId {
  /** Assertions that have not ended yet. */
  readonly pending: Set<string>;
}

let running: RunningTest | undefined;
let files: SnapshotFiles | undefined;

/** @throws Error that says how to set mocha up */
export function runningTest(assertion: string): RunningTest {
  if (running !== undefined) return running;
  throw new Error(
    `${assertion} does not know which test is running. Start mocha with ` +
      '--require opentelemetry-instrumentation-async-generator/testing (or `require` it in .mocharc), and call it within a test. ' +
      'With another runner, use its own snapshots: see doc/testing.md',
  );
}

export function snapshotFiles(): SnapshotFiles {
  return (files ??= new SnapshotFiles(snapshotMode()));
}

/** `this` of mocha's hooks. */
interface HookContext {
  readonly currentTest?: MochaTest;
  readonly test?: { readonly parent?: MochaSuite };
}

/** The type of mocha's root hooks. */
export interface MochaRootHooks {
  beforeEach(this: unknown): Promise<void>;
  afterAll(this: unknown): Promise<void>;
}

/** Options of `createMochaHooks`. */
export interface MochaHooksOptions {
  /**
   * Whether a test that leaves a run open fails.
   * @default true
   */
  leaks?: boolean;
  /**
   * How long to wait, in milliseconds, for runs that are about to end.
   * @default 250
   */
  leakTimeoutMs?: number;
}

const KEYS: readonly (keyof MochaHooksOptions)[] = ['leaks', 'leakTimeoutMs'];

/**
 * Makes root hooks for mocha. They tell `matchSpanSnapshot` which test is running, write the snapshot files at the end, report
 * unused snapshots, and fail each test that leaves a run open.
 *
 * `--require opentelemetry-instrumentation-async-generator/testing` loads the default hooks. To set other options, export
 * `mochaHooks` from your own file, and require that file instead.
 *
 * @throws TypeError if an option is malformed or unknown
 * @example
 * // hooks.cjs
 * const { createMochaHooks } = require('opentelemetry-instrumentation-async-generator/testing');
 * exports.mochaHooks = createMochaHooks({ leaks: false });
 */
export function createMochaHooks(options: MochaHooksOptions = {}): MochaRootHooks {
  if (typeof options !== 'object' || options === null) throw invalid('options', options, 'an object');
  checkKeys(options, KEYS);
  const { leaks = true, leakTimeoutMs = 250 } = options;
  if (typeof leaks !== 'boolean') throw invalid('leaks', leaks, 'true or false');
  if (typeof leakTimeoutMs !== 'number' || !(leakTimeoutMs >= 0)) {
    throw invalid('leakTimeoutMs', leakTimeoutMs, 'a number of milliseconds');
  }
  return {
    async beforeEach(this: unknown) {
      const test = (this as HookContext).currentTest;
      if (test === undefined) return;
      const { file, fn } = test;
      if (fn === undefined || file === undefined) return;
      const started = (running = { file, title: test.titlePath().join(' > '), pending: new Set<string>() });
      // Of an earlier attempt, with mocha's `retries`.
      await snapshotFiles().retry(started);
      const before = runCount();
      test.fn = thenCheck(originals.get(fn) ?? fn, async () => {
        checkAwaited(started);
        if (leaks) await checkLeaks(before, leakTimeoutMs);
      });
    },

    async afterAll(this: unknown) {
      running = undefined;
      const taken = snapshotFiles();
      // The next run begins with none.
      files = undefined;
      const root = (this as HookContext).test?.parent;
      if (root !== undefined) await finishSnapshots(taken, root);
    },
  };
}

/**
 * The default root hooks: `createMochaHooks()`.
 *
 * @example
 * npx mocha --require opentelemetry-instrumentation-async-generator/testing
 */
export const mochaHooks: MochaRootHooks = createMochaHooks();

/** A test that runs again has the function of its last attempt. */
const originals = new WeakMap<TestFunction, TestFunction>();

/** The check fails the test, and no more: a hook that fails would end the whole run. */
function thenCheck(fn: TestFunction, check: () => Promise<void>): TestFunction {
  // Mocha has read the number of the original's parameters already, and passes a callback if there is one.
  const checked: TestFunction = function (this: unknown, ...args) {
    const [done] = args as [((error?: unknown) => void)?];
    if (typeof done !== 'function') return thenCheckPromise(Reflect.apply(fn, this, []), check);
    const doneAndCheck = (error?: unknown) => {
      if (error !== undefined && error !== null) done(error);
      else
        check().then(() => {
          done();
        }, done);
    };
    return Reflect.apply(fn, this, [Object.assign(doneAndCheck, done)]) as unknown;
  };
  originals.set(checked, fn);
  return checked;
}

/** With `then` and not with `await`, which would add this function to the stack of the test's errors. */
function thenCheckPromise(result: unknown, check: () => Promise<void>): Promise<unknown> {
  return Promise.resolve(result).then((value) => check().then(() => value));
}

function checkAwaited({ pending }: RunningTest): void {
  if (pending.size === 0) return;
  throw withoutStack(
    `not awaited: ${[...pending].join(', ')}. Write \`await expect(recorder).to.matchSpanSnapshot()\``,
  );
}

async function checkLeaks(before: number, timeoutMs: number): Promise<void> {
  const left = await runsLeftSince(before, timeoutMs);
  if (left.length === 0) return;
  const what = left.length === 1 ? 'a run' : `${left.length} runs`;
  throw withoutStack(
    `this test left ${what} open. Read the generator to its end, or close it (\`break\`, \`return()\`):\n${listOpen(left)}`,
  );
}

/** The test is wrong, and it is over: no line of the program is on the stack. */
function withoutStack(message: string): Error {
  const error = new Error(message);
  error.stack = `Error: ${message}`;
  return error;
}

const FOLDER = '__snapshots__';
const EXTENSION = '.snap';

/**
 * At the end of a mocha run, writes the snapshot files and reports what became of them.
 *
 * @param root mocha's root suite: in a parallel run, of one file
 */
async function finishSnapshots(files: SnapshotFiles, root: MochaSuite): Promise<void> {
  const tests = allTests(root);
  const testFiles = new Set(
    tests.flatMap(({ file }) => (file !== undefined && isOurs(snapshotPathOf(file)) ? [file] : [])),
  );
  for (const file of files.testFiles) testFiles.add(file);
  const results: SnapshotResult[] = [];
  for (const file of testFiles) {
    // With `.only` mocha forgets the other tests.
    results.push(await files.finish(file, root.hasOnly() ? 'all' : titlesNotPassed(tests, file)));
  }
  const orphans = process.env.MOCHA_WORKER_ID === undefined ? await orphansBeside(tests) : [];
  if (files.mode === 'all') await Promise.all(orphans.map((file) => fs.promises.rm(file, { force: true })));
  const report = formatReport(results, orphans, files.mode === 'all');
  // Not to stdout, which is the reporter's.
  if (report !== '') process.stderr.write(`\n${report}\n`);
}

function allTests({ tests, suites }: MochaSuite): MochaTest[] {
  return [...tests, ...suites.flatMap(allTests)];
}

/** Snapshots of tests that failed, were skipped, or were not selected may be in use. */
function titlesNotPassed(tests: readonly MochaTest[], file: string): string[] {
  return tests
    .filter((test) => test.file === file && test.state !== 'passed')
    .map((test) => test.titlePath().join(' > '));
}

function snapshotPathOf(testFile: string): string {
  return path.join(path.dirname(testFile), FOLDER, path.basename(testFile) + EXTENSION);
}

function isOurs(file: string): boolean {
  try {
    return fs.readFileSync(file, 'utf8').startsWith(HEADER);
  } catch {
    return false;
  }
}

/** Snapshot files whose test file is gone, in the folders of the tests that were loaded. */
async function orphansBeside(tests: readonly MochaTest[]): Promise<string[]> {
  const folders = new Set(tests.flatMap(({ file }) => (file === undefined ? [] : [path.dirname(file)])));
  const orphans: string[] = [];
  for (const folder of folders) {
    const names = await fs.promises.readdir(path.join(folder, FOLDER)).catch((): string[] => []);
    for (const name of names) {
      const file = path.join(folder, FOLDER, name);
      if (!name.endsWith(EXTENSION) || fs.existsSync(path.join(folder, name.slice(0, -EXTENSION.length)))) continue;
      if (isOurs(file)) orphans.push(file);
    }
  }
  return orphans.sort();
}

function formatReport(results: readonly SnapshotResult[], orphans: readonly string[], removes: boolean): string {
  const sum = (read: (result: SnapshotResult) => number) => results.reduce((total, each) => total + read(each), 0);
  const unused = results.flatMap(({ filepath, uncheckedKeys }) =>
    uncheckedKeys.map((key) => `${relative(snapshotPathOf(filepath))}: ${key}`),
  );
  unused.push(...orphans.map((file) => `${relative(file)}: its test file is gone`));
  const counts = [
    [sum(({ added }) => added), 'written'],
    [sum(({ updated }) => updated), 'updated'],
    [unused.length, removes ? 'removed' : 'unused'],
  ] as const;
  const said = counts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
  if (said.length === 0) return '';
  const hint = unused.length > 0 && !removes ? `; ${UPDATE_VARIABLE}=1 removes what is unused` : '';
  return [`  span snapshots: ${said.join(', ')}${hint}`, ...unused.map((each) => `    - ${each}`)].join('\n');
}

function relative(file: string): string {
  return path.relative(process.cwd(), file);
}
