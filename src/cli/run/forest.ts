import type { Glyphs } from './glyphs';
import type { ObservedRun, Thread } from './model';

/** A run and where it stands in its tree. */
export interface TreeNode {
  readonly run: ObservedRun;
  /** What is drawn in front of its name. */
  readonly branch: string;
  /** What is drawn in front of further lines about it. */
  readonly below: string;
  readonly hasChildren: boolean;
}

/** The runs of one process or worker thread, as trees. */
export interface Grove {
  readonly thread: Thread;
  readonly nodes: readonly TreeNode[];
}

/** Orders runs by their start, each one's children under it, and each thread's runs together. */
export function growForest(runs: readonly ObservedRun[], glyphs: Glyphs): Grove[] {
  // Written when they started, but several threads write.
  const inOrder = [...runs].sort((a, b) => a.start - b.start);
  const shown = new Set(inOrder);
  const children = new Map<ObservedRun, ObservedRun[]>();
  const roots = new Map<Thread, ObservedRun[]>();
  for (const run of inOrder) {
    if (run.parent !== undefined && shown.has(run.parent)) add(children, run.parent, run);
    else add(roots, run.thread, run);
  }
  return [...roots].map(([thread, ofThread]) => ({
    thread,
    nodes: ofThread.flatMap((root) => flatten(root, children, glyphs)),
  }));
}

function add<Key>(map: Map<Key, ObservedRun[]>, key: Key, run: ObservedRun): void {
  const runs = map.get(key);
  if (runs === undefined) map.set(key, [run]);
  else runs.push(run);
}

/** Without recursion: a recursive generator nests as deep as what it walks. */
function flatten(
  root: ObservedRun,
  children: ReadonlyMap<ObservedRun, readonly ObservedRun[]>,
  glyphs: Glyphs,
): TreeNode[] {
  const nodes: TreeNode[] = [];
  const waiting = [{ run: root, branch: '', below: '' }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { below } = next;
    const ofThis = children.get(next.run) ?? [];
    nodes.push({ ...next, hasChildren: ofThis.length > 0 });
    for (let index = ofThis.length - 1; index >= 0; index--) {
      const isLast = index === ofThis.length - 1;
      waiting.push({
        run: ofThis[index] as ObservedRun,
        branch: below + (isLast ? glyphs.lastBranch : glyphs.branch),
        below: below + (isLast ? glyphs.noTrunk : glyphs.trunk),
      });
    }
  }
  return nodes;
}
