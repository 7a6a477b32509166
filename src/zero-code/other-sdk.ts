/**
 * Gets along with an SDK that somebody else sets up: before this package is loaded, or after.
 */
import { context, metrics, propagation, ProxyTracerProvider, trace } from '@opentelemetry/api';

/** The tracer provider that somebody has registered. */
export function registeredTracerProvider(): object | undefined {
  // By its shape: the proxy may be of another copy of the API.
  const provider: Partial<ProxyTracerProvider> = trace.getTracerProvider();
  const delegate = provider.getDelegate?.() ?? provider;
  // What a proxy hands out that nobody has given a provider.
  return delegate === new ProxyTracerProvider().getDelegate() ? undefined : delegate;
}

/**
 * Calls `listener` before the registered SDK shuts down: a span that ends afterwards is not exported.
 */
export function beforeSdkShutdown(listener: () => void): void {
  const provider = registeredTracerProvider() as { shutdown?(): Promise<void> } | undefined;
  const shutdown = provider?.shutdown;
  if (provider === undefined || typeof shutdown !== 'function') return;
  provider.shutdown = function (this: unknown, ...args) {
    listener();
    return Reflect.apply(shutdown, this, args);
  };
}

/** What every SDK calls, in this order or another, to register itself. */
const REGISTRATIONS: readonly (readonly [object, string])[] = [
  [context, 'setGlobalContextManager'],
  [propagation, 'setGlobalPropagator'],
  [metrics, 'setGlobalMeterProvider'],
  [trace, 'setGlobalTracerProvider'],
];

/**
 * Calls `listener` once, before another SDK registers itself. The API refuses a second one, so `listener` has to
 * unregister the first if the second is to take over.
 */
export function beforeOtherSdkRegisters(listener: () => void): void {
  const restore = REGISTRATIONS.map(([api, name]) => {
    const original = Reflect.get(api, name) as (...args: unknown[]) => unknown;
    const intercepting = (...args: unknown[]): unknown => {
      for (const each of restore) each();
      listener();
      return Reflect.apply(original, api, args);
    };
    Object.defineProperty(api, name, { value: intercepting, configurable: true, writable: true });
    // The method itself is on the prototype.
    return () => Reflect.deleteProperty(api, name);
  });
}
