/**
 * Traces an application that contains no line about it: reads the configuration, sets up what is missing, and ends
 * everything when the process ends.
 */
import { diag, metrics, trace } from '@opentelemetry/api';
import { openRunReport, RUN_REPORT_VARIABLE, type RunReportWriter } from '../cli/run-report';
import { readZeroCodeConfig, type ZeroCodeConfig } from '../config/zero-code';
import { isInternalThread } from '../hooks/internal-thread';
import { registerImportHooks } from '../hooks/loader';
import { AsyncGeneratorInstrumentation } from '../instrumentation';
import { withDiagLogger } from './diag-logger';
import { beforeOtherSdkRegisters, beforeSdkShutdown, registeredTracerProvider } from './other-sdk';
import { startOwnSdk } from './own-sdk';
import { onEndOfProcess } from './process-end';
import { applicationFolders, findSdk, INSTALL_COMMAND } from './sdk';

/** However often, and in however many copies, this package is preloaded into a thread. */
const STARTED = Symbol.for('opentelemetry-instrumentation-async-generator.register');

/** Sets everything up, once. Never throws: the application runs on, untraced if need be. */
export function start(): void {
  const global = globalThis as Record<symbol, unknown>;
  if (isInternalThread() || global[STARTED] === true) return;
  global[STARTED] = true;
  try {
    const config = readZeroCodeConfig(process.env, process.cwd());
    if (!config.sdkDisabled) setUp(config);
  } catch (error) {
    withDiagLogger(() => {
      diag.error('Could not set up tracing, the application runs on without', error);
    });
  }
}

function setUp(config: ZeroCodeConfig): void {
  const folders = applicationFolders();
  const isRegistered = registeredTracerProvider() !== undefined;
  const sdk = isRegistered ? undefined : findSdk(folders);
  withDiagLogger(() => {
    for (const problem of config.problems) diag.error(problem);
    if (sdk === undefined && !isRegistered) diag.error(`Nothing is traced: no OpenTelemetry SDK, ${INSTALL_COMMAND}`);
  });
  if (sdk === undefined && !isRegistered) return;

  const report = openReport();
  const instrumentation = config.enabled ? createInstrumentation(config, report) : undefined;
  const own = sdk === undefined ? undefined : startOwnSdk(sdk, folders, instrumentation);
  if (own === undefined) joinSdk(instrumentation);
  else {
    beforeOtherSdkRegisters(() => {
      own.yield();
      // When the other one is there.
      queueMicrotask(() => {
        joinSdk(instrumentation);
      });
    });
  }
  const finish = () => {
    instrumentation?.disable();
    own?.flushSync();
    report?.end(instrumentation?.getPatchReport() ?? []);
  };
  if (own === undefined && report === undefined) process.on('exit', finish);
  else onEndOfProcess({ finish, resume: () => instrumentation?.enable(), collect: own?.collect });
}

function openReport(): RunReportWriter | undefined {
  const file = process.env[RUN_REPORT_VARIABLE];
  return file ? openRunReport(file) : undefined;
}

function createInstrumentation(
  { instrumentation: config }: ZeroCodeConfig,
  report: RunReportWriter | undefined,
): AsyncGeneratorInstrumentation {
  const { targets, baseDir } = config;
  registerImportHooks({ targets, baseDir });
  return new AsyncGeneratorInstrumentation({ ...config, ...report?.hooks });
}

/** Adds the instrumentation to an SDK that somebody else has registered. */
function joinSdk(instrumentation: AsyncGeneratorInstrumentation | undefined): void {
  if (instrumentation === undefined) return;
  instrumentation.setTracerProvider(trace.getTracerProvider());
  instrumentation.setMeterProvider(metrics.getMeterProvider());
  beforeSdkShutdown(() => {
    instrumentation.disable();
  });
}
