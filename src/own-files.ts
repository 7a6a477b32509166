/**
 * Where this package is, and its files that Node starts by their names. Here and nowhere else, since the modules are shipped in one
 * bundle: `__dirname` means its folder there, which is the folder of this file.
 */
import { realpathSync } from 'node:fs';
import path = require('node:path');

/** What all files of this package are below. */
export const OWN_FOLDER = __dirname;

/** What runs in the thread of module.register. */
export const loaderThreadFile = (): string => require.resolve('./watch/loader-thread');

/** What the export thread runs. */
export const exportWorkerFile = (): string => path.join(__dirname, 'register', 'exports', 'export-worker.js');

/** What `run` preloads into the application. */
export const registerFile = (): string => require.resolve('./register');

/** What `inspect` runs in a process of its own. */
export const inspectChildFile = (): string => require.resolve('./cli/inspect/child');

/** Whether this process is the command line of this package, which every `NODE_OPTIONS` reaches as well. */
export function isOwnCommand(): boolean {
  try {
    return realpathSync(process.argv[1] as string) === path.join(realpathSync(__dirname), 'cli.js');
  } catch {
    return false;
  }
}
