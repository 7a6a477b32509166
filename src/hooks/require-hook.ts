/**
 * Tells when a CommonJS module has been loaded, whoever asked for it: `require`, or an `import` of a CommonJS module.
 *
 * The hook is on `Module.prototype.load`, which Node calls once for every such module, with its real path, and which
 * returns when the module has run. A hook on `require` itself (as require-in-the-middle has) sees partial exports in a
 * circular require, must resolve every specifier a second time, and does not see imports.
 */
import Module = require('node:module');
import * as shimmer from 'shimmer';

/** A loaded CommonJS module. For `require()` of an ES module, `exports` is its namespace object. */
export interface LoadedModule {
  exports: unknown;
  readonly loaded: boolean;
  readonly filename: string | null;
}

type Listener = (module: LoadedModule, file: string) => void;

interface ModulePrototype {
  load(this: LoadedModule, filename: string): unknown;
}

const prototype = Module.prototype as unknown as ModulePrototype;
const listeners = new Set<Listener>();
let installed: ModulePrototype['load'] | undefined;

/**
 * Calls `listener` for every CommonJS module loaded from now on. It must not throw.
 *
 * @returns a function that ends it
 */
export function onModuleLoaded(listener: Listener): () => void {
  listeners.add(listener);
  install();
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) uninstall();
  };
}

/** The CommonJS modules that have been loaded already. */
export function loadedModules(): LoadedModule[] {
  const cache = (Module as unknown as { _cache: Record<string, LoadedModule | undefined> })._cache;
  return Object.values(cache).filter((module) => module?.loaded === true) as LoadedModule[];
}

function install(): void {
  if (installed !== undefined) return;
  shimmer.wrap(prototype, 'load', (original) => {
    installed = function load(this: LoadedModule, filename: string) {
      const result = original.call(this, filename);
      // Its own file name is the real path, unless the program asked to keep symbolic links.
      for (const listener of listeners) listener(this, this.filename ?? filename);
      return result;
    };
    return installed;
  });
}

/** Takes the hook off, unless somebody has wrapped it since: then it stays, without listeners. */
function uninstall(): void {
  if (prototype.load !== installed) return;
  shimmer.unwrap(prototype, 'load');
  installed = undefined;
}
