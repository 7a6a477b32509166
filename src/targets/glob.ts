/**
 * Which files a glob means. Plain data, since the loader thread asks as well.
 */
import path = require('node:path');
import { fileURLToPath } from 'node:url';
import { matches, type WildcardPattern } from './wildcards';

export interface Glob {
  /** Absolute path with forward slashes, one at the end: the directory in front of the first wildcard. */
  readonly base: string;
  /** Matches what follows the base in a path. */
  readonly below: WildcardPattern;
}

/** @param file absolute real path */
export function isInGlob({ base, below }: Glob, file: string): boolean {
  const slashed = toSlashes(file);
  if (!slashed.startsWith(base)) return false;
  const relative = slashed.slice(base.length);
  return !isInNodeModules(relative) && matches(below, relative);
}

/** The path is asked, not the URL, where `ä` is six characters and `?` would have to match all of them. */
export function isUrlInGlob(glob: Glob, url: string): boolean {
  try {
    return isInGlob(glob, fileURLToPath(url));
  } catch {
    // Not of a file.
    return false;
  }
}

export const toSlashes = (file: string) => (path.sep === '\\' ? file.replaceAll('\\', '/') : file);

const isInNodeModules = (relative: string) =>
  relative.startsWith('node_modules/') || relative.includes('/node_modules/');
