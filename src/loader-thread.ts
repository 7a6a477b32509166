/**
 * The import hooks in the loader thread, where Node has no synchronous ones. Functions cannot be sent to that thread, so it gets data.
 *
 * As in watch/sync-hooks.ts, import-in-the-middle is loaded with the first module that it is to wrap: `module.register()` waits for this thread. CommonJS
 * like everything else; Node takes that for a loader, too.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { LoadFnOutput, LoadHook, ResolveHook } from 'node:module';
import { fromSourceTargetData } from './targets/source-target';
import {
  ImportHooks,
  isPartOfImportInTheMiddle,
  replaceWarnings,
  takeStepsAsync,
  type Load,
  type Loaded,
  type Resolve,
  type Resolved,
  type Wrapping,
} from './watch/import-hooks';
import { FIRST_NUMBER_OF_THREAD, formatOf, SourceRewriter } from './watch/source-rewriter';
import type { LoaderData, LoaderMessage } from './watch/register-hooks';
import { importInTheMiddleOptions, type ImportInTheMiddleOptions } from './watch/wrapped-imports';

interface AsyncHook {
  initialize(options: ImportInTheMiddleOptions): Promise<void>;
  readonly resolve: Resolve;
  readonly load: Load;
}

interface CreateHookModule {
  createHook(meta: { url: string }): AsyncHook;
}

/** How often these hooks are among those that Node asks: once more after each loader that came later. */
let places = 0;
/** Set for what the last of them asks for: the others are to leave that as it is. */
const isAsked = new AsyncLocalStorage<true>();

let data: LoaderData;
let hooks: ImportHooks;
let rewriter: SourceRewriter | undefined;

function tell(message: LoaderMessage): void {
  data.messages.postMessage(message);
}

/** Without data where it has been called before. */
export function initialize(received: LoaderData | undefined): void {
  places++;
  if (received === undefined) return;
  data = received;
  const options = importInTheMiddleOptions(data.inclusions);
  let isLoading = false;
  hooks = new ImportHooks({
    shouldInclude: options.shouldInclude,
    register: new URL('lib/register.js', data.hook).href,
    loadWrapping() {
      isLoading = true;
      return loadWrapping(options);
    },
    // These imports wait for each other, so they can't wait for the whole.
    isPartOfLoading: (specifier, importer) =>
      isLoading && (specifier === data.createHook || (importer !== undefined && isPartOfImportInTheMiddle(importer))),
    warn(text) {
      tell({ level: 'warn', text, silent: false });
    },
  });
  const targets = data.sources.map(fromSourceTargetData);
  if (targets.length > 0) {
    rewriter = new SourceRewriter({
      registrar: data.registrar,
      firstNumber: FIRST_NUMBER_OF_THREAD,
      targets: () => targets,
      tell(source) {
        tell({ source });
      },
      // This thread has no way to know whether the main thread uses them.
      usesSourceMaps: () => true,
    });
  }
  // Nothing but loaders runs in this thread.
  replaceWarnings((text) => {
    tell({ level: 'warn', text, silent: true });
  });
}

async function loadWrapping(options: ImportInTheMiddleOptions): Promise<Wrapping | undefined> {
  try {
    const { createHook } = (await import(data.createHook)) as CreateHookModule;
    const hook = createHook({ url: data.hook });
    // It warns where a program has registered another one. Neither needs to know of the other.
    const flags = globalThis as { __import_in_the_middle_initialized__?: boolean };
    const before = flags.__import_in_the_middle_initialized__;
    delete flags.__import_in_the_middle_initialized__;
    await hook.initialize(options);
    if (before === undefined) delete flags.__import_in_the_middle_initialized__;
    return hook;
  } catch (error) {
    const text = `Could not load import-in-the-middle: no import of an ES module can be traced: ${String(error)}`;
    tell({ level: 'error', text, silent: false });
    return undefined;
  }
}

/** A hook that does its work in its last place only. */
function onlyLast<Hook extends ResolveHook | LoadHook>(hook: Hook): Hook {
  const inAnyPlace = (first: string, context: never, next: (...args: unknown[]) => unknown): unknown => {
    const call = hook as (...args: unknown[]) => unknown;
    if (places === 1) return call(first, context, next);
    return isAsked.getStore() ? next(first, context) : isAsked.run(true, call, first, context, next);
  };
  return inAnyPlace as Hook;
}

export const resolve = onlyLast<ResolveHook>((specifier, context, next) =>
  takeStepsAsync<Resolved>(hooks.resolve(specifier, context, next as Parameters<Resolve>[2])),
);

export const load = onlyLast<LoadHook>((url, context, next) => {
  // Below import-in-the-middle, so that it reads what Node loads.
  // CommonJS has a source here only if another loader has compiled it, and then it does not pass `_compile`.
  const nextLoad: typeof next = async (...args) => {
    const loaded = await next(...args);
    const isCode = formatOf(loaded.format).kind !== undefined;
    return rewriter !== undefined && isCode ? rewriter.rewriteLoaded(args[0], loaded) : loaded;
  };
  return takeStepsAsync<Loaded>(hooks.load(url, context, nextLoad as Parameters<Load>[2])) as Promise<LoadFnOutput>;
});
