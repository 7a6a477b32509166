/**
 * A thread that exports, and for which the main thread can wait without an event loop. It is started when there is
 * something to export, does not hold the process, and goes when it is not needed any more.
 */
import { diag } from '@opentelemetry/api';
import * as path from 'node:path';
import { Worker } from 'node:worker_threads';
import type { ExporterSource, ExportResult } from './outlet';
import { toTransferable } from './transfer';

/** What the thread is told at its start. */
export interface ThreadData {
  /** Number of batches that are done, and the place where the main thread waits. */
  readonly done: Int32Array<SharedArrayBuffer>;
  /** File of `@opentelemetry/sdk-node`, for exporters that a configuration file describes. */
  readonly sdkFile: string;
}

/** One batch for the thread, and what it answers. */
export interface Batch {
  readonly id: number;
  readonly source: ExporterSource;
  readonly items: unknown;
}
export interface Answer {
  readonly id: number;
  readonly error: string | undefined;
}

/** Nothing of this program is to run in the thread, and nothing that its own environment would load there. */
const NOT_FOR_THE_THREAD = new Set(['NODE_OPTIONS', 'NODE_V8_COVERAGE']);

/** Whether Node's permission model lets this program have such a thread. */
export function isThreadPermitted(): boolean {
  const { permission } = process as { permission?: { has(scope: string): boolean } };
  return permission?.has('worker') ?? true;
}

export class ExportThread {
  private readonly done = new Int32Array(new SharedArrayBuffer(4));
  private readonly waiting = new Map<number, (result: ExportResult) => void>();
  private worker: Worker | undefined;
  private sent = 0;
  private isBroken = false;

  constructor(private readonly sdkFile: string) {}

  /**
   * Sends a batch to the thread.
   *
   * @param onResult called when the collector has answered or cannot be reached, if the event loop turns until then
   * @returns false if there can be no thread, or the items cannot be sent to one
   */
  send(source: ExporterSource, items: unknown, onResult: (result: ExportResult) => void): boolean {
    if (this.isBroken) return false;
    try {
      const worker = (this.worker ??= this.start());
      const batch: Batch = { id: this.sent, source, items: toTransferable(source.signal, items) };
      worker.postMessage(batch);
    } catch (error) {
      diag.debug('exporting in the main thread', error);
      return false;
    }
    this.waiting.set(this.sent++, onResult);
    return true;
  }

  /**
   * Blocks this thread until everything that was sent is done.
   *
   * @param deadline in milliseconds since the epoch
   * @returns false if the deadline came first
   */
  waitUntilDone(deadline: number): boolean {
    for (;;) {
      const done = Atomics.load(this.done, 0);
      if (done >= this.sent) return true;
      const rest = deadline - Date.now();
      if (rest <= 0 || this.isBroken) return false;
      Atomics.wait(this.done, 0, done, rest);
    }
  }

  private start(): Worker {
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !NOT_FOR_THE_THREAD.has(name)));
    const workerData: ThreadData = { done: this.done, sdkFile: this.sdkFile };
    const worker = new Worker(path.join(__dirname, 'export-worker.js'), {
      workerData,
      env,
      execArgv: [],
      stdout: true,
      stderr: true,
      name: 'otel-export',
    });
    worker.on('message', ({ id, error }: Answer) => {
      const onResult = this.waiting.get(id);
      this.waiting.delete(id);
      if (error !== undefined) diag.error(`Export failed: ${error}`);
      onResult?.(error === undefined ? { code: 0 } : { code: 1, error: new Error(error) });
      if (this.waiting.size === 0) this.stop(worker);
    });
    worker.on('error', (error) => {
      diag.error('The export thread failed, exporting in the main thread', error);
      this.isBroken = true;
    });
    // Last: a listener for messages holds the event loop.
    worker.unref();
    return worker;
  }

  /** It has nothing to do, and the main thread exports by itself while the collector answers. */
  private stop(worker: Worker): void {
    if (this.worker === worker) this.worker = undefined;
    void worker.terminate();
  }
}
