/**
 * A thread that exports, and for which the main thread can wait without an event loop. It is started when there is
 * something to export, does not hold the process, and goes when it is not needed any more.
 */
import path = require('node:path');
import { performance } from 'node:perf_hooks';
import { MessageChannel, receiveMessageOnPort, Worker, type MessagePort } from 'node:worker_threads';
import { exportWorkerFile } from '../../own-files';
import { logger } from '../../telemetry/logger';
import type { ExporterSource, ExportResult } from './outlet';
import { toTransferable } from './transfer';

// Monotonic, and taken at load: programs, and their tests above all, put clocks of their own in the place of Node's.
const now = performance.now.bind(performance);

/** What the thread is told at its start. */
export interface ThreadData {
  /** The place where the main thread waits: it changes with every batch that is done. */
  readonly done: Int32Array<SharedArrayBuffer>;
  /** File of `@opentelemetry/sdk-node`, for exporters that a configuration file describes. */
  readonly sdkFile: string;
  /** Where answers go. Not the worker's own port, which cannot be read without an event loop. */
  readonly answers: MessagePort;
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

/** What goes wrong on the way to the collector, told at once: the exporter may try again, and answer too late. */
export interface Trouble {
  readonly trouble: string;
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
  /** As it is when the SDK starts: programs remove secrets from theirs, and change their working directory. */
  private readonly env = environmentForThread();
  private worker: Worker | undefined;
  private answers: MessagePort | undefined;
  private sent = 0;
  private isBroken = false;
  /** Why the collector could not be reached the last time, as far as that is known. */
  trouble: string | undefined;

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
      // One span with something in it that cannot be sent must not take the others with it.
      const sendable = Array.isArray(items) ? items.filter((item) => isSendable(source, item)) : [];
      if (sendable.length > 0 && sendable.length < (items as unknown[]).length) {
        return this.send(source, sendable, onResult);
      }
      logger.debug('exporting in the main thread', error);
      return false;
    }
    this.waiting.set(this.sent++, onResult);
    return true;
  }

  /**
   * Blocks this thread until everything that was sent is done.
   *
   * @param timeout in milliseconds
   * @returns false if that was not enough
   */
  waitUntilDone(timeout: number): boolean {
    const deadline = now() + timeout;
    for (;;) {
      // Before the answers, which come before it changes: one that comes from here on ends the wait.
      const seen = Atomics.load(this.done, 0);
      // What counts: the thread may have been stopped, its last batch answered, before it had counted that.
      this.readAnswers();
      if (this.waiting.size === 0) return true;
      const rest = deadline - now();
      if (rest <= 0 || this.isBroken) return false;
      Atomics.wait(this.done, 0, seen, rest);
    }
  }

  private start(): Worker {
    const { port1, port2 } = new MessageChannel();
    const workerData: ThreadData = { done: this.done, sdkFile: this.sdkFile, answers: port2 };
    const worker = new Worker(exportWorkerFile(), {
      workerData,
      transferList: [port2],
      env: this.env,
      execArgv: [],
      stdout: true,
      stderr: true,
      name: 'otel-export',
    });
    port1.on('message', (message: Answer | Trouble) => {
      this.handle(message);
    });
    worker.on('error', (error) => {
      logger.error('The export thread failed, exporting in the main thread', error);
      this.isBroken = true;
    });
    // Last: listeners hold the event loop.
    port1.unref();
    worker.unref();
    this.answers = port1;
    return worker;
  }

  /** Those that have come, without the event loop that would bring them. */
  private readAnswers(): void {
    for (;;) {
      const received =
        this.answers && (receiveMessageOnPort(this.answers) as { message: Answer | Trouble } | undefined);
      if (received === undefined) return;
      this.handle(received.message);
    }
  }

  private handle(message: Answer | Trouble): void {
    if ('trouble' in message) {
      this.trouble = message.trouble;
      return;
    }
    const { id, error } = message;
    const onResult = this.waiting.get(id);
    this.waiting.delete(id);
    if (error !== undefined) logger.error(`Export failed: ${error}`);
    onResult?.(error === undefined ? { code: 0 } : { code: 1, error: new Error(error) });
    if (this.waiting.size === 0) this.stop();
  }

  /** It has nothing to do, and the main thread exports by itself while the collector answers. */
  private stop(): void {
    this.answers?.close();
    void this.worker?.terminate();
    this.answers = this.worker = undefined;
  }
}

/** Files that an exporter, or the SDK, reads when the thread makes it. */
const FILES = /^OTEL_(CONFIG_FILE|EXPORTER_OTLP_.*(CERTIFICATE|CLIENT_KEY))$/;

function environmentForThread(): Record<string, string | undefined> {
  const entries = Object.entries(process.env).filter(([name]) => !NOT_FOR_THE_THREAD.has(name));
  return Object.fromEntries(entries.map(([name, value]) => [name, FILES.test(name) ? absolute(value) : value]));
}

const absolute = (file: string | undefined) => (file ? path.resolve(file) : file);

function isSendable({ signal }: ExporterSource, item: unknown): boolean {
  try {
    structuredClone(toTransferable(signal, [item]));
    return true;
  } catch {
    return false;
  }
}
