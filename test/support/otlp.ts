/**
 * What an OpenTelemetry collector would get. `startOtlpReceiver()` receives for real, over http/protobuf, http/json and
 * gRPC; `startDeadCollector()` is where there is none, or one that is in trouble.
 */
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import * as path from 'node:path';
import { Worker } from 'node:worker_threads';

/** Values of `OTEL_EXPORTER_OTLP_PROTOCOL`. */
export const OTLP_PROTOCOLS = ['http/protobuf', 'http/json', 'grpc'] as const;
export type OtlpProtocol = (typeof OTLP_PROTOCOLS)[number];

export type OtlpValue = string | number | boolean | Uint8Array | undefined | OtlpValue[] | { [key: string]: OtlpValue };
export type OtlpAttributes = Record<string, OtlpValue>;

/** A span as the receiver decoded it. The same for every protocol. */
export interface OtlpSpan {
  name: string;
  kind: 'UNSPECIFIED' | 'INTERNAL' | 'SERVER' | 'CLIENT' | 'PRODUCER' | 'CONSUMER';
  /** Ids are in lower-case hexadecimal. */
  traceId: string;
  spanId: string;
  /** `undefined` for a root. */
  parentSpanId: string | undefined;
  /** Nanoseconds since 1970. */
  startTime: bigint;
  endTime: bigint;
  attributes: OtlpAttributes;
  status: { code: 'UNSET' | 'OK' | 'ERROR'; message: string | undefined };
  events: { name: string; time: bigint; attributes: OtlpAttributes }[];
  links: { traceId: string; spanId: string }[];
  /** The instrumentation that made it. */
  scope: { name: string; version: string | undefined };
  /** The attributes of the resource, such as `service.name`. */
  resource: OtlpAttributes;
}

/** One time series of one export. */
export interface OtlpPoint {
  /** Of the metric. */
  name: string;
  scope: string;
  temporality: 'DELTA' | 'CUMULATIVE';
  attributes: OtlpAttributes;
  /** Of a histogram. */
  count: number | undefined;
  /** Of a histogram, or the value of a sum or a gauge. */
  sum: number;
}

/** What a metric amounts to when all of that has arrived, by the outcomes of runs: how many values of a histogram, else the sum. */
export function totals(points: readonly OtlpPoint[], metric: string): Record<string, number> {
  const result: Record<string, number> = {};
  for (const { name, attributes, temporality, count, sum } of points) {
    if (name !== metric) continue;
    const outcome = String(attributes['async_generator.outcome'] ?? 'open');
    result[outcome] = (temporality === 'DELTA' ? (result[outcome] ?? 0) : 0) + (count ?? sum);
  }
  return result;
}

export interface OtlpLog {
  eventName: string;
  attributes: OtlpAttributes;
  spanId: string;
}

export interface OtlpRequest {
  /** `/v1/traces` or, for gRPC, the method's path. */
  path: string;
  /** `application/x-protobuf`, `application/json` or `application/grpc`. */
  contentType: string;
}

export interface OtlpReceiver {
  /** The environment of a program that is to send its spans here. */
  env(protocol?: OtlpProtocol): { OTEL_EXPORTER_OTLP_ENDPOINT: string; OTEL_EXPORTER_OTLP_PROTOCOL: OtlpProtocol };
  /**
   * All spans since the last reset, in the order of their arrival. Complete as far as their senders have seen an answer:
   * a program that waits for its exporter before it exits has, so ask after it has ended.
   */
  spans(): Promise<OtlpSpan[]>;
  /**
   * Resolves as soon as `enough` holds for the spans since the last reset: for programs that are still running, or that
   * did not wait for an answer. Rejects after `timeout` milliseconds (default 60,000), naming the spans that came.
   */
  waitForSpans(enough: (spans: OtlpSpan[]) => boolean, timeout?: number): Promise<OtlpSpan[]>;
  /** The points of all metrics since the last reset, in the order of their arrival. */
  points(): Promise<OtlpPoint[]>;
  logs(): Promise<OtlpLog[]>;
  /** All requests since the last reset, those with metrics and logs as well. */
  requests(): Promise<OtlpRequest[]>;
  /** Forgets what has arrived. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

type Message =
  | { type: 'listening'; http: string; grpc: string }
  | ({ type: 'request' } & OtlpRequest)
  | { type: 'spans'; spans: OtlpSpan[] }
  | { type: 'points'; points: OtlpPoint[] }
  | { type: 'logs'; logs: OtlpLog[] }
  | { type: 'mark'; mark: number };

/**
 * Starts a receiver on free ports of the loopback interface, in a thread of its own: it answers even while the test
 * waits for a child process synchronously.
 *
 * @example
 * const receiver = await startOtlpReceiver();
 * await runNode(['--import', register, 'app.mjs'], { env: receiver.env('grpc') });
 * const [span] = await receiver.spans();
 */
export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const worker = new Worker(path.join(__dirname, 'otlp-receiver.cjs'), { execArgv: [], env: {} });
  let spans: OtlpSpan[] = [];
  let points: OtlpPoint[] = [];
  let logs: OtlpLog[] = [];
  let requests: OtlpRequest[] = [];
  let lastMark = 0;
  const arrivals = new Set<() => void>();
  const marks = new Map<number, () => void>();

  const listening = new Promise<{ http: string; grpc: string }>((resolve, reject) => {
    worker.once('error', reject);
    worker.on('message', (message: Message) => {
      if (message.type === 'listening') resolve(message);
      else if (message.type === 'request') requests.push({ path: message.path, contentType: message.contentType });
      else if (message.type === 'points') points.push(...message.points);
      else if (message.type === 'logs') logs.push(...message.logs);
      else if (message.type === 'mark') {
        marks.get(message.mark)?.();
        marks.delete(message.mark);
      } else {
        spans.push(...message.spans);
        for (const look of [...arrivals]) look();
      }
    });
  });

  /** Resolves when everything that the thread had posted before is here. */
  const settled = () =>
    new Promise<void>((resolve) => {
      marks.set(++lastMark, resolve);
      worker.postMessage(lastMark);
    });

  const urls = await listening;
  return {
    env: (protocol = 'http/protobuf') => ({
      OTEL_EXPORTER_OTLP_ENDPOINT: protocol === 'grpc' ? urls.grpc : urls.http,
      OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
    }),
    async spans() {
      await settled();
      return [...spans];
    },
    waitForSpans: (enough, timeout = 60_000) =>
      new Promise((resolve, reject) => {
        const stop = () => {
          clearTimeout(timer);
          arrivals.delete(look);
        };
        const look = () => {
          if (!enough([...spans])) return;
          stop();
          resolve([...spans]);
        };
        const timer = setTimeout(() => {
          stop();
          const names = spans.map(({ name }) => name).join(', ') || 'none';
          reject(new Error(`the spans that the test waits for did not come within ${timeout} ms; it got: ${names}`));
        }, timeout);
        arrivals.add(look);
        look();
      }),
    async points() {
      await settled();
      return [...points];
    },
    async logs() {
      await settled();
      return [...logs];
    },
    async requests() {
      await settled();
      return [...requests];
    },
    async reset() {
      await settled();
      spans = [];
      points = [];
      logs = [];
      requests = [];
    },
    async close() {
      await worker.terminate();
    },
  };
}

/** A receiver for the tests of a `describe`, each of which begins without spans. */
export function useOtlpReceiver(): OtlpReceiver {
  let receiver: OtlpReceiver;
  before(async () => {
    receiver = await startOtlpReceiver();
  });
  afterEach(() => receiver.reset());
  after(() => receiver.close());
  return {
    env: (protocol) => receiver.env(protocol),
    spans: () => receiver.spans(),
    waitForSpans: (enough, timeout) => receiver.waitForSpans(enough, timeout),
    points: () => receiver.points(),
    logs: () => receiver.logs(),
    requests: () => receiver.requests(),
    reset: () => receiver.reset(),
    close: () => receiver.close(),
  };
}

/**
 * What is wrong with a collector:
 * - `silent`: accepts connections and requests, and never answers;
 * - `refusing`: nothing listens on its port;
 * - `unavailable`: answers every request with 503 (OTLP over HTTP only).
 */
export type CollectorTrouble = 'silent' | 'refusing' | 'unavailable';

export interface DeadCollector {
  /** The environment of a program that is to try to send its spans there. */
  env(protocol?: OtlpProtocol): { OTEL_EXPORTER_OTLP_ENDPOINT: string; OTEL_EXPORTER_OTLP_PROTOCOL: OtlpProtocol };
  /** How many connections it has had: whether the program tried at all. Always 0 for `refusing`. */
  connections(): number;
  close(): Promise<void>;
}

const serverFor: Record<CollectorTrouble, () => Server> = {
  silent: () => createServer((socket) => socket.resume()),
  refusing: () => createServer(),
  unavailable: () =>
    createHttpServer((request, response) => {
      request.resume().once('end', () => response.writeHead(503).end());
    }),
};

/** Starts a collector that takes no spans, on a free port of the loopback interface. */
export async function startDeadCollector(trouble: CollectorTrouble): Promise<DeadCollector> {
  const server = serverFor[trouble]();
  const open = new Set<Socket>();
  let connections = 0;
  server.on('connection', (socket) => {
    connections++;
    open.add(socket);
    // The program may die in the middle of a request.
    socket.on('error', () => {}).once('close', () => open.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  const close = async () => {
    if (!server.listening) return;
    server.close();
    for (const socket of open) socket.destroy();
    await once(server, 'close');
  };
  if (trouble === 'refusing') await close();

  return {
    env: (protocol = 'http/protobuf') => ({
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
      OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
    }),
    connections: () => connections,
    close,
  };
}

/** Each span as its name and kind, indented below its parent, in the order of their starts. */
export function describeTree(spans: readonly OtlpSpan[], parent?: OtlpSpan, indent = ''): string[] {
  return spans
    .filter(({ parentSpanId }) => parentSpanId === parent?.spanId)
    .sort((a, b) => (a.startTime < b.startTime ? -1 : 1))
    .flatMap((span) => [`${indent}${span.name} ${span.kind}`, ...describeTree(spans, span, `${indent}  `)]);
}
