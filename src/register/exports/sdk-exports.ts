/**
 * All exporters of the SDK that this package has started, and how they are emptied when the process ends.
 */
import { TraceFlags } from '@opentelemetry/api';
import { performance } from 'node:perf_hooks';
import { clearTimeout, setTimeout } from '../../base/clock';
import { logger } from '../../base/logger';
import type { Undelivered } from '../../run-report/protocol';
import type { FoundSdk, RunningSdk } from '../sdk';
import { ExportThread } from './export-thread';
import { findExporters, registeredProviders, sourceOf, type FoundExporter, type Signal } from './exporters';
import { collectNow, uncollected, type ResourceMetrics } from './last-metrics';
import { ObservedExporter } from './observed-exporter';
import { keepEventLoop, unrefTimers } from './event-loop';

// Taken at load: programs, and their tests above all, put clocks of their own in the place of Node's.
const now = performance.now.bind(performance);
const nothing = () => undefined;

/** What messages call each signal, in their order. */
const SIGNALS: Readonly<Record<Signal, string>> = { traces: 'spans', logs: 'log records', metrics: 'metrics' };

interface Pipeline {
  readonly signal: Signal;
  readonly provider: { forceFlush?(): Promise<void> };
  readonly exporters: readonly ObservedExporter[];
}

export class SdkExports {
  private readonly thread: ExportThread;
  /** Where spans go, if that is known. */
  private readonly endpoint: string | undefined;
  private readonly pipelines: readonly Pipeline[];
  /** The metric readers that are collected from at the end. */
  private readonly readers = new Map<ObservedExporter, object>();
  /** What the flush itself has recorded: instrumentations of HTTP also measure the requests of exporters. */
  private flushed: ReadonlySet<object> = new Set();
  /** What is left of the timeout. */
  private rest: number;
  private isClosed = false;
  private hasTold = false;

  /**
   * Observes the exporters of the global providers.
   *
   * @param timeout how long the end of the process may wait for the collector, in milliseconds: one limit, however often the process continues
   *   after that
   * @param hasLastMetrics whether metrics are exported after the event loop has ended
   */
  constructor(
    { require: requireFromSdk, file }: FoundSdk,
    { isConfiguredByFile }: RunningSdk,
    private readonly timeout: number,
    hasLastMetrics: boolean,
  ) {
    this.rest = timeout;
    this.thread = new ExportThread(file);
    this.endpoint = isConfiguredByFile ? undefined : endpointIn(process.env);
    const providers = Object.entries(registeredProviders(requireFromSdk)) as [
      Signal,
      Pipeline['provider'] | undefined,
    ][];
    this.pipelines = providers.flatMap(([signal, provider]) => {
      const exporters = findExporters(provider).map(({ exporter, owner }, index) => {
        const source = sourceOf(exporter, signal, isConfiguredByFile ? index : undefined, requireFromSdk);
        const observed = new ObservedExporter(exporter, source, capacityOf(owner));
        watchOwner(owner, observed);
        if (signal === 'metrics' && hasLastMetrics) this.readers.set(observed, owner);
        return observed;
      });
      if (provider === undefined || exporters.length === 0) return [];
      // The event loop is held for what the program itself calls, as with any SDK.
      keepEventLoop(provider, 'forceFlush');
      keepEventLoop(provider, 'shutdown', () => {
        for (const exporter of exporters) exporter.shutDown();
      });
      return [{ signal, provider, exporters }];
    });
  }

  get isEmpty(): boolean {
    return this.pipelines.length === 0;
  }

  /** Exports everything with the event loop, and waits for what is under way. */
  async flush(): Promise<void> {
    const { rest } = this;
    if (rest <= 0) return;
    const begun = now();
    const timers: NodeJS.Timeout[] = [];
    const after = (ms: number) => new Promise<false>((resolve) => timers.push(setTimeout(resolve, ms, false)));
    const isFlushed = ({ signal }: Pipeline) => !(this.isClosed && signal === 'metrics');
    const flushed = this.pipelines.filter(isFlushed).map(({ signal, provider }) => {
      const done = unrefTimers(async () => provider.forceFlush?.());
      // This calls the program's metric callbacks. One that never answers must not take the time of the other signals.
      return signal === 'metrics' ? Promise.race([done, after(rest / 2)]) : done;
    });
    const done = Promise.allSettled(flushed)
      .then(() => Promise.all(this.exporters.map((exporter) => exporter.idle())))
      .then(() => true);
    const isDone = await Promise.race([done, after(rest)]);
    for (const timer of timers) clearTimeout(timer);
    // A timer may be early by a fraction of a millisecond.
    this.flushed = new Set([...this.readers.values()].flatMap(uncollected));
    if (isDone) this.spend(begun);
    else this.rest = 0;
  }

  /** Exports without an event loop what the collector has not got, and blocks until it is out. */
  flushSync(): void {
    if (this.rest <= 0) return;
    const begun = now();
    const requests = this.exporters.flatMap((exporter) => {
      const reader = this.readers.get(exporter);
      return exporter.takeRequests(reader && collectNow(reader, this.flushed));
    });
    // The start of the thread does not depend on what is left: on a busy machine, a flush may have taken most of the time.
    this.thread.send(requests, this.rest, this.timeout);
    this.spend(begun);
  }

  /** Another SDK takes over, and has the metrics from now on. Spans and log records from before are still exported. */
  close(): void {
    this.isClosed = true;
    this.readers.clear();
    for (const { signal, exporters } of this.pipelines) {
      if (signal === 'metrics') for (const exporter of exporters) exporter.close();
    }
  }

  /** What was not delivered; undefined if everything was. Ask after `flushSync`. */
  get undelivered(): Undelivered | undefined {
    const deliveries = this.deliveries();
    const incomplete = deliveries.filter(({ isComplete }) => !isComplete);
    if (incomplete.length === 0) return undefined;
    return {
      signals: incomplete.map(({ signal }) => signal),
      isAll: !deliveries.some(({ hasBegun }) => hasBegun),
      reason: incomplete.find(({ error }) => error !== undefined)?.error ?? this.thread.trouble,
    };
  }

  /** Logs once which signals may have lost their last items, and why. Call it after `flushSync`. */
  tellLosses(): void {
    if (this.hasTold) return;
    for (const { signal, isOpen, error } of this.deliveries()) {
      if (!isOpen && error === undefined) continue;
      const sentence = this.lossOf(signal, isOpen, error);
      // Many collectors take spans only, and the SDK sends everything by default.
      if (signal === 'traces') logger.error(sentence);
      else logger.info(sentence);
      this.hasTold = true;
    }
  }

  private lossOf(signal: Signal, isOpen: boolean, error: string | undefined): string {
    const last = `the last ${SIGNALS[signal]} of this process`;
    const { failure, trouble } = this.thread;
    if (isOpen && failure !== undefined) {
      return `There is no thread to export with: ${last} are lost (${failure})`;
    }
    const where = signal === 'traces' ? this.endpoint : undefined;
    const reason = error ?? (isOpen ? trouble : undefined);
    const known = [where, reason].filter((each) => each !== undefined);
    const why = known.length === 0 ? '' : ` (${known.join(': ')})`;
    if (!isOpen) return `The collector has not taken ${last}${why}`;
    // The exporter has tried again until the time was over.
    return reason === undefined
      ? `The collector has not answered in time: ${last} may be lost${why}`
      : `The collector has not taken ${last} in time: they may be lost${why}`;
  }

  private get exporters(): readonly ObservedExporter[] {
    return this.pipelines.flatMap(({ exporters }) => exporters);
  }

  private deliveries() {
    return this.pipelines.flatMap(({ signal, exporters }) =>
      exporters.map(({ delivery }) => ({ signal, ...delivery })),
    );
  }

  private spend(begun: number): void {
    this.rest = Math.max(0, this.rest - (now() - begun));
  }
}

/** Without name and password, which are secret. */
function endpointIn(env: NodeJS.ProcessEnv): string | undefined {
  // An empty variable is one that is not set.
  const first = (...values: (string | undefined)[]) => values.find(Boolean);
  const isGrpc = first(env.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL, env.OTEL_EXPORTER_OTLP_PROTOCOL) === 'grpc';
  const byDefault = `http://localhost:${isGrpc ? 4317 : 4318}`;
  const text = first(env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, env.OTEL_EXPORTER_OTLP_ENDPOINT) ?? byDefault;
  if (!URL.canParse(text)) return undefined;
  const { protocol, host, pathname } = new URL(text);
  return `${protocol}//${host}${pathname === '/' ? '' : pathname}`;
}

/** That of the SDK's batch processor. */
const DEFAULT_QUEUE_SIZE = 2048;

function capacityOf(processor: object): number {
  const { _maxQueueSize: queueSize } = processor as { _maxQueueSize?: unknown };
  return typeof queueSize === 'number' ? queueSize : DEFAULT_QUEUE_SIZE;
}

/** The part of a ReadableSpan, or of a log record, that matters here. */
interface Item {
  readonly spanContext?: unknown;
  readonly resource: { waitForAsyncAttributes?(): Promise<void> };
}

/**
 * Adds to the exporter what a processor or reader is going to export. Their timers do not hold the event loop: a metric reader waits 30 seconds
 * for a metric callback.
 */
function watchOwner(owner: FoundExporter['owner'], exporter: ObservedExporter): void {
  let isFirst = true;
  const add = (item: Item, isExported: boolean) => {
    // The SDK waits for them with its first export, which may never come, and the end of the process does not wait.
    if (isFirst) item.resource.waitForAsyncAttributes?.().catch(nothing);
    isFirst = false;
    if (isExported) exporter.add(item);
  };
  callWithUnrefTimers(owner, 'onEnd', (span) => {
    add(span, isSampled(span));
  });
  callWithUnrefTimers(owner, 'onEmit', (record) => {
    add(record, true);
  });
  callWithUnrefTimers(owner, 'collect', nothing, (collection) => {
    if (!(collection instanceof Promise)) return;
    // Before the reader's own reaction, which may have to wait for resource detectors before it exports.
    collection.then(({ resourceMetrics }: { resourceMetrics: ResourceMetrics }) => {
      if (resourceMetrics.scopeMetrics.length > 0) exporter.addCollected(resourceMetrics);
    }, nothing);
  });
}

function callWithUnrefTimers(
  owner: object,
  method: string,
  before: (item: Item) => void,
  after?: (result: unknown) => void,
): void {
  const methods = owner as Record<string, ((...args: unknown[]) => unknown) | undefined>;
  const original = methods[method];
  if (typeof original !== 'function') return;
  methods[method] = function (this: unknown, ...args) {
    before(args[0] as Item);
    const result = unrefTimers(() => Reflect.apply(original, this, args));
    after?.(result);
    return result;
  };
}

function isSampled(span: Item): boolean {
  const { traceFlags } = (span.spanContext as () => { traceFlags: number }).call(span);
  return (traceFlags & TraceFlags.SAMPLED) !== 0;
}
