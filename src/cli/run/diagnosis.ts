/**
 * Why nothing was seen, or less than the user asked for, and what to do.
 */
import type { TargetReport, TargetStatus } from '../../types';
import { count } from '../text';
import type { ObservedRun, Thread } from './model';

export interface Circumstances {
  readonly threads: readonly Thread[];
  /** Whether the user has left what to trace to us. */
  readonly isTracingEverything: boolean;
  /** What is wrong with the configuration. */
  readonly configProblems: readonly string[];
  /** What has switched the instrumentation off, if anything has. */
  readonly switchedOffBy: string | undefined;
  /** The application's file, as the user wrote it. */
  readonly application: string;
  /** Whether an async generator may stand in it. */
  readonly entryHoldsGenerator: boolean;
  /** Names of the packages that it loads itself. */
  readonly entryPackages: readonly string[];
  /** What Node was given in front of it, those of NODE_OPTIONS included. */
  readonly nodeArguments: readonly string[];
  readonly exit: { readonly code: number | null; readonly signal: NodeJS.Signals | null };
}

const TYPESCRIPT = /\.[cm]?tsx?$/;
const NEEDS_LOADER =
  `Node ${process.version} does not run TypeScript by itself: give it a loader, for example with ` +
  '--node-option=--import=tsx (npm install --save-dev tsx).';

/** Any preload may be a loader. In NODE_OPTIONS an argument may stand in quotes. */
const LOADER = /^"?(?:-r|--require|--import|--(?:experimental-)?loader|--experimental-(?:strip|transform)-types)\b/;

/** Unknown to the types of older versions of Node. */
const runsTypeScript = () => Boolean((process.features as { typescript?: unknown }).typescript);

const BY_HAND = 'or wrap them with traceAsyncGenerator';

/** Why there is not a single run: at least one reason. The first is the likeliest. */
export function whyNothing(circumstances: Circumstances): string[] {
  const { threads, isTracingEverything, configProblems, switchedOffBy, application, exit } = circumstances;
  const { entryHoldsGenerator, nodeArguments } = circumstances;
  if (switchedOffBy !== undefined) return [`Tracing is switched off: ${switchedOffBy}.`];
  const lacksLoader = !runsTypeScript() && !nodeArguments.some((argument) => LOADER.test(argument));
  if (exit.code !== 0 && TYPESCRIPT.test(application) && lacksLoader) return [NEEDS_LOADER];
  if (threads.length === 0) {
    return [
      `The application has not reported anything: tracing could not be set up in it (then its stderr says why), it ended ` +
        `before that (with ${exitOf(exit)}), or it may not write files (--permission).`,
    ];
  }
  if (threads.every(({ targets }) => targets === undefined)) {
    return [`The application could not report what became of the targets: it was ended by ${exitOf(exit)}.`];
  }
  const targets = mergeTargets(threads);
  const early = exit.code === 0 ? [] : [`The application ended with ${exitOf(exit)}; perhaps it did not get that far.`];
  // The likeliest reason; but servers are ended by signals as a matter of course, and what the user has named may not exist.
  const hasFailed = exit.code !== 0 && exit.signal === null && isTracingEverything;
  return [
    ...configProblems.map(describeProblem),
    ...(entryHoldsGenerator ? [entryReason(application)] : []),
    ...(hasFailed ? early : []),
    ...targetReasons(targets, circumstances),
    ...(targets.length === 0 && configProblems.length === 0 ? [NO_TARGETS] : []),
    ...(hasFailed ? [] : early),
  ];
}

/** What the user asked for in so many words, and came to nothing. */
export function whatIsMissing({ threads, isTracingEverything, configProblems }: Circumstances): string[] {
  const problems = configProblems.map(describeProblem);
  if (isTracingEverything) return problems;
  return [...problems, ...mergeTargets(threads).filter(isMissing).map(describeTarget)];
}

/** Of plain functions that gave nothing to iterate. They may do something else, but a target has named them. */
export function whatMayBeFactories(runs: readonly ObservedRun[]): string[] {
  const inVain = runs.filter(({ end }) => end?.outcome === 'completed' && end.items === 0 && end.atOnce);
  const [first, ...others] = new Set(inVain.map(({ exportPath }) => exportPath));
  if (first === undefined) return [];
  const more = others.length === 0 ? '' : ` (and ${count(others.length, 'other function')})`;
  return [
    `${first}${more} returned what is no async iterable, so there were no items. If it is a factory, add what it makes to its selector: ` +
      '() for a function, ().member for a method of an object.',
  ];
}

function entryReason(application: string): string {
  return (
    `${application} seems to have async generators of its own. Node starts with this file, and its own calls go through ` +
    `no export that could be replaced: move them into another file and import that, ${BY_HAND}.`
  );
}

function targetReasons(
  targets: readonly TargetReport[],
  { isTracingEverything, entryHoldsGenerator, application, entryPackages }: Circumstances,
): string[] {
  // What the presets know of Node itself is always there.
  const chosen = isTracingEverything ? targets.filter(({ preset }) => preset === undefined) : targets;
  const patched = chosen.flatMap(({ modules }) => modules.flatMap((module) => module.exports.map(({ path }) => path)));
  const asked = targets.filter(isMissing);
  if (patched.length > 0) {
    const named = isTracingEverything ? [] : asked;
    return [
      ...named.filter(isPatched).map(describeTarget),
      neverCalled([...new Set(patched)]),
      ...named.filter((target) => !isPatched(target)).map(describeTarget),
    ];
  }
  if (!isTracingEverything) return asked.map(describeTarget);
  const notFound =
    'No file below the working directory that was loaded exports an async generator, and nothing that a preset knows ' +
    `was used. Packages have to be named${loadedPackages(application, entryPackages)}`;
  return asked.some(isOddity) ? asked.filter(isOddity).map(describeTarget) : entryHoldsGenerator ? [] : [notFound];
}

/** Names enough to see which are meant. */
const SOME_PACKAGES = 3;

function loadedPackages(application: string, packages: readonly string[]): string {
  const [example = 'some-package'] = packages;
  const left = packages.length - SOME_PACKAGES;
  const some = packages.slice(0, SOME_PACKAGES).join(', ') + (left > 0 ? `, and ${left} more` : '');
  const which = packages.length === 0 ? '' : `. ${application} loads ${some}`;
  return `${which}: otel-async-generator inspect ${example} says what there is, and the --targets for it.`;
}

const isPatched = ({ status }: TargetReport) => status === 'patched';

/** What the user has named and came to nothing, be it a part of what a target names. */
function isMissing(target: TargetReport): boolean {
  return target.preset === undefined && (!isPatched(target) || target.message !== undefined);
}

const isOddity = ({ status }: TargetReport) => status === 'loaded-before' || status === 'not-patchable';

function neverCalled(paths: readonly string[]): string {
  const shown = paths.slice(0, 5).join(', ') + (paths.length > 5 ? ', ...' : '');
  return (
    `${count(paths.length, 'function')} would have been traced (${shown}), but the application has not pulled a single item ` +
    'through them: nothing called them, or only their own module did, which does not go through its exports.'
  );
}

const NO_TARGETS =
  'There are no targets: name some with --targets, or leave all options away to trace ./** and all presets.';

function describeTarget({ target, message = 'nothing came of it' }: TargetReport): string {
  return sentence(`Target ${target}: ${message}`);
}

function describeProblem(problem: string): string {
  return sentence(`The configuration has a problem: ${problem}`);
}

const sentence = (text: string) => (/[.?!]$/.test(text) ? text : `${text}.`);

/** A target may have come to something in one process, and to nothing in another. The best counts. */
function mergeTargets(threads: readonly Thread[]): TargetReport[] {
  const best = new Map<string, TargetReport>();
  for (const report of threads.flatMap(({ targets }) => targets ?? [])) {
    const known = best.get(report.target);
    if (known === undefined || RANK[report.status] < RANK[known.status]) best.set(report.target, report);
  }
  return [...best.values()];
}

const RANK: Readonly<Record<TargetStatus, number>> = {
  patched: 0,
  'loaded-before': 1,
  'not-patchable': 2,
  'no-export-matched': 3,
  'not-loaded': 4,
};

function exitOf({ code, signal }: Circumstances['exit']): string {
  return signal === null ? `status ${String(code)}` : `the signal ${signal}`;
}
