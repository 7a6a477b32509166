/**
 * `inspect MODULE...`: loads modules, each in a process of its own, and tells which of their exports are or may be async
 * generators, whether they can be patched, and the target that takes them.
 */
import { InvalidArgumentError } from 'commander';
import { escapeControls, toPrintableJson } from '../../base/foreign-text';
import { PRESET_NAMES, PRESETS } from '../../presets';
import { MODULE_FORMS, parseModulePattern } from '../../targets/module-pattern';
import { formatShorthand, parseShorthand } from '../../targets/selector';
import { isInRange } from '../../targets/packages';
import type { PresetName } from '../../types';
import { terminalOf, type CommandContext } from '../terminal';
import { formatReport } from './format';
import type { EntryInspection, InspectReply, InspectReport, ModuleInspection, Targets } from './model';
import { problemOf, runChild, type Limits } from './process';
import { filesWithin, resolveModules, type Entry, type NamedModule, type ResolvedModule } from './resolve';
import { inspectFiles } from './written';

/** What commander has read. */
export interface InspectOptions {
  /** Whether to look, too, at all files that a package loads and in which an async generator is written. */
  readonly deep?: boolean;
  readonly json?: boolean;
  /** How long a module may take to load, in seconds. */
  readonly timeout: number;
  readonly color: boolean;
}

/** How many processes work at a time. Loading a module keeps one processor busy. */
const CONCURRENCY = 2;

/**
 * @param modules what the module part of a target may be: packages, sub-paths, core modules, paths, globs
 * @returns the exit status: 1 if a module could not be inspected
 * @throws InvalidArgumentError
 */
export async function inspect(
  modules: readonly string[],
  options: InspectOptions,
  { cwd, env, stdout, stderr }: CommandContext,
): Promise<number> {
  const named = [...new Set(modules)].map((module) => namedModule(module, cwd));
  const toLoad = named.filter(({ pattern }) => pattern.kind !== 'file');
  let resolved: ResolvedModule[];
  let within: ResolvedModule[];
  try {
    resolved = await resolveModules(toLoad, cwd);
    const files = options.deep ? filesWithin(resolved) : [];
    within = await resolveModules(
      files.map((each) => namedModule(each, cwd)),
      cwd,
    );
  } catch (error) {
    const lines = String(error).split('\n').map(escapeControls);
    stderr.write(`otel-async-generator inspect: ${lines.join('\n')}\n`);
    return 1;
  }
  const limits = { cwd, timeout: options.timeout };
  const loaded = new Map((await inspectAll(resolved, limits)).map((each) => [each.module, each]));
  const found = named.flatMap(({ module, pattern }) =>
    pattern.kind === 'file' ? inspectFiles({ module, pattern }, cwd) : (loaded.get(module) as ModuleInspection),
  );
  // Globs may match the same files, or one that is named besides.
  const asked = [...new Map(found.map((each) => [each.module, each])).values()];
  // A file within a package may have nothing to offer, or load only as a part of the whole: it was not named.
  const useful = (await inspectAll(within, limits)).filter(({ entries }) =>
    entries.some((each) => each.exports.length > 0),
  );
  const report: InspectReport = {
    type: 'inspection',
    version: 1,
    node: process.version,
    modules: [...asked, ...useful],
  };
  const text = options.json
    ? `${toPrintableJson(report, 2)}\n`
    : formatReport(report, { ...limits, terminal: terminalOf(stdout, env, !options.color) });
  stdout.write(text);
  const isComplete = asked.every(({ problem, entries }) => !problem && entries.every((entry) => !entry.problem));
  return isComplete ? 0 : 1;
}

function namedModule(module: string, cwd: string): NamedModule {
  const pattern = parseModulePattern(module, cwd);
  // A path may end in brackets as well.
  const isTarget = module.endsWith(']') && pattern?.kind !== 'file';
  if (pattern === undefined || isTarget) throw new InvalidArgumentError(whatIsWrongWith(module));
  return { module, pattern };
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

async function inspectAll(resolved: readonly ResolvedModule[], limits: Limits): Promise<ModuleInspection[]> {
  const jobs = resolved.flatMap(({ module, entries }) => entries.map((entry) => ({ module, entry })));
  const results = new Map<Entry, Inspected>();
  const work = async () => {
    for (let job = jobs.shift(); job !== undefined; job = jobs.shift()) {
      results.set(job.entry, await inspectEntry(job.module, job.entry, limits));
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, work));
  return resolved.map(({ module, version, entries, problem }) => {
    const inspected = entries.map((entry) => results.get(entry) as Inspected);
    const presets = presetsOf(module, version);
    return {
      module,
      version,
      entries: inspected.map(({ selectors: _selectors, ...entry }) => entry),
      targets: targetsOf(
        module,
        inspected.filter((entry) => entry.problem === undefined),
      ),
      ...(presets.length > 0 && { presets }),
      problem,
    };
  });
}

/** Has the selectors that the target lines are made of. */
type Inspected = EntryInspection & InspectReply;

async function inspectEntry(module: string, entry: Entry, limits: Limits): Promise<Inspected> {
  const { file, format, specifier, loadedBy } = entry;
  const request = { command: 'inspect', module, file, format, specifier } as const;
  const outcome = await runChild(request, limits);
  if (outcome.reply.status === 'inspected') {
    const { status: _status, ...reply } = outcome.reply;
    return { file, loadedBy, ...reply };
  }
  const nothing = { exports: [], unread: [], unspellable: [], factories: [], exportCount: 0, selectors: [] };
  return { file, format, loadedBy, ...nothing, problem: problemOf(outcome, limits.timeout) };
}

/** More names than this are a list to look through, not a line to paste. */
const MOST_NAMES = 4;

/** The target lines to paste for a module, which may consist of a file for `require` and one for `import`. */
function targetsOf(module: string, replies: readonly InspectReply[]): Targets {
  const lists = replies.map(({ selectors }) => selectors).filter((selectors) => selectors.length > 0);
  const [first = [], ...others] = lists;
  // Each list is exact for its file. Where they differ, a name that the other file lacks does no harm.
  const selectors = others.every((other) => other.join() === first.join()) ? first : [...new Set(lists.flat())];
  const possible = replies.flatMap(({ exports }) =>
    exports.filter(({ isAsyncGenerator, sameAs, patch }) => !isAsyncGenerator && sameAs === undefined && patch.method),
  );
  const names = [...new Set(possible.map(({ selector }) => selector))];
  return {
    generators: selectors.length === 0 ? undefined : formatShorthand(module, selectors),
    possible: names.length === 0 || names.length > MOST_NAMES ? undefined : formatShorthand(module, names),
  };
}

/**
 * The presets that know a module: they may see what a target that names the same function cannot.
 *
 * @param module as it was asked for
 * @param version of its package, if it has one
 */
export function presetsOf(module: string, version: string | undefined): PresetName[] {
  return PRESET_NAMES.filter((name) => {
    const { targets, users } = PRESETS[name];
    return (
      targets.some(
        (target) => withoutScheme(target.module) === withoutScheme(module) && isInRange(version, target.versions),
      ) ||
      (users?.modules.test(module) === true && isInRange(version, users.versions))
    );
  });
}

const withoutScheme = (module: string) => module.replace(/^node:/, '');
