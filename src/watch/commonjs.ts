/**
 * Tells when a CommonJS module has been loaded, by `require` or by an `import`.
 *
 * The hook is on `Module.prototype.load`, which Node calls once for every such module, with its real path, and which
 * returns when the module has run. A hook on `require` itself (as require-in-the-middle has) sees partial exports in a
 * circular require, must resolve every specifier a second time, and does not see imports.
 *
 * Up to Node 22, `load` itself notes what `module.exports` an import will get, so that other exports put in their place
 * afterwards would come too late. Hence a second hook, on `_compile`, which `load` calls to run the module.
 *
 * @see https://github.com/nodejs/node/blob/v22.23.5/lib/internal/modules/cjs/loader.js `Module.prototype.load`: `kModuleExport`
 */
import Module = require('node:module');
import { setImmediate } from '../base/clock';
import shimmer = require('shimmer');

/** A loaded CommonJS module. For `require()` of an ES module, `exports` is its namespace object. */
export interface CommonJsModule {
  exports: unknown;
  readonly loaded: boolean;
  readonly filename: string | null;
}

/** `before`: the loading had begun before there was a listener, and others may hold what the module exported. */
type Listener = (module: CommonJsModule, file: string, before: boolean) => void;

interface ModulePrototype {
  load(this: CommonJsModule, filename: string): unknown;
  _compile(this: CommonJsModule, ...args: unknown[]): unknown;
}

const prototype = Module.prototype as unknown as ModulePrototype;
/** With the modules that were being loaded without a hook of this package when the listener came. */
const listeners = new Map<Listener, Set<CommonJsModule>>();
/** Gives another text for what is compiled, and its format; or undefined. Must not throw. */
type Rewrite = (
  text: string,
  file: string,
  format: unknown,
  module: object,
) => { readonly text: string; readonly format: unknown } | undefined;
const rewriters = new Set<Rewrite>();
/** Modules that `load` is at work on, before the listeners have been called. */
const loading = new Set<CommonJsModule>();

/**
 * Calls `listener` for every CommonJS module loaded from now on. It must not throw. Modules that are being loaded at this
 * moment (one of them has required the set-up) come late: before the next module runs, or when the program pauses.
 *
 * @returns a function that ends it
 */
export function onModuleLoaded(listener: Listener): () => void {
  const unfinished = new Set(cachedModules().filter(isLoadingUnseen));
  listeners.set(listener, unfinished);
  install();
  setImmediate(() => {
    notifyLate();
    // What has not been loaded by now has thrown, or Node has not begun with it: then the hooks see it.
    unfinished.clear();
  }).unref();
  return () => {
    listeners.delete(listener);
    if (isUnused()) uninstall();
  };
}

/**
 * Calls `rewrite` with the source of every CommonJS module that is compiled from now on, as all other hooks have left it: that of ES
 * modules, too, where they are required.
 *
 * @returns a function that ends it
 */
export function onModuleCompiled(rewrite: Rewrite): () => void {
  rewriters.add(rewrite);
  install();
  return () => {
    rewriters.delete(rewrite);
    if (isUnused()) uninstall();
  };
}

const isUnused = () => listeners.size === 0 && rewriters.size === 0;

/** Not the file that Node started with: no module uses what it exports, and it is reported as such. */
function isLoadingUnseen(module: CommonJsModule): boolean {
  return !module.loaded && !loading.has(module) && module !== require.main;
}

/** The CommonJS modules that have been loaded already. */
export function loadedModules(): CommonJsModule[] {
  return cachedModules().filter(({ loaded }) => loaded);
}

/** The CommonJS module that a program gets for a file, if it has been loaded. */
export function cachedModule(file: string): object | undefined {
  return cache()[file];
}

const cache = () => (Module as unknown as { _cache: Record<string, CommonJsModule | undefined> })._cache;

function cachedModules(): CommonJsModule[] {
  // Programs (and test tools) put objects of their own making into the cache.
  return Object.values(cache()).filter(
    (module) => typeof module?.loaded === 'boolean' && typeof module.filename === 'string',
  ) as CommonJsModule[];
}

/** The newest hook of this package on each method. Older ones may be below hooks of others. */
const newest: Partial<ModulePrototype> = {};

/**
 * Puts the hooks on, unless they are on top. Below another hook they may be out of reach, which can't be seen
 * from outside; two that are both in reach do no harm, since listeners are called once for a module.
 */
function install(): void {
  if (prototype.load !== newest.load) {
    shimmer.wrap(prototype, 'load', (load) => {
      return (newest.load = function (this: CommonJsModule, filename) {
        notifyLate();
        loading.add(this);
        try {
          const result = load.call(this, filename);
          notify(this, filename);
          return result;
        } finally {
          loading.delete(this);
        }
      });
    });
  }
  if (prototype._compile !== newest._compile) {
    shimmer.wrap(prototype, '_compile', (compile) => {
      return (newest._compile = function (this: CommonJsModule, ...args) {
        const [text, file, format] = args;
        for (const rewrite of rewriters) {
          if (typeof text !== 'string' || typeof file !== 'string') break;
          const rewritten = rewrite(args[0] as string, file, format, this);
          if (rewritten !== undefined) [args[0], args[2]] = [rewritten.text, rewritten.format];
        }
        const result = compile.apply(this, args);
        if (this.filename !== null) notify(this, this.filename);
        return result;
      });
    });
  }
}

function notify(module: CommonJsModule, filename: string): void {
  // Programs compile modules by hand as well (`require-from-string`): those are not loaded.
  if (!loading.delete(module)) return;
  for (const [listener, unfinished] of listeners) {
    unfinished.delete(module);
    // Its own file name is the real path, unless the program asked to keep symbolic links.
    listener(module, module.filename ?? filename, false);
  }
}

/** Tells of the modules that no hook has seen and that have been loaded since. */
function notifyLate(): void {
  for (const [listener, unfinished] of listeners) {
    for (const module of unfinished) {
      if (!module.loaded) continue;
      unfinished.delete(module);
      listener(module, module.filename as string, true);
    }
  }
}

/** Takes the hooks off, unless others have wrapped them since: then they stay, without listeners. */
function uninstall(): void {
  if (prototype.load === newest.load) shimmer.unwrap(prototype, 'load');
  if (prototype._compile === newest._compile) shimmer.unwrap(prototype, '_compile');
}
