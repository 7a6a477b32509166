/**
 * Finds and starts OpenTelemetry's SDK for Node, which is the application's to install.
 */
import type { Instrumentation } from '@opentelemetry/instrumentation';
import { createRequire } from 'node:module';
import { resolveFrom } from '../base/installed';
import { registeredTracerProvider } from '../base/registry';
import { NAMES } from '../options/sources';
import { OWN_FOLDER } from '../own-files';
import { sayNoSpans } from '../telemetry/missing-provider';
import { loadBuiltin, syncBuiltins } from '../watch';

const SDK = '@opentelemetry/sdk-node';
const AUTO_INSTRUMENTATIONS = '@opentelemetry/auto-instrumentations-node';
/** Those of HTTP and databases. */
const INSTRUMENTATIONS = ['http', 'undici', 'pg', 'mysql2', 'mongodb', 'redis', 'ioredis'].map(
  (name) => `@opentelemetry/instrumentation-${name}`,
);

export interface FoundSdk {
  /** Absolute path of what `require('@opentelemetry/sdk-node')` loads. */
  readonly file: string;
  /** Resolves from there. */
  readonly require: NodeJS.Require;
}

/** What NodeSDK is given beyond the environment variables. */
interface NodeSdkOptions {
  readonly instrumentations: readonly Instrumentation[];
  readonly spanProcessors?: readonly object[];
}

export interface SdkOptions {
  /** The instrumentations that are included, from `loadSdk`. */
  readonly others: readonly Instrumentation[];
  /** This package's, if it is enabled. */
  readonly instrumentation: Instrumentation | undefined;
  /** Spans need not go anywhere, but there must be some: for a timeline of the runs. */
  readonly needsSpans: boolean;
}

export interface RunningSdk {
  /** Whether OTEL_CONFIG_FILE has made it, or the other variables. */
  readonly isConfiguredByFile: boolean;
  shutdown(): Promise<void>;
}

interface SdkModule {
  NodeSDK: new (options: NodeSdkOptions) => { start(): void; shutdown(): Promise<void> };
  // Of the 2.x and of the 3.x line.
  startNodeSDK?: (options: NodeSdkOptions) => { shutdown(): Promise<void> };
  startNodeSdk?: (options: NodeSdkOptions) => { shutdown(): Promise<void> };
}

/**
 * Whether OpenTelemetry's own `@opentelemetry/auto-instrumentations-node/register` is among the preloads. It brings the SDK,
 * in whichever order they are loaded.
 */
export function isStockPreloaded(): boolean {
  return [...process.execArgv, process.env.NODE_OPTIONS ?? ''].some((option) => option.includes(AUTO_INSTRUMENTATIONS));
}

/** Looks for the SDK from each folder, then from this package. */
export function findSdk(folders: readonly string[]): FoundSdk | undefined {
  const file = resolveFrom(SDK, [...folders, OWN_FOLDER]);
  return file === undefined ? undefined : { file, require: createRequire(file) };
}

/**
 * Loads the SDK. Call it before an instrumentation is made: from then on, OpenTelemetry's hook takes note of every core module that is
 * required, and tells of each only once, so that what the SDK requires for itself (`http`) would never be instrumented.
 */
export function loadSdk(sdk: FoundSdk): void {
  sdk.require(sdk.file);
}

/**
 * Makes the instrumentations of `@opentelemetry/auto-instrumentations-node`, where the application has it installed.
 *
 * @param wantsSpans then those of HTTP and databases count that are installed one by one
 */
export function loadInstrumentations(folders: readonly string[], wantsSpans: boolean): Instrumentation[] {
  const file = resolveFrom(AUTO_INSTRUMENTATIONS, folders);
  if (file !== undefined) {
    const { getNodeAutoInstrumentations } = createRequire(file)(file) as {
      getNodeAutoInstrumentations(): Instrumentation[];
    };
    return withoutOwnName(getNodeAutoInstrumentations);
  }
  return wantsSpans ? INSTRUMENTATIONS.flatMap((name) => loadInstrumentation(name, folders)) : [];
}

function loadInstrumentation(name: string, folders: readonly string[]): Instrumentation[] {
  const file = resolveFrom(name, folders);
  if (file === undefined) return [];
  const exports = Object.values(createRequire(file)(file) as Readonly<Record<string, unknown>>);
  const Found = exports.find((each) => typeof each === 'function' && each.name.endsWith('Instrumentation'));
  return Found === undefined ? [] : [new (Found as new () => Instrumentation)()];
}

/** Whether there is an instrumentation of HTTP or a database for `loadInstrumentations`. */
export const hasInstrumentations = (folders: readonly string[]): boolean =>
  [AUTO_INSTRUMENTATIONS, ...INSTRUMENTATIONS].some((name) => resolveFrom(name, folders) !== undefined);

/** Does nothing with spans: NodeSDK registers no provider without a span processor. */
const DISCARD = {
  onStart: () => undefined,
  onEnd: () => undefined,
  forceFlush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
};

/**
 * Starts the SDK and registers it globally: from the file that OTEL_CONFIG_FILE names, else from the other OTEL_*
 * variables.
 */
export function startSdk(sdk: FoundSdk, { others, instrumentation, needsSpans }: SdkOptions): RunningSdk {
  const discards = needsSpans && process.env.OTEL_TRACES_EXPORTER === 'none';
  const running = startNodeSdk(sdk, {
    instrumentations: instrumentation === undefined ? others : [instrumentation, ...others],
    ...(discards && { spanProcessors: [DISCARD] }),
  });
  if (others.length > 0) loadCoreModules();
  warnOfSecondApi();
  return running;
}

function startNodeSdk(sdk: FoundSdk, options: NodeSdkOptions): RunningSdk {
  const { NodeSDK, startNodeSDK, startNodeSdk } = sdk.require(sdk.file) as SdkModule;
  const startFromFile = startNodeSdk ?? startNodeSDK;
  if (process.env.OTEL_CONFIG_FILE && startFromFile !== undefined) {
    const running = startFromFile(options);
    return { isConfiguredByFile: true, shutdown: () => running.shutdown() };
  }
  const running = new NodeSDK(options);
  running.start();
  return { isConfiguredByFile: false, shutdown: () => running.shutdown() };
}

/**
 * Instrumentations patch these when they are required, and an import alone does not require them: an ES module that
 * imports `node:http` would not be traced. Only where there are such instrumentations: OpenTelemetry's hook would not tell
 * of them again to those of an SDK that the application sets up later.
 */
export function loadCoreModules(): void {
  for (const name of ['http', 'https']) loadBuiltin(name);
  syncBuiltins();
}

/** Spans of this package would silently go nowhere. */
function warnOfSecondApi(): void {
  const mayBeNone = process.env.OTEL_TRACES_EXPORTER === 'none' || Boolean(process.env.OTEL_CONFIG_FILE);
  if (mayBeNone || registeredTracerProvider() !== undefined) return;
  sayNoSpans(
    'error',
    'the SDK uses another copy of @opentelemetry/api than this package. Install one version of it (npm ls @opentelemetry/api)',
  );
}

const DISABLED = 'OTEL_NODE_DISABLED_INSTRUMENTATIONS';

/** They complain about names in the variable that they do not know, such as this package's. */
function withoutOwnName<T>(run: () => T): T {
  const names = process.env[DISABLED];
  if (names === undefined) return run();
  const others = names.split(',').filter((name) => !NAMES.includes(name.trim()));
  process.env[DISABLED] = others.join(',');
  try {
    return run();
  } finally {
    process.env[DISABLED] = names;
  }
}
