/**
 * `inspect MODULE...`: what would be traced.
 */
import { MODULE_FORMS, parseModulePattern, type ModulePattern } from '../../targets/module-pattern';
import { parseShorthand } from '../../targets/shorthand';
import { escapeControls, toPrintableJson } from '../../base/foreign-text';
import { runChild } from './child-process';
import { formatReport } from './format-report';
import { problemOf } from './problem';
import type { EntryInspection, InspectReport, ModuleInspection } from './report';
import { inspectFiles } from './written';
import { filesWithin, resolveModules, type Entry, type ResolvedModule } from './resolve';
import { presetsOf } from './presets';
import { targetsOf } from './targets';
import type { InspectReply } from './types';

export interface InspectOptions {
  /** Packages, sub-paths, core modules, paths, globs: what the module part of a target may be. */
  readonly modules: readonly string[];
  /**
   * Whether to look at all files that a package loads, too, and in which an async generator stands.
   * @default false
   */
  readonly deep?: boolean;
  /** JSON rather than text. */
  readonly json: boolean;
  /** How long a module may take to load, in milliseconds. */
  readonly timeoutMs: number;
  /** Where the resolution of modules starts. */
  readonly cwd: string;
  readonly colour: boolean;
  /** Width of the text. */
  readonly columns: number;
  /**
   * Whether the output can show more than ASCII.
   * @default true
   */
  readonly hasUnicode?: boolean;
  /** Takes the report. */
  write(text: string): void;
  /**
   * Takes what is wrong with the options.
   * @default to stderr
   */
  writeError?(text: string): void;
}

/** Processes at work at a time: loading a module keeps one processor busy. */
const CONCURRENCY = 2;

/**
 * Loads modules, each in a process of its own, and tells which of their exports are or may be async generators, whether they
 * can be patched, and the target that takes them.
 *
 * @returns the exit status: 0, 1 if a module could not be inspected, 2 for misuse
 */
export async function inspect(options: InspectOptions): Promise<number> {
  const { cwd, json, write } = options;
  const named: { module: string; pattern: ModulePattern }[] = [];
  for (const module of new Set(options.modules)) {
    const pattern = parseModulePattern(module, cwd);
    if (pattern === undefined || isTarget(module, pattern)) return misused(options, whatIsWrongWith(module));
    named.push({ module, pattern });
  }
  if (named.length === 0) return misused(options, `name at least one module: ${MODULE_FORMS}`);

  let resolved: ResolvedModule[];
  let within: ResolvedModule[] = [];
  try {
    resolved = await resolveModules(
      named.filter(({ pattern }) => pattern.kind !== 'file'),
      cwd,
    );
    const files = options.deep === true ? filesWithin(resolved) : [];
    const asked = files.map((module) => ({ module, pattern: parseModulePattern(module, cwd) as ModulePattern }));
    if (asked.length > 0) within = await resolveModules(asked, cwd);
  } catch (error) {
    report(options, String(error));
    return 1;
  }
  const loaded = new Map((await inspectAll(resolved, options)).map((each) => [each.module, each]));
  const found = named.flatMap(({ module, pattern }) =>
    pattern.kind === 'file' ? inspectFiles({ module, pattern }, cwd) : (loaded.get(module) as ModuleInspection),
  );
  // Globs may mean the same files, or one that is named besides.
  const modules = [...new Map(found.map((each) => [each.module, each])).values()];
  // A file within a package may have nothing to offer, or load only as a part of the whole: nobody has named it.
  const ofUse = (await inspectAll(within, options)).filter(({ entries }) =>
    entries.some((each) => each.exports.length > 0),
  );
  const inspection: InspectReport = {
    type: 'inspection',
    version: 1,
    node: process.version,
    modules: [...modules, ...ofUse],
  };
  write(json ? `${toPrintableJson(inspection, 2)}\n` : formatReport(inspection, options));
  const isComplete = modules.every(
    ({ problem, entries }) => problem === undefined && entries.every((entry) => entry.problem === undefined),
  );
  return isComplete ? 0 : 1;
}

function misused(options: InspectOptions, message: string): number {
  report(options, message);
  return 2;
}

function report({ writeError }: InspectOptions, message: string): void {
  const text = `otel-async-generator inspect: ${message.split('\n').map(escapeControls).join('\n')}\n`;
  if (writeError === undefined) process.stderr.write(text);
  else writeError(text);
}

/** A path may end in brackets, too. */
function isTarget(module: string, pattern: ModulePattern): boolean {
  return module.endsWith(']') && pattern.kind !== 'file';
}

function whatIsWrongWith(module: string): string {
  const like = parseModulePattern(`./${module}`, '');
  const hint = like?.kind === 'file' && like.isGlob ? `; did you mean "./${module}"? A module is` : ':';
  const forms = `${JSON.stringify(module)} is not a module${hint} ${MODULE_FORMS}`;
  if (!module.endsWith(']')) return forms;
  try {
    const named = parseShorthand(module, '').module;
    return `${JSON.stringify(module)} is a target; name the module alone: ${named}`;
  } catch {
    return forms;
  }
}

async function inspectAll(resolved: readonly ResolvedModule[], options: InspectOptions): Promise<ModuleInspection[]> {
  const jobs = resolved.flatMap(({ module, entries }) => entries.map((entry) => ({ module, entry })));
  const results = new Map<Entry, Inspected>();
  const work = async () => {
    for (let job = jobs.shift(); job !== undefined; job = jobs.shift()) {
      results.set(job.entry, await inspectEntry(job.module, job.entry, options));
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, work));
  return resolved.map(({ module, version, entries, problem }) => {
    const inspected = entries.map((entry) => results.get(entry) as Inspected);
    const loaded = inspected.filter((entry) => entry.problem === undefined);
    const presets = presetsOf(module, version);
    return {
      module,
      version,
      entries: inspected.map(withoutSelectors),
      targets: targetsOf(module, loaded),
      ...(presets.length > 0 && { presets }),
      problem,
    };
  });
}

/** With what only the target lines are made of. */
type Inspected = EntryInspection & InspectReply;

function withoutSelectors({ selectors: _selectors, ...entry }: Inspected): EntryInspection {
  return entry;
}

async function inspectEntry(module: string, entry: Entry, options: InspectOptions): Promise<Inspected> {
  const { file, format, specifier, loadedBy } = entry;
  const outcome = await runChild({ command: 'inspect', module, file, format, specifier }, options);
  const nothing: InspectReply = {
    exports: [],
    unread: [],
    unspellable: [],
    factories: [],
    exportCount: 0,
    selectors: [],
  };
  if (outcome.reply.status !== 'inspected') {
    return { file, format, loadedBy, ...nothing, problem: problemOf(outcome, options.timeoutMs) };
  }
  const { status: _status, ...reply } = outcome.reply;
  return { file, loadedBy, ...reply };
}
