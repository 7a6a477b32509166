/**
 * What is registered for the whole process: by OpenTelemetry, and by the copies of this package, of which nested node_modules may bring several, of different versions.
 */
import {
  ProxyTracerProvider,
  trace,
  type ContextManager,
  type DiagLogger,
  type TextMapPropagator,
} from '@opentelemetry/api';
import { logs, type LoggerProvider } from '@opentelemetry/api-logs';
import { PACKAGE_NAME } from '../version';

/** What is registered with OpenTelemetry's API. */
export interface ApiRegistry {
  /** Of the copy of the API that was the first to register anything. */
  readonly version?: string;
  readonly context?: ContextManager;
  readonly propagation?: TextMapPropagator;
  /** Version 1.10 of the API and newer. Before, the logs API is a package of its own, with a registry of its own. */
  readonly logs?: LoggerProvider;
  diag?: DiagLogger;
}

/** Where every 1.x version of the API keeps it, so that several copies of it share it. */
const REGISTRY = Symbol.for('opentelemetry.js.api.1');

const registries = globalThis as unknown as Record<symbol, ApiRegistry | undefined>;

export function apiRegistry(): ApiRegistry | undefined {
  return registries[REGISTRY];
}

/** The registered tracer provider, if there is one. */
export function registeredTracerProvider(): object | undefined {
  // By its shape: the proxy may be of another copy of the API.
  const provider: Partial<ProxyTracerProvider> = trace.getTracerProvider();
  const delegate = provider.getDelegate?.() ?? provider;
  // What a proxy gives that has no provider.
  return delegate === new ProxyTracerProvider().getDelegate() ? undefined : delegate;
}

/** The registered logger provider, if there is one, with any copy of the logs API. */
export function registeredLoggerProvider(): LoggerProvider | undefined {
  const provider = apiRegistry()?.logs ?? logs.getLoggerProvider();
  return isLoggerProxy(provider) ? undefined : provider;
}

/** Whether it is what the logs API gives before there is a provider: it never learns of one that another copy of that API registers. */
export function isLoggerProxy(provider: LoggerProvider): boolean {
  return '_getDelegate' in provider;
}

/**
 * What the first copy that asks has made.
 *
 * @param name with the version of its shape, which only grows: copies of other versions read it
 */
export function sharedByCopies<T extends object>(name: string, create: () => T): T {
  const shared = globalThis as unknown as Record<symbol, T | undefined>;
  return (shared[Symbol.for(`${PACKAGE_NAME}.${name}`)] ??= create());
}
