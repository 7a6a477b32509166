/**
 * What tracing is configured with outside of the program: environment variables, then files.
 */
import { logger } from '../base/logger';
import type { AsyncGeneratorInstrumentationConfig } from '../types';
import { PACKAGE_NAME } from '../version';
import { PREFIX, readBoolean, readList, readString, unknownVariables } from './environment';
import type * as File from './file';
import type { FileLayer } from './file';
import { invalid } from './invalid';
import { isTimeout, readPresetNames, readShorthands, TIMEOUT, type ConfigLayer } from './section';
import { describeUnknown } from './unknown-key';

/** Names of this instrumentation in lists of instrumentations: as OpenTelemetry shortens those of its own, and in full. */
export const NAMES: readonly string[] = ['async-generator', PACKAGE_NAME];

const TARGETS = `${PREFIX}TARGETS`;
const PRESETS = `${PREFIX}PRESETS`;
const ENABLED = `${PREFIX}ENABLED`;
const EXIT_TIMEOUT = `${PREFIX}EXIT_TIMEOUT`;
const OWN_FILE = `${PREFIX}CONFIG_FILE`;
/** Read by trace/context-switch, where it takes effect. */
const CONTEXT_SWITCH = `${PREFIX}CONTEXT_SWITCH`;
const DISABLED_INSTRUMENTATIONS = 'OTEL_NODE_DISABLED_INSTRUMENTATIONS';
/** The file of OpenTelemetry's declarative configuration. */
const DECLARATIVE_FILE = 'OTEL_CONFIG_FILE';
const SDK_DISABLED = 'OTEL_SDK_DISABLED';

/** Those of this instrumentation. */
const OWN_VARIABLES = [TARGETS, PRESETS, OWN_FILE, ENABLED, EXIT_TIMEOUT, CONTEXT_SWITCH];

/** How long the end of a process may wait for the collector, unless somebody says otherwise. */
const DEFAULT_EXIT_TIMEOUT_MS = 2000;
/** Without any of these there is nothing to read. `OTEL_SDK_DISABLED` is for those who start an SDK. */
const VARIABLES = [...OWN_VARIABLES, DISABLED_INSTRUMENTATIONS, DECLARATIVE_FILE];

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
  /** One line each, for `diag.error`: where, what, what would be right. */
  readonly problems: readonly string[];
  /** The same for `diag.warn`: what means something after all, though perhaps not what was meant. */
  readonly warnings: readonly string[];
}

/**
 * Reads the configuration: for each option, the environment before the file of `..._CONFIG_FILE` before that of
 * `OTEL_CONFIG_FILE`. Never throws: what is wrong is left out, and described in `problems`.
 *
 * @param cwd directory that relative paths in environment variables start at
 */
export function readZeroCodeConfig(env: NodeJS.ProcessEnv, cwd: string): ZeroCodeConfig {
  const config = read(env, cwd);
  knownConfigs.set(keyOf(env, cwd), config);
  return config;
}

/** What has been read: the problems in it have been reported, and files need no second reading. */
const knownConfigs = new Map<string, ZeroCodeConfig>();
const keyOf = (env: NodeJS.ProcessEnv, cwd: string) =>
  JSON.stringify([cwd, ...VARIABLES.map((name) => env[name]), ...unknownVariables(env, OWN_VARIABLES)]);

/**
 * The same for programs that configure the instrumentation in code. Problems are reported here, once.
 *
 * @returns undefined if no variable is set
 */
export function readOutsideConfig(): ZeroCodeConfig | undefined {
  const { env } = process;
  const isSet = VARIABLES.some((name) => readString(env, name) !== undefined);
  if (!isSet && unknownVariables(env, OWN_VARIABLES).length === 0) return undefined;
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

function read(env: NodeJS.ProcessEnv, cwd: string): ZeroCodeConfig {
  const problems: string[] = [];
  const warnings = unknownVariables(env, OWN_VARIABLES).map(describeVariable);
  const context = { env, cwd, problems };
  const fromEnvironment = readEnvironment(env, cwd, { problems, warnings });
  const ownFile = readString(env, OWN_FILE);
  const own = ownFile === undefined ? undefined : fileModule().readOwnFile(ownFile, OWN_FILE, context);
  const declarativeFile = readString(env, DECLARATIVE_FILE);
  const declarative =
    declarativeFile === undefined
      ? undefined
      : fileModule().readDeclarativeFile(declarativeFile, DECLARATIVE_FILE, context);

  const {
    enabled = true,
    exitTimeout = DEFAULT_EXIT_TIMEOUT_MS,
    ...options
  } = merge([fromEnvironment, own, declarative?.layer]);
  return {
    sdkDisabled: declarative?.sdkDisabled ?? readBoolean(env, SDK_DISABLED, warnings) ?? false,
    enabled: enabled && !readList(env, DISABLED_INSTRUMENTATIONS).some((name) => NAMES.includes(name)),
    exitTimeout,
    instrumentation: { baseDir: cwd, ...options },
    problems,
    warnings,
  };
}

function describeVariable(name: string): string {
  const short = (each: string) => each.replace(PREFIX, '..._');
  return describeUnknown(name, short(name), OWN_VARIABLES.map(short), 'variable');
}

/** Loaded only here: with the YAML parser, it takes longer than all the rest, and most applications have no file. */
function fileModule(): typeof File {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return require('./file') as typeof File;
}

function readEnvironment(
  env: NodeJS.ProcessEnv,
  cwd: string,
  { problems, warnings }: Record<'problems' | 'warnings', string[]>,
): FileLayer {
  const placeOf = (variable: string) => ({ source: variable, path: '', baseDir: cwd, problems });
  const targets = readString(env, TARGETS);
  const presets = readString(env, PRESETS);
  const contextSwitch = readString(env, CONTEXT_SWITCH);
  if (contextSwitch !== undefined && contextSwitch.toLowerCase() !== 'api') {
    problems.push(invalid(CONTEXT_SWITCH, contextSwitch, '"api"').message);
  }
  return {
    targets: targets === undefined ? undefined : readShorthands(targets, placeOf(TARGETS)),
    presets: presets === undefined ? undefined : readPresetNames(presets, placeOf(PRESETS)),
    enabled: readBoolean(env, ENABLED, warnings),
    exitTimeout: readTimeout(env, problems),
    baseDir: cwd,
  };
}

function readTimeout(env: NodeJS.ProcessEnv, problems: string[]): number | undefined {
  const text = readString(env, EXIT_TIMEOUT);
  if (text === undefined || isTimeout(Number(text))) return text === undefined ? undefined : Number(text);
  problems.push(invalid(EXIT_TIMEOUT, text, TIMEOUT).message);
  return undefined;
}

/** Option by option, the first layer that has it. Paths in targets start where the targets come from. */
function merge(layers: readonly (FileLayer | undefined)[]): ConfigLayer & { baseDir?: string } {
  const merged: ConfigLayer & { baseDir?: string } = {};
  for (const layer of layers) {
    if (layer === undefined) continue;
    const { baseDir, ...options } = layer;
    if (options.targets !== undefined && merged.targets === undefined) merged.baseDir = baseDir;
    Object.assign(merged, { ...definedOnly(options), ...definedOnly(merged) });
  }
  return merged;
}

function definedOnly<T extends object>(options: T): Partial<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<T>;
}
