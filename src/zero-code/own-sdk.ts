/**
 * The SDK that this package starts itself, where the application has none that is running.
 */
import { context, diag, metrics, propagation, ProxyTracerProvider, trace } from '@opentelemetry/api';
import type { Instrumentation } from '@opentelemetry/instrumentation';
import { RUN_REPORT_VARIABLE } from '../cli/run-report';
import { withDiagLogger } from './diag-logger';
import { logsApi } from './exports/find-exporters';
import { SdkExports } from './exports/sdk-exports';
import { registeredTracerProvider } from './other-sdk';
import { autoInstrumentations, startSdk, type FoundSdk, type RunningSdk } from './sdk';

/** As long as a collector that does not answer may delay the end of the process. */
const FLUSH_TIMEOUT_MS = 2000;

export interface OwnSdk {
  /** Collects what needs an event loop. Undefined if there is nothing of the kind. */
  readonly collect: (() => Promise<void>) | undefined;
  /** Exports what has ended, and blocks until it is out, for two seconds at most. */
  flushSync(): void;
  /** Makes way for another SDK. */
  yield(): void;
}

/** Does nothing with spans: NodeSDK registers no provider without a span processor. */
const DISCARD = {
  onStart: () => undefined,
  onEnd: () => undefined,
  forceFlush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
};

/** @param instrumentation this package's, if it is enabled */
export function startOwnSdk(
  sdk: FoundSdk,
  folders: readonly string[],
  instrumentation: Instrumentation | undefined,
): OwnSdk {
  const others = autoInstrumentations(folders);
  const instrumentations = instrumentation === undefined ? others : [instrumentation, ...others];
  const running = startSdk(sdk, { instrumentations, ...(isReportOnly() && { spanProcessors: [DISCARD] }) });
  warnOfSecondApi();
  let exports: SdkExports | undefined = new SdkExports(sdk.require, sdk.file, running.isConfiguredByFile);
  /** The whole end of the process shares it. */
  let deadline: number | undefined;
  return {
    collect: exports.needsEventLoop
      ? async () => {
          deadline ??= Date.now() + FLUSH_TIMEOUT_MS;
          await exports?.collect();
        }
      : undefined,
    flushSync() {
      exports?.flushSync(deadline ?? Date.now() + FLUSH_TIMEOUT_MS);
    },
    yield() {
      exports = undefined;
      makeWay(running, others, logsApi(sdk.require));
    },
  };
}

/** For a timeline of the runs, spans need not go anywhere, but there must be some. */
function isReportOnly(): boolean {
  return Boolean(process.env[RUN_REPORT_VARIABLE]) && process.env.OTEL_TRACES_EXPORTER === 'none';
}

/** Unregisters the SDK, and silences its instrumentations, which the other one has, too. */
function makeWay(
  running: RunningSdk,
  instrumentations: readonly Instrumentation[],
  logs: { disable(): void } | undefined,
): void {
  // Their patches may be below those of others by now, and stay: with a tracer that starts nothing.
  const silent = new ProxyTracerProvider();
  for (const instrumentation of instrumentations) {
    instrumentation.disable();
    instrumentation.setTracerProvider(silent);
  }
  for (const api of [trace, context, propagation, metrics, logs]) api?.disable();
  running.shutdown().catch((error: unknown) => {
    diag.error('Could not shut the SDK down that made way for another one', error);
  });
}

/** Spans of this package would silently go nowhere. */
function warnOfSecondApi(): void {
  const mayBeNone = process.env.OTEL_TRACES_EXPORTER === 'none' || Boolean(process.env.OTEL_CONFIG_FILE);
  if (mayBeNone || registeredTracerProvider() !== undefined) return;
  withDiagLogger(() => {
    diag.error(
      'No span can be made: the SDK uses another copy of @opentelemetry/api than this package. Install one version of it (npm ls @opentelemetry/api)',
    );
  });
}
