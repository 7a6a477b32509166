/**
 * The snapshot files beside the tests: `__snapshots__/<test file>.snap`, in the format that Jest and Vitest share. They are read
 * and written by @vitest/snapshot, an optional peer and an ES module: it is loaded when the first snapshot is compared.
 */
import type * as Environment from '@vitest/snapshot/environment' with { 'resolution-mode': 'import' };
import type * as Snapshot from '@vitest/snapshot' with { 'resolution-mode': 'import' };
import * as fs from 'node:fs';
import { invalid } from '../../base/invalid';

export type MatchResult = ReturnType<Snapshot.SnapshotClient['match']>;
export type SnapshotResult = Snapshot.SnapshotResult;

type SnapshotLibrary = typeof Snapshot & typeof Environment;

/** `new`: write what is missing. `all`: write everything again. `none`: write nothing; what is missing fails. */
export type SnapshotMode = 'new' | 'all' | 'none';

/** The environment variable that sets the mode. */
export const UPDATE_VARIABLE = 'UPDATE_SNAPSHOTS';

const MODES: Readonly<Record<string, SnapshotMode>> = {
  1: 'all',
  true: 'all',
  all: 'all',
  new: 'new',
  0: 'none',
  false: 'none',
  none: 'none',
};

/**
 * New snapshots are written, but not in CI (`CI=true`, as all CI services set it).
 *
 * @throws TypeError if UPDATE_SNAPSHOTS has a value that means nothing
 */
export function snapshotMode(env: NodeJS.ProcessEnv = process.env): SnapshotMode {
  const asked = env[UPDATE_VARIABLE];
  if (asked === undefined || asked === '') return isInCi(env) ? 'none' : 'new';
  const mode = MODES[asked.toLowerCase()];
  if (mode === undefined) throw invalid(UPDATE_VARIABLE, asked, '1 (write all again), new, or 0 (write nothing)');
  return mode;
}

const isInCi = ({ CI }: NodeJS.ProcessEnv) => CI !== undefined && !['', '0', 'false'].includes(CI.toLowerCase());

/** First line of our files. Files of other tools have another one, and stay as they are. */
export const HEADER = '// Span snapshots v1, written by opentelemetry-instrumentation-async-generator/testing';

/** A test, as its snapshots know it. */
export interface TestId {
  /** Absolute path. */
  readonly file: string;
  /** With the titles of the suites around it. */
  readonly title: string;
}

/** Writes a text as it is, not in quotes. */
const asItIs = {
  test: (value: unknown) => typeof value === 'string',
  serialize: (text: string) => text,
};

export class SnapshotFiles {
  /** A client for each test file. */
  private readonly opened = new Map<string, Promise<Snapshot.SnapshotClient>>();

  constructor(readonly mode: SnapshotMode) {}

  /** Test files whose snapshots have been looked at. */
  get testFiles(): string[] {
    return [...this.opened.keys()];
  }

  /** Where the snapshots of a test file are. */
  async pathFor(file: string): Promise<string> {
    const client = await this.open(file);
    return client.getSnapshotState(file).snapshotPath;
  }

  /** Compares with the next snapshot of the test, and notes what is to be written. */
  async match(test: TestId, text: string, name: string | undefined): Promise<MatchResult> {
    const client = await this.open(test.file);
    return client.match({
      received: text,
      filepath: test.file,
      name: test.title,
      message: name,
      assertionName: 'matchSpanSnapshot',
    });
  }

  /**
   * Compares with a snapshot in the test itself.
   *
   * @param frames of the stack, from the assertion's line on
   */
  async matchInline(
    test: TestId,
    text: string,
    snapshot: string | undefined,
    frames: readonly string[],
  ): Promise<MatchResult> {
    const client = await this.open(test.file);
    const { stripSnapshotIndentation } = await loadLibrary();
    return client.match({
      received: text,
      filepath: test.file,
      name: test.title,
      isInline: true,
      inlineSnapshot: snapshot === undefined ? undefined : stripSnapshotIndentation(snapshot),
      error: errorAt(frames),
      assertionName: 'matchInlineSpanSnapshot',
    });
  }

  /** Forgets what the test has done: it is about to run again. */
  async retry({ file, title }: TestId): Promise<void> {
    if (!this.opened.has(file)) return;
    const client = await this.open(file);
    client.clearTest(file, title);
  }

  /**
   * Writes what is to be written.
   *
   * @param notPassed titles of tests whose snapshots may be in use although no test has asked for them. All of the file with `all`
   */
  async finish(file: string, notPassed: readonly string[] | 'all'): Promise<SnapshotResult> {
    const client = await this.open(file);
    const state = client.getSnapshotState(file);
    const titles = notPassed === 'all' ? state.getUncheckedKeys().map((key) => key.replace(/ \d+$/, '')) : notPassed;
    for (const title of titles) client.skipTest(file, title);
    const result = await client.finish(file);
    this.opened.delete(file);
    return result;
  }

  private open(file: string): Promise<Snapshot.SnapshotClient> {
    const known = this.opened.get(file);
    if (known !== undefined) return known;
    const opened = this.load(file);
    this.opened.set(file, opened);
    // The test gets the error; the end of the run must not get it again.
    opened.catch(() => this.opened.delete(file));
    return opened;
  }

  private async load(file: string): Promise<Snapshot.SnapshotClient> {
    const library = await loadLibrary();
    const client = new library.SnapshotClient();
    await client.setup(file, {
      updateSnapshot: this.mode,
      snapshotEnvironment: createEnvironment(library, this.mode),
      snapshotFormat: { plugins: [asItIs] },
    });
    return client;
  }
}

function createEnvironment({ NodeSnapshotEnvironment }: SnapshotLibrary, mode: SnapshotMode) {
  class Environment extends NodeSnapshotEnvironment {
    override getHeader(): string {
      return HEADER;
    }

    override async saveSnapshotFile(file: string, content: string): Promise<void> {
      if (mode === 'none') return;
      if (!file.endsWith('.snap')) return super.saveSnapshotFile(file, content);
      // Another reader, or an interruption, finds the old file or the new one.
      const unfinished = `${file}.${process.pid}.tmp`;
      await super.saveSnapshotFile(unfinished, content);
      await fs.promises.rename(unfinished, file);
    }
  }
  return new Environment();
}

/** @vitest/snapshot looks for the line of the assertion below a function of this name. */
function errorAt(frames: readonly string[]): Error {
  const marked = new Error();
  marked.stack = ['Error', '    at __INLINE_SNAPSHOT_OFFSET_1__ (/assertion.js:1:1)', ...frames].join('\n');
  return marked;
}

const INSTALL = 'npm install --save-dev @vitest/snapshot';

/** @throws Error with the install command, if it is not installed, or too old */
async function loadLibrary(): Promise<SnapshotLibrary> {
  const library = await importLibrary();
  // Since 4.1.
  if (typeof library.SnapshotClient.prototype.match !== 'function') {
    throw new Error(`span snapshots need @vitest/snapshot 4.1 or newer; run: ${INSTALL}`);
  }
  return library;
}

async function importLibrary(): Promise<SnapshotLibrary> {
  try {
    const [snapshot, environment] = await Promise.all([
      import('@vitest/snapshot'),
      import('@vitest/snapshot/environment'),
    ]);
    return { ...snapshot, ...environment };
  } catch (cause) {
    throw new Error(
      `span snapshots are read and written by @vitest/snapshot, which cannot be loaded; run: ${INSTALL}`,
      { cause },
    );
  }
}
