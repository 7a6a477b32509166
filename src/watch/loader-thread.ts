/**
 * import-in-the-middle in the loader thread, with a function of ours to choose the modules: functions cannot be sent to
 * that thread, so it has to be made here. CommonJS like everything else; Node takes that for a loader, too.
 *
 * As in sync-hooks.ts, it is loaded when the first module comes that it is to wrap: `module.register()` waits for this thread.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { fileURLToPath } from 'node:url';
import type { LoadFnOutput, LoadHook, LoadHookContext, ResolveHook } from 'node:module';
import type { MessagePort } from 'node:worker_threads';
import {
  catchWarnings,
  createFacades,
  describeUnreadable,
  facadeOf,
  isOfOtherCopy,
  isWrapper,
  OTHER_COPY,
  resolvedInFacade,
  shapeOf,
  shortCircuited,
  wrapperOf,
  type WrapperShape,
} from './facade';
import { createQueries } from './query';
import { fromSourceTargetData, type SourceTargetData } from '../targets/source-target';
import { RecentMap } from './recent';
import {
  FIRST_NUMBER_OF_THREAD,
  formatOf,
  SourceRewriter,
  toText,
  withoutTypes,
  type SourceFile,
} from './source-rewriter';
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
  /** Name of the global variable that the calls in rewritten sources reach. */
  readonly registrar: string;
  /** Targets that see ES modules as source. */
  readonly sources: readonly SourceTargetData[];
  /** For what is to be said: the main thread has the logger. */
  readonly messages: MessagePort;
}

export type LoaderMessage =
  /** `silent`: only a logger hears of it. */
  | { readonly text: string; readonly level: 'warn' | 'error'; readonly silent: boolean }
  /** Sent before the module that it is about can run. */
  | { readonly source: SourceFile };

interface Hook {
  initialize(options: ImportInTheMiddleOptions): Promise<void>;
  readonly resolve: ResolveHook;
  readonly load: LoadHook;
}

interface CreateHookModule {
  createHook(meta: { url: string }): Hook;
}

/** How often these hooks are among those that Node asks: once more after each loader that came later. */
let places = 0;
/** Set for what the last of them asks for: the others are to leave that as it is. */
const isAsked = new AsyncLocalStorage<true>();

let data: LoaderData;
let options: ImportInTheMiddleOptions;
let rewriter: SourceRewriter | undefined;
let hook: Hook | undefined;
let loading: Promise<void> | undefined;

let register: string;
let hasToldOfOther = false;

const facades = createFacades();
const queries = createQueries();
/**
 * By URL: a facade asks what its wrapper exports before that is loaded, and import-in-the-middle makes it once. Once Node has got it, only its
 * shape is kept, for further facades.
 */
const wrappers = new RecentMap<
  string,
  { loaded: Promise<LoadFnOutput> | undefined; readonly shape: Promise<WrapperShape> }
>();
const isOwn = (wrapper: string) => wrappers.has(wrapper);

function tell(level: 'warn' | 'error', text: string, silent = false): void {
  data.messages.postMessage({ level, text, silent } satisfies LoaderMessage);
}

/** Without data where it has been called before. */
export function initialize(received: LoaderData | undefined): void {
  places++;
  if (received === undefined) return;
  data = received;
  options = importInTheMiddleOptions(data.inclusions);
  const targets = data.sources.map(fromSourceTargetData);
  if (targets.length > 0) {
    rewriter = new SourceRewriter({
      registrar: data.registrar,
      firstNumber: FIRST_NUMBER_OF_THREAD,
      targets: () => targets,
      tell(source) {
        data.messages.postMessage({ source } satisfies LoaderMessage);
      },
      // Whether the main thread uses them, nobody tells this one.
      usesSourceMaps: () => true,
    });
  }
  register = new URL('lib/register.js', data.hook).href;
  // Nothing but loaders runs in this thread.
  catchWarnings(process, (url) => {
    tell('warn', describeUnreadable(url), true);
  });
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
    tell('error', `Could not load import-in-the-middle: no import of an ES module can be traced: ${String(error)}`);
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

export const resolve = onlyLast<ResolveHook>(async (specifier, context, nextResolve) => {
  if (hook === undefined) {
    const resolved = await nextResolve(specifier, context);
    if (isOwnImport(specifier, context.parentURL)) return resolved;
    if (!mayBeWrapped(context) || !options.shouldInclude(resolved.url, specifier)) return resolved;
    await (loading ??= loadHook());
    if (hook === undefined) return resolved;
  }
  if (!hasToldOfOther && isOfOtherCopy(specifier, context.parentURL, { facades, isOwn, register })) {
    hasToldOfOther = true;
    tell('warn', OTHER_COPY);
  }
  const inFacade = resolvedInFacade(specifier, context.parentURL);
  if (inFacade !== undefined) return inFacade;
  const nextRewritten: typeof nextResolve = async (...args) => queries.rewritten(await nextResolve(...args));
  const resolved = await hook.resolve(specifier, context, nextRewritten);
  // Not where another copy has wrapped it, and nobody here has asked for it.
  const isMeant = isWrapper(resolved.url) && options.shouldInclude(resolved.url, specifier);
  return queries.original(isMeant ? facades.for(resolved, context.parentURL) : resolved);
});

/** One of those that wait for each other while import-in-the-middle is being loaded: none of them can wait for that. */
function isOwnImport(specifier: string, parentURL: string | undefined): boolean {
  if (loading === undefined) return false;
  return specifier === data.createHook || (parentURL !== undefined && isPartOfImportInTheMiddle(parentURL));
}

export const load = onlyLast<LoadHook>(async (url, context, next) => {
  // Inside of import-in-the-middle: what that reads must be what is loaded.
  const nextLoad: typeof next = async (...args) => rewritten(args[0], await next(...args));
  if (hook === undefined) return nextLoad(url, context);
  const wrapperUrl = wrapperOf(url);
  if (wrapperUrl !== undefined) {
    const { shape } = wrappers.get(wrapperUrl) ?? wrapperAt(hook, wrapperUrl, context, nextLoad);
    return facadeOf(wrapperUrl, await shape);
  }
  if (!isWrapper(url)) return hook.load(url, context, nextLoad);
  const wrapper = wrapperAt(hook, url, context, nextLoad);
  const { loaded } = wrapper;
  wrapper.loaded = undefined;
  return loaded as Promise<LoadFnOutput>;
});

function rewritten(url: string, loaded: LoadFnOutput): LoadFnOutput {
  const { format, source } = loaded;
  // CommonJS has a source here only if another loader has compiled it, and then it goes past `_compile`.
  const text = formatOf(format).kind === undefined ? undefined : toText(source);
  if (rewriter === undefined || !url.startsWith('file:') || text === undefined) return loaded;
  const code = rewriter.rewrite({ text, file: fileURLToPath(url), format });
  return code === undefined ? loaded : { ...loaded, source: code, format: withoutTypes(format) };
}

function wrapperAt(hook: Hook, url: string, context: LoadHookContext, nextLoad: Parameters<LoadHook>[2]) {
  const known = wrappers.get(url);
  if (known?.loaded !== undefined) return known;
  const loaded = Promise.resolve(hook.load(url, context, nextLoad)).then(shortCircuited);
  const wrapper = { loaded, shape: loaded.then(({ source }) => shapeOf(source)) };
  wrappers.set(url, wrapper);
  // A program may try again.
  wrapper.shape.catch(() => wrappers.delete(url));
  return wrapper as { loaded: typeof loaded | undefined; shape: typeof wrapper.shape };
}
