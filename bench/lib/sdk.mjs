// OpenTelemetry's SDK, complete but for the exporter: spans are made, sampled, ended and dropped.
import { context, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { createRequire } from 'node:module';

// Its names cannot be imported where it is CommonJS, which it is up to 2.x.
const { AlwaysOffSampler, TracerProvider } = createRequire(import.meta.url)('@opentelemetry/sdk-trace');

/** Hears of spans, while a probe listens. */
let listener;

const droppingProcessor = {
  onStart: (span) => listener?.onStart(span),
  onEnd: (span) => listener?.onEnd(span),
  forceFlush: async () => {},
  shutdown: async () => {},
};

export const provider = new TracerProvider({ spanProcessors: [droppingProcessor] });

/** One whose spans are not recording. */
export const unsampledProvider = new TracerProvider({
  sampler: new AlwaysOffSampler(),
  spanProcessors: [droppingProcessor],
});

export const tracer = provider.getTracer('bench');

/** Registers it, with a context manager, as `NodeSDK.start()` does. */
export function registerSdk() {
  trace.setGlobalTracerProvider(provider);
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.disable();
}

/** Runs `fn` as a request handler runs: with a span active. */
export function inServerSpan(fn) {
  return context.with(trace.setSpan(context.active(), tracer.startSpan('GET /')), fn);
}

/** @returns a function that ends it */
export function listenToSpans(newListener) {
  listener = newListener;
  return () => {
    listener = undefined;
  };
}
