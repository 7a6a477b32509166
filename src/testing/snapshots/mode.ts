import { invalid } from '../../base/invalid';

/** `new`: write what is not there yet. `all`: write everything anew. `none`: write nothing; what is not there fails. */
export type SnapshotMode = 'new' | 'all' | 'none';

/** The variable that says so. */
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
  if (mode === undefined) throw invalid(UPDATE_VARIABLE, asked, '1 (write all anew), new, or 0 (write nothing)');
  return mode;
}

function isInCi({ CI }: NodeJS.ProcessEnv): boolean {
  return CI !== undefined && !['', '0', 'false'].includes(CI.toLowerCase());
}
