/**
 * Another SDK takes the place of the one that this package has started.
 */
import { metrics, ProxyTracerProvider, trace, type TracerProvider } from '@opentelemetry/api';
import type { Instrumentation } from '@opentelemetry/instrumentation';
import { logger } from '../base/logger';
import { logsApi } from './exports/exporters';
import { withoutTimers } from './exports/unheld';
import { keepHttpTraced } from './http';
import { registeredTracerProvider } from '../base/registry';
import { redirectable } from './redirect';
import type { FoundSdk, RunningSdk } from './sdk';

export interface TakeOver {
  /** Makes way for the other SDK, just before that registers its tracer provider. */
  before(replaced: ReadonlySet<string>): void;
  /** Called when it has. */
  after(): void;
}

/**
 * Gets ready for it. Call it when the SDK has just been started: what is handed out before could not be redirected.
 *
 * @param others the SDK's instrumentations, without that of this package
 */
export function prepareTakeOver(sdk: FoundSdk, running: RunningSdk, others: readonly Instrumentation[]): TakeOver {
  const provider = registeredTracerProvider() as TracerProvider | undefined;
  const logs = logsApi(sdk.require);
  // They have proxies, which ask for the tracer with the first span only. From now on, it is others who ask.
  if (provider !== undefined) for (const each of others) each.setTracerProvider(provider);
  const redirects = [
    redirectable(provider, 'getTracer', () => trace.getTracerProvider()),
    redirectable(logs?.getLoggerProvider(), 'getLogger', () => logs?.getLoggerProvider()),
  ];
  const keepHttp = keepHttpTraced(others, provider);
  return {
    before(replaced) {
      silence(others);
      // Context manager and propagator go on, unless it brings its own.
      if (!replaced.has('metrics')) metrics.disable();
      logs?.disable();
      withoutTimers(() => running.shutdown()).catch((error: unknown) => {
        logger.error('Could not shut the SDK down that made way for another one', error);
      });
    },
    after() {
      for (const redirect of redirects) redirect();
      keepHttp();
    },
  };
}

/** The other SDK has them, too. Their patches may be below those of others by now, and stay: with a tracer that starts nothing. */
function silence(instrumentations: readonly Instrumentation[]): void {
  const silent = new ProxyTracerProvider();
  for (const instrumentation of instrumentations) {
    instrumentation.disable();
    instrumentation.setTracerProvider(silent);
  }
}
