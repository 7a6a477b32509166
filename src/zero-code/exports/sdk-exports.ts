/**
 * All exporters of the SDK that this package has started, and how they are emptied when the process ends.
 */
import { metrics, TraceFlags } from '@opentelemetry/api';
import { logger } from '../../telemetry/logger';
import { registeredTracerProvider } from '../other-sdk';
import { ExportThread, isThreadPermitted } from './export-thread';
import { findExporters, logsApi, type FoundExporter } from './find-exporters';
import type { Undelivered } from '../../run-report/protocol';
import { Outlet, type ExporterSource } from './outlet';
import type { Signal } from './transfer';

interface Flushable {
  forceFlush?(): Promise<void>;
}

const SIGNALS: readonly Signal[] = ['traces', 'logs', 'metrics'];

/** Name of the class that each of OpenTelemetry's OTLP exporter packages exports. */
const CLASS_NAMES: Readonly<Record<Signal, string>> = {
  traces: 'OTLPTraceExporter',
  logs: 'OTLPLogExporter',
  metrics: 'OTLPMetricExporter',
};
const PACKAGE_SIGNALS: Readonly<Record<Signal, string>> = { traces: 'trace', logs: 'logs', metrics: 'metrics' };

export class SdkExports {
  private readonly thread: ExportThread;
  /** Where spans go, as far as it is known. */
  private readonly endpoint: string | undefined;
  private readonly outlets: Readonly<Record<Signal, Outlet[]>>;

  /**
   * Takes over the exporters of the global providers.
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
    if (!isThreadPermitted()) {
      logger.warn(
        'Node allows no worker threads here (--allow-worker): spans are lost that have not been exported at process.exit(), an uncaught error or a signal',
      );
    }
    const found = findExporters(requireFromSdk);
    const outletsOf = (signal: Signal) =>
      found[signal].map(({ exporter, owner }, index) => {
        const source = this.sourceOf(signal, exporter, isConfiguredByFile ? index : undefined);
        const outlet = new Outlet(exporter, source, this.thread, capacityOf(owner));
        if (signal !== 'metrics') listen(owner, SOURCES[signal], outlet);
        return outlet;
      });
    this.outlets = { traces: outletsOf('traces'), logs: outletsOf('logs'), metrics: outletsOf('metrics') };
  }

  /** Whether there are metrics or logs: only these need an event loop to be collected. And spans, if there is no thread. */
  get needsEventLoop(): boolean {
    return !isThreadPermitted() || this.outlets.metrics.length > 0 || this.outlets.logs.length > 0;
  }

  /** Collects everything. It goes to the export thread, if there is one: then this takes no longer than the collecting itself. */
  async collect(): Promise<void> {
    this.end();
    const providers: unknown[] = [registeredTracerProvider(), metrics.getMeterProvider(), this.loggerProvider];
    await Promise.allSettled(providers.map(async (provider) => (provider as Flushable | undefined)?.forceFlush?.()));
    this.resume();
  }

  /** The program goes on. */
  resume(): void {
    for (const signal of SIGNALS) for (const outlet of this.outlets[signal]) outlet.resume();
  }

  /**
   * Exports the spans that have ended, and log records, and blocks until they are out.
   *
   * @param timeout in milliseconds
   */
  flushSync(timeout: number): void {
    this.end();
    for (const outlet of [...this.outlets.traces, ...this.outlets.logs]) outlet.flush();
    if (!this.thread.waitUntilDone(timeout)) {
      logger.error(
        `The collector has not answered in time: the last spans of this process may be lost${this.whereAndWhy()}`,
      );
    }
  }

  /** What has not got through; undefined if all has. Ask after `flushSync`. */
  get undelivered(): Undelivered | undefined {
    const deliveries = SIGNALS.flatMap((signal) =>
      this.outlets[signal].map(({ delivery }) => ({ signal, ...delivery })),
    );
    const incomplete = deliveries.filter(({ isComplete }) => !isComplete);
    if (incomplete.length === 0) return undefined;
    return {
      signals: incomplete.map(({ signal }) => signal),
      isAll: !deliveries.some(({ hasBegun }) => hasBegun),
      reason: incomplete.find(({ error }) => error !== undefined)?.error ?? this.thread.trouble,
    };
  }

  /** In parentheses, as far as it is known. */
  private whereAndWhy(): string {
    const known = [this.endpoint, this.thread.trouble].filter((each) => each !== undefined);
    return known.length === 0 ? '' : ` (${known.join(': ')})`;
  }

  /** Makes way for another SDK: metrics are its own from now on, and what has ended until now goes out. */
  close(): void {
    for (const outlet of this.outlets.metrics) outlet.close();
    for (const outlet of this.outlets.traces) outlet.flush();
  }

  private get loggerProvider(): object | undefined {
    return logsApi(this.requireFromSdk)?.getLoggerProvider();
  }

  private end(): void {
    for (const signal of SIGNALS) for (const outlet of this.outlets[signal]) outlet.end();
  }

  private sourceOf(
    signal: Signal,
    exporter: FoundExporter['exporter'],
    index: number | undefined,
  ): ExporterSource | undefined {
    const exportName = CLASS_NAMES[signal];
    for (const protocol of ['proto', 'http', 'grpc']) {
      try {
        const file = this.requireFromSdk.resolve(`@opentelemetry/exporter-${PACKAGE_SIGNALS[signal]}-otlp-${protocol}`);
        const ExporterClass = (this.requireFromSdk(file) as Readonly<Record<string, unknown>>)[exportName];
        if (typeof ExporterClass === 'function' && exporter instanceof ExporterClass) {
          return { signal, file, exportName, index };
        }
      } catch {
        // The SDK does without this package.
      }
    }
    return undefined;
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

/** The processor's queue, and as much again for what it has handed to the exporter, and nobody has answered yet. */
function capacityOf(processor: object): number {
  const { _maxQueueSize: queueSize } = processor as { _maxQueueSize?: unknown };
  return 2 * (typeof queueSize === 'number' ? queueSize : DEFAULT_QUEUE_SIZE);
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
    Reflect.apply(original, this, [item, ...rest]);
  };
}
