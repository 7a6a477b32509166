/**
 * The SDK that this package starts itself, where the application has none that is running.
 */
import type { Instrumentation } from '@opentelemetry/instrumentation';
import { performance } from 'node:perf_hooks';
import type { Undelivered } from '../run-report/protocol';
import { logger } from '../base/logger';
import { sayNoSpans } from '../telemetry/missing-provider';
import { SdkExports } from './exports/sdk-exports';
import { loadCoreModules } from './http';
import { registeredTracerProvider } from '../base/registry';
import { startSdk, type FoundSdk } from './sdk';
import { prepareTakeOver } from './take-over';

// Taken at load: programs, and their tests above all, put clocks of their own in the place of Node's.
const now = performance.now.bind(performance);

export interface OwnSdk {
  /** Exports everything, with the event loop. Undefined if there is nothing to export with. */
  readonly flush: (() => Promise<void>) | undefined;
  /** Exports what has ended, and blocks until it is out. */
  flushSync(): void;
  /** What has not got through; undefined if all has. Ask after `flushSync`. */
  undelivered(): Undelivered | undefined;
  /** The process goes on after all. */
  resume(): void;
  /** Makes way for another SDK, just before that registers its tracer provider. */
  readonly yield: (replaced: ReadonlySet<string>) => void;
  /** Called when it has. */
  readonly afterYield: () => void;
}

export interface OwnSdkOptions {
  /** The instrumentations that are included, from `loadSdk`. */
  readonly others: readonly Instrumentation[];
  /** This package's, if it is enabled. */
  readonly instrumentation: Instrumentation | undefined;
  /** How long the end of the process may wait for the collector, all in all, in milliseconds. */
  readonly exitTimeout: number;
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

export function startOwnSdk(sdk: FoundSdk, options: OwnSdkOptions): OwnSdk {
  const { others, instrumentation, exitTimeout, needsSpans } = options;
  const instrumentations = instrumentation === undefined ? others : [instrumentation, ...others];
  const discards = needsSpans && process.env.OTEL_TRACES_EXPORTER === 'none';
  const running = startSdk(sdk, { instrumentations, ...(discards && { spanProcessors: [DISCARD] }) });
  if (others.length > 0) loadCoreModules();
  warnOfSecondApi();
  const takeOver = prepareTakeOver(sdk, running, others);
  const exports = new SdkExports(sdk.require, sdk.file, running.isConfiguredByFile);
  // One for all that the process does at its end, however often it goes on after that.
  let rest = exitTimeout;
  let hasTold = false;
  const restAfter = (begun: number) => Math.max(0, rest - (now() - begun));
  return {
    flush: exports.isEmpty
      ? undefined
      : async () => {
          const begun = now();
          const isDone = rest > 0 && (await exports.flush(rest));
          // A timer may be early by a fraction of a millisecond.
          rest = isDone ? restAfter(begun) : 0;
        },
    flushSync() {
      const begun = now();
      // Also where another SDK has taken over: what ended before that may not be out yet.
      exports.flushSync(rest);
      rest = restAfter(begun);
      if (needsSpans || hasTold) return;
      for (const { signal, sentence } of exports.losses) {
        // Many a collector takes spans alone, and the SDK sends it everything unless told otherwise.
        if (signal === 'traces') logger.error(sentence);
        else logger.info(sentence);
        hasTold = true;
      }
    },
    undelivered: () => exports.undelivered,
    resume() {
      exports.resume();
    },
    yield: (replaced) => {
      exports.close();
      takeOver.before(replaced);
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
  sayNoSpans(
    'error',
    'the SDK uses another copy of @opentelemetry/api than this package. Install one version of it (npm ls @opentelemetry/api)',
  );
}
