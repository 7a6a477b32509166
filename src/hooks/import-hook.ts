/**
 * Tells when an ES module has been imported, by way of import-in-the-middle.
 */
import { createRequire, isBuiltin } from 'node:module';
import { fileURLToPath } from 'node:url';

/** The namespace of an ES module, as import-in-the-middle lets it be changed: by assigning to its properties. */
export type MutableNamespace = Record<string, unknown>;

type AddedHook = (url: string, namespace: MutableNamespace, specifier?: string, format?: string) => void;

interface ImportInTheMiddle {
  addHook(hook: AddedHook): void;
  removeHook(hook: AddedHook): void;
}

/**
 * Specifiers resolved as @opentelemetry/instrumentation resolves them: its loader and our hooks must be of the same
 * copy of import-in-the-middle, or the hooks silently never fire.
 */
export const requireFromInstrumentation = createRequire(require.resolve('@opentelemetry/instrumentation'));

export interface ImportedModule {
  /** Absolute path. */
  readonly file: string;
  /** What it was first imported as. */
  readonly specifier: string | undefined;
  readonly namespace: MutableNamespace;
}

/**
 * Calls `listener` for every ES module that the loader wraps, those wrapped already included. It must not throw.
 * Core modules are left out: see builtins.ts.
 *
 * @returns a function that ends it
 */
export function onModuleImported(listener: (module: ImportedModule) => void): () => void {
  const { addHook, removeHook } = requireFromInstrumentation('import-in-the-middle') as ImportInTheMiddle;
  const hook: AddedHook = (url, namespace, specifier) => {
    const file = fileOf(url);
    if (file !== undefined) listener({ file, specifier, namespace });
  };
  addHook(hook);
  return () => {
    removeHook(hook);
  };
}

function fileOf(url: string): string | undefined {
  if (!url.startsWith('file:') || isBuiltin(url)) return undefined;
  try {
    return fileURLToPath(url);
  } catch {
    return undefined;
  }
}
