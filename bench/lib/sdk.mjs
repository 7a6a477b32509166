// OpenTelemetry's SDK, complete but for the exporter: spans are made, sampled, ended and dropped.
import { context, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { readFile } from 'node:fs/promises';
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

/** Runs `work` as a request handler runs, late in a process's life: with a span active, after some I/O. */
export function inRequest(work) {
  return tracer.startActiveSpan('GET /', async () => {
    await doSomeIo();
    return work();
  });
}

/**
 * What every application has done before it comes to its generators. On Node 20 an AsyncLocalStorage writes to every promise, and code
 * that has seen promises only is faster by a third than after the first read of a file in a span. Without this, the unwrapped
 * generator would be measured before, and whatever is compared with it after.
 */
async function doSomeIo() {
  for (let round = 0; round < 3; round++) {
    await tracer.startActiveSpan('read', async (span) => {
      await readFile(new URL(import.meta.url));
      await new Promise((resolve) => setTimeout(resolve, 1));
      span.end();
    });
  }
}

/** @returns a function that ends it */
export function listenToSpans(newListener) {
  listener = newListener;
  return () => {
    listener = undefined;
  };
}
