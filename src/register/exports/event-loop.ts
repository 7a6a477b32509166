/**
 * Lets the SDK work without holding the event loop: a program that has nothing else to do gets `beforeExit` during an export, and the end of the
 * process decides how long to wait.
 *
 * The SDK has no such option. A batch processor waits for its exporter with a timer of 30 seconds. The exporter waits for the collector with a socket
 * for 10 seconds, and with timers between its attempts. So the SDK works in a context of its own, in which timers and sockets of requests are
 * unreferenced.
 */
import { context, createContextKey } from '@opentelemetry/api';
import { subscribe } from 'node:diagnostics_channel';
import { errorMonitor } from 'node:events';
import type { ClientRequest } from 'node:http';
import type { Socket } from 'node:net';

/** One export, as far as the network shows it. */
export interface Attempt {
  /** The last request of it that is open. */
  request?: ClientRequest;
  /** Why the last request has failed. */
  error?: Error;
}

/** The SDK's work around an export. The program's own code, its metric callbacks, may run in it. */
const TIMERS = 'timers';
const SCOPE = createContextKey('opentelemetry-instrumentation-async-generator: unref');
const scope = () => context.active().getValue(SCOPE) as Attempt | typeof TIMERS | undefined;
const runIn = <Result>(value: Attempt | typeof TIMERS, run: () => Result) =>
  context.with(context.active().setValue(SCOPE, value), run);

/** Timers that `run` leaves behind do not hold the event loop. */
export function unrefTimers<Result>(run: () => Result): Result {
  install();
  return runIn(TIMERS, run);
}

/** Nothing that `run` leaves behind holds the event loop. `attempt` tells of its requests. */
export function unrefRequests<Result>(attempt: Attempt, run: () => Result): Result {
  install();
  return runIn(attempt, run);
}

/**
 * The same for the timer that is made next, in the same turn. A metric reader makes one when it has called its exporter:
 * https://github.com/open-telemetry/opentelemetry-js/blob/main/packages/sdk-metrics/src/export/PeriodicExportingMetricReader.ts
 */
export function unrefNextTimer(): void {
  isNextUnref = true;
  queueMicrotask(() => {
    isNextUnref = false;
  });
}

/** Holds the event loop while the program waits for the promise that `method` returns, unless the end of the process has called it. */
export function keepEventLoop(target: object, method: string, before: () => void = () => undefined): void {
  const object = target as Record<string, unknown>;
  const original = object[method];
  if (typeof original !== 'function') return;
  object[method] = function (this: unknown, ...args: unknown[]): unknown {
    const result: unknown = Reflect.apply(original, this, args);
    if (scope() !== undefined || !(result instanceof Promise)) return result;
    before();
    const timer = setInterval(() => undefined, LONG_MS);
    return result.finally(() => {
      clearInterval(timer);
    });
  };
}

const LONG_MS = 2 ** 30;

let isNextUnref = false;
let isInstalled = false;

/** Not before there is such work: until then, `setTimeout` stays as it is. */
function install(): void {
  if (isInstalled) return;
  isInstalled = true;
  for (const name of ['setTimeout', 'setInterval'] as const) unreferenceTimers(name);
  // TLS has no such event, and what is sent by a pooled connection none for each request.
  subscribe('net.client.socket', (message) => {
    if (typeof scope() === 'object') unreference((message as { socket: Socket }).socket);
  });
  subscribe('http.client.request.start', (message) => {
    const attempt = scope();
    if (typeof attempt === 'object') follow(attempt, (message as { request: ClientRequest }).request);
  });
}

/** A getter gives the SDK another function, and the program the original. */
function unreferenceTimers(name: 'setTimeout' | 'setInterval'): void {
  const original = globalThis[name] as (...args: unknown[]) => unknown;
  const unreferenced = (...args: unknown[]) => unreference(original(...args));
  const { enumerable = true } = Object.getOwnPropertyDescriptor(globalThis, name) ?? {};
  Object.defineProperty(globalThis, name, {
    configurable: true,
    enumerable,
    get: () => {
      const isUnref = isNextUnref || scope() !== undefined;
      isNextUnref = false;
      return isUnref ? unreferenced : original;
    },
    // As for a plain property: fake clocks of tests are set so.
    set: (value: unknown) => {
      Object.defineProperty(globalThis, name, { value, configurable: true, enumerable, writable: true });
    },
  });
}

function follow(attempt: Attempt, request: ClientRequest): void {
  attempt.request = request;
  if (request.socket) unreference(request.socket);
  else request.once('socket', unreference);
  request.once(errorMonitor, (error: Error) => {
    attempt.error = error;
  });
  request.once('close', () => {
    if (attempt.request === request) attempt.request = undefined;
  });
}

/** Also later: gRPC and Node's pool of connections call `ref` on what they use again. */
function unreference<T>(handle: T): T {
  const { unref } = handle as { unref?: () => void };
  if (typeof unref !== 'function') return handle;
  unref.call(handle);
  return Object.assign(handle as object, { ref: () => handle }) as T;
}
