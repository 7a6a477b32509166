/** What became of each target. No target ends silently. */
import { nearest } from '../base/invalid';
import type { Reporter } from '../base/reporter';
import type { Selector } from '../targets/selector';
import type { ResolvedConfig, Target } from '../targets/target';
import type { DefinitionReport, ModuleReport, PatchedExport, PatchMethod, TargetReport, TargetStatus } from '../types';
import { definitionsInFile } from '../watch/written';
import type * as NotFound from './not-found';

/** As many names as a message has room for. */
const MOST_NAMES = 5;

/** What is known about one target in one loaded module. */
export class ModuleEntry {
  readonly exports: PatchedExport[] = [];
  /** Undefined where the target does not see the module as source. */
  definitions: readonly DefinitionReport[] | undefined;
  /** Why something that was selected could not be patched. */
  readonly failures = new Set<string>();
  /** Paths of exports behind getters that nothing has read yet: they are looked at when the program reads them. */
  readonly unread = new Map<string, Selector>();
  /** Texts of the targets that trace what this one selects, because they come first. */
  readonly tracedBy = new Set<string>();
  /** Names that the module does export. */
  available: () => readonly string[] = () => [];
  /** Selectors that led to something, even to a failure. */
  private readonly settled = new Set<Selector>();
  /** Why the value that a selector names cannot be traced. The selector is not settled by it: the value may change later. */
  private readonly unsuitableValues = new Map<Selector, string>();
  /** Functions that a wildcard matched and that are not async-generator functions. */
  private readonly notGenerators = new Map<Selector, Set<string>>();

  constructor(
    readonly file: string,
    readonly version: string | undefined,
    readonly format: ModuleReport['format'],
    readonly loadedBefore: boolean,
  ) {}

  get hasResult(): boolean {
    return this.exports.length > 0 || this.definitions?.some(({ isTraced }) => isTraced) === true;
  }

  /** Whether the selector led to something, or may still. */
  isSettled(selector: Selector): boolean {
    return this.settled.has(selector) || [...this.unread.values()].includes(selector);
  }

  whyUnsuitable(selector: Selector): string | undefined {
    return this.unsuitableValues.get(selector);
  }

  notGeneratorsOf(selector: Selector): readonly string[] {
    return [...(this.notGenerators.get(selector) ?? [])];
  }

  patched(selector: Selector, path: string, method: PatchMethod): void {
    this.settled.add(selector);
    if (!this.exports.some((each) => each.path === path)) this.exports.push({ path, method });
  }

  /** @param other the target that traces what the selector takes, if it is not this one */
  traced(selector: Selector, other?: string): void {
    this.settled.add(selector);
    if (other !== undefined) this.tracedBy.add(other);
  }

  failed(selector: Selector, reason: string): void {
    this.settled.add(selector);
    this.failures.add(reason);
  }

  unsuitable(selector: Selector, reason: string): void {
    this.unsuitableValues.set(selector, reason);
  }

  notGenerator(selector: Selector, path: string): void {
    const paths = this.notGenerators.get(selector) ?? new Set();
    this.notGenerators.set(selector, paths);
    if (paths.size < MOST_NAMES) paths.add(path);
  }
}

export class PatchReport {
  /** By format and file, since a program may have thousands of files. */
  private readonly entries: ReadonlyMap<Target, Map<string, ModuleEntry>>;
  private readonly otherVersions = new Map<Target, Set<string>>();
  /** The status that each target was warned of. Another one may follow once the module is loaded. */
  private readonly warned = new Map<Target, TargetStatus>();

  constructor(
    private readonly config: Pick<ResolvedConfig, 'targets' | 'baseDir' | 'missingPresets'>,
    private readonly reporter: Reporter,
  ) {
    this.entries = new Map(config.targets.map((target) => [target, new Map()]));
  }

  addModule(target: Target, entry: ModuleEntry): ModuleEntry {
    const key = `${entry.format} ${entry.file}`;
    const ofTarget = this.entries.get(target);
    const known = ofTarget?.get(key);
    if (known === undefined) ofTarget?.set(key, entry);
    return known ?? entry;
  }

  addOtherVersion(target: Target, file: string, version: string | undefined): void {
    const versions = this.otherVersions.get(target) ?? new Set<string>();
    versions.add(`${version ?? 'no version'} (${file})`);
    this.otherVersions.set(target, versions);
  }

  toJSON(): TargetReport[] {
    return [...this.entries.keys()].map((target) => this.describe(target));
  }

  /** Warns once about each target of which something is not traced, and about each preset that was asked for by name and has no package here. */
  warn({ includingNotLoaded }: { includingNotLoaded: boolean }): void {
    if (includingNotLoaded) this.warnOfMissingPresets();
    for (const target of this.entries.keys()) {
      const warnedOf = this.warned.get(target);
      if (warnedOf !== undefined && warnedOf !== 'not-loaded') continue;
      // Asked before `describe`, which looks things up. The user has not asked for each module of a preset.
      if (!this.isLoaded(target) && (!includingNotLoaded || target.preset !== undefined)) continue;
      const { status, message, modules } = this.describe(target);
      const mayStillCome = modules.some(({ unread }) => unread.length > 0);
      if (message === undefined || status === warnedOf || (mayStillCome && !includingNotLoaded)) continue;
      // The next file may hold what this one does not.
      if (status === 'no-definition-matched' && isGlob(target) && !includingNotLoaded) continue;
      this.warned.set(target, status);
      this.reporter.warnOnce(`target:${target.text}:${status}`, `target ${target.text}: ${message}`);
    }
  }

  private warnOfMissingPresets(): void {
    for (const preset of this.config.missingPresets) {
      const targets = [...this.entries.keys()].filter((target) => target.preset === preset);
      const [first] = targets;
      // Installed or not, it may have been loaded from somewhere else.
      if (first === undefined || targets.some((target) => this.isLoaded(target))) continue;
      this.reporter.warnOnce(`preset:${preset}`, `preset ${preset}: ${whyNotLoaded(first, this.config.baseDir)}`);
    }
  }

  /** For a preset, other versions do not count: it names those in which there is something to trace. */
  private isLoaded(target: Target): boolean {
    const isOtherVersion = target.preset === undefined && this.otherVersions.has(target);
    return isOtherVersion || (this.entries.get(target)?.size ?? 0) > 0;
  }

  private describe(target: Target): TargetReport {
    const entries = [...(this.entries.get(target)?.values() ?? [])];
    const { status, problems } = this.judge(target, entries);
    const modules = entries.map(({ file, version, format, exports, definitions, unread }) => ({
      file,
      version,
      format,
      exports: [...exports],
      ...(definitions && { definitions: [...definitions] }),
      unread: [...unread.keys()],
    }));
    const message = problems.length === 0 ? undefined : problems.join('; ');
    return { target: target.text, ...(target.preset && { preset: target.preset }), status, modules, message };
  }

  private judge(target: Target, entries: readonly ModuleEntry[]): { status: TargetStatus; problems: string[] } {
    if (entries.length === 0) {
      const versions = this.otherVersions.get(target);
      if (versions === undefined)
        return { status: 'not-loaded', problems: [whyNotLoaded(target, this.config.baseDir)] };
      const loaded = `loaded in ${[...versions].join(', ')}, but "versions" asks for ${String(target.versions)}`;
      return { status: 'not-patchable', problems: [loaded] };
    }
    const unsettled = target.selectors.filter((selector) => !entries.some((entry) => entry.isSettled(selector)));
    const found = unsettled.map((selector) => ({
      selector,
      reasons: entries.flatMap((entry) => entry.whyUnsuitable(selector) ?? []),
    }));
    const unsuitable = found.flatMap(({ reasons }) => reasons);
    const failures = [...new Set([...entries.flatMap((entry) => [...entry.failures]), ...unsuitable])];
    const tooLate = entries.filter((entry) => entry.loadedBefore && entry.definitions === undefined);
    const written = found.filter(
      ({ selector }) => target.definitions.includes(selector) && isWrittenIn(tooLate, selector),
    );
    const missing = found
      .filter((each) => each.reasons.length === 0 && !written.includes(each))
      .map(({ selector }) => noMatch(selector, entries, target.definitions.includes(selector)));
    const problems = [...failures, ...missing];
    const withResult = entries.filter((entry) => entry.hasResult);
    const early = filesOf(withResult.filter((entry) => entry.loadedBefore));
    if (early.length > 0) problems.unshift(loadedBefore(early));
    else if (written.length > 0) problems.unshift(loadedBeforeAsSource(filesOf(tooLate)));
    if (withResult.some((entry) => !entry.loadedBefore)) return { status: 'patched', problems };
    if (early.length > 0 || written.length > 0) return { status: 'loaded-before', problems };
    const tracedBy = [...new Set(entries.flatMap((entry) => [...entry.tracedBy]))];
    if (tracedBy.length > 0) {
      // What the user named is to win over a preset.
      if (target.preset !== undefined) return { status: 'patched', problems };
      return { status: 'patched', problems: [`all that it selects is traced by ${tracedBy.join(', ')}`, ...problems] };
    }
    const unread = entries.flatMap((entry) => [...entry.unread.keys()]);
    if (unread.length > 0) problems.push(notRead(unread));
    if (failures.length > 0) return { status: 'not-patchable', problems };
    const seeksExports = target.selectors.length > target.definitions.length;
    return { status: seeksExports ? 'no-export-matched' : 'no-definition-matched', problems };
  }
}

function whyNotLoaded(target: Target, baseDir: string): string {
  // Loaded only here: a program whose targets are all loaded need not wait for it.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return (require('./not-found') as typeof NotFound).whyNotLoaded(target, baseDir);
}

function loadedBefore(files: readonly string[]): string {
  return (
    `loaded before the instrumentation: ${listOf(files)}. It is patched now, but calls through references taken earlier ` +
    '(destructured requires, imported names) are not traced. Set up the instrumentation first, with --require or --import'
  );
}

function loadedBeforeAsSource(files: readonly string[]): string {
  return (
    `loaded before the instrumentation: ${listOf(files)}. What is written there and not exported is not traced. Set up the ` +
    'instrumentation first, with --require or --import'
  );
}

/** Whether one of the files defines what a selector selects. They are read: they were loaded before the instrumentation. */
function isWrittenIn(entries: readonly ModuleEntry[], { definition: pattern }: Selector): boolean {
  return entries.some(({ file }) =>
    definitionsInFile(file).some(
      ({ path, isAsyncGenerator }) => pattern?.matches(path) === true && (isAsyncGenerator || !pattern.isWildcard),
    ),
  );
}

function notRead(unread: readonly string[]): string {
  return `no export has matched so far; these are behind getters, and looked at when the program reads them: ${listOf(unread)}`;
}

const isGlob = ({ module }: Target) => module.kind === 'file' && module.isGlob;

/** Why a selector selects nothing in the modules that were loaded. */
function noMatch(selector: Selector, entries: readonly ModuleEntry[], isForDefinitions: boolean): string {
  const definitions = entries.flatMap((entry) => entry.definitions ?? []).map(({ path }) => path);
  if (isForDefinitions && selector.definition?.isWildcard !== false) {
    if (selector.text === '**') return `no async generator is defined in ${listOf(filesOf(entries))}`;
    const like = listOf([...new Set(definitions)]) || 'none';
    return `no definition matches ${selector.text} in ${listOf(filesOf(entries))}; its async generators are ${like}`;
  }
  const notGenerators = [...new Set(entries.flatMap((entry) => entry.notGeneratorsOf(selector)))];
  if (notGenerators.length > 0) {
    return (
      `${selector.text} takes async-generator functions only, and none of these is one: ${listOf(notGenerators)}. ` +
      `Name them to trace what they return: [${notGenerators.slice(0, MOST_NAMES).join(',')}]`
    );
  }
  const available = [...new Set([...definitions, ...entries.flatMap((entry) => entry.available())])];
  const like = nearest(selector.text.replaceAll('*', ''), available);
  const what = isForDefinitions ? 'definitions' : 'exports';
  const kind = selector.isDefinitionOnly ? 'definition' : isForDefinitions ? 'definition or export' : 'export';
  const instead =
    like.length > 0 ? `the nearest names are ${like.join(', ')}` : `${what} are ${listOf(available) || 'none'}`;
  return `no ${kind} matches ${selector.text} in ${listOf(filesOf(entries))}; ${instead}`;
}

function filesOf(entries: readonly ModuleEntry[]): string[] {
  return [...new Set(entries.map(({ file }) => file))];
}

/** The first of them, and that there are more. */
function listOf(words: readonly string[]): string {
  return words.slice(0, MOST_NAMES).join(', ') + (words.length > MOST_NAMES ? ', ...' : '');
}
