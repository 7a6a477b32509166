/**
 * All exporters of the SDK that this package has started, and how they are emptied when the process ends.
 */
import { metrics, TraceFlags } from '@opentelemetry/api';
import { setTimeout, clearTimeout } from '../../base/clock';
import { registeredTracerProvider } from '../../base/registry';
import { ExportThread } from './export-thread';
import { findExporters, logsApi, sourceOf, type Signal } from './exporters';
import type { Undelivered } from '../../run-report/protocol';
import { Outlet } from './outlet';
import { holding, withoutTimers } from './unheld';

interface Flushable {
  forceFlush?(): Promise<void>;
}

const SIGNALS: readonly Signal[] = ['traces', 'logs', 'metrics'];

/** What is told at the end. */
const NAMES: Readonly<Record<Signal, string>> = { traces: 'spans', logs: 'log records', metrics: 'metrics' };

export class SdkExports {
  private readonly thread: ExportThread;
  /** Where spans go, as far as it is known. */
  private readonly endpoint: string | undefined;
  private readonly outlets: Readonly<Record<Signal, Outlet[]>>;
  /** Of those signals that have exporters. */
  private readonly providers: Partial<Record<Signal, Flushable>>;

  /**
   * Looks on at the exporters of the global providers.
   *
   * @param sdkFile the file of `@opentelemetry/sdk-node` that was started
   * @param isConfiguredByFile whether it was started by a configuration file, or by environment variables
   */
  constructor(
    private readonly requireFromSdk: NodeJS.Require,
    sdkFile: string,
    isConfiguredByFile: boolean,
  ) {
    this.thread = new ExportThread(sdkFile);
    this.endpoint = isConfiguredByFile ? undefined : endpointIn(process.env);
    const found = findExporters(requireFromSdk);
    const outletsOf = (signal: Signal) =>
      found[signal].map(({ exporter, owner }, index) => {
        const source = sourceOf(exporter, signal, isConfiguredByFile ? index : undefined, requireFromSdk);
        const outlet = new Outlet(exporter, source, this.thread, capacityOf(owner));
        if (signal === 'metrics') unholdCollecting(owner);
        else listen(owner, SOURCES[signal], outlet);
        return outlet;
      });
    this.outlets = { traces: outletsOf('traces'), logs: outletsOf('logs'), metrics: outletsOf('metrics') };
    this.providers = this.holdProviders();
  }

  /** Whether there is anything that can be exported. */
  get isEmpty(): boolean {
    return this.all.length === 0;
  }

  /**
   * Exports everything with the event loop, and waits for what is under way.
   *
   * @param timeout in milliseconds
   * @returns false if that was not enough
   */
  async flush(timeout: number): Promise<boolean> {
    const timers: NodeJS.Timeout[] = [];
    const after = (ms: number) => new Promise<false>((resolve) => timers.push(setTimeout(resolve, ms, false)));
    const flushed = Object.entries(this.providers).map(([signal, provider]) => {
      const done = withoutTimers(async () => provider.forceFlush?.());
      // The program's own callbacks are asked for metrics. One that never answers must not take the time of all the rest.
      return signal === 'metrics' ? Promise.race([done, after(timeout / 2)]) : done;
    });
    const done = Promise.allSettled(flushed)
      .then(() => Promise.all(this.all.map((outlet) => outlet.idle())))
      .then(() => true);
    const isDone = await Promise.race([done, after(timeout)]);
    for (const timer of timers) clearTimeout(timer);
    return isDone;
  }

  /** The program goes on. */
  resume(): void {
    for (const outlet of this.all) outlet.resume();
  }

  /**
   * Exports without an event loop what the collector has not got, and blocks until it is out.
   *
   * @param timeout in milliseconds
   */
  flushSync(timeout: number): void {
    for (const outlet of this.all) outlet.end();
    if (timeout <= 0) return;
    for (const outlet of this.all) outlet.flush();
    this.thread.waitUntilDone(timeout);
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

  /** That the last of a signal may be lost, and why, in a sentence. Ask after `flushSync`. */
  get losses(): readonly { readonly signal: Signal; readonly sentence: string }[] {
    return this.deliveries()
      .filter(({ isOpen, error }) => isOpen || error !== undefined)
      .map(({ signal, isOpen, error }) => {
        const last = `the last ${NAMES[signal]} of this process`;
        const { failure, trouble } = this.thread;
        if (isOpen && failure !== undefined) {
          return { signal, sentence: `There is no thread to export with: ${last} are lost (${failure})` };
        }
        const where = signal === 'traces' ? this.endpoint : undefined;
        const known = [where, error ?? (isOpen ? trouble : undefined)].filter((each) => each !== undefined);
        const why = known.length === 0 ? '' : ` (${known.join(': ')})`;
        const sentence = isOpen
          ? `The collector has not answered in time: ${last} may be lost${why}`
          : `The collector has not taken ${last}${why}`;
        return { signal, sentence };
      });
  }

  /** Makes way for another SDK: metrics are its own from now on, and what has ended until now goes out. */
  close(): void {
    for (const outlet of this.outlets.metrics) outlet.close();
    delete this.providers.metrics;
  }

  private get all(): Outlet[] {
    return SIGNALS.flatMap((signal) => this.outlets[signal]);
  }

  private deliveries() {
    return SIGNALS.flatMap((signal) => this.outlets[signal].map(({ delivery }) => ({ signal, ...delivery })));
  }

  /** The event loop is held for what the program itself calls, as with any SDK. */
  private holdProviders(): Partial<Record<Signal, Flushable>> {
    const providers: Readonly<Record<Signal, object | undefined>> = {
      traces: registeredTracerProvider(),
      logs: logsApi(this.requireFromSdk)?.getLoggerProvider(),
      metrics: metrics.getMeterProvider(),
    };
    const held: Partial<Record<Signal, Flushable>> = {};
    for (const signal of SIGNALS) {
      const provider = providers[signal];
      if (provider === undefined || this.outlets[signal].length === 0) continue;
      held[signal] = provider;
      holding(provider, 'forceFlush');
      holding(provider, 'shutdown', () => {
        for (const outlet of this.outlets[signal]) outlet.shutDown();
      });
    }
    return held;
  }
}

/** Without name and password, which are nobody's business. */
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

/** What a processor is called with, and whether it exports that. */
interface Source {
  readonly method: 'onEnd' | 'onEmit';
  isExported(item: Item): boolean;
}

const SOURCES: Readonly<Record<'traces' | 'logs', Source>> = {
  traces: { method: 'onEnd', isExported: isSampled },
  logs: { method: 'onEmit', isExported: () => true },
};

function isSampled(span: Item): boolean {
  const { traceFlags } = (span.spanContext as () => { traceFlags: number }).call(span);
  return (traceFlags & TraceFlags.SAMPLED) !== 0;
}

/** Tells the outlet of everything that the processor is going to export. */
function listen(owner: object, { method, isExported }: Source, outlet: Outlet): void {
  const processor = owner as Partial<Record<Source['method'], (item: Item, ...rest: unknown[]) => void>>;
  const original = processor[method];
  if (typeof original !== 'function') return;
  let isFirst = true;
  processor[method] = function (this: unknown, item, ...rest) {
    // The SDK asks for them with its first export, which may never come: the end of the process does not wait for them.
    if (isFirst) item.resource.waitForAsyncAttributes?.().catch(() => undefined);
    isFirst = false;
    if (isExported(item)) outlet.add(item);
    withoutTimers(() => {
      Reflect.apply(original, this, [item, ...rest]);
    });
  };
}

/** A metric callback that never answers is given up after 30 seconds, by a timer. */
function unholdCollecting(owner: object): void {
  const reader = owner as { collect?: (...args: unknown[]) => unknown };
  const { collect } = reader;
  if (typeof collect !== 'function') return;
  reader.collect = function (this: unknown, ...args) {
    return withoutTimers(() => Reflect.apply(collect, this, args));
  };
}
