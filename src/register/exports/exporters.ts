/**
 * All that is known here of the inside of an SDK, in both OpenTelemetry lines: which exporters it has, and how an OTLP exporter
 * makes a request and sends it.
 *
 * There is no API for that. A processor, reader or exporter that NodeSDK is given replaces all that the environment variables
 * describe for its signal, and the functions that make those are not exported. A configuration file has no place for an
 * object at all. Neither line has a hook where they are made. So the objects that a provider consists of are searched for
 * exporters. A fixed path to them would break with every renamed field.
 * https://github.com/open-telemetry/opentelemetry-js/blob/main/experimental/packages/opentelemetry-sdk-node/src/sdk.ts
 *
 * Where no exporter is found, only what the SDK does itself happens at the end of a process.
 */
import { metrics } from '@opentelemetry/api';
import { registeredTracerProvider } from '../../base/registry';

export type Signal = 'traces' | 'logs' | 'metrics';

/** The outcome of an export, as OpenTelemetry's exporters report it: code 0 is success. */
export interface ExportResult {
  readonly code: number;
  readonly error?: Error;
}

/** The part of a SpanExporter, LogRecordExporter or PushMetricExporter that matters here. */
export interface Exporter {
  export(items: unknown, done: (result: ExportResult) => void): void;
}

export interface FoundExporter {
  readonly exporter: Exporter;
  /** What exports with it: a processor of spans or log records, or a metric reader. */
  readonly owner: object;
}

/** Deep enough for provider, shared state, collector, reader and exporter, and far from the whole heap. */
const MAX_DEPTH = 5;

/**
 * The providers that are registered.
 *
 * @param requireFromSdk resolves from the place of `@opentelemetry/sdk-node`
 */
export function registeredProviders(requireFromSdk: NodeJS.Require): Readonly<Record<Signal, object | undefined>> {
  return {
    traces: registeredTracerProvider(),
    logs: logsApi(requireFromSdk)?.getLoggerProvider(),
    metrics: metrics.getMeterProvider(),
  };
}

interface LogsApi {
  getLoggerProvider(): object;
  disable(): void;
}

/** The API for logs: a part of API 1.10 and newer, and a package of its own before. */
export function logsApi(requireFromSdk: NodeJS.Require): LogsApi | undefined {
  for (const name of ['@opentelemetry/api', '@opentelemetry/api-logs']) {
    try {
      const { logs } = requireFromSdk(name) as { logs?: LogsApi };
      if (logs !== undefined) return logs;
    } catch {
      // Not there.
    }
  }
  return undefined;
}

/** Level by level, so that no object counts as too deep because it was first reached by a detour. */
export function findExporters(provider: object | undefined): readonly FoundExporter[] {
  const found: FoundExporter[] = [];
  const seen = new Set<object>();
  let level = provider === undefined ? [] : [provider];
  for (let depth = 1; depth <= MAX_DEPTH; depth++) {
    const next: object[] = [];
    for (const owner of level) {
      for (const value of Object.values(owner) as unknown[]) {
        if (typeof value !== 'object' || value === null || seen.has(value)) continue;
        seen.add(value);
        if (isExporter(value)) found.push({ exporter: value, owner });
        else next.push(value);
      }
    }
    level = next;
  }
  return found;
}

function isExporter(value: object): value is Exporter {
  const { export: exportItems, shutdown } = value as { export?: unknown; shutdown?: unknown };
  return typeof exportItems === 'function' && typeof shutdown === 'function';
}

/** How another thread makes the same exporter. */
export interface ExporterSource {
  readonly signal: Signal;
  /** Module and export of its class, which takes its configuration from the environment. */
  readonly file: string;
  readonly exportName: string;
  /** Or its place among all exporters, where a configuration file has made them. */
  readonly index?: number;
}

/** The packages of OTLP exporters, and the class that each exports. */
const OTLP: Readonly<Record<Signal, { readonly packageName: string; readonly exportName: string }>> = {
  traces: { packageName: 'exporter-trace-otlp', exportName: 'OTLPTraceExporter' },
  logs: { packageName: 'exporter-logs-otlp', exportName: 'OTLPLogExporter' },
  metrics: { packageName: 'exporter-metrics-otlp', exportName: 'OTLPMetricExporter' },
};

/** @returns undefined for one that is not OpenTelemetry's own for OTLP, such as one that prints */
export function sourceOf(
  exporter: Exporter,
  signal: Signal,
  index: number | undefined,
  requireFromSdk: NodeJS.Require,
): ExporterSource | undefined {
  const { packageName, exportName } = OTLP[signal];
  for (const protocol of ['proto', 'http', 'grpc']) {
    try {
      const file = requireFromSdk.resolve(`@opentelemetry/${packageName}-${protocol}`);
      const ExporterClass = (requireFromSdk(file) as Readonly<Record<string, unknown>>)[exportName];
      if (typeof ExporterClass === 'function' && exporter instanceof ExporterClass) {
        return { signal, file, exportName, index };
      }
    } catch {
      // The SDK does without this package.
    }
  }
  return undefined;
}

/**
 * What an OTLP exporter keeps to itself: how it makes a request of items, and how it sends one.
 *
 * https://github.com/open-telemetry/opentelemetry-js/blob/main/experimental/packages/otlp-exporter-base/src/otlp-export-delegate.ts
 */
interface OtlpExporter {
  readonly _delegate?: {
    readonly _serializer?: { serializeRequest(items: unknown): Uint8Array | undefined };
    readonly _transport?: { send(request: Uint8Array, timeout: number): Promise<Response> };
    readonly _timeout?: number;
  };
}

interface Response {
  readonly status: 'success' | 'failure' | 'retryable';
  readonly error?: Error;
}

/** The request that an OTLP exporter would send. Undefined if it makes none. */
export function requestOf(exporter: Exporter, items: unknown): Uint8Array | undefined {
  try {
    const { resource } = (Array.isArray(items) ? items[0] : items) as { resource?: Resource };
    return withoutPending(resource, () => (exporter as OtlpExporter)._delegate?._serializer?.serializeRequest(items));
  } catch {
    return undefined;
  }
}

/**
 * Sends what `requestOf` has made, in whichever thread.
 *
 * @throws for what is not an OTLP exporter
 */
export async function sendRequest(exporter: Exporter, request: Uint8Array): Promise<Response> {
  const { _transport: transport, _timeout: timeout } = (exporter as OtlpExporter)._delegate ?? {};
  if (transport === undefined) throw new TypeError('the exporter has no transport');
  return transport.send(request, timeout ?? DEFAULT_TIMEOUT_MS);
}

/** https://opentelemetry.io/docs/specs/otel/protocol/exporter/#configuration-options */
const DEFAULT_TIMEOUT_MS = 10_000;

interface Resource {
  readonly asyncAttributesPending?: boolean;
}

/**
 * For as long as `run` takes, a resource has what its detectors have found so far. The SDK waits for the rest, and reports
 * an error if a resource is read before.
 */
function withoutPending<Result>(resource: Resource | undefined, run: () => Result): Result {
  if (resource?.asyncAttributesPending !== true) return run();
  Object.defineProperty(resource, 'asyncAttributesPending', { value: false, configurable: true });
  try {
    return run();
  } finally {
    Reflect.deleteProperty(resource, 'asyncAttributesPending');
  }
}

/** What connection errors mean. Their messages name an address at best, and nothing for `localhost`, which has two. */
const MEANINGS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EHOSTUNREACH: 'host unreachable',
  ENETUNREACH: 'network unreachable',
  ENOTFOUND: 'host not found',
  ETIMEDOUT: 'connection timed out',
};

/** Why an export has failed, in words. */
export function reasonOf(error: Error | undefined): string {
  const { code, message = '' } = (error ?? {}) as { code?: unknown; message?: string };
  // gRPC has a code of its own, and the connection's somewhere in a long message.
  const inMessage = /\bE[A-Z]{4,}\b/.exec(message)?.[0];
  return MEANINGS[String(code)] ?? MEANINGS[String(inMessage)] ?? (message || 'unknown error');
}
