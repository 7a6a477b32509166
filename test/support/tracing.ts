/**
 * An SDK for tests: spans go to memory, and contexts live in AsyncLocalStorage. One for the whole mocha process.
 */
import { context, propagation, trace, TraceFlags } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { TracerProvider, type ReadableSpan, type Sampler, type SpanProcessor } from '@opentelemetry/sdk-trace';

export interface TestTracing {
  /** Spans that have ended, in the order in which they ended. */
  spans(): ReadableSpan[];
  /** The only span that has ended; throws if there are none or several. */
  onlySpan(): ReadableSpan;
  reset(): void;
  /** Takes the globals off again. */
  shutdown(): void;
}

/**
 * Collects the spans that started since the last reset. An abandoned run of an earlier test ends whenever the garbage
 * collector comes to it, and must not turn up in another test.
 */
class SpanCollector implements SpanProcessor {
  finished: ReadableSpan[] = [];
  private started = new WeakSet<object>();

  onStart(span: object): void {
    this.started.add(span);
  }

  onEnd(span: ReadableSpan): void {
    const isSampled = (span.spanContext().traceFlags & TraceFlags.SAMPLED) !== 0;
    if (isSampled && this.started.has(span)) this.finished.push(span);
  }

  reset(): void {
    this.finished = [];
    this.started = new WeakSet();
  }

  forceFlush(): Promise<void> {
    return Promise.resolve();
  }

  shutdown(): Promise<void> {
    return Promise.resolve();
  }
}

interface TracingOptions {
  sampler?: Sampler;
  spanProcessors?: SpanProcessor[];
}

/** Registers a provider and a context manager globally. Call `shutdown` at the end. */
export function setUpTracing(options: TracingOptions = {}): TestTracing {
  const collector = new SpanCollector();
  register({ spanProcessors: [collector], ...options });
  return tracingWith(collector);
}

/** Sets tracing up for the tests of a `describe`, each of which begins without spans. */
export function useTracing(): TestTracing {
  const collector = new SpanCollector();
  const tracing = tracingWith(collector);
  before(() => {
    register({ spanProcessors: [collector] });
  });
  beforeEach(() => {
    tracing.reset();
  });
  after(() => {
    tracing.shutdown();
  });
  return tracing;
}

function register(options: TracingOptions): void {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(new TracerProvider(options));
}

function tracingWith(collector: SpanCollector): TestTracing {
  return {
    spans: () => [...collector.finished],
    onlySpan() {
      const spans = collector.finished;
      if (spans.length !== 1)
        throw new Error(`expected one span, got ${spans.length}: ${spans.map(({ name }) => name).join(', ')}`);
      return spans[0] as ReadableSpan;
    },
    reset() {
      collector.reset();
    },
    shutdown() {
      trace.disable();
      context.disable();
      propagation.disable();
    },
  };
}
