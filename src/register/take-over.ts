/**
 * Another SDK takes the place of the one that this package has started. From then on all spans and log records are that one's,
 * and none comes twice.
 */
import { metrics, ProxyTracerProvider, trace, type TracerProvider } from '@opentelemetry/api';
import type { Instrumentation } from '@opentelemetry/instrumentation';
import { logger } from '../base/logger';
import { registeredTracerProvider } from '../base/registry';
import { loadBuiltin } from '../watch';
import { logsApi } from './exports/exporters';
import { unrefTimers } from './exports/event-loop';
import type { OtherSdk } from './other-sdk';
import type { FoundSdk, RunningSdk } from './sdk';

const HTTP = '@opentelemetry/instrumentation-http';

/**
 * Prepares for that. Call it when the SDK has just been started: what a provider hands out before cannot be handed over.
 *
 * @param others the SDK's instrumentations, without that of this package
 */
export function prepareTakeOver(
  sdk: FoundSdk,
  running: RunningSdk,
  others: readonly Instrumentation[],
): Required<Pick<OtherSdk, 'before' | 'after'>> {
  const provider = registeredTracerProvider();
  const meterProvider = metrics.getMeterProvider();
  const logs = logsApi(sdk.require);
  // They have proxies, which ask for the tracer with the first span only. From now on, the other SDK's instrumentations ask.
  if (provider !== undefined) for (const each of others) each.setTracerProvider(provider as TracerProvider);
  let hasOtherHttp = false;
  onAsked(provider, 'getTracer', ([name]) => {
    hasOtherHttp ||= name === HTTP;
  });
  const handOverTracers = noteProducts(provider, 'getTracer');
  const handOverLoggers = noteProducts(logs?.getLoggerProvider(), 'getLogger');
  return {
    before() {
      silence(others);
      // Context manager and propagator stay, unless the other SDK brings its own. Its meter provider may be registered already.
      if (metrics.getMeterProvider() === meterProvider) metrics.disable();
      logs?.disable();
      unrefTimers(() => running.shutdown()).catch((error: unknown) => {
        logger.error('Could not shut down the SDK that another one has replaced', error);
      });
    },
    after() {
      handOverTracers(() => registeredTracerProvider());
      handOverLoggers(() => logs?.getLoggerProvider());
      if (hasOtherHttp) {
        keepHttp(others);
        return;
      }
      onAsked(registeredTracerProvider(), 'getTracer', ([name]) => {
        if (name !== HTTP || hasOtherHttp) return;
        // Before `keepHttp`, since the kept instrumentation asks as well.
        hasOtherHttp = true;
        keepHttp(others);
      });
    },
  };
}

/** The other SDK has its own. Patches below those of others cannot be removed, and get a tracer that starts nothing. */
function silence(instrumentations: readonly Instrumentation[]): void {
  const silent = new ProxyTracerProvider();
  for (const instrumentation of instrumentations) {
    instrumentation.disable();
    instrumentation.setTracerProvider(silent);
  }
}

/**
 * OpenTelemetry's hook reports a core module only once. So the HTTP instrumentation of the other SDK may never be told of `http`.
 * Then the silenced one works for that SDK.
 */
function keepHttp(instrumentations: readonly Instrumentation[]): void {
  const { request } = loadBuiltin('http') as { request: { __wrapped?: boolean } };
  if (request.__wrapped === true) return;
  for (const instrumentation of instrumentations) {
    if (instrumentation.instrumentationName !== HTTP) continue;
    instrumentation.setTracerProvider(trace.getTracerProvider());
    instrumentation.setMeterProvider(metrics.getMeterProvider());
    instrumentation.enable();
  }
}

type Factory = 'getTracer' | 'getLogger';
/** A tracer or a logger. */
type Product = Record<string, unknown>;
type Create = (...args: unknown[]) => Product;
type Provider = Partial<Record<Factory, Create>>;

const METHODS: Readonly<Record<Factory, readonly string[]>> = {
  getTracer: ['startSpan', 'startActiveSpan'],
  getLogger: ['emit', 'enabled'],
};

/**
 * Calls `listener` when a provider is asked for a tracer or a logger, as every instrumentation does when it gets a provider.
 *
 * @returns what the provider has done until now. Undefined if there is no such provider
 */
export function onAsked(
  provider: object | undefined,
  factory: Factory,
  listener: (args: readonly unknown[], product: Product) => void,
): Create | undefined {
  const asked = provider as Provider | undefined;
  const create = asked?.[factory];
  if (asked === undefined || typeof create !== 'function') return undefined;
  asked[factory] = (...args) => {
    const product = Reflect.apply(create, asked, args);
    listener(args, product);
    return product;
  };
  return create.bind(asked);
}

/**
 * Notes which tracers, or loggers, a provider hands out. Modules of a program take theirs when they are loaded. Without an SDK, they get proxies
 * from the API, which use the SDK that is registered later. Those of an SDK that this package has started have to do the same.
 *
 * @param provider one that hands out the same to those who ask for the same
 * @returns a function that hands them over: from then on they do what those of its argument's result do, if it has any
 */
export function noteProducts(
  provider: object | undefined,
  factory: Factory,
): (successor: () => object | undefined) => void {
  const products = new Map<Product, readonly unknown[]>();
  const create = onAsked(provider, factory, (args, product) => products.set(product, args));
  return (successor) => {
    if (create === undefined) return;
    // Looked up for every call: the other SDK registers its providers one after the other.
    const next = (args: readonly unknown[]) => (successor() as Provider | undefined)?.[factory]?.(...args);
    (provider as Provider)[factory] = (...args) => next(args) ?? create(...args);
    for (const [product, args] of products) {
      for (const method of METHODS[factory]) {
        const own = product[method] as Create | undefined;
        if (typeof own !== 'function') continue;
        product[method] = (...rest: unknown[]) => {
          const current = next(args);
          return current === undefined
            ? Reflect.apply(own, product, rest)
            : Reflect.apply(current[method] as Create, current, rest);
        };
      }
    }
  };
}
