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
import { Outlet } from './outlet';
import { holding, withoutTimers } from './unheld';

// Taken at load: programs, and their tests above all, put clocks of their own in the place of Node's.
const now = performance.now.bind(performance);

/** In the order in which they are told of, and what they are called then. */
const SIGNALS: Readonly<Record<Signal, string>> = { traces: 'spans', logs: 'log records', metrics: 'metrics' };

interface Channel {
  readonly signal: Signal;
  readonly provider: { forceFlush?(): Promise<void> };
  readonly outlets: readonly Outlet[];
}

export class SdkExports {
  private readonly thread: ExportThread;
  /** Where spans go, as far as it is known. */
  private readonly endpoint: string | undefined;
  /** Of those signals that have exporters. */
  private readonly channels: readonly Channel[];
  private isClosed = false;
  private hasTold = false;

  /**
   * Looks on at the exporters of the global providers.
   *
   * @param rest how long the end of the process may wait for the collector, in milliseconds: one limit for all that the process
   *   does at its end, however often it goes on after that
   */
  constructor(
    { require: requireFromSdk, file }: FoundSdk,
    { isConfiguredByFile }: RunningSdk,
    private rest: number,
  ) {
    this.thread = new ExportThread(file);
    this.endpoint = isConfiguredByFile ? undefined : endpointIn(process.env);
    const providers = Object.entries(registeredProviders(requireFromSdk)) as [
      Signal,
      Channel['provider'] | undefined,
    ][];
    this.channels = providers.flatMap(([signal, provider]) => {
      const outlets = findExporters(provider).map(({ exporter, owner }, index) => {
        const source = sourceOf(exporter, signal, isConfiguredByFile ? index : undefined, requireFromSdk);
        const outlet = new Outlet(exporter, source, this.thread, capacityOf(owner));
        watchOwner(owner, outlet);
        return outlet;
      });
      if (provider === undefined || outlets.length === 0) return [];
      // The event loop is held for what the program itself calls, as with any SDK.
      holding(provider, 'forceFlush');
      holding(provider, 'shutdown', () => {
        for (const outlet of outlets) outlet.shutDown();
      });
      return [{ signal, provider, outlets }];
    });
  }

  /** Whether there is anything that can be exported. */
  get isEmpty(): boolean {
    return this.channels.length === 0;
  }

  /** Exports everything with the event loop, and waits for what is under way. */
  async flush(): Promise<void> {
    const { rest } = this;
    if (rest <= 0) return;
    const begun = now();
    const timers: NodeJS.Timeout[] = [];
    const after = (ms: number) => new Promise<false>((resolve) => timers.push(setTimeout(resolve, ms, false)));
    const isFlushed = ({ signal }: Channel) => !(this.isClosed && signal === 'metrics');
    const flushed = this.channels.filter(isFlushed).map(({ signal, provider }) => {
      const done = withoutTimers(async () => provider.forceFlush?.());
      // The program's own callbacks are asked for metrics. One that never answers must not take the time of all the rest.
      return signal === 'metrics' ? Promise.race([done, after(rest / 2)]) : done;
    });
    const done = Promise.allSettled(flushed)
      .then(() => Promise.all(this.outlets.map((outlet) => outlet.idle())))
      .then(() => true);
    const isDone = await Promise.race([done, after(rest)]);
    for (const timer of timers) clearTimeout(timer);
    // A timer may be early by a fraction of a millisecond.
    if (isDone) this.spend(begun);
    else this.rest = 0;
  }

  /** Exports without an event loop what the collector has not got, and blocks until it is out. */
  flushSync(): void {
    const begun = now();
    for (const outlet of this.outlets) outlet.end();
    if (this.rest <= 0) return;
    for (const outlet of this.outlets) outlet.flush();
    this.thread.waitUntilDone(this.rest);
    this.spend(begun);
  }

  /** The program goes on. */
  resume(): void {
    for (const outlet of this.outlets) outlet.resume();
  }

  /** Makes way for another SDK: metrics are its own from now on, and what has ended until now goes out. */
  close(): void {
    this.isClosed = true;
    for (const { signal, outlets } of this.channels) {
      if (signal === 'metrics') for (const outlet of outlets) outlet.close();
    }
  }

  /** What has not got through; undefined if all has. Ask after `flushSync`. */
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

  /** Tells once that the last of a signal may be lost, and why. Call it after `flushSync`. */
  tellLosses(): void {
    if (this.hasTold) return;
    for (const { signal, isOpen, error } of this.deliveries()) {
      if (!isOpen && error === undefined) continue;
      const sentence = this.lossOf(signal, isOpen, error);
      // Many a collector takes spans alone, and the SDK sends it everything unless told otherwise.
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
    const known = [where, error ?? (isOpen ? trouble : undefined)].filter((each) => each !== undefined);
    const why = known.length === 0 ? '' : ` (${known.join(': ')})`;
    return isOpen
      ? `The collector has not answered in time: ${last} may be lost${why}`
      : `The collector has not taken ${last}${why}`;
  }

  private get outlets(): readonly Outlet[] {
    return this.channels.flatMap(({ outlets }) => outlets);
  }

  private deliveries() {
    return this.channels.flatMap(({ signal, outlets }) => outlets.map(({ delivery }) => ({ signal, ...delivery })));
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

/** What the SDK's batch processor queues by default. */
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
 * Tells the outlet of everything that a processor is going to export. No timer that the processor makes then holds the event
 * loop, nor one of a metric reader, which gives a metric callback up after 30 seconds.
 */
function watchOwner(owner: FoundExporter['owner'], outlet: Outlet): void {
  let isFirst = true;
  const add = (item: Item, isExported: boolean) => {
    // The SDK asks for them with its first export, which may never come: the end of the process does not wait for them.
    if (isFirst) item.resource.waitForAsyncAttributes?.().catch(() => undefined);
    isFirst = false;
    if (isExported) outlet.add(item);
  };
  callUnheld(owner, 'onEnd', (span) => {
    add(span, isSampled(span));
  });
  callUnheld(owner, 'onEmit', (record) => {
    add(record, true);
  });
  callUnheld(owner, 'collect', () => undefined);
}

function callUnheld(owner: object, method: string, before: (item: Item) => void): void {
  const methods = owner as Record<string, ((...args: unknown[]) => unknown) | undefined>;
  const original = methods[method];
  if (typeof original !== 'function') return;
  methods[method] = function (this: unknown, ...args) {
    before(args[0] as Item);
    return withoutTimers(() => Reflect.apply(original, this, args));
  };
}

function isSampled(span: Item): boolean {
  const { traceFlags } = (span.spanContext as () => { traceFlags: number }).call(span);
  return (traceFlags & TraceFlags.SAMPLED) !== 0;
}
