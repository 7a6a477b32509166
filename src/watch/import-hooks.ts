/**
 * What the hooks on imports do: import-in-the-middle, with a facade between each importer and a wrapper.
 *
 * Node has two kinds of hooks: synchronous ones in the thread of the program (sync-hooks.ts), asynchronous ones in a thread of their own
 * (../loader-thread.ts). Both take the same steps, so these are generators: a step yields what may be a promise, and gets back its value.
 */
import {
  RecentMap,
  facadeOf,
  Facades,
  isOfOtherCopy,
  isWrapper,
  OTHER_COPY,
  resolvedInFacade,
  shapeOf,
  wrapperOf,
  type WrapperShape,
} from './facade';

export interface ResolveContext {
  readonly conditions?: readonly string[];
  readonly parentURL?: string | undefined;
}
export interface Resolved {
  readonly url: string;
}
export interface Loaded {
  readonly source?: unknown;
  readonly shortCircuit?: boolean | undefined;
}
type MaybePromise<Value> = Value | Promise<Value>;
// The types of Node 20 know asynchronous hooks only.
export type Resolve<Result = MaybePromise<Resolved>> = (
  specifier: string,
  context: ResolveContext,
  next: (specifier: string, context?: ResolveContext) => Result,
) => Result;
export type Load<Result = MaybePromise<Loaded>> = (
  url: string,
  context: unknown,
  next: (url: string, context?: unknown) => Result,
) => Result;

export type Steps<Result> = Generator<unknown, Result>;

/** Takes steps that yield no promises. */
export function takeSteps<Result>(steps: Steps<Result>): Result {
  let step = steps.next();
  while (step.done !== true) step = steps.next(step.value);
  return step.value;
}

export async function takeStepsAsync<Result>(steps: Steps<Result>): Promise<Result> {
  let step = steps.next();
  while (step.done !== true) {
    let value: unknown;
    try {
      value = await step.value;
    } catch (error) {
      step = steps.throw(error);
      continue;
    }
    step = steps.next(value);
  }
  return step.value;
}

function* valueOf<Value>(value: MaybePromise<Value>): Steps<Value> {
  return (yield value) as Value;
}

/** The hooks that import-in-the-middle makes. */
export interface Wrapping {
  readonly resolve: Resolve;
  readonly load: Load;
}

export interface ImportHookOptions {
  /** Whether a module is to be wrapped. */
  shouldInclude(url: string, specifier: string): boolean;
  /** Called once, with the first import that is to be wrapped. It tells what goes wrong, and then gives undefined. */
  loadWrapping(): MaybePromise<Wrapping | undefined>;
  /** Whether an import is part of `loadWrapping`, and so cannot wait for it. */
  isPartOfLoading(specifier: string, importer: string | undefined): boolean;
  /** What the wrappers of this copy of import-in-the-middle import. */
  readonly register: string;
  warn(text: string): void;
}

interface Wrapper {
  /** Kept until Node asks for it: import-in-the-middle makes it once, and a facade has to know what it exports before. */
  loaded: MaybePromise<Loaded> | undefined;
  /** Kept for further facades. */
  shape: WrapperShape | undefined;
}

export class ImportHooks {
  private wrapping: Wrapping | undefined;
  private loading: { readonly result: MaybePromise<Wrapping | undefined> } | undefined;
  private hasWarned = false;
  private readonly facades = new Facades();
  private readonly queries = new Queries();
  private readonly wrappers = new RecentMap<string, Wrapper>();

  constructor(private readonly options: ImportHookOptions) {}

  *resolve(specifier: string, context: ResolveContext, next: Parameters<Resolve>[2]): Steps<Resolved> {
    const { shouldInclude, isPartOfLoading, loadWrapping } = this.options;
    const importer = context.parentURL;
    // The file that Node was started with, or a global variable such as `module` of `--eval`, by which Node requires a core module. Of that,
    // import-in-the-middle would make a CommonJS module (`finishResolve` in its create-hook.mjs), whose file Node then looks for in vain.
    if (importer === undefined) return yield* valueOf(next(specifier, context));
    if (this.wrapping === undefined) {
      const resolved = yield* valueOf(next(specifier, context));
      if (isPartOfLoading(specifier, importer) || !mayBeWrapped(context)) return resolved;
      // A part of it that the program imports for itself: Node cannot require later what is being imported.
      if (!shouldInclude(resolved.url, specifier) && !isPartOfImportInTheMiddle(resolved.url)) return resolved;
      this.loading ??= { result: loadWrapping() };
      this.wrapping = yield* valueOf(this.loading.result);
      if (this.wrapping === undefined) return resolved;
      // It goes on as if it had been there from the beginning, since it keeps `next`.
    }
    this.warnOfOtherCopy(specifier, importer);
    const inFacade = resolvedInFacade(specifier, importer);
    if (inFacade !== undefined) return inFacade;
    const rewriting = after(next, (resolved) => this.queries.rewritten(resolved));
    const resolved = yield* valueOf(this.wrapping.resolve(specifier, context, rewriting));
    // Not where another copy has wrapped it, and no target includes it.
    const isIncluded = isWrapper(resolved.url) && shouldInclude(resolved.url, specifier);
    return this.queries.original(isIncluded ? this.facades.for(resolved, importer) : resolved);
  }

  *load(url: string, context: unknown, next: Parameters<Load>[2]): Steps<Loaded> {
    const { wrapping } = this;
    if (wrapping === undefined) return yield* valueOf(next(url, context));
    const wrapperUrl = wrapperOf(url);
    if (wrapperUrl !== undefined) {
      const known = this.wrappers.get(wrapperUrl)?.shape;
      return facadeOf(wrapperUrl, known ?? shapeOf(yield* this.loadWrapper(wrapping, wrapperUrl, context, next)));
    }
    if (!isWrapper(url)) return yield* valueOf(wrapping.load(url, context, next));
    const loaded = yield* this.loadWrapper(wrapping, url, context, next);
    const wrapper = this.wrappers.get(url);
    if (wrapper !== undefined) wrapper.loaded = undefined;
    // Kept from an earlier call, it has not asked the next loader: Node refuses such an answer unless it says so.
    return { ...loaded, shortCircuit: true };
  }

  private *loadWrapper(wrapping: Wrapping, url: string, context: unknown, next: Parameters<Load>[2]): Steps<Loaded> {
    let wrapper = this.wrappers.get(url);
    if (wrapper?.loaded === undefined) {
      wrapper = { loaded: wrapping.load(url, context, next), shape: undefined };
      this.wrappers.set(url, wrapper);
    }
    try {
      const loaded = yield* valueOf(wrapper.loaded as MaybePromise<Loaded>);
      wrapper.shape = shapeOf(loaded);
      return loaded;
    } catch (error) {
      // A program may try again.
      this.wrappers.delete(url);
      throw error;
    }
  }

  private warnOfOtherCopy(specifier: string, importer: string | undefined): void {
    if (this.hasWarned) return;
    const { facades, wrappers } = this;
    const { register, warn } = this.options;
    const isOwn = (wrapper: string) => wrappers.has(wrapper);
    if (!isOfOtherCopy(specifier, importer, { facades, isOwn, register })) return;
    this.hasWarned = true;
    warn(OTHER_COPY);
  }
}

function after<Args extends unknown[], Value>(
  call: (...args: Args) => MaybePromise<Value>,
  change: (value: Value) => Value,
): (...args: Args) => MaybePromise<Value> {
  return (...args) => {
    const value = call(...args);
    return value instanceof Promise ? value.then(change) : change(value);
  };
}

/** import-in-the-middle leaves alone what is required. */
function mayBeWrapped({ conditions }: ResolveContext): boolean {
  return !conditions?.includes('require');
}

const PART_OF_IT = /\/node_modules\/(?:import-in-the-middle|acorn|acorn-import-attributes|(?:cjs|es)-module-lexer)\//;

/** Whether a module belongs to import-in-the-middle, or to what that loads in any of its versions. */
export function isPartOfImportInTheMiddle(url: string): boolean {
  return PART_OF_IT.test(url);
}

const PARAMETER = 'iitm';

/**
 * The queries of URLs as import-in-the-middle writes them. It takes its parameter out of a query by way of URLSearchParams, which may write the rest
 * in another way: `?1700000000`, by which programs import a module once more, becomes `?1700000000=`. By that it does not know the module, which
 * would be loaded unwrapped, with the parameter in its `import.meta.url`. So it gets such a URL rewritten from the start, and the module the
 * one that the program has written.
 */
class Queries {
  /** Each import of a module passes by `rewritten` first. */
  private readonly originals = new RecentMap<string, string>();

  rewritten<T extends Resolved>(resolved: T): T {
    const url = rewriteQuery(resolved.url);
    if (url === resolved.url) return resolved;
    this.originals.set(url, this.originals.get(url) ?? resolved.url);
    return { ...resolved, url };
  }

  original<T extends Resolved>(resolved: T): T {
    const url = this.originals.get(resolved.url);
    return url === undefined ? resolved : { ...resolved, url };
  }
}

function rewriteQuery(url: string): string {
  if (!url.startsWith('file:') || !url.includes('?')) return url;
  const parsed = new URL(url);
  if (parsed.searchParams.has(PARAMETER)) return url;
  parsed.searchParams.set(PARAMETER, 'true');
  parsed.searchParams.delete(PARAMETER);
  return parsed.href;
}

/** By what import-in-the-middle says that it cannot wrap a module. */
const CANNOT_WRAP = /^(?:Error: )?'import-in-the-middle' failed to wrap '(.*)'/;

/**
 * Gives `tell` a sentence for what import-in-the-middle would write to the program's stderr as a warning. The program has its module all the same,
 * and its own error if there is a mistake in it.
 *
 * @returns a function that ends it
 */
export function replaceWarnings(tell: (text: string) => void): () => void {
  const { emitWarning } = process;
  const replacement = function (this: unknown, warning: string | Error, ...rest: never[]) {
    const [, url] = CANNOT_WRAP.exec(String(warning)) ?? [];
    if (url === undefined) emitWarning.call(this as NodeJS.Process, warning, ...rest);
    else tell(`${url} is not traced: import-in-the-middle cannot read what it exports. It runs as it would untraced`);
  };
  process.emitWarning = replacement;
  return () => {
    if (process.emitWarning === replacement) process.emitWarning = emitWarning;
  };
}
