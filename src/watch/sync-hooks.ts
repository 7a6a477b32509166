/**
 * import-in-the-middle in the thread of the program, loaded when the first module comes that it is to wrap. Loading it is the
 * dearest part of the start-up, since it is an ES module and makes Node start its loader for those; an application that
 * is CommonJS, or imports no target, never needs it.
 */
import Module = require('node:module');
import { pathToFileURL } from 'node:url';
import { sharedByCopies } from '../base/copies';
import { errorText } from '../telemetry/errors';
import { logger, say } from '../base/logger';
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
import { listenToFacades, requireFromInstrumentation } from './import-hook';
import { registerHooksLast } from './last-hooks';
import { createQueries } from './query';
import { RecentMap } from './recent';
import { isPartOfImportInTheMiddle, mayBeWrapped, type ImportInTheMiddleOptions } from './should-include';

interface ResolveContext {
  readonly conditions?: readonly string[];
  readonly parentURL?: string | undefined;
}
interface Resolved {
  readonly url: string;
}

// The types of Node 20 know only the asynchronous ones.
type Resolve = (specifier: string, context: ResolveContext, next: NextResolve) => Resolved;
type NextResolve = (specifier: string, context?: ResolveContext) => Resolved;
type Load = (url: string, context: unknown, next: NextLoad) => unknown;
type NextLoad = (url: string, context?: unknown) => unknown;

/** What import-in-the-middle's `register-hooks.mjs` registers. */
interface Hook {
  applyOptions(options: ImportInTheMiddleOptions): void;
  readonly resolveSync: Resolve;
  readonly loadSync: Load;
}

interface CreateHookModule {
  createHook(meta: { url: string }): Hook;
}

/** From these versions on, a hook may leave the source of a CommonJS module to Node. Those between them may not. */
const FIRST_VERSIONS = [
  [22, 22, 3],
  [24, 11, 1],
  [25, 1, 0],
] as const;

/** Whether a version of Node has synchronous hooks that import-in-the-middle can work with. */
export function hasSyncHooks(version: string): boolean {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map((part) => Number.parseInt(part));
  if (major > 25) return true;
  return FIRST_VERSIONS.some(
    ([line, firstMinor, firstPatch]) =>
      major === line && (minor > firstMinor || (minor === firstMinor && patch >= firstPatch)),
  );
}

/**
 * Registers the hooks, if this version of Node and of import-in-the-middle have what it takes.
 *
 * @returns whether they have been registered
 */
export function registerSyncHooks(options: ImportInTheMiddleOptions): boolean {
  if (!('registerHooks' in Module) || !hasSyncHooks(process.versions.node)) return false;
  // With --no-experimental-require-module, import-in-the-middle, an ES module, cannot be loaded while an import waits.
  if ((process.features as { require_module?: boolean }).require_module === false) return false;
  const urls = findImportInTheMiddle();
  if (urls === undefined) return false;
  listenToFacades();
  registerHooksLast(
    createLazyHooks(options, () => loadHook(urls, options), new URL('lib/register.js', urls.registration).href),
  );
  return true;
}

interface Urls {
  readonly createHook: string;
  /** What it takes for the file that it is registered by. */
  readonly registration: string;
}

/** Undefined for its versions before 3.1, which have no synchronous hooks. */
function findImportInTheMiddle(): Urls | undefined {
  const { resolve } = requireFromInstrumentation;
  try {
    return {
      createHook: resolve('import-in-the-middle/create-hook.mjs'),
      registration: pathToFileURL(resolve('import-in-the-middle/register-hooks.mjs')).href,
    };
  } catch {
    return undefined;
  }
}

function loadHook({ createHook: file, registration }: Urls, options: ImportInTheMiddleOptions): Hook {
  const { createHook } = requireFromInstrumentation(file) as CreateHookModule;
  const hook = createHook({ url: registration });
  hook.applyOptions(options);
  return hook;
}

/** What import-in-the-middle imports while a copy of this package loads it passes the hooks of all copies. */
const loading = sharedByCopies('loading.v1', () => ({ isUnderWay: false }));

/**
 * @param loadHookOnce called when the first module is imported that `options` include, while that is being resolved
 * @param register what wrappers of its import
 */
export function createLazyHooks(
  { shouldInclude }: Pick<ImportInTheMiddleOptions, 'shouldInclude'>,
  loadHookOnce: () => Hook,
  register: string,
): { resolve: Resolve; load: Load } {
  /** `null`: it is being loaded, or could not be. */
  let hook: Hook | null | undefined;
  let hasToldOfOther = false;

  // A part that the program imports for itself: Node cannot require later what is being imported.
  const isNeededFor = (specifier: string, { url }: Resolved) =>
    shouldInclude(url, specifier) || isPartOfImportInTheMiddle(url);

  const facades = createFacades();
  const queries = createQueries();
  /**
   * By URL: a facade asks what its wrapper exports before that is loaded, and import-in-the-middle makes it once. Once Node has got it, only its
   * shape is kept, for further facades.
   */
  const wrappers = new RecentMap<string, { loaded: unknown; readonly shape: WrapperShape }>();
  const known = { facades, isOwn: (wrapper: string) => wrappers.has(wrapper), register };

  const rewriting =
    (next: NextResolve): NextResolve =>
    (...args) =>
      queries.rewritten(next(...args));

  const resolveWith = (loaded: Hook, specifier: string, context: ResolveContext, next: NextResolve): Resolved => {
    const importer = context.parentURL;
    if (!hasToldOfOther && isOfOtherCopy(specifier, importer, known)) {
      hasToldOfOther = true;
      say('warn', OTHER_COPY);
    }
    const inFacade = resolvedInFacade(specifier, importer);
    if (inFacade !== undefined) return inFacade;
    const resolved = loaded.resolveSync(specifier, context, rewriting(next));
    // Not where another copy has wrapped it, and nobody here has asked for it.
    const isMeant = isWrapper(resolved.url) && shouldInclude(resolved.url, specifier);
    return queries.original(isMeant ? facades.for(resolved, importer) : resolved);
  };

  const wrapperAt = (loaded: Hook, url: string, context: unknown, next: NextLoad) => {
    let wrapper = wrappers.get(url);
    if (wrapper?.loaded === undefined) {
      const giveBack = catchWarnings(process, (unreadable) => {
        logger.warn(describeUnreadable(unreadable));
      });
      try {
        const result = shortCircuited(loaded.loadSync(url, context, next));
        wrapper = { loaded: result, shape: shapeOf((result as { source?: unknown }).source) };
      } finally {
        giveBack();
      }
      wrappers.set(url, wrapper);
    }
    return wrapper;
  };

  const loadIt = () => {
    // Its own modules come through the hooks as well.
    hook = null;
    loading.isUnderWay = true;
    try {
      hook = loadHookOnce();
    } catch (error) {
      say('error', `Could not load import-in-the-middle: no import of an ES module can be traced: ${errorText(error)}`);
    } finally {
      loading.isUnderWay = false;
    }
  };

  return {
    resolve(specifier, context, next) {
      if (hook) return resolveWith(hook, specifier, context, next);
      const resolved = next(specifier, context);
      if (hook === null || loading.isUnderWay || !mayBeWrapped(context) || !isNeededFor(specifier, resolved))
        return resolved;
      loadIt();
      // From the beginning, as if it had been there: it keeps `next`.
      return hook ? resolveWith(hook as Hook, specifier, context, next) : resolved;
    },
    load(url, context, next) {
      if (!hook) return next(url, context);
      const wrapperUrl = wrapperOf(url);
      if (wrapperUrl !== undefined) {
        const known = wrappers.get(wrapperUrl) ?? wrapperAt(hook, wrapperUrl, context, next);
        return facadeOf(wrapperUrl, known.shape);
      }
      if (!isWrapper(url)) return hook.loadSync(url, context, next);
      const wrapper = wrapperAt(hook, url, context, next);
      const { loaded } = wrapper;
      wrapper.loaded = undefined;
      return loaded;
    },
  };
}
