/**
 * OpenTelemetry's instrumentation of HTTP, with an SDK of this package, and with the one that takes its place.
 */
import { metrics, trace } from '@opentelemetry/api';
import type { Instrumentation } from '@opentelemetry/instrumentation';
import { loadBuiltin, syncBuiltins } from '../watch/builtins';
import { registeredTracerProvider } from '../base/registry';
import { onTracerAsked } from './redirect';

const HTTP = '@opentelemetry/instrumentation-http';

/**
 * Instrumentations patch these when they are required, and an import alone does not require them: an ES module that
 * imports `node:http` would not be traced. Only where there are such instrumentations: OpenTelemetry's hook would not tell
 * of them again to those of an SDK that the application sets up later.
 */
export function loadCoreModules(): void {
  for (const name of ['http', 'https']) loadBuiltin(name);
  syncBuiltins();
}

/**
 * OpenTelemetry's hook tells of a core module only once. So the HTTP instrumentation of the SDK that ours has made way for
 * may never hear of `http`, in which case ours goes on, for that SDK. Only if that SDK has one: it asks one of the two
 * providers for its tracer.
 *
 * @param provider of the SDK of this package
 * @returns a function to be called when the other SDK has registered itself
 */
export function keepHttpTraced(instrumentations: readonly Instrumentation[], provider: object | undefined): () => void {
  let hasOtherSdkHttp = false;
  onTracerAsked(provider, HTTP, () => {
    hasOtherSdkHttp = true;
  });
  return () => {
    if (hasOtherSdkHttp) {
      keepHttp(instrumentations);
      return;
    }
    onTracerAsked(registeredTracerProvider(), HTTP, () => {
      if (hasOtherSdkHttp) return;
      // Before ours asks in its turn.
      hasOtherSdkHttp = true;
      keepHttp(instrumentations);
    });
  };
}

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
