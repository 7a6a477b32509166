/**
 * Why there are no runs, or fewer than the user asked for, and what to do.
 */
import * as path from 'node:path';
import { filesOfApplication, howToUnbundle, readText, type Bundle } from '../../install/application-files';
import { PREFIX, readZeroCodeConfig, type ZeroCodeConfig } from '../../options/sources';
import { isPresetName } from '../../options/presets';
import { holdsAsyncGenerator } from '../../source/text';
import { hasInstrumentations } from '../../register/sdk';
import type { PresetName, TargetReport } from '../../types';
import { asSentence, count, nameOfFile, type CommandContext } from '../terminal';
import { STATUS_RANKS, type ChildExit, type ObservedRun, type Thread } from './model';
import { isTracingEverything, type RunOptions } from './options';

export interface Circumstances {
  readonly threads: readonly Thread[];
  /** Whether the user has not said what to trace. */
  readonly isTracingEverything: boolean;
  /** The presets that the user has named one by one. */
  readonly namedPresets: readonly PresetName[];
  readonly configProblems: readonly string[];
  /** What has switched the instrumentation off, if anything has. */
  readonly switchedOffBy: string | undefined;
  /** The application's file, as the user wrote it. */
  readonly application: string;
  /** Whether the file may define an async generator, and no target names it. */
  readonly entryIsLeftOut: boolean;
  readonly packages: readonly string[];
  /** Those of its files that are bundles, as the user would write them. */
  readonly bundles: readonly Bundle[];
  /** The options that Node was given, including NODE_OPTIONS. */
  readonly nodeArguments: readonly string[];
  readonly exit: ChildExit;
  /** Whether the user wants the spans of other instrumentations. */
  readonly wantsSpans: boolean;
  readonly hasInstrumentations: boolean;
  readonly otlp: URL | undefined;
}

/** @param env that of the application */
export function circumstancesOf(
  run: Pick<Circumstances, 'threads' | 'application' | 'exit'> & {
    readonly file: string;
    readonly nodeOptions: readonly string[];
    readonly options: RunOptions;
  },
  env: NodeJS.ProcessEnv,
  context: Pick<CommandContext, 'env' | 'cwd'>,
): Circumstances {
  const { threads, application, file, nodeOptions, options, exit } = run;
  const config = readZeroCodeConfig(env, context.cwd);
  const { presets = [] } = config.instrumentation;
  const { packages, bundles } = filesOfApplication(file);
  const nameOf = (each: string) => (each === file ? application : nameOfFile(each, context.cwd));
  return {
    threads,
    namedPresets: typeof presets === 'string' ? [] : presets.filter(isPresetName),
    isTracingEverything: isTracingEverything(options, context.env),
    configProblems: [...config.problems, ...config.warnings],
    switchedOffBy: switchedOffBy(config),
    application,
    entryIsLeftOut: holdsAsyncGenerator(readText(file)) && !isTarget(file, threads),
    packages,
    bundles: bundles.map((bundle) => ({ ...bundle, file: nameOf(bundle.file) })),
    nodeArguments: [...nodeOptions, ...(env.NODE_OPTIONS ?? '').split(' ')],
    exit,
    wantsSpans: options.spans === true,
    hasInstrumentations: hasInstrumentations([path.dirname(file), context.cwd]),
    otlp: options.otlp,
  };
}

function switchedOffBy({ sdkDisabled, enabled }: ZeroCodeConfig): string | undefined {
  if (sdkDisabled) return 'OTEL_SDK_DISABLED=true, or "disabled: true" in the file of OTEL_CONFIG_FILE';
  if (enabled) return undefined;
  return (
    `${PREFIX}ENABLED=false, async-generator in OTEL_NODE_DISABLED_INSTRUMENTATIONS, or "enabled: false" in a ` +
    'configuration file'
  );
}

function isTarget(file: string, threads: readonly Thread[]): boolean {
  const modules = threads.flatMap(({ targets = [] }) => targets.flatMap((target) => target.modules));
  return modules.some((module) => module.file === file);
}

const TYPESCRIPT = /\.[cm]?tsx?$/;
const NEEDS_LOADER =
  `Node ${process.version} does not run TypeScript by itself: give it a loader, for example with ` +
  '--node-option=--import=tsx (npm install --save-dev tsx).';

/** Any preload may be a loader. In NODE_OPTIONS an argument may be in quotes. */
const LOADER = /^"?(?:-r|--require|--import|--(?:experimental-)?loader|--experimental-(?:strip|transform)-types)\b/;

/** Unknown to the types of older versions of Node. */
const runsTypeScript = () => Boolean((process.features as { typescript?: unknown }).typescript);

const BY_HAND = 'with traceAsyncGenerator';

/** Why there is not a single run: at least one reason. The first is the likeliest. */
export function whyNoRuns(circumstances: Circumstances): string[] {
  const {
    threads,
    isTracingEverything,
    configProblems,
    switchedOffBy,
    application,
    exit,
    entryIsLeftOut,
    nodeArguments,
  } = circumstances;
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
  // The likeliest reason, unless a signal ended it, as is usual for servers, or the user has named something, which may not exist.
  const hasFailed = exit.code !== 0 && exit.signal === null && isTracingEverything;
  return [
    ...configProblems.map(configReason),
    ...(hasFailed ? early : []),
    ...presetReasons(targets, circumstances),
    ...targetReasons(targets, circumstances),
    ...(entryIsLeftOut ? [entryReason(application)] : []),
    ...(targets.length === 0 && configProblems.length === 0 ? [NO_TARGETS] : []),
    ...(hasFailed ? [] : early),
  ];
}

/** What the user has named and was not traced. */
export function whatIsMissing(circumstances: Circumstances): string[] {
  const { threads, isTracingEverything, configProblems, wantsSpans, hasInstrumentations } = circumstances;
  const problems = [
    ...configProblems.map(configReason),
    ...(wantsSpans && !hasInstrumentations ? [NO_INSTRUMENTATIONS] : []),
  ];
  if (isTracingEverything) return problems;
  const targets = mergeTargets(threads);
  return [...problems, ...presetReasons(targets, circumstances), ...targets.filter(isMissing).map(describeTarget)];
}

const NO_INSTRUMENTATIONS =
  'No instrumentation of HTTP or databases is installed, so --spans shows those alone that the application makes itself: ' +
  'npm install --save-dev @opentelemetry/auto-instrumentations-node';

const configReason = (problem: string) => asSentence(`The configuration has a problem: ${problem}`);

/** Plain functions that a target has named and that returned nothing to iterate. */
export function whatMayBeFactories(runs: readonly ObservedRun[]): string[] {
  const inVain = runs.filter(({ end }) => end?.outcome === 'completed' && end.items === 0 && end.atOnce);
  const [first, ...others] = new Set(inVain.map(({ exportPath }) => exportPath));
  if (first === undefined) return [];
  const more = others.length === 0 ? '' : ` (and ${count(others.length, 'other function')})`;
  return [
    `${first}${more} returned something that is not an async iterable, so there were no items. If it is a factory, add what it makes to its selector: ` +
      '() for a function, ().name for a method of an object, or a stream in it.',
  ];
}

function bundleReason({ file, packages }: Bundle): string {
  const what =
    packages.length === 0
      ? `${file} looks like a bundle, in which packages and files have no exports of their own`
      : `${file} is a bundle that contains a copy of ${someOf(packages)}, which no hook sees`;
  return `${what}: ${howToUnbundle(packages)}; wrap functions of your own ${BY_HAND}.`;
}

/** A program need not load all that a preset lists. If the user has named the preset, the program should load something of it. */
function presetReasons(targets: readonly TargetReport[], { namedPresets }: Circumstances): string[] {
  return namedPresets.flatMap((name) => {
    const ofPreset = targets.filter(({ preset }) => preset === name);
    const [first] = ofPreset;
    if (first === undefined || ofPreset.some(({ status }) => status !== 'not-loaded')) return [];
    return asSentence(`Preset ${name}: ${first.message ?? 'nothing of it was loaded'}`);
  });
}

function entryReason(application: string): string {
  const target = /^\.{0,2}\//.test(application) ? application : `./${application}`;
  return `${application} seems to have async generators of its own, and no target names it: --targets ${target} traces them.`;
}

function targetReasons(
  targets: readonly TargetReport[],
  { isTracingEverything, application, packages, bundles }: Circumstances,
): string[] {
  // A program need not use all that is installed for it.
  const chosen = isTracingEverything ? targets.filter(({ preset }) => preset === undefined) : targets;
  // If something that a factory made could not be traced, the factory was called.
  const patched = chosen.flatMap(({ modules, message }) =>
    modules.flatMap(({ exports, definitions = [] }) => [
      ...definitions.filter(({ isTraced }) => isTraced).map(({ path }) => path),
      ...exports.filter(({ method }) => method !== 'factory' || message === undefined).map(({ path }) => path),
    ]),
  );
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
  if (asked.some(isOddity)) return asked.filter(isOddity).map(describeTarget);
  const withGenerators = bundles.filter(({ holdsGenerators }) => holdsGenerators);
  if (withGenerators.length > 0) return withGenerators.map(bundleReason);
  return [
    'No file below the working directory that was loaded holds an async generator, and nothing that a preset knows ' +
      `was used. Packages have to be named${loadedPackages(application, packages)}`,
  ];
}

/** As many names as it takes to recognize the rest. */
const SOME = 3;

function someOf(names: readonly string[]): string {
  const left = names.length - SOME;
  return names.slice(0, SOME).join(', ') + (left > 0 ? `, and ${left} more` : '');
}

function loadedPackages(application: string, packages: readonly string[]): string {
  const [example = 'some-package'] = packages;
  const which = packages.length === 0 ? '' : `. ${application} loads ${someOf(packages)}`;
  return `${which}: otel-async-generator inspect ${example} says what there is, and the --targets for it; with --deep, in all files of the package.`;
}

const isPatched = ({ status }: TargetReport) => status === 'patched';

/** Whether the user has named it, and not all of it was traced. */
function isMissing(target: TargetReport): boolean {
  return target.preset === undefined && (!isPatched(target) || target.message !== undefined);
}

const isOddity = ({ status }: TargetReport) => status === 'loaded-before' || status === 'not-patchable';

function neverCalled(paths: readonly string[]): string {
  const shown = paths.slice(0, 5).join(', ') + (paths.length > 5 ? ', ...' : '');
  return (
    `${count(paths.length, 'function')} would have been traced (${shown}), but the application has not pulled a single item ` +
    'through them: nothing called them, or, where a target names exports only, their own module did.'
  );
}

const NO_TARGETS =
  'There are no targets: name some with --targets, or leave out all options to trace ./** and the presets of what is installed.';

function describeTarget({ target, message = 'nothing came of it' }: TargetReport): string {
  return asSentence(`Target ${target}: ${message}`);
}

/** A target may be patched in one process, and not in another. The best status counts. */
function mergeTargets(threads: readonly Thread[]): TargetReport[] {
  const best = new Map<string, TargetReport>();
  for (const report of threads.flatMap(({ targets }) => targets ?? [])) {
    const known = best.get(report.target) ?? report;
    best.set(report.target, STATUS_RANKS[report.status] < STATUS_RANKS[known.status] ? report : known);
  }
  return [...best.values()];
}

function exitOf({ code, signal }: Circumstances['exit']): string {
  return signal === null ? `status ${String(code)}` : `the signal ${signal}`;
}

/** What has not reached the collector of `--otlp`. Other exporters are the application's. */
export function whatWasNotDelivered({ threads, otlp }: Pick<Circumstances, 'threads' | 'otlp'>): string[] {
  if (otlp === undefined) return [];
  const { protocol, host, pathname } = otlp;
  // Without name and password.
  const where = `${protocol}//${host}${pathname === '/' ? '' : pathname}`;
  const sentences = threads.flatMap(({ undelivered }) => {
    if (undelivered === undefined) return [];
    const { isAll, signals, reason = 'no answer in time' } = undelivered;
    return `${isAll ? 'Nothing' : 'Not everything'} was delivered to ${where} (${signals.join(', ')}): ${reason}.`;
  });
  return [...new Set(sentences)];
}
