/**
 * Knows what an exporter still has to deliver, and makes requests of it when the process ends.
 *
 * While the program runs, the exporter works as always, and this only observes what the SDK is going to export, what the exporter has, and what
 * the collector has answered.
 */
import type { PendingRequest } from './export-thread';
import { reasonOf, requestOf, type Exporter, type ExporterSource, type ExportResult } from './exporters';
import { unrefNextTimer, unrefRequests, type Attempt } from './event-loop';

export interface Delivery {
  /** Nothing is waiting, and nothing has failed. */
  readonly isComplete: boolean;
  /** Whether anything was delivered. */
  readonly hasBegun: boolean;
  /** Whether an answer of the collector is missing. */
  readonly isOpen: boolean;
  /** Why the last export has failed, or the last attempt of one that has no answer yet. */
  readonly error: string | undefined;
}

interface Export extends Attempt {
  readonly items: unknown;
}

const BATCH_SIZE = 512;

export class ObservedExporter {
  /** The content of the SDK's own queue: what has ended and was not given to the exporter yet. */
  private readonly waiting = new Set<unknown>();
  /** Metrics that were collected and not given to the exporter yet. */
  private collected: object | undefined;
  private readonly underWay = new Set<Export>();
  /** What the export thread has sent. The SDK does not know, and exports it again if the process continues. */
  private readonly taken = new WeakSet<object>();
  private readonly exportHere: Exporter['export'];
  private isShutDown = false;
  private isClosed = false;
  private inThread = 0;
  private hasSucceeded = false;
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
    private readonly capacity: number,
  ) {
    this.exportHere = exporter.export.bind(exporter);
    exporter.export = (items, done) => {
      this.settle(items);
      const rest = Array.isArray(items) ? items.filter((item) => !this.taken.has(item as object)) : items;
      const isTaken = Array.isArray(rest) ? rest.length === 0 : this.taken.has(rest as object);
      if (isTaken) done({ code: 0 });
      else this.export(rest, done);
    };
  }

  /** The SDK is going to export a span or log record. */
  add(item: unknown): void {
    if (!this.isShutDown && this.waiting.size < this.capacity) this.waiting.add(item);
  }

  /** The SDK is going to export metrics. */
  addCollected(metrics: object): void {
    if (!this.isClosed) this.collected = metrics;
  }

  /** The program has shut the SDK down, which then exports what it has, and takes nothing more. */
  shutDown(): void {
    this.isShutDown = true;
  }

  close(): void {
    this.isClosed = true;
    this.collected = undefined;
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

  /**
   * Takes what was not delivered, for the export thread. The exporter gets what the thread cannot send.
   *
   * @param metrics that are not collected yet
   */
  takeRequests(metrics?: object): PendingRequest[] {
    const requests: PendingRequest[] = [];
    const take = (items: unknown): boolean => {
      const request = this.requestFor(items);
      if (request !== undefined) requests.push(request);
      return request !== undefined;
    };
    const items = [...this.waiting];
    for (let start = 0; start < items.length; start += BATCH_SIZE) {
      const batch = items.slice(start, start + BATCH_SIZE);
      this.settle(batch);
      for (const item of batch) this.taken.add(item as object);
      if (!take(batch)) this.export(batch, () => undefined);
    }
    for (const each of [this.collected, metrics]) {
      if (each === undefined) continue;
      this.settle(each);
      this.taken.add(each);
      if (!take(each)) this.export(each, () => undefined);
    }
    for (const each of this.underWay) {
      // A request that was written completely would arrive twice, and its answer is not needed.
      if (each.request?.writableFinished === true || take(each.items)) this.underWay.delete(each);
    }
    return requests;
  }

  get delivery(): Delivery {
    const { hasFailed, hasSucceeded, lastError, waiting, collected, underWay } = this;
    const isOpen = waiting.size > 0 || collected !== undefined || underWay.size > 0 || this.inThread > 0;
    const [last] = [...underWay].map(({ error }) => error && reasonOf(error)).filter(Boolean);
    return { isComplete: !hasFailed && !isOpen, hasBegun: hasSucceeded, isOpen, error: last ?? lastError };
  }

  private export(items: unknown, done: (result: ExportResult) => void): void {
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

  private requestFor(items: unknown): PendingRequest | undefined {
    const { source } = this;
    if (source === undefined) return undefined;
    const bytes = requestOf(this.exporter, items);
    if (bytes === undefined) return undefined;
    this.inThread++;
    return {
      source,
      bytes,
      onResult: (result) => {
        this.inThread--;
        this.answered(result);
      },
    };
  }

  private answered({ code, error }: ExportResult): void {
    if (code === 0) this.hasSucceeded = true;
    else this.hasFailed = true;
    this.lastError = code === 0 ? undefined : reasonOf(error);
  }

  private settle(items: unknown): void {
    if (Array.isArray(items)) for (const item of items) this.waiting.delete(item);
    // There is only one collection at a time.
    else this.collected = undefined;
  }
}
