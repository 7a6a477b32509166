import { describeOpen } from '../recorder/runs';
import { diffTrees, hasColors } from './diff';
import type { MatchResult } from './library';
import { runningTest, snapshotFiles, type RunningTest } from './mocha-state';
import { UPDATE_VARIABLE } from './mode';
import { NO_SPANS } from '../format/format-spans';
import { openSpansOf, settledText, targetsNotLoaded } from './spans-of';
import * as path from 'node:path';

declare global {
  // The name of chai's own types, which this adds to.
  // eslint-disable-next-line @typescript-eslint/no-namespace
  namespace Chai {
    interface Assertion {
      /**
       * The spans are those of the snapshot file beside the test. Waits up to half a second for spans that are about to
       * end. Has to be awaited.
       *
       * @param name tells several snapshots of one test apart; they are numbered anyway
       */
      matchSpanSnapshot(name?: string): Promise<void>;
      /** The same, with the snapshot in the test itself; without one it is written there. */
      matchInlineSpanSnapshot(snapshot?: string): Promise<void>;
      /** Every span has ended. */
      noOpenSpans(): void;
    }
  }
}

/** The part of chai that is used here. */
interface ChaiStatic {
  readonly Assertion: { addMethod(name: string, method: (this: object, ...args: unknown[]) => unknown): void };
  readonly AssertionError: new (message: string, properties?: object) => Error;
}

interface ChaiUtils {
  flag(assertion: object, key: string): unknown;
}

type Caller = (...args: never[]) => unknown;

/**
 * Plugin for chai, for tests with mocha: `matchSpanSnapshot`, `matchInlineSpanSnapshot`, `noOpenSpans`. The first two need to know
 * the running test: start mocha with `--require opentelemetry-instrumentation-async-generator/testing`.
 *
 * New snapshots are written, but not in CI, where one that is missing fails the test. `UPDATE_SNAPSHOTS=1` writes all of them
 * anew, and removes those that no test asks for.
 *
 * @example
 * chai.use(spanSnapshots);
 * await expect(recorder).to.matchSpanSnapshot();
 * expect(recorder).to.have.noOpenSpans();
 */
export function spanSnapshots(chai: ChaiStatic, utils: ChaiUtils): void {
  /** What the method was called on, and an error whose stack begins where it was called. */
  const read = (assertion: object, name: string): { subject: unknown; place: Error } => {
    if (utils.flag(assertion, 'negate') === true) {
      throw new Error(`${name} cannot be negated: a snapshot of what the spans are not says nothing`);
    }
    const place = new Error();
    Error.captureStackTrace(place, utils.flag(assertion, 'ssfi') as Caller);
    return { subject: utils.flag(assertion, 'object'), place };
  };

  const fail = (message: string, place: Error, { actual, expected }: Partial<MatchResult> = {}): never => {
    // `showDiff: false`: mocha would add a diff of its own. Editors read the two values.
    const error = new chai.AssertionError(message, { actual, expected, showDiff: false });
    error.stack = `${error.name}: ${message}\n${framesOf(place)}`;
    throw error;
  };

  /** A snapshot that says that a target made no spans, because nothing has hooked it, would be worse than none. */
  const checkRecorded = (subject: unknown, text: string, place: Error): void => {
    const notLoaded = text === NO_SPANS ? targetsNotLoaded(subject) : [];
    if (notLoaded.length > 0)
      fail(`there are no spans, and not all targets were seen\n\n${notLoaded.join('\n')}`, place);
  };

  chai.Assertion.addMethod('matchSpanSnapshot', function (this: object, name?: unknown) {
    const { subject, place } = read(this, 'matchSpanSnapshot');
    if (name !== undefined && typeof name !== 'string') {
      throw new TypeError('matchSpanSnapshot: the name of a snapshot is a string');
    }
    const test = runningTest('matchSpanSnapshot');
    return whileWaiting(test, 'matchSpanSnapshot', async () => {
      const files = snapshotFiles();
      const text = await settledText(subject);
      checkRecorded(subject, text, place);
      const result = await files.match(test, text, name);
      if (!result.pass) fail(await explain(test, subject, text, result), place, result);
    });
  });

  chai.Assertion.addMethod('matchInlineSpanSnapshot', function (this: object, snapshot?: unknown) {
    const { subject, place } = read(this, 'matchInlineSpanSnapshot');
    if (snapshot !== undefined && typeof snapshot !== 'string') {
      throw new TypeError('matchInlineSpanSnapshot: a snapshot is a string');
    }
    const test = runningTest('matchInlineSpanSnapshot');
    return whileWaiting(test, 'matchInlineSpanSnapshot', async () => {
      const files = snapshotFiles();
      const text = await settledText(subject);
      checkRecorded(subject, text, place);
      const result = await files.matchInline(test, text, snapshot, place);
      if (!result.pass) fail(await explain(test, subject, text, result, 'inline'), place, result);
    });
  });

  chai.Assertion.addMethod('noOpenSpans', function (this: object) {
    const open = openSpansOf(utils.flag(this, 'object'));
    const isNegated = utils.flag(this, 'negate') === true;
    if (open.length > 0 === isNegated) return;
    const list = open.map((span) => `    - ${describeOpen(span)}`).join('\n');
    const place = new Error();
    Error.captureStackTrace(place, utils.flag(this, 'ssfi') as Caller);
    fail(
      isNegated
        ? 'expected some open spans, and all have ended'
        : `expected no open spans, and there ${open.length === 1 ? 'is one' : `are ${open.length}`}:\n${list}`,
      place,
    );
  });
}

async function whileWaiting(test: RunningTest, name: string, work: () => Promise<void>): Promise<void> {
  const label = `${name} ${test.pending.size + 1}`;
  test.pending.add(label);
  try {
    await work();
  } finally {
    test.pending.delete(label);
  }
}

async function explain(
  test: RunningTest,
  subject: unknown,
  text: string,
  { expected }: MatchResult,
  where: 'file' | 'inline' = 'file',
): Promise<string> {
  const snapshot = await nameOfSnapshot(test, where);
  const notLoaded = targetsNotLoaded(subject);
  const notes = notLoaded.length === 0 ? '' : `\n\n${notLoaded.join('\n')}`;
  if (typeof expected !== 'string') {
    return (
      `there is no ${snapshot}, and in CI (or with ${UPDATE_VARIABLE}=0) none is written. ` +
      `Run the test on your own machine, and commit what it writes. The spans are now\n\n${text}${notes}`
    );
  }
  const diff = diffTrees(expected, text, hasColors());
  return `the spans are not those of the ${snapshot}\n\n${diff}${notes}\n\n${UPDATE_VARIABLE}=1 writes the new ones.`;
}

async function nameOfSnapshot(test: RunningTest, where: 'file' | 'inline'): Promise<string> {
  if (where === 'inline') return 'snapshot in the test';
  return `snapshot in ${path.relative(process.cwd(), await snapshotFiles().pathFor(test.file))}`;
}

function framesOf({ stack = '' }: Error): string {
  return stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .join('\n');
}
