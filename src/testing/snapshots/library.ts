/**
 * `@vitest/snapshot`, which reads and writes the files. An optional peer, and an ES module: loaded when the first snapshot is
 * compared.
 */
import type * as Environment from '@vitest/snapshot/environment' with { 'resolution-mode': 'import' };
import type * as Snapshot from '@vitest/snapshot' with { 'resolution-mode': 'import' };

export type SnapshotClient = Snapshot.SnapshotClient;
export type MatchResult = ReturnType<SnapshotClient['match']>;
export type SnapshotResult = Snapshot.SnapshotResult;

export interface SnapshotLibrary {
  readonly SnapshotClient: typeof Snapshot.SnapshotClient;
  readonly NodeSnapshotEnvironment: typeof Environment.NodeSnapshotEnvironment;
  stripSnapshotIndentation(snapshot: string): string;
}

const INSTALL = 'npm install --save-dev @vitest/snapshot';

/** @throws Error with the install command, if it is not installed, or too old */
export async function loadSnapshotLibrary(): Promise<SnapshotLibrary> {
  const library = await load();
  // Since 4.1.
  if (typeof library.SnapshotClient.prototype.match !== 'function') {
    throw new Error(`span snapshots need @vitest/snapshot 4.1 or newer; run: ${INSTALL}`);
  }
  return library;
}

async function load(): Promise<SnapshotLibrary> {
  try {
    const [snapshot, environment] = await Promise.all([
      import('@vitest/snapshot'),
      import('@vitest/snapshot/environment'),
    ]);
    return {
      SnapshotClient: snapshot.SnapshotClient,
      NodeSnapshotEnvironment: environment.NodeSnapshotEnvironment,
      stripSnapshotIndentation: snapshot.stripSnapshotIndentation,
    };
  } catch (cause) {
    throw new Error(
      `span snapshots are read and written by @vitest/snapshot, which cannot be loaded; run: ${INSTALL}`,
      { cause },
    );
  }
}
