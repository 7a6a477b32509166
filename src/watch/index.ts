/** Tells what a program loads: CommonJS, ES modules and core modules, by one kind of event, and files that are seen as source. */
import Module = require('node:module');
import { types } from 'node:util';
import { clearTimeout, setTimeout } from '../base/clock';
import type { SourceTarget } from '../targets/source-target';
import type { Target } from '../targets/target';
import { loadedModules, onModuleLoaded, type CommonJsModule } from './commonjs';
import { onModuleImported } from './esm';
import { hookImports } from './register-hooks';
import { useSource } from './source-mode';
import type { SourceFile } from './source-rewriter';
import { canHookImports } from './sync-hooks';

export interface LoadedModule {
  /** Absolute real path, or the name of a core module. */
  readonly file: string;
  readonly format: 'commonjs' | 'module' | 'builtin';
  /** What an ES module was first imported as. */
  readonly specifier?: string | undefined;
  /** At present. */
  readonly exports: unknown;
  /** Whether these are the namespace of an ES module as import-in-the-middle has it: its bindings are assigned one by one. */
  readonly isNamespace: boolean;
  /** Whose exports may be put in place of others. Undefined where nothing can take the place of the whole. */
  readonly module: { exports: unknown } | undefined;
  /** Whether others may hold what it exports. */
  readonly loadedBefore: boolean;
}

export interface Watch {
  readonly targets: readonly Target[];
  readonly baseDir: string;
  /** The targets that see their files as source. */
  readonly sourceTargets: readonly SourceTarget[];
  // These must not throw.
  /** Any module has been loaded. It is called again for one in a circle of imports, when that has run. */
  moduleLoaded(module: LoadedModule): void;
  /** A file is about to run that a target sees as source. */
  sourceSeen(file: SourceFile): void;
  /** The program has loaded what it needs, as far as can be said: some time has passed, or it ends. */
  settled(): void;
}

/** A server never exits. */
const SETTLED_AFTER_MS = 30_000;

export class ModuleWatcher {
  /** Files that were loaded while a watch was on: no later one finds them loaded before it. */
  private readonly seen = new Set<string>();

  /**
   * Tells of what has been loaded, and of what is loaded from now on.
   *
   * @returns a function that ends it, for after the patches have been undone
   */
  start({ targets, baseDir, sourceTargets, moduleLoaded, sourceSeen, settled }: Watch): () => void {
    // First of all: a file that has been seen as source is not asked for its exports.
    if (canHookImports()) hookImports(targets, baseDir);
    const stopSource = useSource({ targets: sourceTargets, sourceSeen });
    const builtins = new Set(targets.flatMap(({ module }) => (module.kind === 'builtin' ? [module.name] : [])));
    for (const name of builtins) {
      const exports = loadBuiltin(name);
      if (exports === undefined) continue;
      // Its exports object serves the whole process: nothing could take its place.
      const place = { module: undefined, isNamespace: false, loadedBefore: false };
      moduleLoaded({ file: name, format: 'builtin', exports, ...place });
    }
    if (builtins.size > 0) syncBuiltins();
    for (const module of loadedModules()) {
      const { filename } = module;
      if (filename !== null) moduleLoaded(commonJs(module, filename, !this.seen.has(filename)));
    }
    const timer = setTimeout(settled, SETTLED_AFTER_MS);
    timer.unref();
    const stops = [
      onModuleLoaded((module, file, before) => {
        if (!before) this.seen.add(file);
        moduleLoaded(commonJs(module, file, before));
      }),
      onModuleImported(({ file, specifier, namespace }) => {
        const place = { module: undefined, isNamespace: true, loadedBefore: false };
        moduleLoaded({ file, format: 'module', specifier, exports: namespace, ...place });
      }),
      onProcessExit(settled),
      // Last, since what came on top of it must go before.
      stopSource,
    ];
    return () => {
      clearTimeout(timer);
      for (const stop of stops) stop();
      if (builtins.size > 0) syncBuiltins();
    };
  }
}

function commonJs(module: CommonJsModule, file: string, loadedBefore: boolean): LoadedModule {
  return {
    file,
    format: types.isModuleNamespaceObject(module.exports) ? 'module' : 'commonjs',
    get exports() {
      return module.exports;
    },
    isNamespace: false,
    module,
    loadedBefore,
  };
}

const requireBuiltin = Module.createRequire(__filename);

/** The exports object of a core module, which serves `require` and `import` alike. Undefined if this version of Node does not have it. */
export function loadBuiltin(name: string): unknown {
  return Module.isBuiltin(name) ? requireBuiltin(name) : undefined;
}

/** Makes ES modules that have imported a core module see what was changed in its exports object. */
export function syncBuiltins(): void {
  Module.syncBuiltinESMExports();
}

const exitListeners = new Set<() => void>();

/** One listener on the process for all: Node warns of more than ten. */
function onProcessExit(listener: () => void): () => void {
  if (exitListeners.size === 0) process.on('exit', notifyOfExit);
  exitListeners.add(listener);
  return () => {
    exitListeners.delete(listener);
    if (exitListeners.size === 0) process.off('exit', notifyOfExit);
  };
}

function notifyOfExit(): void {
  for (const listener of exitListeners) listener();
}
