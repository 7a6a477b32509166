import { configure } from './options/sources';
import { namesIn } from './options/table';
import type { AsyncGeneratorInstrumentationConfig } from './types';
import { registerHooks } from './watch/register-hooks';

/**
 * Options of `registerImportHooks`: the same `targets`, `presets` and `baseDir` as the instrumentation has. `enabled: true`
 * registers them even where environment variables or the configuration file switch the instrumentation off. The
 * instrumentation's other options are ignored, so that both can be given the same object.
 */
export type ImportHookOptions = Pick<
  AsyncGeneratorInstrumentationConfig,
  'targets' | 'presets' | 'baseDir' | 'enabled'
>;

/**
 * Makes imports of the targets' ES modules visible to the instrumentation where Node has no synchronous hooks (20, 22 before 22.22.3,
 * 24 before 24.11.1), by a loader thread. Elsewhere the instrumentation does so itself, and this function is not needed: it then
 * only makes visible what is imported before the instrumentation is made. Call it once, before anything imports the modules:
 * in the file that `--import` names.
 *
 * Own files are seen as source, which changes nothing of how they are imported. Modules whose
 * exports are traced (packages, and `[*]`) are wrapped, which freezes their live bindings, and no others;
 * of the files that a glob with wildcard selectors matches, only those that hold an async generator. CommonJS
 * modules and core modules need no hooks, however they are imported.
 *
 * Options that are left out are taken from environment variables and the configuration file, as the instrumentation does.
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
