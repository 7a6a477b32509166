/**
 * Gets along with an SDK that somebody else sets up: before this package is loaded, or after.
 */
import { context, metrics, propagation, ProxyTracerProvider, trace } from '@opentelemetry/api';

/** Whether a tracer provider is registered already. */
export function isSdkRegistered(): boolean {
  const provider: unknown = trace.getTracerProvider();
  // Only a proxy tells nothing by itself: one that nobody has given a provider hands out one that does nothing.
  if (!(provider instanceof ProxyTracerProvider)) return true;
  return provider.getDelegate() !== new ProxyTracerProvider().getDelegate();
}

/**
 * Calls `listener` before the registered SDK shuts down: a span that ends afterwards is not exported.
 */
export function beforeSdkShutdown(listener: () => void): void {
  const proxy: unknown = trace.getTracerProvider();
  const provider = (proxy instanceof ProxyTracerProvider ? proxy.getDelegate() : proxy) as {
    shutdown?(): Promise<void>;
  };
  const { shutdown } = provider;
  if (typeof shutdown !== 'function') return;
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
