/**
 * Finds and starts OpenTelemetry's SDK for Node, which is the application's to install.
 */
import type { Instrumentation } from '@opentelemetry/instrumentation';
import { createRequire } from 'node:module';
import path = require('node:path');
import { resolveFrom } from '../base/installed';
import { NAMES } from '../options/sources';

const SDK = '@opentelemetry/sdk-node';
const AUTO_INSTRUMENTATIONS = '@opentelemetry/auto-instrumentations-node';

export interface FoundSdk {
  /** Absolute path of what `require('@opentelemetry/sdk-node')` loads. */
  readonly file: string;
  /** Resolves from there. */
  readonly require: NodeJS.Require;
}

/** What NodeSDK is given beyond the environment variables. */
export interface SdkOptions {
  readonly instrumentations: readonly Instrumentation[];
  readonly spanProcessors?: readonly object[];
}

export interface RunningSdk {
  /** Whether OTEL_CONFIG_FILE has made it, or the other variables. */
  readonly isConfiguredByFile: boolean;
  shutdown(): Promise<void>;
}

interface SdkModule {
  NodeSDK: new (options: SdkOptions) => { start(): void; shutdown(): Promise<void> };
  // Of the 2.x and of the 3.x line.
  startNodeSDK?: (options: SdkOptions) => { shutdown(): Promise<void> };
  startNodeSdk?: (options: SdkOptions) => { shutdown(): Promise<void> };
}

/** The application's folders: that of its entry file, and the one that it is started in. */
export function applicationFolders(): [string, ...string[]] {
  const [, entry] = process.argv;
  const cwd = process.cwd();
  return entry === undefined ? [cwd] : [path.dirname(path.resolve(entry)), cwd];
}

/**
 * Whether OpenTelemetry's own `@opentelemetry/auto-instrumentations-node/register` is among the preloads. It brings the SDK,
 * wherever it stands.
 */
export function isStockPreloaded(): boolean {
  return [...process.execArgv, process.env.NODE_OPTIONS ?? ''].some((option) => option.includes(AUTO_INSTRUMENTATIONS));
}

/** Looks for the SDK from each folder, then from this package. */
export function findSdk(folders: readonly string[]): FoundSdk | undefined {
  const file = resolveFrom(SDK, [...folders, __dirname]);
  return file === undefined ? undefined : { file, require: createRequire(file) };
}

/**
 * Loads the SDK and `@opentelemetry/auto-instrumentations-node`, where the application has it installed. Call it before an
 * instrumentation is made: from then on, OpenTelemetry's hook takes note of every core module that is required, and tells
 * of each only once, so that what the SDK requires for itself (`http`) would never be instrumented.
 *
 * @returns the instrumentations of the latter
 */
export function loadSdk(sdk: FoundSdk, folders: readonly string[]): Instrumentation[] {
  sdk.require(sdk.file);
  const file = resolveFrom(AUTO_INSTRUMENTATIONS, folders);
  if (file === undefined) return [];
  const { getNodeAutoInstrumentations } = createRequire(file)(file) as {
    getNodeAutoInstrumentations(): Instrumentation[];
  };
  return withoutOwnName(getNodeAutoInstrumentations);
}

/**
 * Starts the SDK and registers it globally: from the file that OTEL_CONFIG_FILE names, else from the other OTEL_*
 * variables.
 */
export function startSdk(sdk: FoundSdk, options: SdkOptions): RunningSdk {
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
