/**
 * A thread that exports at the end of the process, and for which the main thread can wait without an event loop.
 */
import path = require('node:path');
import { performance } from 'node:perf_hooks';
import { MessageChannel, receiveMessageOnPort, Worker, type MessagePort } from 'node:worker_threads';
import { ownFile } from '../../own-files';
import { errorMessage } from '../../telemetry/errors';
import type { ExporterSource, ExportResult } from './exporters';

// Monotonic, and taken at load: programs, and their tests above all, put clocks of their own in the place of Node's.
const now = performance.now.bind(performance);

/** What the thread is told at its start. */
export interface ThreadData {
  /** The place where the main thread waits: it changes with every message. */
  readonly told: Int32Array<SharedArrayBuffer>;
  /** File of `@opentelemetry/sdk-node`, for exporters that a configuration file describes. */
  readonly sdkFile: string;
  /** Where messages go. Not the worker's own port, which cannot be read without an event loop. */
  readonly messages: MessagePort;
}

/** One request for the thread. */
export interface Request {
  readonly id: number;
  readonly source: ExporterSource;
  readonly bytes: Uint8Array;
}

export type Message =
  /** The exporter is made, and begins. */
  | { readonly type: 'begun' }
  /** A request is done. */
  | { readonly type: 'done'; readonly id: number; readonly error: string | undefined }
  /** A failed attempt, told at once: the exporter may try again, and answer too late. */
  | { readonly type: 'trouble'; readonly reason: string };

/** No preload of the program runs in the thread. */
const NOT_FOR_THE_THREAD = new Set(['NODE_OPTIONS', 'NODE_V8_COVERAGE']);

export class ExportThread {
  private readonly told = new Int32Array(new SharedArrayBuffer(4));
  private readonly waiting = new Map<number, (result: ExportResult) => void>();
  /** As it is when the SDK starts: programs remove secrets from theirs, and change their working directory. */
  private readonly env = environmentForThread();
  private worker: Worker | undefined;
  private messages: MessagePort | undefined;
  private sent = 0;
  private hasBegun = false;
  /** Why the collector could not be reached the last time, as far as that is known. */
  trouble: string | undefined;
  /** Why there is no thread. */
  failure: string | undefined;

  constructor(private readonly sdkFile: string) {}

  /**
   * Gives the thread a request to send.
   *
   * @param onResult called by `waitUntilDone` when the collector has answered or cannot be reached
   * @returns false if there can be no thread
   */
  send(source: ExporterSource, bytes: Uint8Array, onResult: (result: ExportResult) => void): boolean {
    if (!this.start()) return false;
    const request: Request = { id: this.sent++, source, bytes };
    this.worker?.postMessage(request);
    this.waiting.set(request.id, onResult);
    return true;
  }

  /**
   * Blocks this thread until everything that was sent is done.
   *
   * @param timeout in milliseconds, from when the exporter begins: a busy machine takes its time to start a thread. That may
   *   take as long again
   * @returns false if that was not enough
   */
  waitUntilDone(timeout: number): boolean {
    let begun = this.hasBegun;
    let deadline = now() + timeout;
    for (;;) {
      // Read before the messages: one that arrives from here on ends the wait.
      const seen = Atomics.load(this.told, 0);
      this.readMessages();
      if (this.waiting.size === 0) return true;
      if (this.hasBegun && !begun) {
        begun = true;
        deadline = now() + timeout;
      }
      const rest = deadline - now();
      if (rest <= 0 || this.failure !== undefined) break;
      Atomics.wait(this.told, 0, seen, rest);
    }
    if (!begun) this.failure ??= 'it has not begun in time';
    return false;
  }

  /** @returns whether it runs */
  private start(): boolean {
    if (this.worker !== undefined || this.failure !== undefined) return this.failure === undefined;
    const { port1, port2 } = new MessageChannel();
    const workerData: ThreadData = { told: this.told, sdkFile: this.sdkFile, messages: port2 };
    try {
      this.worker = new Worker(ownFile('export-worker'), {
        workerData,
        transferList: [port2],
        env: this.env,
        execArgv: [],
        stdout: true,
        stderr: true,
        name: 'otel-export',
      });
    } catch (error) {
      // For example where Node's permission model allows none.
      this.failure = errorMessage(error);
      return false;
    }
    // Called only in a process that does not end after all.
    this.worker.on('error', (error) => {
      this.failure = errorMessage(error);
    });
    // Last: listeners hold the event loop.
    port1.unref();
    this.worker.unref();
    this.messages = port1;
    return true;
  }

  /** Reads what has arrived, without an event loop. */
  private readMessages(): void {
    for (;;) {
      const received = this.messages && (receiveMessageOnPort(this.messages) as { message: Message } | undefined);
      if (received === undefined) return;
      this.handle(received.message);
    }
  }

  private handle(message: Message): void {
    switch (message.type) {
      case 'begun':
        this.hasBegun = true;
        return;
      case 'trouble':
        this.trouble = message.reason;
        return;
      case 'done': {
        const { id, error } = message;
        const onResult = this.waiting.get(id);
        this.waiting.delete(id);
        onResult?.(error === undefined ? { code: 0 } : { code: 1, error: new Error(error) });
      }
    }
  }
}

/** Files that an exporter, or the SDK, reads when the thread makes it. */
const FILES = /^OTEL_(CONFIG_FILE|EXPORTER_OTLP_.*(CERTIFICATE|CLIENT_KEY))$/;

function environmentForThread(): Record<string, string | undefined> {
  const entries = Object.entries(process.env).filter(([name]) => !NOT_FOR_THE_THREAD.has(name));
  return Object.fromEntries(entries.map(([name, value]) => [name, FILES.test(name) ? absolute(value) : value]));
}

const absolute = (file: string | undefined) => (file ? path.resolve(file) : file);
