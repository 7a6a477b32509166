/**
 * What became of each target. Nothing that a user asked for ends silently.
 */
import { definitionsInFile } from '../watch/written';
import type { Reporter } from '../base/reporter';
import type { Selector } from '../targets/selector';
import type { Target } from '../targets/target';
import type { TargetReport, TargetStatus } from '../types';
import { whyNotLoaded } from './not-loaded';
import type { ModuleEntry } from './module-entry';
import { nearest } from '../base/nearest';

/** The reports of all targets of one configuration. */
export class PatchReport {
  private readonly entries = new Map<Target, ModuleEntry[]>();
  /** The same by what tells them apart, since a program may have thousands of files. */
  private readonly known = new Map<Target, Map<string, ModuleEntry>>();
  private readonly otherVersions = new Map<Target, Set<string>>();
  /** What each target was warned of: one that is loaded late may have something else to say then. */
  private readonly warned = new Map<Target, TargetStatus>();

  constructor(
    targets: readonly Target[],
    private readonly baseDir: string,
    private readonly reporter: Reporter,
  ) {
    for (const target of targets) this.entries.set(target, []);
  }

  addModule(target: Target, entry: ModuleEntry): ModuleEntry {
    const key = `${entry.format} ${entry.file}`;
    const ofTarget = this.known.get(target) ?? new Map<string, ModuleEntry>();
    const known = ofTarget.get(key);
    if (known !== undefined) return known;
    this.known.set(target, ofTarget.set(key, entry));
    this.entries.get(target)?.push(entry);
    return entry;
  }

  addOtherVersion(target: Target, file: string, version: string | undefined): void {
    const versions = this.otherVersions.get(target) ?? new Set<string>();
    versions.add(`${version ?? 'no version'} (${file})`);
    this.otherVersions.set(target, versions);
  }

  toJSON(): TargetReport[] {
    return [...this.entries.keys()].map((target) => this.describe(target));
  }

  /** Warns about targets that came to nothing, in whole or in part, each once. */
  warn({ includingNotLoaded }: { includingNotLoaded: boolean }): void {
    for (const target of this.entries.keys()) {
      const warnedOf = this.warned.get(target);
      if (warnedOf !== undefined && warnedOf !== 'not-loaded') continue;
      // Before anything is looked up to describe it: of a preset, nobody asked for this module in particular.
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

  /** Of a preset, other versions are as good as none: those that it names are those that there is something to trace in. */
  private isLoaded(target: Target): boolean {
    const isOtherVersion = target.preset === undefined && this.otherVersions.has(target);
    return isOtherVersion || (this.entries.get(target)?.length ?? 0) > 0;
  }

  private describe(target: Target): TargetReport {
    const entries = this.entries.get(target) ?? [];
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
      if (versions === undefined) return { status: 'not-loaded', problems: [whyNotLoaded(target, this.baseDir)] };
      const loaded = `loaded in ${[...versions].join(', ')}, but "versions" asks for ${String(target.versions)}`;
      return { status: 'not-patchable', problems: [loaded] };
    }
    const unsettled = target.selectors.filter((selector) => !entries.some((entry) => entry.isSettled(selector)));
    const found = unsettled.map((selector) => ({ selector, reasons: whyUnsuitable(selector, entries) }));
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
    const takenBy = [...new Set(entries.flatMap((entry) => [...entry.takenBy]))];
    if (takenBy.length > 0) {
      // That what the user named wins over a preset is how it is meant.
      if (target.preset !== undefined) return { status: 'patched', problems };
      return { status: 'patched', problems: [`all that it selects is traced by ${takenBy.join(', ')}`, ...problems] };
    }
    const unread = entries.flatMap((entry) => [...entry.unread.keys()]);
    if (unread.length > 0) problems.push(notRead(unread));
    if (failures.length > 0) return { status: 'not-patchable', problems };
    const seeksExports = target.selectors.length > target.definitions.length;
    return { status: seeksExports ? 'no-export-matched' : 'no-definition-matched', problems };
  }
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

/** Whether one of the files has what a selector means. They are read: nobody saw them when they were loaded. */
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

/** What a selector has found that cannot be traced. */
function whyUnsuitable(selector: Selector, entries: readonly ModuleEntry[]): string[] {
  return entries.flatMap((entry) => entry.whyUnsuitable(selector) ?? []);
}

const isGlob = ({ module }: Target) => module.kind === 'file' && module.isGlob;

/** Why a selector came to nothing in the modules that were loaded. */
function noMatch(selector: Selector, entries: readonly ModuleEntry[], isForDefinitions: boolean): string {
  const definitions = entries.flatMap((entry) => entry.definitions ?? []).map(({ path }) => path);
  if (isForDefinitions && selector.definition?.isWildcard !== false) {
    if (selector.text === '**') return `no async generator is written in ${listOf(filesOf(entries))}`;
    const like = listOf([...new Set(definitions)]) || 'none';
    return `no definition matches ${selector.text} in ${listOf(filesOf(entries))}; its async generators are ${like}`;
  }
  const passedOver = [...new Set(entries.flatMap((entry) => entry.passedOverBy(selector)))];
  if (passedOver.length > 0) {
    return (
      `${selector.text} takes async-generator functions only, and none of these is one: ${listOf(passedOver)}. ` +
      `Name them to trace what they return: [${passedOver.slice(0, 5).join(',')}]`
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
function listOf(words: readonly string[], count = 5): string {
  return words.slice(0, count).join(', ') + (words.length > count ? ', ...' : '');
}
