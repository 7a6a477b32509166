/** Tells when an ES module has been imported that import-in-the-middle has wrapped. */
import { createRequire, isBuiltin } from 'node:module';
import { fileURLToPath } from 'node:url';
import { logger } from '../base/logger';
import { MODULE_HAS_RUN } from './facade';

/** The namespace of an ES module, as import-in-the-middle lets it be changed: by assigning to its properties. */
export type MutableNamespace = Record<string, unknown>;

type AddedHook = (url: string, namespace: MutableNamespace, specifier?: string, format?: string) => void;

interface ImportInTheMiddle {
  addHook(hook: AddedHook): void;
  removeHook(hook: AddedHook): void;
}

/**
 * Resolves as @opentelemetry/instrumentation does: the loader and the hooks must be of the same copy of
 * import-in-the-middle, or the hooks silently never fire.
 */
export const requireFromInstrumentation = createRequire(require.resolve('@opentelemetry/instrumentation'));

export interface ImportedModule {
  /** Absolute path. */
  readonly file: string;
  /** What it was first imported as. */
  readonly specifier: string | undefined;
  readonly namespace: MutableNamespace;
}

/** What `addHook` calls, for each instrumentation. */
const hooks = new Set<AddedHook>();

/**
 * Calls `listener` for every ES module that the loader wraps, those wrapped already included. It must not throw.
 * It is not called for core modules, which need no hook, and once more for a module in a circle of imports, which was wrapped before it had
 * run: when it has run, with the same namespace.
 *
 * @returns a function that ends it
 */
export function onModuleImported(listener: (module: ImportedModule) => void): () => void {
  const { addHook, removeHook } = importInTheMiddle();
  const hook: AddedHook = (url, namespace, specifier) => {
    const file = fileOf(url);
    if (file !== undefined) listener({ file, specifier, namespace });
  };
  addHook(hook);
  hooks.add(hook);
  return () => {
    removeHook(hook);
    hooks.delete(hook);
  };
}

const importInTheMiddle = () => requireFromInstrumentation('import-in-the-middle') as ImportInTheMiddle;

/** Puts `moduleHasRun` where the facades look for it. */
export function listenToFacades(): void {
  Object.defineProperty(globalThis, MODULE_HAS_RUN, { value: moduleHasRun, configurable: true });
}

/**
 * A facade has run, and so may its module have. If the wrapper ran before the module, which it does in a circle of imports, it
 * lacks what was not initialised then. import-in-the-middle looks again a little later: too late for a program that goes on at
 * once, and too early if the module awaits something. Never throws: it is called while the program's modules are loaded.
 */
function moduleHasRun(url: string, original: MutableNamespace, wrapper: MutableNamespace): void {
  try {
    const late = Object.keys(wrapper).filter((key) => wrapper[key] === undefined && has(original, key));
    if (late.length === 0) return;
    // The one way to the namespace that can be changed: a new hook is called for all modules so far.
    const find: AddedHook = (wrapped, namespace, ...rest) => {
      if (wrapped !== url) return;
      for (const key of late) namespace[key] = original[key];
      for (const hook of hooks) hook(wrapped, namespace, ...rest);
    };
    const { addHook, removeHook } = importInTheMiddle();
    addHook(find);
    removeHook(find);
  } catch (error) {
    logger.error(`Could not complete the exports of ${url}, which is part of a circular import`, error);
  }
}

/** Whether an export has a value. Reading one that is not initialised throws. */
function has(namespace: MutableNamespace, key: string): boolean {
  try {
    return namespace[key] !== undefined;
  } catch {
    return false;
  }
}

function fileOf(url: string): string | undefined {
  if (!url.startsWith('file:') || isBuiltin(url)) return undefined;
  try {
    return fileURLToPath(url);
  } catch {
    return undefined;
  }
}
