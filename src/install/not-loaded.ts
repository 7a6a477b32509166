/**
 * Why a target's module may never have been loaded.
 */
import fs = require('node:fs');
import { builtinModules, isBuiltin } from 'node:module';
import path = require('node:path');
import { hasSyncHooks } from '../watch/sync-hooks';
import type { FilePattern, PackagePattern } from '../targets/module-pattern';
import type { Target } from '../targets/target';
import { errorMessage } from '../telemetry/errors';
import { nearest } from '../base/nearest';
import type * as ApplicationFiles from './application-files';
import type * as NotFound from './not-found';

/**
 * What can be known of it, and what to do. Never throws: a timer and the end of the process ask, and the file system may refuse
 * (a loop of links, a folder that may not be read, a working directory that is gone).
 */
export function whyNotLoaded(target: Target, baseDir: string): string {
  try {
    return lookUp(target, baseDir);
  } catch (error) {
    return `it was not loaded, and could not be looked up: ${errorMessage(error)}`;
  }
}

function lookUp({ module }: Target, baseDir: string): string {
  switch (module.kind) {
    case 'builtin': {
      if (isBuiltin(module.name)) return 'it was not loaded';
      const like = nearest(module.name.replace(/^node:/, ''), builtinModules);
      const instead = like.length > 0 ? `; the nearest names are ${like.join(', ')}` : '';
      return `Node ${process.version} has no core module of this name${instead}`;
    }
    case 'file':
      return whyNoFileLoaded(module, baseDir);
    case 'package': {
      const bundle = bundleWith(module.name);
      if (bundle !== undefined) {
        const { howToUnbundle } = applicationFiles();
        return `it was not loaded: ${bundle} contains a copy of ${module.name}, which no hook sees; ${howToUnbundle([module.name])}`;
      }
      const missing = whyMissing(module, baseDir);
      if (missing !== undefined) return missing;
      const asFile = `./${module.text}`;
      if (fs.existsSync(path.resolve(baseDir, asFile))) {
        return `no package of this name was loaded, but there is a file: did you mean ${asFile}?`;
      }
      return `it was not loaded. ${WHAT_TO_DO}`;
    }
  }
}

const WHAT_TO_DO =
  'If the application does use it: load the set-up before the application' +
  (hasSyncHooks(process.versions.node)
    ? ''
    : ' (one in code passes the targets to registerImportHooks, too, for ES modules that are imported)') +
  '. A bundled copy cannot be seen';

/** The file of the application, if there is one, that is a bundle with a copy of the package in it. */
function bundleWith(packageName: string): string | undefined {
  const [, entry] = process.argv;
  if (entry === undefined) return undefined;
  const { bundles } = applicationFiles().filesOfApplication(realpath(path.resolve(entry)));
  return bundles.find(({ packages }) => packages.includes(packageName))?.file;
}

function applicationFiles(): typeof ApplicationFiles {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return require('./application-files') as typeof ApplicationFiles;
}

/** What the file system can tell, for which nothing is loaded before it is asked. */
function whyMissing(module: FilePattern | PackagePattern, baseDir: string): string | undefined {
  const [, entry] = process.argv;
  const folders = [path.resolve(baseDir), ...(entry === undefined ? [] : [path.dirname(path.resolve(entry))])];
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return (require('./not-found') as typeof NotFound).whyMissing(module, folders);
}

function whyNoFileLoaded(module: FilePattern, baseDir: string): string {
  const missing = whyMissing(module, baseDir);
  if (missing !== undefined) return missing;
  const entry = process.argv[1] === undefined ? undefined : realpath(process.argv[1]);
  if (entry !== undefined && module.matches(entry)) {
    return (
      `${entry} is the file that Node starts with, and was loaded before the instrumentation: set that up in a file of its own, ` +
      'which --require or --import loads'
    );
  }
  return module.isGlob
    ? `no file that it matches was loaded below ${module.base}. ${WHAT_TO_DO}`
    : `it was not loaded; this path means ${module.base}. ${WHAT_TO_DO}`;
}

function realpath(file: string): string {
  try {
    return fs.realpathSync(file);
  } catch {
    return file;
  }
}
