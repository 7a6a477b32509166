/**
 * Registers import-in-the-middle, without which no import of an ES module can be seen.
 */
import { diag } from '@opentelemetry/api';
import Module = require('node:module');
import { pathToFileURL } from 'node:url';
import { resolveConfig } from '../config/validate';
import type { ModulePattern } from '../targets/module-pattern';
import type { AsyncGeneratorInstrumentationConfig } from '../types';
import { requireFromInstrumentation } from './import-hook';

/** Options of `registerImportHooks`: the same `targets` and `baseDir` as the instrumentation has. */
export type ImportHookOptions = Pick<AsyncGeneratorInstrumentationConfig, 'targets' | 'baseDir'>;

/** The part of import-in-the-middle's synchronous registration that is used here. */
interface SyncRegistration {
  supportsSyncHooks(): boolean;
  register(options: { include: (string | RegExp)[] }): void;
}

let registered = false;

/**
 * Makes imports of the targets' ES modules visible to the instrumentation. Call it once, before anything imports them:
 * in the file that `--import` names. Only the targets' modules are wrapped, since wrapping freezes a module's live
 * bindings. CommonJS modules and core modules need no registration, however they are imported.
 *
 * Uses synchronous hooks where Node has them (22.22.3, 24.11.1, 26 and newer), else a loader thread.
 *
 * @param options the same `targets` and `baseDir` that the instrumentation gets
 * @throws TypeError if the targets are malformed
 * @example
 * const targets = ['it-map', './src/**\/*.js'];
 * registerImportHooks({ targets });
 * new NodeSDK({ instrumentations: [new AsyncGeneratorInstrumentation({ targets })] }).start();
 */
export function registerImportHooks(options: ImportHookOptions = {}): void {
  const include = resolveConfig(options).targets.flatMap(({ module }) => includeOf(module));
  if (registered) {
    diag.warn('registerImportHooks was called before; pass all targets in one call, those of the second are not seen');
    return;
  }
  registered = true;
  const sync = loadSyncRegistration();
  if (sync !== undefined) {
    sync.register({ include });
    return;
  }
  const loader = requireFromInstrumentation.resolve('import-in-the-middle/hook.mjs');
  Module.register(pathToFileURL(loader).href, { data: { include } });
}

function loadSyncRegistration(): SyncRegistration | undefined {
  // Older versions of Node have no synchronous hooks, and cannot require the ES module that registers them either.
  if (!('registerHooks' in Module)) return undefined;
  const sync = requireFromInstrumentation('import-in-the-middle/register-hooks.mjs') as SyncRegistration;
  return sync.supportsSyncHooks() ? sync : undefined;
}

/** What import-in-the-middle compares with the specifier (a string) or the URL (a RegExp) of an import. */
function includeOf(module: ModulePattern): (string | RegExp)[] {
  switch (module.kind) {
    case 'builtin':
      return [];
    case 'file':
      return [module.url];
    case 'package': {
      const file = /\.[cm]?[jt]s$/.test(module.subpath);
      const path = `/node_modules/${module.text}`.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
      return file ? [module.text, new RegExp(`${path}(?:[?#]|$)`)] : [module.text];
    }
  }
}
