/**
 * Tells when a CommonJS module has been loaded, whoever asked for it: `require`, or an `import` of a CommonJS module.
 *
 * The hook is on `Module.prototype.load`, which Node calls once for every such module, with its real path, and which
 * returns when the module has run. A hook on `require` itself (as require-in-the-middle has) sees partial exports in a
 * circular require, must resolve every specifier a second time, and does not see imports.
 *
 * Up to Node 22, `load` itself notes what `module.exports` an import will get, so that other exports put in their place
 * afterwards would come too late. Hence a second hook, on `_compile`, which `load` calls to run the module.
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
  _compile(this: LoadedModule, ...args: unknown[]): unknown;
}

const prototype = Module.prototype as unknown as ModulePrototype;
const listeners = new Set<Listener>();
let installed: ModulePrototype | undefined;
/** Modules that `load` is at work on, and that the listeners have not been told of. */
const loading = new Set<LoadedModule>();

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
  // Programs (and test tools) put objects of their own making into the cache.
  return Object.values(cache).filter(
    (module) => module?.loaded === true && typeof module.filename === 'string',
  ) as LoadedModule[];
}

function install(): void {
  if (installed !== undefined) return;
  const { load, _compile } = prototype;
  installed = {
    load(filename) {
      loading.add(this);
      try {
        const result = load.call(this, filename);
        notify(this, filename);
        return result;
      } finally {
        loading.delete(this);
      }
    },
    _compile(...args) {
      const result = _compile.apply(this, args);
      if (this.filename !== null) notify(this, this.filename);
      return result;
    },
  };
  const hooks = installed;
  shimmer.wrap(prototype, 'load', () => hooks.load);
  shimmer.wrap(prototype, '_compile', () => hooks._compile);
}

function notify(module: LoadedModule, filename: string): void {
  // Programs compile modules by hand as well (`require-from-string`): those are none of ours.
  if (!loading.delete(module)) return;
  // Its own file name is the real path, unless the program asked to keep symbolic links.
  for (const listener of listeners) listener(module, module.filename ?? filename);
}

/** Takes the hooks off, unless somebody has wrapped them since: then they stay, without listeners. */
function uninstall(): void {
  if (prototype.load !== installed?.load || prototype._compile !== installed._compile) return;
  shimmer.unwrap(prototype, 'load');
  shimmer.unwrap(prototype, '_compile');
  installed = undefined;
}
