/**
 * A thread that sends requests at the end of the process, while the main thread waits without an event loop.
 */
import path = require('node:path');
import { performance } from 'node:perf_hooks';
import { MessageChannel, receiveMessageOnPort, Worker, type MessagePort } from 'node:worker_threads';
import { ownFile } from '../../own-files';
import { errorMessage } from '../../telemetry/errors';
import type { ExporterSource, ExportResult } from './exporters';

// Monotonic, and taken at load: programs, and their tests above all, put clocks of their own in the place of Node's.
const now = performance.now.bind(performance);

/** What an exporter would send, and which. */
export interface Request {
  readonly source: ExporterSource;
  readonly bytes: Uint8Array;
}

export interface PendingRequest extends Request {
  /** Called when the collector has answered, or cannot be reached. */
  onResult(result: ExportResult): void;
}

/** What the thread is told at its start. */
export interface ThreadData {
  readonly requests: readonly Request[];
  /** File of `@opentelemetry/sdk-node`, for exporters that a configuration file describes. */
  readonly sdkFile: string;
  /** Where messages go. Not the worker's own port, which cannot be read without an event loop. */
  readonly messages: MessagePort;
  /** The place where the main thread waits: it changes with every message. */
  readonly told: Int32Array<SharedArrayBuffer>;
}

export type Message =
  /** The first exporter is made. */
  | { readonly type: 'begun' }
  /** A request is done: its place in `requests`. */
  | { readonly type: 'done'; readonly index: number; readonly error: string | undefined }
  /** A failed attempt, told at once: the exporter may try again, and answer too late. */
  | { readonly type: 'trouble'; readonly reason: string };

export class ExportThread {
  /** Taken when the SDK starts: later, a program may remove secrets from its environment, or change its working directory. */
  private readonly env = environmentForThread();
  /** Why the collector could not be reached the last time, if that is known. */
  trouble: string | undefined;
  failure: string | undefined;

  constructor(private readonly sdkFile: string) {}

  /**
   * Sends requests, and blocks the calling thread until all are done.
   *
   * @param timeout in milliseconds, from when the first exporter is made
   * @param startTimeout how long the thread may take until then: on a busy machine, that is long, whatever the collector does
   */
  send(requests: readonly PendingRequest[], timeout: number, startTimeout = timeout): void {
    if (requests.length === 0) return;
    const { port1: port, port2: messages } = new MessageChannel();
    const told = new Int32Array(new SharedArrayBuffer(4));
    const { sdkFile, env } = this;
    const sent = requests.map(({ source, bytes }) => ({ source, bytes }));
    const workerData: ThreadData = { requests: sent, sdkFile, messages, told };
    try {
      const worker = new Worker(ownFile('export-worker'), {
        workerData,
        transferList: [messages],
        env,
        execArgv: [],
        stdout: true,
        stderr: true,
        name: 'otel-export',
      });
      // It must not throw in a process that continues after all.
      worker.on('error', () => undefined);
      // After `on`, which holds the event loop.
      worker.unref();
      port.unref();
    } catch (error) {
      // For example where Node's permission model allows no threads.
      this.failure = errorMessage(error);
      return;
    }
    const { hasBegun, trouble } = waitForResults({ port, told, requests }, timeout, startTimeout);
    this.failure = hasBegun ? undefined : 'it has not begun in time';
    this.trouble = trouble;
  }
}

const receive = (port: MessagePort) => receiveMessageOnPort(port) as { message: Message } | undefined;

/** Blocks the calling thread until all requests are done, or the time is over: see `ExportThread.send`. */
export function waitForResults(
  { port, told, requests }: { port: MessagePort; told: Int32Array; requests: readonly PendingRequest[] },
  timeout: number,
  startTimeout = timeout,
): { isDone: boolean; hasBegun: boolean; trouble: string | undefined } {
  const waiting = new Set(requests);
  let hasBegun = false;
  let trouble: string | undefined;
  let deadline = now() + startTimeout;
  for (;;) {
    // Read before the messages: one that arrives from here on ends the wait.
    const seen = Atomics.load(told, 0);
    for (let received = receive(port); received !== undefined; received = receive(port)) {
      const { message } = received;
      if (message.type === 'begun') {
        if (!hasBegun) deadline = now() + timeout;
        hasBegun = true;
      } else if (message.type === 'trouble') {
        trouble = message.reason;
      } else {
        const request = requests[message.index] as PendingRequest;
        waiting.delete(request);
        request.onResult(message.error === undefined ? { code: 0 } : { code: 1, error: new Error(message.error) });
      }
    }
    const isDone = waiting.size === 0;
    const rest = deadline - now();
    if (isDone || rest <= 0) return { isDone, hasBegun: hasBegun || isDone, trouble };
    Atomics.wait(told, 0, seen, rest);
  }
}

/** Files that an exporter, or the SDK, reads when the thread makes it. */
const FILES = /^OTEL_(CONFIG_FILE|EXPORTER_OTLP_.*(CERTIFICATE|CLIENT_KEY))$/;

/** Without NODE_OPTIONS: no preload of the program runs in the thread. */
function environmentForThread(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _options, NODE_V8_COVERAGE: _coverage, ...env } = process.env;
  const files = Object.entries(env).filter(([name, file]) => FILES.test(name) && file);
  return { ...env, ...Object.fromEntries(files.map(([name, file]) => [name, path.resolve(file as string)])) };
}
