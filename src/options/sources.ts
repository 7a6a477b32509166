/**
 * Where options come from. For each option, the first that has it: code, the environment, the file of `..._CONFIG_FILE`, the file of
 * `OTEL_CONFIG_FILE`, the default.
 *
 * Environment variables are read as OpenTelemetry's specification says: an empty one counts as not set, and only "true", in any case, is true.
 *
 * https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
 */
import { describeUnknown, invalid } from '../base/invalid';
import { logger } from '../base/logger';
import type { ResolvedConfig, Target } from '../targets/target';
import type { AsyncGeneratorInstrumentationConfig } from '../types';
import { PACKAGE_NAME } from '../version';
import type * as File from './file';
import { readPresets } from './presets';
import { readTargets, resolveConfig, type Section } from './resolve';
import { isTimeout, namesIn, OPTIONS, TIMEOUT, toSnakeCase, type OptionName } from './table';

/** All variables of this instrumentation begin with `OTEL_INSTRUMENTATION_<its name>_`. */
export const PREFIX = 'OTEL_INSTRUMENTATION_ASYNC_GENERATOR_';

/** Names of this instrumentation in lists of instrumentations: as OpenTelemetry shortens those of its own, and in full. */
export const NAMES: readonly string[] = ['async-generator', PACKAGE_NAME];

const DISABLED_INSTRUMENTATIONS = 'OTEL_NODE_DISABLED_INSTRUMENTATIONS';
/** The file of OpenTelemetry's declarative configuration. */
const DECLARATIVE_FILE = 'OTEL_CONFIG_FILE';
const SDK_DISABLED = 'OTEL_SDK_DISABLED';

const variable = (name: OptionName) => PREFIX + toSnakeCase(name).toUpperCase();

/** Those of this instrumentation. */
const OWN_VARIABLES = namesIn('environment').map(variable);
/** Without any of these there is nothing to read. `OTEL_SDK_DISABLED` is for those who start an SDK. */
const VARIABLES = [...OWN_VARIABLES, DISABLED_INSTRUMENTATIONS, DECLARATIVE_FILE];

/** What environment and files say. */
export interface ZeroCodeConfig {
  /**
   * Nothing at all is to be started: `OTEL_SDK_DISABLED=true`, or `disabled: true` in the file of `OTEL_CONFIG_FILE`,
   * whose presence makes the variable mean nothing, as the specification has it.
   */
  readonly sdkDisabled: boolean;
  /**
   * False: this instrumentation is switched off (`..._ENABLED=false`, `enabled: false` in a file, or `async-generator` in
   * `OTEL_NODE_DISABLED_INSTRUMENTATIONS`); the SDK may still start.
   */
  readonly enabled: boolean;
  /** How long the end of the process may wait for the collector, all in all, in milliseconds. */
  readonly exitTimeout: number;
  /** What `new AsyncGeneratorInstrumentation()` and `registerImportHooks()` are given. They do not throw on it. */
  readonly instrumentation: AsyncGeneratorInstrumentationConfig;
  /** The targets in that, compiled. */
  readonly targets: readonly Target[] | undefined;
  /** Whether targets or presets are named, even with mistakes. */
  readonly namesTargets: boolean;
  /** One line each, for `diag.error`: where, what, what is allowed. */
  readonly problems: readonly string[];
  /** The same for `diag.warn`: values with a meaning that the user may not expect. */
  readonly warnings: readonly string[];
}

/** A configuration in code, completed and compiled. `configure` gives it back as it is. */
export class Configuration implements Pick<AsyncGeneratorInstrumentationConfig, 'enabled'> {
  constructor(
    /** Its options, with those that it leaves out taken from environment and files. */
    readonly options: AsyncGeneratorInstrumentationConfig,
    readonly resolved: ResolvedConfig,
    /** Whether environment or files switch the instrumentation off. `enabled: true` in code takes precedence. */
    readonly isSwitchedOff: boolean,
  ) {}

  get enabled(): boolean {
    return this.options.enabled ?? OPTIONS.enabled.default;
  }
}

/**
 * Completes a configuration in code, option by option, and compiles it. `baseDir` belongs to the targets: it comes from where they come from.
 *
 * @param named the options that the message for an unknown one lists
 * @throws TypeError if there is a mistake in the code. Mistakes elsewhere are reported through `diag`, once
 */
export function configure(config: AsyncGeneratorInstrumentationConfig, named?: readonly string[]): Configuration {
  if (config instanceof Configuration) return config;
  const outside = readOutsideConfig();
  // What is not an object is refused below.
  if (outside === undefined || typeof config !== 'object' || config === null || Array.isArray(config)) {
    return new Configuration(config, resolveConfig(config, named), false);
  }
  const options: Record<string, unknown> = { ...config };
  for (const [option, value] of Object.entries(outside.instrumentation)) {
    // A null is a mistake in the program, and not a way to leave something out.
    if (options[option] === undefined) options[option] = value;
  }
  if (config.targets !== undefined) options.baseDir = config.baseDir;
  const isSwitchedOff = !outside.enabled && config.enabled !== true;
  if (isSwitchedOff) options.enabled = false;
  const { targets, baseDir } = outside.instrumentation;
  const isCompiled = options.targets === targets && options.baseDir === baseDir;
  return new Configuration(
    options,
    resolveConfig(options, named, isCompiled ? outside.targets : undefined),
    isSwitchedOff,
  );
}

/** What has been read: the problems in it have been reported, and files need no second reading. */
const knownConfigs = new Map<string, ZeroCodeConfig>();
const keyOf = (env: NodeJS.ProcessEnv, cwd: string) =>
  JSON.stringify([cwd, ...VARIABLES.map((name) => env[name]), ...unknownVariables(env)]);

/** @returns undefined if no variable is set */
function readOutsideConfig(): ZeroCodeConfig | undefined {
  const { env } = process;
  const isSet = VARIABLES.some((name) => readString(env, name) !== undefined);
  if (!isSet && unknownVariables(env).length === 0) return undefined;
  const cwd = process.cwd();
  const known = knownConfigs.get(keyOf(env, cwd));
  if (known !== undefined) return known;
  const config = readZeroCodeConfig(env, cwd);
  // Later, since the SDK, which brings the logger, is usually set up right after this.
  setImmediate(() => {
    for (const problem of config.problems) logger.error(problem);
    for (const warning of config.warnings) logger.warn(warning);
  });
  return config;
}

/**
 * Reads environment and files. Never throws: what is wrong is left out, and described in `problems`.
 *
 * @param cwd directory that relative paths in environment variables start at
 */
export function readZeroCodeConfig(env: NodeJS.ProcessEnv, cwd: string): ZeroCodeConfig {
  const problems: string[] = [];
  const warnings = unknownVariables(env).map(describeVariable);
  const context = { env, cwd, problems };
  const fromEnvironment = readEnvironment(env, cwd, problems, warnings);
  const ownFile = readString(env, variable('configFile'));
  const own = ownFile === undefined ? undefined : fileModule().readOwnFile(ownFile, variable('configFile'), context);
  const declarativeFile = readString(env, DECLARATIVE_FILE);
  const declarative =
    declarativeFile === undefined
      ? undefined
      : fileModule().readDeclarativeFile(declarativeFile, DECLARATIVE_FILE, context);

  const sections = [fromEnvironment, own, declarative?.section].filter((section) => section !== undefined);
  const {
    enabled = OPTIONS.enabled.default,
    exitTimeout = OPTIONS.exitTimeout.default,
    targets,
    ...options
  } = merge(sections);
  const isUnreadable = [
    [ownFile, own],
    [declarativeFile, declarative],
  ].some(([file, content]) => file !== undefined && content === undefined);
  const config = {
    sdkDisabled: declarative?.sdkDisabled ?? readBoolean(env, SDK_DISABLED, warnings) ?? false,
    enabled: enabled && !readList(env, DISABLED_INSTRUMENTATIONS).some((name) => NAMES.includes(name)),
    exitTimeout,
    instrumentation: { baseDir: cwd, ...options, ...(targets !== undefined && { targets: targets.given }) },
    targets: targets?.targets,
    namesTargets: isUnreadable || sections.some((section) => section.namesTargets),
    problems,
    warnings,
  };
  knownConfigs.set(keyOf(env, cwd), config);
  return config;
}

/** Loaded only here: with the YAML parser, it takes longer than all the rest, and most applications have no file. */
function fileModule(): typeof File {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return require('./file') as typeof File;
}

function readEnvironment(env: NodeJS.ProcessEnv, baseDir: string, problems: string[], warnings: string[]): Section {
  const source = { baseDir, problems };
  const [targetsName, presetsName] = [variable('targets'), variable('presets')];
  const targets = readString(env, targetsName);
  const presets = readString(env, presetsName);
  checkContextSwitch(env, variable('contextSwitch'), problems);
  return {
    baseDir,
    targets: targets === undefined ? undefined : readTargets(targetsName, targets, source),
    presets: presets === undefined ? undefined : readPresets(presetsName, presets, source),
    namesTargets: targets !== undefined || presets !== undefined,
    enabled: readBoolean(env, variable('enabled'), warnings),
    genAi: readBoolean(env, variable('genAi'), warnings),
    exitTimeout: readTimeout(env, variable('exitTimeout'), problems),
  };
}

/** The value without white space around it. Undefined if nothing is left. */
function readString(env: NodeJS.ProcessEnv, name: string): string | undefined {
  const text = env[name]?.trim();
  return text === '' ? undefined : text;
}

/** A value that is neither true nor false counts as false, with a warning: a mistyped switch must not leave tracing on. */
function readBoolean(env: NodeJS.ProcessEnv, name: string, warnings: string[]): boolean | undefined {
  const text = readString(env, name);
  switch (text?.toLowerCase()) {
    case undefined:
      return undefined;
    case 'true':
      return true;
    case 'false':
      return false;
    default:
      warnings.push(`${invalid(name, text, '"true" or "false"').message}. It counts as "false"`);
      return false;
  }
}

function readTimeout(env: NodeJS.ProcessEnv, name: string, problems: string[]): number | undefined {
  const text = readString(env, name);
  if (text === undefined || isTimeout(Number(text))) return text === undefined ? undefined : Number(text);
  problems.push(invalid(name, text, TIMEOUT).message);
  return undefined;
}

/** Only checked: trace/context-switch reads it, where it takes effect. */
function checkContextSwitch(env: NodeJS.ProcessEnv, name: string, problems: string[]): void {
  const text = readString(env, name);
  if (text !== undefined && text.toLowerCase() !== 'api') problems.push(invalid(name, text, '"api"').message);
}

/** The entries of a comma-separated list, without those that are empty. */
function readList(env: NodeJS.ProcessEnv, name: string): string[] {
  const entries = readString(env, name)?.split(',') ?? [];
  return entries.map((entry) => entry.trim()).filter((entry) => entry !== '');
}

/** Variables with our prefix that do not exist: without a warning, a typing error in a name would go unnoticed. */
function unknownVariables(env: NodeJS.ProcessEnv): string[] {
  return Object.keys(env).filter(
    (name) => name.startsWith(PREFIX) && !OWN_VARIABLES.includes(name) && readString(env, name) !== undefined,
  );
}

function describeVariable(name: string): string {
  const short = (each: string) => each.replace(PREFIX, '..._');
  return describeUnknown(name, short(name), OWN_VARIABLES.map(short), 'variable');
}

/** Option by option, the first source that has it. Relative paths start where the targets come from. */
function merge(sections: readonly Section[]): Partial<Omit<Section, 'namesTargets'>> {
  const merged: Record<string, unknown> = {};
  for (const { baseDir, namesTargets: _, ...options } of sections) {
    if (options.targets !== undefined && merged.targets === undefined) merged.baseDir = baseDir;
    for (const [name, value] of Object.entries(options)) if (value !== undefined) merged[name] ??= value;
  }
  return merged;
}
