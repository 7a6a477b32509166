/**
 * Traces an application that contains no line about it: reads the configuration, sets up what is missing, and ends
 * everything when the process ends.
 */
import { metrics, trace } from '@opentelemetry/api';
import path = require('node:path');
import { isMainThread } from 'node:worker_threads';
import { configure, PREFIX, readZeroCodeConfig, type Configuration, type ZeroCodeConfig } from '../options/sources';
import { registerHooks } from '../watch/register-hooks';
import { AsyncGeneratorInstrumentation } from '../instrumentation';
import { RUN_REPORT_VARIABLE, RUN_SPANS_VARIABLE } from '../run-report/protocol';
import { interruptManualRuns, observeManualRuns } from '../manual/options';
import { isLauncher, isOwnCommand } from '../own-files';
import type { openRunReport, reportSignals, RunReportWriter } from '../run-report/runs';
import type * as Tracer from '../run-report/tracer';
import { applicationFolders, INSTALL_COMMAND } from '../base/installed';
import { logger, sayAll } from '../base/logger';
import { registeredTracerProvider } from '../base/registry';
import { beforeSdkShutdown, exportsNothing, onOtherSdk } from './other-sdk';
import { SdkExports } from './exports/sdk-exports';
import { ignoreMeter } from '../telemetry/metrics';
import { PACKAGE_NAME, PACKAGE_VERSION } from '../version';
import { onEndOfProcess } from './process-end';
import { findSdk, isStockPreloaded, loadCoreModules, loadInstrumentations, loadSdk, startSdk } from './sdk';
import { prepareTakeOver } from './take-over';

/** However often, and in however many copies, this package is preloaded into a thread. */
const STARTED = Symbol.for('opentelemetry-instrumentation-async-generator.register');

const WHAT_TO_SET = `set ${PREFIX}TARGETS (your own files: './src/**/*.js'), ${PREFIX}PRESETS or ${PREFIX}CONFIG_FILE`;

/** Sets everything up, once, unless the application is this package's command line. Never throws: the application also runs without tracing. */
export function start(): void {
  const global = globalThis as Record<symbol, unknown>;
  if (global[STARTED] === true || isOwnCommand()) return;
  global[STARTED] = true;
  try {
    const reportFile = process.env[RUN_REPORT_VARIABLE];
    // The user does not want its generators, and it would wait for the set-up of tracing.
    if (reportFile && isLauncher()) return;
    // The command reports targets itself, and one thread of a program, the main one, is enough to do so.
    sayAll(isMainThread && !reportFile ? ['error', 'warn', 'info'] : ['error']);
    // Also where tracing fails: the command needs it.
    if (reportFile && isMainThread) runReport().reportSignals(reportFile);
    const config = readZeroCodeConfig(process.env, process.cwd());
    if (!config.sdkDisabled) setUp(config)?.ready();
  } catch (error) {
    logger.error('Could not set up tracing, the application runs on without', error);
  }
}

/** @returns the report for the command, where that has started the program */
function setUp(config: ZeroCodeConfig): RunReportWriter | undefined {
  const reportFile = process.env[RUN_REPORT_VARIABLE];
  const report = reportFile ? runReport().openRunReport(reportFile) : undefined;
  if (report !== undefined) observeManualRuns(report.hooks);
  const configuration = compile(config, report);
  // The command says it in its own words, and the main thread says it for all threads.
  if (report === undefined && isMainThread) tellOf(config, configuration);
  if (registeredTracerProvider() !== undefined) {
    joinSdk(configuration, report);
    return report;
  }
  const folders = applicationFolders();
  if (isStockPreloaded()) {
    // Not before: see `loadSdk`.
    let instrumentation: AsyncGeneratorInstrumentation | undefined;
    onOtherSdk(folders[0], {
      after() {
        instrumentation = joinSdk(configuration, report);
      },
      afterMetrics() {
        useMeterProvider(instrumentation);
      },
    });
    return report;
  }
  const sdk = findSdk(folders);
  if (sdk === undefined) {
    if (report !== undefined && process.env.OTEL_TRACES_EXPORTER === 'none') {
      traceWithoutSdk(configuration, report, folders);
      return report;
    }
    logger.error(`Nothing is traced, since there is no OpenTelemetry SDK. Install it: ${INSTALL_COMMAND}`);
    return report;
  }
  loadSdk(sdk);
  const others = loadInstrumentations(folders, wantsSpans());
  const instrumentation = createInstrumentation(configuration);
  const running = startSdk(sdk, { others, instrumentation, needsSpans: report !== undefined });
  report?.watchSpans(registeredTracerProvider());
  const hasMetrics = METRICS_VARIABLES.some((name) => Boolean(process.env[name]));
  if (!hasMetrics) {
    ignoreMeter(metrics.getMeterProvider().getMeter(PACKAGE_NAME, PACKAGE_VERSION));
    useMeterProvider(instrumentation);
  }
  const takeOver = prepareTakeOver(sdk, running, others);
  const exports = new SdkExports(sdk, running, config.exitTimeout, hasMetrics);
  // The application may set up an SDK, which then takes the place of this one.
  onOtherSdk(path.dirname(sdk.file), {
    before() {
      exports.close();
      takeOver.before();
    },
    after() {
      takeOver.after();
      useProvider(instrumentation, report);
    },
    afterMetrics() {
      useMeterProvider(instrumentation);
    },
  });
  endWithProcess(instrumentation, exports, report);
  return report;
}

/**
 * What says where metrics go. Without any of these variables, the SDK sends metrics to a collector on this machine. Often there is none, and the
 * end of a program would wait for it, for metrics that the user did not ask for.
 */
const METRICS_VARIABLES = [
  'OTEL_METRICS_EXPORTER',
  'OTEL_EXPORTER_OTLP_ENDPOINT',
  'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT',
  'OTEL_CONFIG_FILE',
];

// Loaded only here: a program that the `run` command has not started does not wait for it.
/* eslint-disable @typescript-eslint/no-require-imports */
const runReport = () =>
  require('../run-report/runs') as { openRunReport: typeof openRunReport; reportSignals: typeof reportSignals };
const tracer = () => require('../run-report/tracer') as typeof Tracer;
/* eslint-enable @typescript-eslint/no-require-imports */

const wantsSpans = () => Boolean(process.env[RUN_SPANS_VARIABLE]);

/** @returns undefined if the instrumentation is switched off */
function compile(
  { enabled, instrumentation, namesTargets }: ZeroCodeConfig,
  report: RunReportWriter | undefined,
): Configuration | undefined {
  if (!enabled) return undefined;
  return configure({ ...(!namesTargets && { presets: 'auto' }), ...instrumentation, ...report?.hooks });
}

function createInstrumentation(configuration: Configuration | undefined): AsyncGeneratorInstrumentation | undefined {
  if (configuration === undefined) return undefined;
  try {
    registerHooks(configuration.resolved);
  } catch (error) {
    // For example where they need a thread, and Node's permission model allows none. What is required is still traced.
    logger.error('Could not register the import hooks: no import of an ES module is traced', error);
  }
  return new AsyncGeneratorInstrumentation(configuration);
}

/** Adds the instrumentation to an SDK that is registered already. */
function joinSdk(
  configuration: Configuration | undefined,
  report: RunReportWriter | undefined,
): AsyncGeneratorInstrumentation | undefined {
  if (exportsNothing(registeredTracerProvider())) {
    logger.warn('the tracer provider that is registered has no span processor: spans are made, and go nowhere');
  }
  const instrumentation = createInstrumentation(configuration);
  useProvider(instrumentation, report);
  endWithProcess(instrumentation, undefined, report);
  return instrumentation;
}

/** The timeline of the command needs spans, which go nowhere, and no SDK. */
function traceWithoutSdk(
  configuration: Configuration | undefined,
  report: RunReportWriter,
  folders: [string, ...string[]],
): void {
  tracer().startTracer();
  const others = loadInstrumentations(folders, wantsSpans());
  const instrumentation = createInstrumentation(configuration);
  if (others.length > 0) loadCoreModules();
  report.watchSpans(registeredTracerProvider());
  onOtherSdk(folders[0], {
    before: () => undefined,
    after() {
      useProvider(instrumentation, report);
    },
  });
  endWithProcess(instrumentation, undefined, report);
}

function useProvider(
  instrumentation: AsyncGeneratorInstrumentation | undefined,
  report: RunReportWriter | undefined,
): void {
  instrumentation?.setTracerProvider(trace.getTracerProvider());
  report?.watchSpans(registeredTracerProvider());
  useMeterProvider(instrumentation);
  beforeSdkShutdown(() => {
    endRuns(instrumentation);
  });
}

function useMeterProvider(instrumentation: AsyncGeneratorInstrumentation | undefined): void {
  instrumentation?.setMeterProvider(metrics.getMeterProvider());
}

/** Includes runs that are traced by hand, whether or not the instrumentation is enabled. */
function endRuns(instrumentation: AsyncGeneratorInstrumentation | undefined): void {
  instrumentation?.disable();
  interruptManualRuns();
}

/** @param exports of the SDK that this package has started; another one has been shut down before, or loses what ends now */
function endWithProcess(
  instrumentation: AsyncGeneratorInstrumentation | undefined,
  exports: SdkExports | undefined,
  report: RunReportWriter | undefined,
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

function tellOf({ problems, warnings }: ZeroCodeConfig, configuration: Configuration | undefined): void {
  for (const problem of problems) logger.error(problem);
  for (const warning of warnings) logger.warn(warning);
  const { autoPresets, targets } = configuration?.resolved ?? {};
  if (targets?.length === 0 && problems.length === 0) {
    const why =
      autoPresets === undefined
        ? 'no targets or presets are configured'
        : 'no targets are configured, and no installed package has a preset';
    logger.warn(`${why}: nothing is traced; ${WHAT_TO_SET}`);
  } else if (autoPresets !== undefined) {
    const chosen = Array.from(autoPresets, ([preset, name]) => `${preset} (${name})`);
    logger.info(`presets of packages that are installed: ${chosen.join(', ') || 'none'}`);
  }
}
