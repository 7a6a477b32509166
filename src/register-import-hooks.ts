import { configure } from './options/sources';
import { namesIn } from './options/table';
import type { AsyncGeneratorInstrumentationConfig } from './types';
import { registerHooks } from './watch/register-hooks';

/**
 * Options of `registerImportHooks`: the same `targets`, `presets` and `baseDir` as those of the instrumentation. `enabled: true`
 * registers the hooks even if environment variables or the configuration file switch the instrumentation off. The
 * instrumentation's other options are ignored, so that both can be given the same object.
 */
export type ImportHookOptions = Pick<
  AsyncGeneratorInstrumentationConfig,
  'targets' | 'presets' | 'baseDir' | 'enabled'
>;

/**
 * On Node versions without synchronous hooks (20, 22 before 22.22.3, 24 before 24.11.1), makes imports of the targets' ES modules
 * visible to the instrumentation, by a loader thread. On other versions, the instrumentation does so itself, and this function is
 * only needed for modules that are imported before the instrumentation is created. Call it once, before anything imports the modules:
 * in the file that `--import` names.
 *
 * Only modules whose exports are traced (packages, and own files with `[*]`) are wrapped, which freezes their live bindings. Of the
 * files that a glob with wildcard selectors matches, only those that contain an async generator are wrapped. CommonJS
 * modules and core modules need no hooks, however they are imported.
 *
 * Options that are left out are taken from environment variables and the configuration file, as for the instrumentation.
 *
 * @param options the same `targets`, `presets` and `baseDir` that the instrumentation gets
 * @throws TypeError if an option is malformed, or unknown
 * @example
 * const targets = ['it-map[default]', './src/**\/*.js'];
 * registerImportHooks({ targets });
 * new NodeSDK({ instrumentations: [new AsyncGeneratorInstrumentation({ targets })] }).start();
 */
export function registerImportHooks(options: ImportHookOptions = {}): void {
  const { resolved, isSwitchedOff } = configure(options, namesIn('imports'));
  if (!isSwitchedOff) registerHooks(resolved);
}
