/**
 * An exporter that cannot hold the process: what the program has ended is exported before the process ends, and nothing
 * of an export keeps the event loop alive for a collector that does not answer.
 *
 * The SDK exports in the program's own thread. That is fine while the collector answers, but an export under way holds
 * the event loop, for ten seconds if nobody answers, and at `process.exit()` or a crash no event loop is left to export
 * with. So an exporter is replaced, on the instance, by an outlet: what it is given goes to the export thread until the
 * collector has answered once, then to the exporter itself until that fails, and to the thread again when the process
 * ends, where the main thread waits for it.
 */
import type { ExportThread } from './export-thread';
import { reasonOf } from './reason';
import type { Signal } from './transfer';

/** The outcome of an export, as OpenTelemetry's exporters report it: code 0 is success. */
export interface ExportResult {
  readonly code: number;
  readonly error?: Error;
}

/** The part of a SpanExporter, LogRecordExporter or PushMetricExporter that matters here. */
export interface Exporter {
  export(items: unknown, done: (result: ExportResult) => void): void;
}

/** How the export thread makes the same exporter again. */
export interface ExporterSource {
  readonly signal: Signal;
  /** Module and export of its class, which takes its configuration from the environment. */
  readonly file: string;
  readonly exportName: string;
  /** Or its place among all exporters, where a configuration file has made them. */
  readonly index?: number;
}

export interface Delivery {
  readonly isComplete: boolean;
  /** Whether anything has. */
  readonly hasBegun: boolean;
  readonly error: string | undefined;
}

/** `ending`: the event loop is not going to turn any more. `closed`: another SDK does the work now. */
type Phase = 'normal' | 'ending' | 'closed';

const BATCH_SIZE = 512;

export class Outlet {
  /** Spans that have ended, and log records, that have not gone out yet. Metrics are only collected when they are asked for. */
  private readonly pending = new Set<unknown>();
  /** What `flush` has handed over before the SDK did, which does not know, and may do so yet. */
  private readonly flushed = new Set<unknown>();
  private readonly exportDirectly: Exporter['export'];
  /** Whether the collector has answered the last time it was asked. */
  private answers = false;
  private phase: Phase = 'normal';
  /** Exports whose outcome matters, and those of them that the collector has taken. */
  private exports = 0;
  private taken = 0;
  private lastError: string | undefined;

  /**
   * @param source undefined for an exporter that the thread cannot make, such as one that prints
   * @param capacity how many items may wait; the oldest go first
   */
  constructor(
    exporter: Exporter,
    private readonly source: ExporterSource | undefined,
    private readonly thread: ExportThread,
    private readonly capacity: number,
  ) {
    this.exportDirectly = exporter.export.bind(exporter);
    exporter.export = (items, done) => {
      this.export(Array.isArray(items) ? this.unflushed(items) : items, done);
    };
  }

  /** A span has ended, or a log record has come, which the SDK is going to export sooner or later. */
  add(item: unknown): void {
    if (this.pending.size >= this.capacity) {
      for (const oldest of this.pending) {
        this.pending.delete(oldest);
        break;
      }
    }
    this.pending.add(item);
  }

  /** From now on nothing goes to the exporter in this thread, whose event loop will not turn any more. */
  end(): void {
    if (this.phase === 'normal') this.phase = 'ending';
  }

  /** The event loop goes on turning after all. */
  resume(): void {
    if (this.phase === 'ending') this.phase = 'normal';
  }

  /** From now on nothing is exported any more. */
  close(): void {
    this.phase = 'closed';
  }

  /** Hands over what has not gone out. Call `end` first, and wait for the thread then. */
  flush(): void {
    const items = [...this.pending];
    for (let start = 0; start < items.length; start += BATCH_SIZE) {
      this.export(items.slice(start, start + BATCH_SIZE), () => undefined);
    }
    for (const item of items) this.flushed.add(item);
  }

  /** How much has got through. `error` is why not, where the collector has answered. */
  get delivery(): Delivery {
    const { exports, taken, lastError } = this;
    return { isComplete: taken === exports, hasBegun: taken > 0, error: lastError };
  }

  private unflushed(items: readonly unknown[]): unknown[] {
    return items.filter((item) => !this.flushed.delete(item));
  }

  private export(items: unknown, done: (result: ExportResult) => void): void {
    const { source } = this;
    if (this.phase === 'closed' || (Array.isArray(items) && items.length === 0)) {
      done({ code: 0 });
      return;
    }
    if (source !== undefined && (this.phase === 'ending' || !this.answers)) {
      const isSent = this.thread.send(source, items, (result) => {
        this.answered(result);
      });
      if (isSent) {
        this.exports++;
        // To the SDK it is done: it would wait for the answer with a timer that holds the event loop.
        this.settle(items);
        done({ code: 0 });
        return;
      }
    }
    this.exportDirectly(items, (result) => {
      this.settle(items);
      // Not before: what is under way when the process ends is sent by the thread.
      this.exports++;
      this.answered(result);
      done(result);
    });
  }

  private answered({ code, error }: ExportResult): void {
    this.answers = code === 0;
    if (this.answers) this.taken++;
    else this.lastError = reasonOf(error);
  }

  private settle(items: unknown): void {
    if (Array.isArray(items)) for (const item of items) this.pending.delete(item);
  }
}
