import * as path from 'node:path';
import { invalid } from '../../base/invalid';
import type { TargetReport } from '../../types';
import type { Spans } from '../format/forest';
import { formatSpans, NO_SPANS } from '../format/format-spans';
import { isSpanLike, isSpanSource, SPANS, type SpanLike } from '../format/span-like';
import { listOpen } from '../recorder/runs';
import { diffTrees, hasColors } from './diff';
import { runningTest, snapshotFiles, type RunningTest } from './mocha-hooks';
import { UPDATE_VARIABLE, type MatchResult } from './snapshot-files';

declare global {
  // The name of chai's own types, which this adds to.
  // eslint-disable-next-line @typescript-eslint/no-namespace
  namespace Chai {
    interface Assertion {
      /**
       * Compares the spans with the snapshot file beside the test. Await it: it waits up to half a second for spans that are
       * about to end.
       *
       * @param name tells several snapshots of one test apart, in addition to their number
       */
      matchSpanSnapshot(name?: string): Promise<void>;
      /** The same, with the snapshot in the test. Without an argument, the snapshot is written there. */
      matchInlineSpanSnapshot(snapshot?: string): Promise<void>;
      /** Checks that every span has ended. */
      noOpenSpans(): void;
    }
  }
}

interface ChaiStatic {
  readonly Assertion: { addMethod(name: string, method: (this: object, ...args: unknown[]) => unknown): void };
  readonly AssertionError: new (message: string, properties?: object) => Error;
}

interface ChaiUtils {
  flag(assertion: object, key: string): unknown;
}

/**
 * Plugin for chai with the assertions `matchSpanSnapshot`, `matchInlineSpanSnapshot` and `noOpenSpans`. The first two need mocha,
 * started with `--require opentelemetry-instrumentation-async-generator/testing`.
 *
 * New snapshots are written. In CI, a missing snapshot fails the test instead. `UPDATE_SNAPSHOTS=1` writes all snapshots again,
 * and removes unused ones.
 *
 * @example
 * chai.use(spanSnapshots);
 * await expect(recorder).to.matchSpanSnapshot();
 * expect(recorder).to.have.noOpenSpans();
 */
export function spanSnapshots(chai: ChaiStatic, utils: ChaiUtils): void {
  /** The stack from the line where the assertion was called. */
  const framesAt = (assertion: object): string[] => {
    const place = new Error();
    Error.captureStackTrace(place, utils.flag(assertion, 'ssfi') as (...args: never[]) => unknown);
    return (place.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  };

  const fail = (message: string, frames: readonly string[], { actual, expected }: Partial<MatchResult> = {}): never => {
    // `showDiff: false`: mocha would add a diff of its own. Editors read the two values.
    const error = new chai.AssertionError(message, { actual, expected, showDiff: false });
    error.stack = `${error.name}: ${message}\n${frames.join('\n')}`;
    throw error;
  };

  /** @param argument its name in the error for a value that is not a string */
  const addSnapshotMethod = (name: string, argument: string, isInline: boolean): void => {
    chai.Assertion.addMethod(name, function (this: object, value?: unknown) {
      if (utils.flag(this, 'negate') === true) {
        throw new Error(`${name} cannot be negated: a snapshot of what the spans are not says nothing`);
      }
      const subject = utils.flag(this, 'object');
      const frames = framesAt(this);
      if (value !== undefined && typeof value !== 'string') throw new TypeError(`${name}: ${argument} is a string`);
      const test = runningTest(name);
      return whileWaiting(test, name, async () => {
        const files = snapshotFiles();
        const text = await settledText(subject);
        const notLoaded = targetsNotLoaded(subject);
        // A snapshot that says that a target made no spans, because nothing has hooked it, would be worse than none.
        if (text === NO_SPANS && notLoaded.length > 0) {
          fail(`there are no spans, and not all targets were seen\n\n${notLoaded.join('\n')}`, frames);
        }
        const result = await (isInline ? files.matchInline(test, text, value, frames) : files.match(test, text, value));
        if (result.pass) return;
        const where = isInline ? 'the test' : path.relative(process.cwd(), await files.pathFor(test.file));
        fail(explain(where, text, result, notLoaded), frames, result);
      });
    });
  };
  addSnapshotMethod('matchSpanSnapshot', 'the name of a snapshot', false);
  addSnapshotMethod('matchInlineSpanSnapshot', 'a snapshot', true);

  chai.Assertion.addMethod('noOpenSpans', function (this: object) {
    const open = openSpansOf(utils.flag(this, 'object'));
    const isNegated = utils.flag(this, 'negate') === true;
    if (open.length > 0 === isNegated) return;
    fail(
      isNegated
        ? 'expected some open spans, and all have ended'
        : `expected no open spans, and there ${open.length === 1 ? 'is one' : `are ${open.length}`}:\n${listOpen(open)}`,
      framesAt(this),
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

function explain(where: string, text: string, { expected }: MatchResult, notLoaded: readonly string[]): string {
  const notes = notLoaded.length === 0 ? '' : `\n\n${notLoaded.join('\n')}`;
  if (typeof expected !== 'string') {
    return (
      `there is no snapshot in ${where}, and in CI (or with ${UPDATE_VARIABLE}=0) none is written. ` +
      `Run the test on your own machine, and commit what it writes. The spans are now\n\n${text}${notes}`
    );
  }
  const diff = diffTrees(expected, text, hasColors());
  return `the spans are not those of the snapshot in ${where}\n\n${diff}${notes}\n\n${UPDATE_VARIABLE}=1 writes the new ones.`;
}

interface Recorder {
  settledWithin(timeoutMs: number): Promise<boolean>;
  getPatchReport(): readonly TargetReport[];
}

/** How long a comparison waits for spans that are about to end, such as that of a request whose answer has arrived. */
const SETTLE_MS = 500;

/** Waits for what is about to end, and formats. A text is taken as it is. */
export async function settledText(subject: unknown): Promise<string> {
  if (typeof subject === 'string') return subject;
  if (isRecorder(subject)) await subject.settledWithin(SETTLE_MS);
  return formatSpans(subject as Spans);
}

export function openSpansOf(subject: unknown): SpanLike[] {
  const spans: unknown = isSpanSource(subject) ? subject[SPANS]().spans : subject;
  if (!Array.isArray(spans) || !spans.every(isSpanLike)) {
    throw invalid('expect', subject, 'a SpanRecorder, or an array of spans');
  }
  return spans.filter(({ ended }) => ended === false);
}

/** Targets without a loaded module, a likely reason for missing spans. */
export function targetsNotLoaded(subject: unknown): string[] {
  if (!isRecorder(subject)) return [];
  return subject
    .getPatchReport()
    .filter(({ status }) => status === 'not-loaded')
    .map(({ target, message }) => `target ${target}: ${message ?? 'not loaded'}`);
}

function isRecorder(subject: unknown): subject is Recorder {
  return isSpanSource(subject) && typeof (subject as Partial<Recorder>).settledWithin === 'function';
}
