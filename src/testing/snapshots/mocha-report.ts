/**
 * The end of a mocha run: the snapshot files are written, and a report says what became of them.
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { HEADER, UPDATE_VARIABLE, type SnapshotFiles, type SnapshotResult } from './snapshot-files';

export type TestFunction = (this: unknown, ...args: unknown[]) => unknown;

/** The part of mocha's `Test` that is used here. */
export interface MochaTest {
  readonly file?: string;
  readonly state?: string;
  fn?: TestFunction;
  titlePath(): string[];
}

/** The part of mocha's `Suite` that is used here. */
export interface MochaSuite {
  readonly tests: readonly MochaTest[];
  readonly suites: readonly MochaSuite[];
  hasOnly(): boolean;
}

const FOLDER = '__snapshots__';
const EXTENSION = '.snap';

/** @param root mocha's root suite: in a parallel run, of one file */
export async function finishSnapshots(files: SnapshotFiles, root: MochaSuite): Promise<void> {
  const tests = allTests(root);
  const testFiles = new Set(tests.flatMap(({ file }) => (file !== undefined && hasSnapshots(file) ? [file] : [])));
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

function hasSnapshots(testFile: string): boolean {
  return isOurs(snapshotPathOf(testFile));
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
