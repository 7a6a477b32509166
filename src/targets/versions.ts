/**
 * Semver ranges. The library has some fifty files, and few configurations name versions: it is loaded for those.
 */
import type * as Semver from 'semver';

/** Whether the text is a semver range. */
export function isRange(text: string): boolean {
  return semver().validRange(text) !== null;
}

/** Whether the version is in the range. A pre-release is, where the version that it leads to is. */
export function isInRange(version: string, range: string): boolean {
  return semver().satisfies(version, range, { includePrerelease: true });
}

/** Whether a package is one that a target means. */
export function isMeantVersion(version: string | undefined, range: string | undefined): boolean {
  return range === undefined || (version !== undefined && isInRange(version, range));
}

function semver(): typeof Semver {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- an import would load it with this file
  return require('semver') as typeof Semver;
}
