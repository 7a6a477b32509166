/**
 * Knows what an exporter has still to deliver, and gives that away as requests when the process ends.
 *
 * While the program runs, the exporter does its work as always, and this only observes: what the SDK is going to export, what it
 * has given to the exporter, and what the collector has answered.
 */
import type { PendingRequest } from './export-thread';
import { reasonOf, requestOf, type Exporter, type ExporterSource, type ExportResult } from './exporters';
import { unrefNextTimer, unrefRequests, type Attempt } from './event-loop';

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
  /** Metrics that the SDK has collected, and not given to the exporter yet. */
  private collected: object | undefined;
  private readonly underWay = new Set<Export>();
  /** What has gone to the export thread from there. The SDK does not know, and exports it again in a process that goes on. */
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

  /** A span has ended, or a log record has come, which the SDK is going to export sooner or later. */
  add(item: unknown): void {
    if (!this.isShutDown && this.waiting.size < this.capacity) this.waiting.add(item);
  }

  /** Metrics are collected, which the SDK is going to export. */
  addCollected(metrics: object): void {
    if (!this.isClosed) this.collected = metrics;
  }

  /** The program has shut the SDK down, which takes nothing more, and exports what it has. */
  shutDown(): void {
    this.isShutDown = true;
  }

  /** From now on nothing is exported. */
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
   * Takes what the collector has not got, for the export thread. What that cannot send goes to the exporter.
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
      // A request that has left as a whole would arrive twice. Its answer is not needed.
      if (each.request?.writableFinished === true || take(each.items)) this.underWay.delete(each);
    }
    return requests;
  }

  /** How much has got through. */
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
    // There is one collection at a time, whose parts come in order.
    else this.collected = undefined;
  }
}
