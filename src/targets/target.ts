/** Targets: as presets give them, and compiled. */
import { SpanKind } from '@opentelemetry/api';
import { invalid } from '../base/invalid';
import type { GenAiReader } from '../telemetry/gen-ai/reader';
import type { ErrorClassifier, GeneratorCall, PresetName, ResolvedRunOptions, TargetConfig } from '../types';
import { MODULE_FORMS, parseModulePattern, type ModulePattern } from './module-pattern';
import { parseSelector, SELECTOR_FORMS, type Selector, formatShorthand } from './selector';

/** A target of a preset. Beside what a user's target has, it knows things about the package. */
export interface PresetTarget extends TargetConfig {
  /** Tells the package's own errors apart, where the user's `classifyError` does not decide. */
  readonly classifyError?: ErrorClassifier;
  /** Methods, other than `Symbol.asyncDispose`, that close what its functions return; also further down: `controller.abort`. */
  readonly closeMembers?: readonly string[];
  /** The method that the iterations of what its functions return come from, those of a `tee()` too, where that is not `Symbol.asyncIterator`. */
  readonly iteratorMember?: string;
  /** The signal that a call was given to be aborted by: not all that is read fails, or fails with an AbortError, when it is. */
  readonly abortSignal?: (call: GeneratorCall) => unknown;
  /**
   * Of the method that gives the iterators of a helper, which reads a stream for itself: the signal of its request, which it aborts where the consumer
   * leaves. Such an abort does not count as one. The method has no run.
   */
  readonly leavingSignal?: (call: GeneratorCall) => unknown;
  /** Whether results of its functions do nothing before they are iterated over. Without an iteration there is no run. */
  readonly isLazy?: boolean;
  /** The error that an item, or the value of a call, tells of: for clients that do not throw it. Undefined for all others. */
  readonly errorOf?: (item: unknown) => unknown;
  /** Of a client for models: how its requests and chunks are read. */
  readonly genAi?: GenAiReader;
  /** Of a factory: whether the result of a call is to be traced. Other results stay as they are. */
  readonly isMadeBy?: (args: readonly unknown[]) => boolean;
}

/** What has a default. */
type WithDefault = 'spanKind' | 'attributes' | 'thenableMembers' | 'closeMembers' | 'isLazy';
/** What is parsed. */
type Parsed = 'module' | 'versions' | 'exports' | 'exclude' | 'startOn';

/** A target with everything parsed and every default filled in. */
export interface Target
  extends Required<Pick<PresetTarget, WithDefault>>, Readonly<Omit<PresetTarget, WithDefault | Parsed>> {
  /** Shorthand form, as reports call it. */
  readonly text: string;
  /** The preset that it comes from. Undefined for what the user named, which wins over presets. */
  readonly preset: string | undefined;
  readonly module: ModulePattern;
  /** Semver range. */
  readonly versions: string | undefined;
  readonly selectors: readonly Selector[];
  /** Those of the selectors that select what is written in a file. With any of them, the target sees its files as source. */
  readonly definitions: readonly Selector[];
  readonly exclude: readonly Selector[];
  readonly startOn: 'pull' | 'call';
}

/** A configuration of the instrumentation, compiled: all that hooks, patches and runs need of it. */
export interface ResolvedConfig extends ResolvedRunOptions {
  readonly targets: readonly Target[];
  /** What `presets: 'auto'` has chosen, with a package of each that is installed. Undefined where it was not asked. */
  readonly autoPresets: ReadonlyMap<PresetName, string> | undefined;
  /** Presets that were asked for by name, and have no package that is installed. */
  readonly missingPresets: readonly PresetName[];
  /** Whether runs of model clients are described by `gen_ai.*`. */
  readonly genAi: boolean;
  /** Absolute path. */
  readonly baseDir: string;
}

/** Says in an error where a part of a target is written: `targets[2].exports[1]`. */
export type PathOf = (part: 'module' | 'versions' | 'exports' | 'exclude', index?: number) => string;

/** A program names its targets by hand. More of them are a mistake, and would make its start slow: a wildcard takes any number of files and exports. */
const MOST_ENTRIES = 1000;
/** The longest path that systems have. */
const LONGEST_TEXT = 4096;

/**
 * @param config its keys are known, and their values are of the right types
 * @param baseDir directory that relative paths start at
 * @throws TypeError if something in it cannot be parsed
 */
export function compileTarget(config: PresetTarget, baseDir: string, pathOf: PathOf, preset?: string): Target {
  const module = parse(config.module, pathOf('module'), MODULE_FORMS, (text) => parseModulePattern(text, baseDir));
  if (config.versions !== undefined && module.kind !== 'package') {
    throw invalid(pathOf('versions'), config.versions, `no versions for ${config.module}, which is not a package`);
  }
  const { exports = [module.kind === 'file' ? '**' : '*'], exclude = [] } = config;
  checkCount(pathOf('exports'), exports);
  checkCount(pathOf('exclude'), exclude);
  const selectors = exports.map((text, index) => parse(text, pathOf('exports', index), SELECTOR_FORMS, parseSelector));
  return {
    text: formatShorthand(config.module, exports),
    preset,
    module,
    versions: config.versions,
    selectors,
    definitions: definitionsIn(selectors, module, pathOf('exports')),
    exclude: exclude.map((text, index) => parse(text, pathOf('exclude', index), SELECTOR_FORMS, parseSelector)),
    spanName: config.spanName,
    spanKind: config.spanKind ?? SpanKind.INTERNAL,
    attributes: config.attributes ?? {},
    startOn: (config.startOn ?? 'pull') as Target['startOn'],
    shouldTrace: config.shouldTrace,
    classifyError: config.classifyError,
    thenableMembers: config.thenableMembers ?? [],
    closeMembers: config.closeMembers ?? [],
    iteratorMember: config.iteratorMember,
    abortSignal: config.abortSignal,
    leavingSignal: config.leavingSignal,
    isLazy: config.isLazy ?? false,
    errorOf: config.errorOf,
    genAi: config.genAi,
    isMadeBy: config.isMadeBy,
  };
}

/** @throws TypeError if there are too many targets, or selectors of one */
export function checkCount(path: string, list: readonly unknown[]): void {
  if (list.length > MOST_ENTRIES)
    throw invalid(path, list, `at most ${MOST_ENTRIES} entries, and these are ${list.length}`);
}

function parse<T>(text: string, path: string, forms: string, parser: (text: string) => T | undefined): T {
  if (text.length > LONGEST_TEXT) {
    throw invalid(path, text, `at most ${LONGEST_TEXT} characters, and these are ${text.length}`);
  }
  const parsed = parser(text);
  if (parsed === undefined) throw invalid(path, text, forms);
  return parsed;
}

/** The selectors that select what is written in the files, see selector.ts. */
function definitionsIn(selectors: readonly Selector[], { kind, text }: ModulePattern, path: string): Selector[] {
  const definitions = selectors.filter(
    ({ definition, isDefinitionOnly }) =>
      definition !== undefined && (isDefinitionOnly || (kind === 'file' && !definition.isWildcard)),
  );
  const [first] = definitions;
  if (kind !== 'builtin' || first === undefined) return definitions;
  throw invalid(path, first.text, `exports of ${text}: the source of a core module can't be changed`);
}
