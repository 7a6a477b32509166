/**
 * The import hooks in the thread of the program, where Node has synchronous ones.
 *
 * import-in-the-middle is loaded with the first module that it is to wrap. Loading it is the most expensive part of the start-up, since it is an
 * ES module and makes Node start its loader for those; an application that is CommonJS, or imports no target, never needs it.
 */
import Module = require('node:module');
import { pathToFileURL } from 'node:url';
import { sharedByCopies } from '../base/registry';
import { logger, say } from '../base/logger';
import { errorText } from '../telemetry/errors';
import { listenToFacades, requireFromInstrumentation } from './esm';
import { isWrapper } from './facade';
import {
  ImportHooks,
  replaceWarnings,
  takeSteps,
  type Load,
  type Loaded,
  type Resolve,
  type Resolved,
} from './import-hooks';
import { registerHooksLast } from './last-hooks';
import type { ImportInTheMiddleOptions } from './wrapped-imports';

/** What import-in-the-middle's `register-hooks.mjs` registers. */
interface SyncHook {
  applyOptions(options: ImportInTheMiddleOptions): void;
  readonly resolveSync: Resolve<Resolved>;
  readonly loadSync: Load<Loaded>;
}

interface CreateHookModule {
  createHook(meta: { url: string }): SyncHook;
}

/**
 * From these versions on, a hook may leave the source of a CommonJS module to Node. Those between them may not.
 *
 * @see https://github.com/nodejs/node/pull/59929
 */
const FIRST_VERSIONS: Record<number, readonly [minor: number, patch: number]> = {
  22: [22, 3],
  24: [11, 1],
  25: [1, 0],
};

/** Whether a version of Node has synchronous hooks that import-in-the-middle can work with. */
export function hasSyncHooks(version: string): boolean {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map((part) => Number.parseInt(part));
  const [firstMinor, firstPatch] = FIRST_VERSIONS[major] ?? [major > 25 ? 0 : Infinity, 0];
  return minor > firstMinor || (minor === firstMinor && patch >= firstPatch);
}

export const canHookImports = () => 'registerHooks' in Module && hasSyncHooks(process.versions.node);

/**
 * Registers the hooks, if this version of Node and of import-in-the-middle have what it takes.
 *
 * @returns whether they have been registered
 */
export function registerSyncHooks(options: ImportInTheMiddleOptions): boolean {
  if (!canHookImports()) return false;
  // With --no-experimental-require-module, import-in-the-middle, an ES module, cannot be loaded while an import waits.
  if ((process.features as { require_module?: boolean }).require_module === false) return false;
  const { resolve } = requireFromInstrumentation;
  let file: string;
  /** What import-in-the-middle takes for the file that it is registered by. */
  let registration: string;
  try {
    file = resolve('import-in-the-middle/create-hook.mjs');
    registration = pathToFileURL(resolve('import-in-the-middle/register-hooks.mjs')).href;
  } catch {
    // Its versions before 3.1 have no synchronous hooks.
    return false;
  }
  listenToFacades();
  const createHook = () => {
    const { createHook } = requireFromInstrumentation(file) as CreateHookModule;
    const hook = createHook({ url: registration });
    hook.applyOptions(options);
    return hook;
  };
  registerHooksLast(createSyncHooks(options, createHook, new URL('lib/register.js', registration).href));
  return true;
}

/** What import-in-the-middle imports while a copy of this package loads it passes the hooks of all copies. */
const loading = sharedByCopies('loading.v1', () => ({ isUnderWay: false }));

/**
 * @param createHook called when the first module is imported that `options` include, while that is being resolved
 * @param register what wrappers of its import
 */
export function createSyncHooks(
  { shouldInclude }: Pick<ImportInTheMiddleOptions, 'shouldInclude'>,
  createHook: () => Pick<SyncHook, 'resolveSync' | 'loadSync'>,
  register: string,
): { resolve: Resolve<Resolved>; load: Load<Loaded> } {
  const hooks = new ImportHooks({
    shouldInclude,
    register,
    isPartOfLoading: () => loading.isUnderWay,
    warn(text) {
      say('warn', text);
    },
    loadWrapping() {
      loading.isUnderWay = true;
      try {
        const { resolveSync, loadSync } = createHook();
        return { resolve: resolveSync as Resolve, load: withoutWarnings(loadSync) as Load };
      } catch (error) {
        say(
          'error',
          `Could not load import-in-the-middle: no import of an ES module can be traced: ${errorText(error)}`,
        );
        return undefined;
      } finally {
        loading.isUnderWay = false;
      }
    },
  });
  return {
    resolve: (...args) => takeSteps(hooks.resolve(...args)),
    load: (...args) => takeSteps(hooks.load(...args)),
  };
}

/** The program runs in this thread: warnings are replaced only while a wrapper is made. */
function withoutWarnings(load: Load<Loaded>): Load<Loaded> {
  return (url, context, next) => {
    if (!isWrapper(url)) return load(url, context, next);
    const giveBack = replaceWarnings((text) => {
      logger.warn(text);
    });
    try {
      return load(url, context, next);
    } finally {
      giveBack();
    }
  };
}
