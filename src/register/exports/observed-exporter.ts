/**
 * Knows what an exporter has still to deliver, and gives that to a thread when the process ends.
 *
 * While the program runs, the exporter does its work as always, and this only observes: what the SDK is going to export, what it
 * has given to the exporter, and what the collector has answered. At `process.exit()`, a crash or a signal there is no
 * event loop left to export with. Then all that has not been sent goes to a thread, and the main thread waits for it.
 */
import type { ExportThread } from './export-thread';
import { reasonOf, requestOf, type Exporter, type ExporterSource, type ExportResult } from './exporters';
import { unrefRequests, unrefNextTimer, type Attempt } from './event-loop';

export interface Delivery {
  /** Nothing waits, and nothing has failed. */
  readonly isComplete: boolean;
  /** Whether anything has got through. */
  readonly hasBegun: boolean;
  /** Whether the collector still owes an answer. */
  readonly isOpen: boolean;
  /** Why the last export has failed, or the last attempt of one that has no answer yet. */
  readonly error: string | undefined;
}

interface Export extends Attempt {
  readonly items: unknown;
}

const BATCH_SIZE = 512;

export class ObservedExporter {
  /** What has ended and the SDK has not given to the exporter yet: the content of its own queue. */
  private readonly waiting = new Set<unknown>();
  private readonly underWay = new Set<Export>();
  /** What `flush` has exported. The SDK does not know, and exports it again in a process that goes on. */
  private readonly flushed = new WeakSet<object>();
  private readonly exportHere: Exporter['export'];
  private isEnding = false;
  private isShutDown = false;
  private inThread = 0;
  private hasTaken = false;
  private hasFailed = false;
  private lastError: string | undefined;
  private whenIdle: (() => void) | undefined;

  /**
   * @param source undefined for an exporter that the thread cannot make, such as one that prints
   * @param capacity how many items the SDK's queue holds: it drops what comes when it is full
   */
  constructor(
    private readonly exporter: Exporter,
    private readonly source: ExporterSource | undefined,
    private readonly thread: ExportThread,
    private readonly capacity: number,
  ) {
    this.exportHere = exporter.export.bind(exporter);
    exporter.export = (items, done) => {
      this.export(Array.isArray(items) ? items.filter((item) => !this.flushed.has(item as object)) : items, done);
    };
  }

  /** A span has ended, or a log record has come, which the SDK is going to export sooner or later. */
  add(item: unknown): void {
    if (!this.isShutDown && this.waiting.size < this.capacity) this.waiting.add(item);
  }

  /** From now on nothing goes to the exporter in this thread, whose event loop has ended. */
  end(): void {
    this.isEnding = true;
  }

  /** The event loop goes on after all. */
  resume(): void {
    this.isEnding = false;
  }

  /** The program has shut the SDK down, which takes no more. What it has goes out. */
  shutDown(): void {
    this.isShutDown = true;
  }

  /** From now on nothing is exported any more. */
  close(): void {
    this.exporter.export = (_items, done) => {
      done({ code: 0 });
    };
  }

  /** Resolves when the collector has answered everything that was given to the exporter. */
  idle(): Promise<void> {
    if (this.underWay.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.whenIdle = resolve;
    });
  }

  /** Hands over what the collector has not got. Call `end` first, and wait for the thread then. */
  flush(): void {
    const items = [...this.waiting];
    for (let start = 0; start < items.length; start += BATCH_SIZE) {
      const batch = items.slice(start, start + BATCH_SIZE);
      this.settle(batch);
      for (const item of batch) this.flushed.add(item as object);
      if (!this.send(batch)) this.exportUnderWay(batch, () => undefined);
    }
    for (const each of this.underWay) {
      // A request that has left as a whole would arrive twice. Its answer is not needed.
      if (each.request?.writableFinished === true || this.send(each.items)) this.underWay.delete(each);
    }
  }

  /** How much has got through. */
  get delivery(): Delivery {
    const { hasFailed, hasTaken, lastError, waiting, underWay } = this;
    const isOpen = waiting.size > 0 || underWay.size > 0 || this.inThread > 0;
    const [last] = [...underWay].map(({ error }) => error && reasonOf(error)).filter(Boolean);
    return { isComplete: !hasFailed && !isOpen, hasBegun: hasTaken, isOpen, error: last ?? lastError };
  }

  private export(items: unknown, done: (result: ExportResult) => void): void {
    this.settle(items);
    if (Array.isArray(items) && items.length === 0) {
      done({ code: 0 });
    } else if (this.isEnding && this.send(items)) {
      // In a process that goes on, the SDK is not to wait for the thread.
      done({ code: 0 });
    } else {
      this.exportUnderWay(items, done);
    }
  }

  private exportUnderWay(items: unknown, done: (result: ExportResult) => void): void {
    const each: Export = { items };
    this.underWay.add(each);
    unrefRequests(each, () => {
      this.exportHere(items, (result) => {
        this.underWay.delete(each);
        this.answered(result);
        done(result);
        if (this.underWay.size === 0) this.whenIdle?.();
      });
    });
    if (this.source?.signal === 'metrics') unrefNextTimer();
  }

  /** @returns false if the thread cannot export it */
  private send(items: unknown): boolean {
    if (this.source === undefined) return false;
    const request = requestOf(this.exporter, items);
    if (request === undefined) return false;
    const isSent = this.thread.send(this.source, request, (result) => {
      this.inThread--;
      this.answered(result);
    });
    if (isSent) this.inThread++;
    return isSent;
  }

  private answered({ code, error }: ExportResult): void {
    if (code === 0) this.hasTaken = true;
    else this.hasFailed = true;
    this.lastError = code === 0 ? undefined : reasonOf(error);
  }

  private settle(items: unknown): void {
    if (Array.isArray(items)) for (const item of items) this.waiting.delete(item);
  }
}
