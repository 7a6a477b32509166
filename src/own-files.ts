/**
 * The files of this package that are started by their names. In the build all files lie in one folder, whatever their folders
 * in src are; so only this module uses `__dirname`.
 */
import { realpathSync } from 'node:fs';
import path = require('node:path');

/** Where all code of this package is: build/src, or src for tests that run that. */
export const OWN_FOLDER = __dirname;

/** The path of an entry of the build: see scripts/build.mjs. */
export function ownFile(name: 'cli' | 'export-worker' | 'inspect-child' | 'loader-thread' | 'register'): string {
  return path.join(OWN_FOLDER, `${name}.js`);
}

/**
 * Whether this process only starts others, with the same environment: a package manager that runs a script, or tsx, which starts Node
 * with its loader.
 */
export function isLauncher(): boolean {
  try {
    return /[\\/]node_modules[\\/](?:npm|pnpm|yarn|corepack|tsx)[\\/]/.test(realpathSync(process.argv[1] as string));
  } catch {
    return false;
  }
}

/** Whether this process is the command line of this package, which every `NODE_OPTIONS` reaches as well. */
export function isOwnCommand(): boolean {
  try {
    return realpathSync(process.argv[1] as string) === realpathSync(ownFile('cli'));
  } catch {
    return false;
  }
}
