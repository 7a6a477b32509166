/**
 * The SDK that this package starts itself, where the application has none that is running.
 */
import type { Instrumentation } from '@opentelemetry/instrumentation';
import { performance } from 'node:perf_hooks';
import type { Undelivered } from '../run-report/protocol';
import { logger } from '../telemetry/logger';
import { withDiagLogger } from './diag-logger';
import { SdkExports } from './exports/sdk-exports';
import { loadCoreModules } from './http';
import { registeredTracerProvider } from './other-sdk';
import { startSdk, type FoundSdk } from './sdk';
import { prepareTakeOver } from './take-over';

// Taken at load: programs, and their tests above all, put clocks of their own in the place of Node's.
const now = performance.now.bind(performance);

/** As long as a collector that does not answer may delay the end of the process. */
const FLUSH_TIMEOUT_MS = 2000;

export interface OwnSdk {
  /** Collects what needs an event loop. Undefined if there is nothing of the kind. */
  readonly collect: (() => Promise<void>) | undefined;
  /** Exports what has ended, and blocks until it is out, for two seconds at most. */
  flushSync(): void;
  /** What has not got through; undefined if all has. Ask after `flushSync`. */
  undelivered(): Undelivered | undefined;
  /** The process goes on after all. */
  resume(): void;
  /** Makes way for another SDK, just before that registers itself. */
  readonly yield: () => void;
  /** Called when it has. */
  readonly afterYield: () => void;
}

export interface OwnSdkOptions {
  /** The instrumentations that are included, from `loadSdk`. */
  readonly others: readonly Instrumentation[];
  /** This package's, if it is enabled. */
  readonly instrumentation: Instrumentation | undefined;
  /** Spans need not go anywhere, but there must be some: for a timeline of the runs. */
  readonly needsSpans: boolean;
}

/** Does nothing with spans: NodeSDK registers no provider without a span processor. */
const DISCARD = {
  onStart: () => undefined,
  onEnd: () => undefined,
  forceFlush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
};

export function startOwnSdk(sdk: FoundSdk, { others, instrumentation, needsSpans }: OwnSdkOptions): OwnSdk {
  const instrumentations = instrumentation === undefined ? others : [instrumentation, ...others];
  const discards = needsSpans && process.env.OTEL_TRACES_EXPORTER === 'none';
  const running = startSdk(sdk, { instrumentations, ...(discards && { spanProcessors: [DISCARD] }) });
  if (others.length > 0) loadCoreModules();
  warnOfSecondApi();
  const takeOver = prepareTakeOver(sdk, running, others);
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
    undelivered: () => exports.undelivered,
    resume() {
      exports.resume();
    },
    yield: () => {
      isRunning = false;
      exports.close();
      takeOver.before();
    },
    afterYield: () => {
      takeOver.after();
    },
  };
}

/** Spans of this package would silently go nowhere. */
function warnOfSecondApi(): void {
  const mayBeNone = process.env.OTEL_TRACES_EXPORTER === 'none' || Boolean(process.env.OTEL_CONFIG_FILE);
  if (mayBeNone || registeredTracerProvider() !== undefined) return;
  withDiagLogger(() => {
    logger.error(
      'No span can be made: the SDK uses another copy of @opentelemetry/api than this package. Install one version of it (npm ls @opentelemetry/api)',
    );
  });
}
