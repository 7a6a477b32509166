/**
 * Traces an application that contains no line about it: reads the configuration, sets up what is missing, and ends
 * everything when the process ends.
 */
import { metrics, trace } from '@opentelemetry/api';
import path = require('node:path');
import { isMainThread } from 'node:worker_threads';
import { PREFIX, readZeroCodeConfig, type ZeroCodeConfig } from '../options/sources';
import { registerImportHooks } from '../register-import-hooks';
import { AsyncGeneratorInstrumentation } from '../instrumentation';
import { RUN_REPORT_VARIABLE } from '../run-report/protocol';
import { interruptManualRuns, observeManualRuns } from '../manual/options';
import { isOwnCommand } from '../own-files';
import type * as Runs from '../run-report/runs';
import type * as Signals from '../run-report/signals';
import { INSTALL_COMMAND } from '../base/installed';
import { logger, sayAll } from '../base/logger';
import { registeredTracerProvider } from '../base/registry';
import { beforeSdkShutdown, exportsNothing, onOtherSdk } from './other-sdk';
import { SdkExports } from './exports/sdk-exports';
import { ignoreMeter } from '../telemetry/metrics';
import { PACKAGE_NAME, PACKAGE_VERSION } from '../version';
import { onEndOfProcess } from './process-end';
import { applicationFolders, findSdk, isStockPreloaded, loadSdk, startSdk } from './sdk';
import { prepareTakeOver } from './take-over';

/** However often, and in however many copies, this package is preloaded into a thread. */
const STARTED = Symbol.for('opentelemetry-instrumentation-async-generator.register');

const NOTHING_TO_TRACE =
  `no targets or presets are configured: nothing is traced; set ${PREFIX}TARGETS, ${PREFIX}PRESETS or ` +
  `${PREFIX}CONFIG_FILE`;

/** Sets everything up, once, unless the application is the command line of this package. Never throws: the application runs on, untraced if need be. */
export function start(): void {
  const global = globalThis as Record<symbol, unknown>;
  if (global[STARTED] === true || isOwnCommand()) return;
  global[STARTED] = true;
  try {
    const reportFile = process.env[RUN_REPORT_VARIABLE];
    // The command reports targets itself, and one thread of a program, the main one, is enough to do so.
    sayAll(isMainThread && !reportFile ? ['error', 'warn'] : ['error']);
    // Also where tracing fails: the command needs it.
    if (reportFile && isMainThread) reportSignals(reportFile);
    const config = readZeroCodeConfig(process.env, process.cwd());
    if (!config.sdkDisabled) setUp(config)?.ready();
  } catch (error) {
    logger.error('Could not set up tracing, the application runs on without', error);
  }
}

/** @returns the report for the command, where that has started the program */
function setUp(config: ZeroCodeConfig): Runs.RunReportWriter | undefined {
  const report = openReport();
  if (report !== undefined) observeManualRuns(report.hooks);
  // The command says it in its own words, and the main thread says it for all threads.
  if (report === undefined && isMainThread) tellOf(config);
  if (registeredTracerProvider() !== undefined) {
    joinSdk(config, report);
    return report;
  }
  const folders = applicationFolders();
  if (isStockPreloaded()) {
    // Not before: see `loadSdk`.
    let instrumentation: AsyncGeneratorInstrumentation | undefined;
    onOtherSdk(folders[0], {
      after() {
        instrumentation = joinSdk(config, report);
      },
      afterMetrics() {
        useMeterProvider(instrumentation);
      },
    });
    return report;
  }
  const sdk = findSdk(folders);
  if (sdk === undefined) {
    logger.error(`Nothing is traced, since there is no OpenTelemetry SDK. Install it: ${INSTALL_COMMAND}`);
    return report;
  }
  const others = loadSdk(sdk, folders);
  const instrumentation = createInstrumentation(config, report);
  const running = startSdk(sdk, { others, instrumentation, needsSpans: report !== undefined });
  if (!choosesMetrics(process.env)) {
    ignoreMeter(metrics.getMeterProvider().getMeter(PACKAGE_NAME, PACKAGE_VERSION));
    useMeterProvider(instrumentation);
  }
  const takeOver = prepareTakeOver(sdk, running, others);
  const exports = new SdkExports(sdk, running, config.exitTimeout);
  // The application may set up an SDK, which then takes the place of this one.
  onOtherSdk(path.dirname(sdk.file), {
    before() {
      exports.close();
      takeOver.before();
    },
    after() {
      takeOver.after();
      useProvider(instrumentation);
    },
    afterMetrics() {
      useMeterProvider(instrumentation);
    },
  });
  endWithProcess(instrumentation, exports, report);
  return report;
}

/**
 * Whether the environment says where metrics go. If not, the SDK sends them to a collector on this machine. Most programs that are tried out
 * have none, and would wait for it when they end, for metrics that were not asked for.
 */
function choosesMetrics(env: NodeJS.ProcessEnv): boolean {
  return METRICS_VARIABLES.some((name) => Boolean(env[name]));
}

const METRICS_VARIABLES = [
  'OTEL_METRICS_EXPORTER',
  'OTEL_EXPORTER_OTLP_ENDPOINT',
  'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT',
  'OTEL_CONFIG_FILE',
];

// Loaded only here: a program that the `run` command has not started does not wait for it.
/* eslint-disable @typescript-eslint/no-require-imports */
function reportSignals(file: string): void {
  (require('../run-report/signals') as typeof Signals).reportSignals(file);
}

function openReport(): Runs.RunReportWriter | undefined {
  const file = process.env[RUN_REPORT_VARIABLE];
  return file ? (require('../run-report/runs') as typeof Runs).openRunReport(file) : undefined;
}
/* eslint-enable @typescript-eslint/no-require-imports */

function createInstrumentation(
  { enabled, instrumentation: config }: ZeroCodeConfig,
  report: Runs.RunReportWriter | undefined,
): AsyncGeneratorInstrumentation | undefined {
  if (!enabled) return undefined;
  const { targets, baseDir, presets } = config;
  try {
    registerImportHooks({ targets, baseDir, presets });
  } catch (error) {
    // For example where they need a thread, and Node's permission model allows none. What is required is still traced.
    logger.error('Could not register the import hooks: no import of an ES module is traced', error);
  }
  return new AsyncGeneratorInstrumentation({ ...config, ...report?.hooks });
}

/** Adds the instrumentation to an SDK that is registered already. */
function joinSdk(
  config: ZeroCodeConfig,
  report: Runs.RunReportWriter | undefined,
): AsyncGeneratorInstrumentation | undefined {
  if (exportsNothing(registeredTracerProvider())) {
    logger.warn('the tracer provider that is registered has no span processor: spans are made, and go nowhere');
  }
  const instrumentation = createInstrumentation(config, report);
  useProvider(instrumentation);
  endWithProcess(instrumentation, undefined, report);
  return instrumentation;
}

function useProvider(instrumentation: AsyncGeneratorInstrumentation | undefined): void {
  instrumentation?.setTracerProvider(trace.getTracerProvider());
  useMeterProvider(instrumentation);
  beforeSdkShutdown(() => {
    endRuns(instrumentation);
  });
}

function useMeterProvider(instrumentation: AsyncGeneratorInstrumentation | undefined): void {
  instrumentation?.setMeterProvider(metrics.getMeterProvider());
}

/** Also those that are traced by hand, whether or not the instrumentation is enabled. */
function endRuns(instrumentation: AsyncGeneratorInstrumentation | undefined): void {
  instrumentation?.disable();
  interruptManualRuns();
}

/** @param exports of the SDK that this package has started; another one has been shut down before, or loses what ends now */
function endWithProcess(
  instrumentation: AsyncGeneratorInstrumentation | undefined,
  exports: SdkExports | undefined,
  report: Runs.RunReportWriter | undefined,
): void {
  if (exports === undefined && report === undefined) return;
  onEndOfProcess({
    finish() {
      const time = report?.now();
      endRuns(instrumentation);
      // Also where another SDK has taken over: what ended before that may not have been exported.
      exports?.flushSync();
      if (report === undefined) exports?.tellLosses();
      report?.end(instrumentation?.getPatchReport() ?? [], exports?.undelivered, time);
    },
    resume() {
      instrumentation?.enable();
    },
    flush: exports === undefined || exports.isEmpty ? undefined : () => exports.flush(),
  });
}

function tellOf(config: ZeroCodeConfig): void {
  for (const problem of config.problems) logger.error(problem);
  for (const warning of config.warnings) logger.warn(warning);
  if (config.problems.length === 0 && tracesNothing(config)) logger.warn(NOTHING_TO_TRACE);
}

function tracesNothing({ enabled, instrumentation: { targets = [], presets = [] } }: ZeroCodeConfig): boolean {
  return enabled && targets.length === 0 && presets.length === 0;
}
