/**
 * The SDK that this package starts itself, where the application has none that is running.
 */
import {
  context,
  diag,
  metrics,
  propagation,
  ProxyTracerProvider,
  trace,
  type TracerProvider,
} from '@opentelemetry/api';
import type { Instrumentation } from '@opentelemetry/instrumentation';
import { performance } from 'node:perf_hooks';
import { RUN_REPORT_VARIABLE } from '../cli/run-report';
import { loadBuiltin, syncBuiltins } from '../hooks/builtins';
import { withDiagLogger } from './diag-logger';
import { logsApi } from './exports/find-exporters';
import { SdkExports } from './exports/sdk-exports';
import { registeredTracerProvider } from './other-sdk';
import { onTracerAsked, redirectable } from './redirect';
import { startSdk, type FoundSdk, type RunningSdk } from './sdk';

const HTTP = '@opentelemetry/instrumentation-http';

// Taken at load: programs, and their tests above all, put clocks of their own in the place of Node's.
const now = performance.now.bind(performance);

/** As long as a collector that does not answer may delay the end of the process. */
const FLUSH_TIMEOUT_MS = 2000;

export interface OwnSdk {
  /** Collects what needs an event loop. Undefined if there is nothing of the kind. */
  readonly collect: (() => Promise<void>) | undefined;
  /** Exports what has ended, and blocks until it is out, for two seconds at most. */
  flushSync(): void;
  /** The process goes on after all. */
  resume(): void;
  /** Makes way for another SDK, just before that registers itself. */
  readonly yield: () => void;
  /** Called when it has. */
  readonly afterYield: () => void;
}

/** Does nothing with spans: NodeSDK registers no provider without a span processor. */
const DISCARD = {
  onStart: () => undefined,
  onEnd: () => undefined,
  forceFlush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
};

/**
 * @param others the instrumentations that are included, from `loadSdk`
 * @param instrumentation this package's, if it is enabled
 */
export function startOwnSdk(
  sdk: FoundSdk,
  others: readonly Instrumentation[],
  instrumentation: Instrumentation | undefined,
): OwnSdk {
  const instrumentations = instrumentation === undefined ? others : [instrumentation, ...others];
  const running = startSdk(sdk, { instrumentations, ...(isReportOnly() && { spanProcessors: [DISCARD] }) });
  if (others.length > 0) loadCoreModules();
  warnOfSecondApi();
  const provider = registeredTracerProvider() as TracerProvider | undefined;
  const logs = logsApi(sdk.require);
  // They have proxies, which ask for the tracer with the first span only. From now on, it is others who ask.
  if (provider !== undefined) for (const each of others) each.setTracerProvider(provider);
  const redirects = [
    redirectable(provider, 'getTracer', () => trace.getTracerProvider()),
    redirectable(logs?.getLoggerProvider(), 'getLogger', () => logs?.getLoggerProvider()),
  ];
  let isHttpTraced = false;
  onTracerAsked(provider, HTTP, () => {
    isHttpTraced = true;
  });
  const exports = new SdkExports(sdk.require, sdk.file, running.isConfiguredByFile);
  let isRunning = true;
  /** Of the time that the end of the process may take, in milliseconds. */
  let spent = 0;
  return {
    collect: exports.needsEventLoop
      ? async () => {
          const begun = now();
          if (isRunning) await exports.collect();
          spent = now() - begun;
        }
      : undefined,
    flushSync() {
      // Also where another SDK has taken over: what ended before that may not be out yet.
      exports.flushSync(FLUSH_TIMEOUT_MS - spent);
    },
    resume() {
      exports.resume();
    },
    yield: () => {
      isRunning = false;
      exports.close();
      makeWay(running, others, logs);
    },
    afterYield: () => {
      for (const redirect of redirects) redirect();
      if (isHttpTraced) keepHttp(others);
      else
        onTracerAsked(registeredTracerProvider(), HTTP, () => {
          if (isHttpTraced) return;
          // Before ours asks in its turn.
          isHttpTraced = true;
          keepHttp(others);
        });
    },
  };
}

/** For a timeline of the runs, spans need not go anywhere, but there must be some. */
function isReportOnly(): boolean {
  return Boolean(process.env[RUN_REPORT_VARIABLE]) && process.env.OTEL_TRACES_EXPORTER === 'none';
}

/**
 * Instrumentations patch these when they are required, and an import alone does not require them: an ES module that
 * imports `node:http` would not be traced. Only where there are such instrumentations: OpenTelemetry's hook would not tell
 * of them again to those of an SDK that the application sets up later.
 */
function loadCoreModules(): void {
  for (const name of ['http', 'https']) loadBuiltin(name);
  syncBuiltins();
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

/**
 * OpenTelemetry's hook tells of a core module only once. So the HTTP instrumentation of the SDK that ours has made way for
 * may never hear of `http`, in which case ours goes on, for that SDK. Call it only if that SDK has one.
 */
function keepHttp(instrumentations: readonly Instrumentation[]): void {
  const { request } = loadBuiltin('http') as { request: { __wrapped?: boolean } };
  if (request.__wrapped === true) return;
  for (const instrumentation of instrumentations) {
    if (instrumentation.instrumentationName !== HTTP) continue;
    instrumentation.setTracerProvider(trace.getTracerProvider());
    instrumentation.setMeterProvider(metrics.getMeterProvider());
    instrumentation.enable();
  }
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
