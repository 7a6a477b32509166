/**
 * An SDK for tests: spans go to memory, and contexts live in AsyncLocalStorage. One for the whole mocha process.
 */
import { context, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  InMemorySpanExporter,
  SimpleSpanProcessor,
  TracerProvider,
  type ReadableSpan,
  type Sampler,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace';

export interface TestTracing {
  /** Spans that have ended, in the order in which they ended. */
  spans(): ReadableSpan[];
  /** The only span that has ended; throws if there are none or several. */
  onlySpan(): ReadableSpan;
  reset(): void;
  /** Takes the globals off again. */
  shutdown(): void;
}

/** Registers a provider and a context manager globally. Call `shutdown` in `after`. */
export function setUpTracing(options: { sampler?: Sampler; spanProcessors?: SpanProcessor[] } = {}): TestTracing {
  const exporter = new InMemorySpanExporter();
  const spanProcessors = options.spanProcessors ?? [new SimpleSpanProcessor({ exporter })];
  const provider = new TracerProvider({ ...options, spanProcessors });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(provider);
  return {
    spans: () => exporter.getFinishedSpans(),
    onlySpan() {
      const spans = exporter.getFinishedSpans();
      if (spans.length !== 1)
        throw new Error(`expected one span, got ${spans.length}: ${spans.map(({ name }) => name).join(', ')}`);
      return spans[0] as ReadableSpan;
    },
    reset() {
      exporter.reset();
    },
    shutdown() {
      trace.disable();
      context.disable();
      propagation.disable();
    },
  };
}
