import { checkKeys, invalid } from '../../base/invalid';
import { listOpen, runCount, runsLeftSince } from '../recorder/runs';
import { finishSnapshots, type MochaSuite, type MochaTest, type TestFunction } from './mocha-report';
import { SnapshotFiles, snapshotMode, type TestId } from './snapshot-files';

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

/** What mocha takes from a module that it is started with (`--require`). */
export interface MochaRootHooks {
  beforeEach(this: unknown): Promise<void>;
  afterAll(this: unknown): Promise<void>;
}

/** Options of `createMochaHooks`. */
export interface MochaHooksOptions {
  /**
   * Fail a test that leaves a run open.
   * @default true
   */
  leaks?: boolean;
  /**
   * How long to wait at the end of a test for its runs to end, in milliseconds.
   * @default 250
   */
  leakTimeoutMs?: number;
}

const KEYS: readonly (keyof MochaHooksOptions)[] = ['leaks', 'leakTimeoutMs'];

/**
 * Root hooks for mocha: they tell `matchSpanSnapshot` which test is running, write the snapshot files at the end, report what no
 * test asks for, and fail each test that leaves a run open.
 *
 * The default ones are loaded by `--require opentelemetry-instrumentation-async-generator/testing`. For other options, export
 * yours from a file of your own, and require that.
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
      test.fn = thenCheck(originalOf(fn), async () => {
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
 * The default root hooks: they fail each test that leaves a run open for 250 ms.
 *
 * @example
 * npx mocha --require opentelemetry-instrumentation-async-generator/testing
 */
export const mochaHooks: MochaRootHooks = createMochaHooks();

const originals = new WeakMap<TestFunction, TestFunction>();

/** A test that runs again has the function of its last attempt. */
function originalOf(fn: TestFunction): TestFunction {
  return originals.get(fn) ?? fn;
}

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
