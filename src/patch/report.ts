/**
 * What became of each target. Nothing that a user asked for ends silently.
 */
import type { Reporter } from '../telemetry/reporter';
import type { Target } from '../targets/target';
import type { ModuleReport, PatchedExport, TargetReport, TargetStatus } from '../types';
import { nearest } from './nearest';

export type ModuleFormat = ModuleReport['format'];

/** What is known about one target in one loaded module. */
export class ModuleEntry {
  readonly exports: PatchedExport[] = [];
  /** Why something that was selected could not be patched. */
  readonly failures = new Set<string>();
  /** Functions that a wildcard matched but that are no async-generator functions. */
  readonly passedOver = new Set<string>();
  /** Names that the module does export. */
  available: readonly string[] = [];
  /** Exports behind getters that nobody has read yet: they are looked at when the program reads them. */
  readonly unread = new Set<string>();

  constructor(
    readonly file: string,
    readonly version: string | undefined,
    readonly format: ModuleFormat,
    readonly loadedBefore: boolean,
  ) {}

  patched(path: string, method: PatchedExport['method']): void {
    if (!this.exports.some((each) => each.path === path)) this.exports.push({ path, method });
  }

  get hasResult(): boolean {
    return this.exports.length > 0 || this.unread.size > 0;
  }
}

/** The reports of all targets of one configuration. */
export class PatchReport {
  private readonly entries = new Map<Target, ModuleEntry[]>();
  private readonly otherVersions = new Map<Target, Set<string>>();
  private readonly warned = new Set<Target>();

  constructor(
    targets: readonly Target[],
    private readonly reporter: Reporter,
  ) {
    for (const target of targets) this.entries.set(target, []);
  }

  addModule(target: Target, entry: ModuleEntry): ModuleEntry {
    const entries = this.entries.get(target) as ModuleEntry[];
    const known = entries.find(({ file, format }) => file === entry.file && format === entry.format);
    if (known !== undefined) return known;
    entries.push(entry);
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

  /** Warns about targets that came to nothing, each once. */
  warn({ includingNotLoaded }: { includingNotLoaded: boolean }): void {
    for (const target of this.entries.keys()) {
      if (this.warned.has(target)) continue;
      const { status, message } = this.describe(target);
      if (message === undefined || (status === 'not-loaded' && !includingNotLoaded)) continue;
      this.warned.add(target);
      this.reporter.warnOnce(`target:${target.text}`, `target ${target.text}: ${message}`);
    }
  }

  private describe(target: Target): TargetReport {
    const entries = this.entries.get(target) ?? [];
    const [status, message] = this.judge(target, entries);
    const modules = entries.map(({ file, version, format, exports, unread }) => ({
      file,
      version,
      format,
      exports: [...exports, ...[...unread].map((path) => ({ path, method: 'getter' as const }))],
    }));
    return { target: target.text, status, modules, message };
  }

  private judge(target: Target, entries: readonly ModuleEntry[]): [TargetStatus, string | undefined] {
    const withResult = entries.filter((entry) => entry.hasResult);
    const failures = entries.flatMap((entry) => [...entry.failures]);
    const problems = failures.length === 0 ? undefined : failures.join('; ');
    if (withResult.some((entry) => !entry.loadedBefore)) return ['patched', problems];
    if (entries.some((entry) => entry.loadedBefore)) {
      return [
        'loaded-before',
        'it was loaded before the instrumentation; it is patched now, but calls through references taken earlier ' +
          '(destructured requires, imports of its names) are not traced. Set up the instrumentation first: with --require or --import, or at the top of the entry file',
      ];
    }
    if (problems !== undefined) return ['not-patchable', problems];
    const versions = this.otherVersions.get(target);
    if (entries.length === 0 && versions !== undefined) {
      return [
        'not-patchable',
        `loaded in ${[...versions].join(', ')}, but "versions" asks for ${String(target.versions)}`,
      ];
    }
    return entries.length === 0 ? ['not-loaded', notLoaded(target)] : ['no-export-matched', noMatch(target, entries)];
  }
}

function notLoaded(target: Target): string {
  const { module } = target;
  const what = module.kind === 'file' && module.isGlob ? 'no module that it matches was loaded' : 'it was not loaded';
  const path = module.kind === 'file' ? ` (relative paths start at "baseDir"; this one means ${module.base})` : '';
  return (
    `${what}${path}. If the application does use it: check the name; load the instrumentation first; for an import, ` +
    'register the import hooks (see registerImportHooks) before it. A bundled copy cannot be seen'
  );
}

function noMatch(target: Target, entries: readonly ModuleEntry[]): string {
  const names = target.selectors.map(({ text }) => text);
  const available = [...new Set(entries.flatMap((entry) => entry.available))];
  const passedOver = [...new Set(entries.flatMap((entry) => [...entry.passedOver]))];
  if (passedOver.length > 0) {
    return (
      `a wildcard takes async-generator functions only, and those that match are none: ${passedOver.slice(0, 5).join(', ')}. ` +
      'To trace what they return, name them'
    );
  }
  const like = [...new Set(names.flatMap((name) => nearest(name.replaceAll('*', ''), available)))].slice(0, 3);
  const exported =
    like.length > 0
      ? `the nearest names are ${like.join(', ')}`
      : `it exports ${available.slice(0, 8).join(', ') || 'nothing'}`;
  return `no export of ${entries.map(({ file }) => file).join(', ')} matches; ${exported}`;
}
