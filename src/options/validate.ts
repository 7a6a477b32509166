/**
 * Checks what the user configured and fills in every default.
 */
import { SpanKind, type Attributes } from '@opentelemetry/api';
import { resolve } from 'node:path';
import { MODULE_FORMS, parseModulePattern, type ModulePattern } from '../targets/module-pattern';
import { parseSelector, SELECTOR_FORMS, type Selector } from '../targets/selector';
import { formatShorthand, parseShorthand, parseShorthands } from '../targets/shorthand';
import type { Target } from '../targets/target';
import { isRange } from '../targets/versions';
import type {
  AsyncGeneratorInstrumentationConfig,
  PresetName,
  RunHooks,
  RunOptions,
  SpanOptions,
  TargetConfig,
} from '../types';
import { PRESET_NAMES, PRESETS } from '../presets';
import type { PresetTarget } from '../presets/preset-target';
import { invalid } from './invalid';
import { checkPresets, splitPresets } from './presets';
import { describeUnknown } from './unknown-key';

/** `RunOptions` with every default filled in. */
export interface ResolvedRunOptions extends RunHooks {
  readonly timing: boolean;
  readonly contextFrom: 'pull' | 'creation';
  readonly preserveUnhandledRejections: boolean;
  readonly requireParentSpan: boolean;
}

export interface ResolvedConfig extends ResolvedRunOptions {
  readonly targets: readonly Target[];
  readonly baseDir: string;
}

type Unknown = Readonly<Record<string, unknown>>;
type Check = (path: string, value: unknown) => void;

const oneOf =
  (...allowed: string[]): Check =>
  (path, value) => {
    if (!allowed.includes(value as string)) throw invalid(path, value, allowed.map((each) => `"${each}"`).join(' or '));
  };

const ofType =
  (type: 'boolean' | 'function' | 'string', description: string): Check =>
  (path, value) => {
    if (typeof value !== type) throw invalid(path, value, description);
  };

const isBoolean = ofType('boolean', 'true or false');
const NAME = 'the name of a member: a string that is not empty';
const isName: Check = (path, value) => {
  if (typeof value !== 'string' || value === '') throw invalid(path, value, NAME);
};
const isFunction = ofType('function', 'a function');

// Messages list the keys in this order: those that are needed first.

const RUN_OPTIONS: Readonly<Record<keyof RunOptions, Check>> = {
  timing: isBoolean,
  contextFrom: oneOf('pull', 'creation'),
  requireParentSpan: isBoolean,
  preserveUnhandledRejections: isBoolean,
  onStart: isFunction,
  onItem: isFunction,
  onEnd: isFunction,
  shouldTrace: isFunction,
  classifyError: isFunction,
};

const SPAN_OPTIONS: Readonly<Record<keyof SpanOptions, Check>> = {
  spanName(path, value) {
    if ((typeof value !== 'string' || value === '') && typeof value !== 'function') {
      throw invalid(path, value, 'a string that is not empty, or a function that returns one');
    }
  },
  spanKind(path, value) {
    if (typeof value !== 'number' || !(value in SpanKind))
      throw invalid(path, value, 'a SpanKind of @opentelemetry/api');
  },
  attributes(path, value) {
    if (!isPlainObject(value)) throw invalid(path, value, 'an object of attributes');
    for (const [key, attribute] of Object.entries(value)) checkAttribute(`${path}.${key}`, attribute);
  },
  startOn: oneOf('pull', 'call'),
};

const TARGET: Readonly<Record<keyof TargetConfig, Check>> = {
  module: ofType('string', MODULE_FORMS),
  exports(path, value) {
    checkSelectors(path, value, 'an array of at least one selector');
    if ((value as unknown[]).length === 0) throw invalid(path, value, 'an array of at least one selector');
  },
  exclude(path, value) {
    checkSelectors(path, value, 'an array of selectors');
  },
  versions(path, value) {
    if (typeof value !== 'string' || !isRange(value)) throw invalid(path, value, 'a semver range such as "^3.0.0"');
  },
  ...SPAN_OPTIONS,
  shouldTrace: isFunction,
  thenableMembers(path, value) {
    const allowed = 'an array of { name, property? }, such as { name: "withResponse", property: "data" }';
    if (!Array.isArray(value)) throw invalid(path, value, allowed);
    for (const [index, member] of value.entries()) {
      checkKeys(`${path}[${index}]`, member, { name: isName, property: isName });
      if ((member as Unknown).name === undefined) throw invalid(`${path}[${index}].name`, undefined, NAME);
    }
  },
};

const CONFIG: Readonly<Record<keyof AsyncGeneratorInstrumentationConfig, Check>> = {
  targets(path, value) {
    if (typeof value !== 'string' && !Array.isArray(value))
      throw invalid(path, value, 'a string, or an array of targets');
  },
  presets: checkPresets,
  baseDir: ofType('string', 'the path of a directory'),
  enabled: isBoolean,
  ...RUN_OPTIONS,
};

/**
 * Checks the configuration of the instrumentation.
 *
 * @param options those that mean something to the caller: what is none of them nor of the others is compared with these
 * @throws TypeError that names the path, the value and what is allowed
 */
export function resolveConfig(
  config: AsyncGeneratorInstrumentationConfig,
  options: readonly string[] = Object.keys(CONFIG),
): ResolvedConfig {
  checkKeys('config', config, CONFIG, options);
  // Absolute from here on: the program may go on to another working directory, and packages are looked up from it.
  const baseDir = resolve(config.baseDir ?? '');
  const targets = [...resolveTargets(config.targets ?? [], baseDir), ...resolvePresets(config.presets ?? [], baseDir)];
  return { ...resolveRunOptions(config), baseDir, targets };
}

/** Checks the options of the manual API, and leaves the defaults to `resolveRunOptions`. */
export function checkTraceOptions(options: unknown): void {
  checkKeys('options', options, { ...SPAN_OPTIONS, ...RUN_OPTIONS });
}

/** Checks a target that comes in two parts, an argument each, and calls them as their caller does. */
export function checkTargetInParts(selectors: unknown, options: unknown, baseDir: string): void {
  TARGET.exports('selectors', selectors);
  (selectors as string[]).forEach((selector, index) => toSelector(`selectors[${index}]`, selector));
  checkKeys('options', options, { module: TARGET.module, ...SPAN_OPTIONS });
  const { module } = options as { module?: string };
  if (module !== undefined) toModule('options.module', module, baseDir);
}

export function resolveRunOptions(options: RunOptions): ResolvedRunOptions {
  const { onStart, onItem, onEnd, shouldTrace, classifyError } = options;
  return {
    onStart,
    onItem,
    onEnd,
    shouldTrace,
    classifyError,
    timing: options.timing ?? true,
    // Checked before.
    contextFrom: (options.contextFrom ?? 'pull') as ResolvedRunOptions['contextFrom'],
    preserveUnhandledRejections: options.preserveUnhandledRejections ?? false,
    requireParentSpan: options.requireParentSpan ?? false,
  };
}

/** What a program names by hand. More of it would make its start slow, and is a mistake: a wildcard takes any number of files and exports. */
const MOST_ENTRIES = 1000;
/** The longest path that systems have. */
const LONGEST_TEXT = 4096;

/** @throws TypeError if there are too many targets, or selectors of one */
export function checkCount(path: string, list: readonly unknown[]): void {
  if (list.length > MOST_ENTRIES)
    throw invalid(path, list, `at most ${MOST_ENTRIES} entries, and these are ${list.length}`);
}

function checkLength(path: string, text: string): void {
  if (text.length > LONGEST_TEXT) {
    throw invalid(path, text, `at most ${LONGEST_TEXT} characters, and these are ${text.length}`);
  }
}

function resolveTargets(targets: string | readonly (string | TargetConfig)[], baseDir: string): Target[] {
  if (typeof targets === 'string') {
    const entries = parseShorthands(targets, 'targets');
    checkCount('targets', entries);
    return entries.map((entry) => resolveTarget(entry, 'targets', baseDir));
  }
  checkCount('targets', targets);
  // `map` would pass over holes.
  return Array.from(targets, (target, index) => {
    const path = `targets[${index}]`;
    if (typeof target === 'string') return resolveTarget(parseShorthand(target, path), path, baseDir);
    if (!isPlainObject(target))
      throw invalid(path, target, 'a shorthand such as "module[selector,...]", or a target object');
    checkKeys(path, target, TARGET);
    if (target.module === undefined) throw invalid(`${path}.module`, undefined, MODULE_FORMS);
    return resolveTarget(target, path, baseDir);
  });
}

function resolvePresets(presets: string | readonly string[], baseDir: string): Target[] {
  const names: readonly string[] = typeof presets === 'string' ? splitPresets(presets) : presets;
  const all = names.includes('all') ? PRESET_NAMES : ([...new Set(names)] as PresetName[]);
  return all.flatMap((name) =>
    PRESETS[name].map((target) => ({ ...resolveTarget(target, `presets.${name}`, baseDir), preset: name })),
  );
}

/** Keys that only a target of a preset has, `checkKeys` lets through in no other. */
function resolveTarget(config: PresetTarget, path: string, baseDir: string): Target {
  const module = toModule(`${path}.module`, config.module, baseDir);
  if (config.versions !== undefined && module.kind !== 'package') {
    throw invalid(`${path}.versions`, config.versions, `no versions for ${config.module}, which is not a package`);
  }
  const { exports = [module.kind === 'file' ? '**' : '*'], exclude = [] } = config;
  checkCount(`${path}.exports`, exports);
  checkCount(`${path}.exclude`, exclude);
  const selectors = exports.map((selector, index) => toSelector(`${path}.exports[${index}]`, selector));
  return {
    text: formatShorthand(config.module, exports),
    preset: undefined,
    module,
    versions: config.versions,
    selectors,
    definitions: definitionsIn(selectors, module, `${path}.exports`),
    exclude: exclude.map((selector, index) => toSelector(`${path}.exclude[${index}]`, selector)),
    spanName: config.spanName,
    spanKind: config.spanKind ?? SpanKind.INTERNAL,
    attributes: config.attributes ?? {},
    startOn: (config.startOn ?? 'pull') as Target['startOn'],
    shouldTrace: config.shouldTrace,
    classifyError: config.classifyError,
    thenableMembers: config.thenableMembers ?? [],
    closeMembers: config.closeMembers ?? [],
  };
}

/** The selectors that mean what is written in the files, see selector.ts. */
function definitionsIn(selectors: readonly Selector[], { kind, text }: ModulePattern, path: string): Selector[] {
  const definitions = selectors.filter(
    ({ definition, isDefinitionOnly }) =>
      definition !== undefined && (isDefinitionOnly || (kind === 'file' && !definition.isWildcard)),
  );
  const [first] = definitions;
  if (kind !== 'builtin' || first === undefined) return definitions;
  throw invalid(path, first.text, `exports of ${text}: the source of a core module can't be changed`);
}

function toModule(path: string, text: string, baseDir: string): ModulePattern {
  checkLength(path, text);
  const module = parseModulePattern(text, baseDir);
  if (module === undefined) throw invalid(path, text, MODULE_FORMS);
  return module;
}

function toSelector(path: string, text: string): Selector {
  checkLength(path, text);
  const selector = parseSelector(text);
  if (selector === undefined) throw invalid(path, text, SELECTOR_FORMS);
  return selector;
}

function checkSelectors(path: string, value: unknown, allowed: string): void {
  if (!Array.isArray(value)) throw invalid(path, value, allowed);
  // `forEach` would pass over holes.
  for (const [index, selector] of value.entries()) {
    if (typeof selector !== 'string') throw invalid(`${path}[${index}]`, selector, SELECTOR_FORMS);
  }
}

/** What the API's `Attributes` allows. `undefined` is as good as no attribute. */
function checkAttribute(path: string, value: unknown): void {
  if (value === undefined) return;
  const [type = 'string', ...others] = new Set(
    Array.isArray(value) ? value.map((each) => typeof each) : [typeof value],
  );
  if (others.length > 0 || !['string', 'number', 'boolean'].includes(type)) {
    throw invalid(path, value, 'a string, number, boolean, or an array of one of them');
  }
}

/** Every key must be known, and every value that is not undefined must pass its check. */
function checkKeys(
  path: string,
  value: unknown,
  checks: Readonly<Record<string, Check>>,
  named: readonly string[] = Object.keys(checks),
): void {
  if (!isPlainObject(value)) throw invalid(path, value, 'an object');
  const prefix = path === 'config' ? '' : `${path}.`;
  // Not `for ... of`: the manual API checks options in the midst of a program that may have patched it.
  Object.keys(value).forEach((key) => {
    const each: unknown = value[key];
    const check = Object.hasOwn(checks, key) ? checks[key] : undefined;
    if (check === undefined) throw new TypeError(describeUnknown(`${prefix}${key}`, key, named));
    if (each !== undefined) check(`${prefix}${key}`, each);
  });
}

function isPlainObject(value: unknown): value is Unknown & Attributes {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
