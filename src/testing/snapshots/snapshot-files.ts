/**
 * The snapshot files beside the tests, read and written by @vitest/snapshot: `__snapshots__/<test file>.snap`, in the format
 * that Jest and Vitest share.
 */
import * as fs from 'node:fs';
import {
  loadSnapshotLibrary,
  type MatchResult,
  type SnapshotClient,
  type SnapshotLibrary,
  type SnapshotResult,
} from './library';
import type { SnapshotMode } from './mode';

/** First line of the files: other tools leave them alone, and we leave alone those of other tools. */
export const HEADER = '// Span snapshots v1, written by opentelemetry-instrumentation-async-generator/testing';

/** A test, as its snapshots know it. */
export interface TestId {
  /** Absolute path. */
  readonly file: string;
  /** With the titles of the suites around it. */
  readonly title: string;
}

/** A text that is written as it is, not in quotes. */
class Text {
  constructor(readonly text: string) {}
}

const asItIs = {
  test: (value: unknown) => value instanceof Text,
  serialize: (value: unknown) => (value as Text).text,
};

interface Opened {
  readonly client: SnapshotClient;
  readonly library: SnapshotLibrary;
}

export class SnapshotFiles {
  /** By test file. */
  private readonly opened = new Map<string, Promise<Opened>>();

  constructor(readonly mode: SnapshotMode) {}

  /** Test files whose snapshots have been looked at. */
  get testFiles(): string[] {
    return [...this.opened.keys()];
  }

  /** Where the snapshots of a test file are. */
  async pathFor(file: string): Promise<string> {
    const { client } = await this.open(file);
    return client.getSnapshotState(file).snapshotPath;
  }

  /** Compares with the next snapshot of the test, and notes what is to be written. */
  async match(test: TestId, text: string, name: string | undefined): Promise<MatchResult> {
    const { client } = await this.open(test.file);
    return client.match({
      received: new Text(text),
      filepath: test.file,
      name: test.title,
      message: name,
      assertionName: 'matchSpanSnapshot',
    });
  }

  /**
   * Compares with a snapshot that stands in the test itself.
   *
   * @param error its stack begins with the assertion's line
   */
  async matchInline(test: TestId, text: string, snapshot: string | undefined, error: Error): Promise<MatchResult> {
    const { client, library } = await this.open(test.file);
    return client.match({
      received: new Text(text),
      filepath: test.file,
      name: test.title,
      isInline: true,
      inlineSnapshot: snapshot === undefined ? undefined : library.stripSnapshotIndentation(snapshot),
      error: withMarker(error),
      assertionName: 'matchInlineSpanSnapshot',
    });
  }

  /** Forgets what the test has done: it is about to run again. */
  async retry({ file, title }: TestId): Promise<void> {
    if (!this.opened.has(file)) return;
    const { client } = await this.open(file);
    client.clearTest(file, title);
  }

  /**
   * Writes what is to be written.
   *
   * @param notJudged titles of tests whose snapshots may be in use although nobody asked for them: they did not run to their
   *   end. All of the file with `all`
   */
  async finish(file: string, notJudged: readonly string[] | 'all'): Promise<SnapshotResult> {
    const { client } = await this.open(file);
    const state = client.getSnapshotState(file);
    const titles = notJudged === 'all' ? state.getUncheckedKeys().map((key) => key.replace(/ \d+$/, '')) : notJudged;
    for (const title of titles) client.skipTest(file, title);
    const result = await client.finish(file);
    this.opened.delete(file);
    return result;
  }

  private open(file: string): Promise<Opened> {
    let opened = this.opened.get(file);
    if (opened === undefined) {
      opened = this.load(file);
      this.opened.set(file, opened);
      // The test has the error; the end of the run need not have it again.
      opened.catch(() => this.opened.delete(file));
    }
    return opened;
  }

  private async load(file: string): Promise<Opened> {
    const library = await loadSnapshotLibrary();
    const client = new library.SnapshotClient();
    await client.setup(file, {
      updateSnapshot: this.mode,
      snapshotEnvironment: createEnvironment(library, this.mode),
      snapshotFormat: { plugins: [asItIs] },
    });
    return { client, library };
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
      // Whoever reads meanwhile, or is interrupted, finds the old file or the new one.
      const unfinished = `${file}.${process.pid}.tmp`;
      await super.saveSnapshotFile(unfinished, content);
      await fs.promises.rename(unfinished, file);
    }
  }
  return new Environment();
}

/** @vitest/snapshot looks for the line of the assertion below a function of this name. */
function withMarker(error: Error): Error {
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  const marked = new Error(error.message);
  marked.stack = ['Error', '    at __INLINE_SNAPSHOT_OFFSET_1__ (/assertion.js:1:1)', ...frames].join('\n');
  return marked;
}
