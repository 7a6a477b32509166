/**
 * Checks what one source (code, environment, file) says, and compiles it.
 *
 * In code, the first mistake throws. Elsewhere each one is a line in `problems`, and costs as little as possible: an option with a bad value
 * counts as not set, and a target with a mistake anywhere is left out as a whole, since half of it could mean more than all of it (`exports`
 * with a typing error would leave a target that traces everything).
 */
import { SpanKind } from '@opentelemetry/api';
import { resolve } from 'node:path';
import {
  attempt,
  checkOptions,
  checkValue,
  describeUnknown,
  invalid,
  isPlainObject,
  type Problems,
  type Type,
} from '../base/invalid';
import { MODULE_FORMS } from '../targets/module-pattern';
import { parseShorthand, splitShorthands } from '../targets/selector';
import { checkCount, compileTarget, type PathOf, type ResolvedConfig, type Target } from '../targets/target';
import type {
  AsyncGeneratorInstrumentationConfig,
  PresetName,
  ResolvedRunOptions,
  RunOptions,
  TargetConfig,
} from '../types';
import { compilePresets, readPresets } from './presets';
import { namesIn, OPTIONS, optionsIn, toSnakeCase, type OptionName } from './table';

/** Where options come from. */
export interface Source extends Problems {
  /** Where relative paths in targets start. */
  readonly baseDir: string;
}

type TargetList = Exclude<AsyncGeneratorInstrumentationConfig['targets'], string | undefined>;

/** A list of targets as code has it, and compiled. */
export interface CompiledList {
  readonly given: TargetList;
  readonly targets: readonly Target[];
}

/** The options that a source sets, by their names in code. Others are undefined. */
export interface Section extends Pick<
  AsyncGeneratorInstrumentationConfig,
  'timing' | 'contextFrom' | 'preserveUnhandledRejections' | 'requireParentSpan' | 'genAi' | 'enabled'
> {
  targets?: CompiledList;
  /** Where relative paths in targets start. */
  readonly baseDir: string;
  presets?: readonly (PresetName | 'auto')[] | 'all';
  /** Whether it names targets or presets, even with mistakes. */
  readonly namesTargets: boolean;
  /** For `register` alone. In milliseconds. */
  exitTimeout?: number;
}

const CODE = optionsIn('code');
const MANUAL = optionsIn('manual');
const TARGET = optionsIn('target');
/** The names in code by those in files. */
const FILE_NAMES = namesInFile('file');
const FILE_TARGET_NAMES = namesInFile('target');

/**
 * Compiles the configuration of the instrumentation.
 *
 * @param named the options that the message for an unknown one lists
 * @param known its targets, if they have been compiled
 * @throws TypeError that names the path, the value and what is allowed
 */
export function resolveConfig(
  config: AsyncGeneratorInstrumentationConfig,
  named: readonly string[] = Object.keys(CODE),
  known?: readonly Target[],
): ResolvedConfig {
  checkOptions('config', config, CODE, named);
  const { targets = [], presets = [] } = config;
  // Absolute from here on: the program may go on to another working directory, and packages are looked up from it.
  const baseDir = resolve(config.baseDir ?? '');
  const own = known?.map(copy) ?? compileTargets('targets', targets, { baseDir }).map(({ target }) => target);
  const ofPresets = compilePresets(presets, baseDir);
  return {
    ...resolveRunOptions(config),
    genAi: config.genAi ?? OPTIONS.genAi.default,
    baseDir,
    targets: [...own, ...ofPresets.targets.map(copy)],
    autoPresets: ofPresets.autoPresets,
    missingPresets: ofPresets.missingPresets,
  };
}

/** Checks the options of the manual API, and leaves the defaults to `resolveRunOptions`. */
export function checkTraceOptions(options: unknown): void {
  checkOptions('options', options, MANUAL);
}

export function resolveRunOptions(options: RunOptions): ResolvedRunOptions {
  const { onStart, onItem, onEnd, shouldTrace, classifyError } = options;
  return {
    onStart,
    onItem,
    onEnd,
    shouldTrace,
    classifyError,
    timing: options.timing ?? OPTIONS.timing.default,
    // Checked before.
    contextFrom: (options.contextFrom ?? OPTIONS.contextFrom.default) as ResolvedRunOptions['contextFrom'],
    preserveUnhandledRejections: options.preserveUnhandledRejections ?? OPTIONS.preserveUnhandledRejections.default,
    requireParentSpan: options.requireParentSpan ?? OPTIONS.requireParentSpan.default,
  };
}

const { module: moduleOption, attributes, spanName, spanKind, startOn } = OPTIONS;
const TARGET_IN_PARTS = { module: moduleOption, spanName, spanKind, attributes, startOn };

/**
 * Compiles a target that comes in two arguments, `selectors` and `options`.
 *
 * @throws TypeError that calls them so
 */
export function compileTargetInParts(exports: readonly string[], options: object, baseDir: string): Target {
  checkValue('selectors', exports, OPTIONS.exports.type);
  checkOptions('options', options, TARGET_IN_PARTS);
  return compileTarget({ module: './namespace', ...options, exports }, baseDir, (part, index) =>
    part === 'exports' ? pathOf('selectors', index) : `options.${part}`,
  );
}

/**
 * Reads the section of a configuration file that is ours: plain data with snake_case keys.
 *
 * @param path of the section, with the file in front of it
 */
export function readSection(path: string, value: unknown, source: Source, prefix = `${path}.`): Section {
  const { baseDir } = source;
  const options = attempt(source, () => {
    if (value === null || value === undefined) return {};
    if (!isPlainObject(value)) throw invalid(path, value, 'a mapping');
    const { $schema: _forEditors, ...values } = value;
    const namesTargets = (values.targets ?? values.presets ?? undefined) !== undefined;
    return { ...readKeys(prefix, values, FILE_NAMES, source), namesTargets };
  });
  return options === undefined ? { baseDir, namesTargets: true } : { namesTargets: false, ...options, baseDir };
}

/**
 * Reads a list of targets; a string is one of shorthands.
 *
 * @returns undefined if nothing of it is left
 */
export function readTargets(path: string, list: string | readonly unknown[], source: Source): CompiledList | undefined {
  const entries = attempt(source, () => compileTargets(path, list, source));
  if (entries === undefined) return undefined;
  if (entries.length === 0 && (typeof list === 'string' || list.length > 0)) return undefined;
  return { given: entries.map(({ given }) => given), targets: entries.map(({ target }) => target) };
}

/** Reads the keys that there are. A null is as good as no value: that is what `${NOT_SET}` gives. */
function readKeys(
  prefix: string,
  values: Readonly<Record<string, unknown>>,
  names: Readonly<Record<string, OptionName>>,
  source: Source,
): Record<string, never> {
  const result: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(values)) {
    const name = Object.hasOwn(names, key) ? (names[key] as OptionName) : undefined;
    const option = attempt(source, () => {
      const path = prefix + key;
      if (name === undefined) throw new TypeError(describeUnknown(path, key, Object.keys(names)));
      return value === null || value === undefined ? undefined : readValue(path, name, value, source);
    });
    if (name !== undefined && option !== undefined) result[name] = option;
  }
  return result as Record<string, never>;
}

/** @returns the value as code has it */
function readValue(path: string, name: OptionName, value: unknown, source: Source): unknown {
  const { type, typeInFile = type }: { type: Type; typeInFile?: Type } = OPTIONS[name];
  checkValue(path, value, typeInFile);
  switch (name) {
    case 'targets':
      return readTargets(path, value as string | unknown[], source);
    case 'presets':
      return readPresets(path, value as string | unknown[], source);
    case 'spanKind':
      return SpanKind[(value as string).toUpperCase() as keyof typeof SpanKind];
    default:
      return value;
  }
}

function namesInFile(home: 'file' | 'target'): Record<string, OptionName> {
  const names = namesIn(home).filter((name) => OPTIONS[name].type !== 'function');
  return Object.fromEntries(names.map((name) => [toSnakeCase(name), name]));
}

interface CompiledEntry {
  /** As code has it. */
  readonly given: string | TargetConfig;
  readonly target: Target;
}

/** Runs of different instrumentations are told apart by their target. */
const copy = (target: Target): Target => ({ ...target });

function compileTargets(path: string, list: string | readonly unknown[], source: Source): CompiledEntry[] {
  const isText = typeof list === 'string';
  const entries: readonly unknown[] = isText ? splitShorthands(list, path) : list;
  checkCount(path, entries);
  // `map` skips holes.
  return Array.from(entries, (entry, index) =>
    attempt(source, () => compileEntry(isText ? path : `${path}[${index}]`, entry, source)),
  ).filter((entry) => entry !== undefined);
}

function compileEntry(path: string, value: unknown, { baseDir, problems }: Source): CompiledEntry {
  const isInCode = problems === undefined;
  const pathOfPart: PathOf = (part, index) => pathOf(`${path}.${part}`, index);
  if (typeof value === 'string') {
    // Outside of code, the value says which part of a shorthand it is about: a shorthand has no keys there.
    const target = compileTarget(parseShorthand(value, path), baseDir, isInCode ? pathOfPart : () => path);
    return { given: value, target };
  }
  if (!isPlainObject(value)) {
    throw invalid(path, value, 'a shorthand such as "module[selector,...]", or a target object');
  }
  if (isInCode) checkOptions(path, value, TARGET);
  const given = (isInCode ? value : readTarget(path, value, baseDir)) as unknown as TargetConfig;
  if (given.module === undefined) throw invalid(`${path}.module`, undefined, MODULE_FORMS);
  return { given, target: compileTarget(given, baseDir, pathOfPart) };
}

function readTarget(path: string, values: Readonly<Record<string, unknown>>, baseDir: string): Record<string, unknown> {
  const problems: string[] = [];
  const target = readKeys(`${path}.`, values, FILE_TARGET_NAMES, { baseDir, problems });
  if (problems.length > 0) throw new TypeError(problems.join('; '));
  return Object.freeze(target);
}

const pathOf = (path: string, index: number | undefined) => (index === undefined ? path : `${path}[${index}]`);
