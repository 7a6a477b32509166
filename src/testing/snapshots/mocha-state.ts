/**
 * What the root hooks tell the assertions: which test is running, and where its snapshots are. One for the process: mocha
 * runs the tests of a process one after the other.
 */
import { snapshotMode } from './mode';
import { SnapshotFiles, type TestId } from './snapshot-files';

/** A test that is running. */
export interface RunningTest extends TestId {
  /** Assertions that were not awaited to their end yet. */
  readonly pending: Set<string>;
}

let running: RunningTest | undefined;
let files: SnapshotFiles | undefined;

export function setRunningTest(test: RunningTest | undefined): void {
  running = test;
}

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

/** The files of this run, if any test has looked at one; the next run begins with none. */
export function takeSnapshotFiles(): SnapshotFiles {
  const taken = snapshotFiles();
  files = undefined;
  return taken;
}
