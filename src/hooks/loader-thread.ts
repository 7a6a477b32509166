/**
 * import-in-the-middle in the loader thread, with a function of ours to choose the modules: functions cannot be sent to
 * that thread, so it has to be made here. CommonJS like everything else; Node takes that for a loader, too.
 *
 * As in sync-hooks.ts, it is loaded when the first module comes that it is to wrap: `module.register()` waits for this thread.
 */
import type { LoadFnOutput, LoadHook, LoadHookContext, ResolveHook } from 'node:module';
import { createFacades, facadeOf, isWrapper, resolvedInFacade, shortCircuited, wrapperOf } from './facade';
import { createQueries } from './query';
import {
  importInTheMiddleOptions,
  isPartOfImportInTheMiddle,
  mayBeWrapped,
  type ImportInTheMiddleOptions,
  type Inclusion,
} from './should-include';

export interface LoaderData {
  /** URLs in the copy of import-in-the-middle that the main thread has. */
  readonly createHook: string;
  readonly hook: string;
  readonly inclusions: readonly Inclusion[];
}

interface Hook {
  initialize(options: ImportInTheMiddleOptions): Promise<void>;
  readonly resolve: ResolveHook;
  readonly load: LoadHook;
}

interface CreateHookModule {
  createHook(meta: { url: string }): Hook;
}

let data: LoaderData;
let options: ImportInTheMiddleOptions;
let hook: Hook | undefined;
let loading: Promise<void> | undefined;

const facadeFor = createFacades();
const queries = createQueries();
/** By URL: a facade asks what its wrapper exports before that is loaded, and import-in-the-middle makes it once. */
const wrappers = new Map<string, Promise<LoadFnOutput>>();

export function initialize(received: LoaderData): void {
  data = received;
  options = importInTheMiddleOptions(data.inclusions);
}

async function loadHook(): Promise<void> {
  try {
    const { createHook } = (await import(data.createHook)) as CreateHookModule;
    const created = createHook({ url: data.hook });
    // It warns where a program has registered another one. They get along: neither hears of the other.
    const flags = globalThis as { __import_in_the_middle_initialized__?: boolean };
    const before = flags.__import_in_the_middle_initialized__;
    delete flags.__import_in_the_middle_initialized__;
    await created.initialize(options);
    if (before === undefined) delete flags.__import_in_the_middle_initialized__;
    hook = created;
  } catch (error) {
    process.emitWarning(
      `Could not load import-in-the-middle: no import of an ES module can be traced (${String(error)})`,
    );
  }
}

export const resolve: ResolveHook = async (specifier, context, nextResolve) => {
  if (hook === undefined) {
    const resolved = await nextResolve(specifier, context);
    if (isOwnImport(specifier, context.parentURL)) return resolved;
    if (!mayBeWrapped(context) || !options.shouldInclude(resolved.url, specifier)) return resolved;
    await (loading ??= loadHook());
    if (hook === undefined) return resolved;
  }
  const inFacade = resolvedInFacade(specifier, context.parentURL);
  if (inFacade !== undefined) return inFacade;
  const nextRewritten: typeof nextResolve = async (...args) => queries.rewritten(await nextResolve(...args));
  return queries.original(facadeFor(await hook.resolve(specifier, context, nextRewritten), context.parentURL));
};

/** One of those that wait for each other while import-in-the-middle is being loaded: none of them can wait for that. */
function isOwnImport(specifier: string, parentURL: string | undefined): boolean {
  if (loading === undefined) return false;
  return specifier === data.createHook || (parentURL !== undefined && isPartOfImportInTheMiddle(parentURL));
}

export const load: LoadHook = async (url, context, nextLoad) => {
  if (hook === undefined) return nextLoad(url, context);
  const wrapper = wrapperOf(url);
  if (wrapper !== undefined) return facadeOf(wrapper, (await loadWrapper(hook, wrapper, context, nextLoad)).source);
  return isWrapper(url) ? loadWrapper(hook, url, context, nextLoad) : hook.load(url, context, nextLoad);
};

function loadWrapper(
  loaded: Hook,
  url: string,
  context: LoadHookContext,
  nextLoad: Parameters<LoadHook>[2],
): Promise<LoadFnOutput> {
  let result = wrappers.get(url);
  if (result === undefined) {
    result = Promise.resolve(loaded.load(url, context, nextLoad)).then(shortCircuited);
    wrappers.set(url, result);
    // A program may try again.
    result.catch(() => wrappers.delete(url));
  }
  return result;
}
