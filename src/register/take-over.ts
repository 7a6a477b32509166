/**
 * Another SDK takes the place of the one that this package has started. From then on all spans and log records are that one's,
 * and none comes twice.
 */
import { metrics, ProxyTracerProvider, trace, type TracerProvider } from '@opentelemetry/api';
import type { Instrumentation } from '@opentelemetry/instrumentation';
import { logger } from '../base/logger';
import { registeredTracerProvider } from '../base/registry';
import { loadBuiltin } from '../watch/builtins';
import { logsApi } from './exports/exporters';
import { unrefTimers } from './exports/event-loop';
import type { OtherSdk } from './other-sdk';
import type { FoundSdk, RunningSdk } from './sdk';

const HTTP = '@opentelemetry/instrumentation-http';

/**
 * Gets ready for it. Call it when the SDK has just been started: what is handed out before could not be handed over.
 *
 * @param others the SDK's instrumentations, without that of this package
 */
export function prepareTakeOver(
  sdk: FoundSdk,
  running: RunningSdk,
  others: readonly Instrumentation[],
): Required<OtherSdk> {
  const provider = registeredTracerProvider();
  const meterProvider = metrics.getMeterProvider();
  const logs = logsApi(sdk.require);
  // They have proxies, which ask for the tracer with the first span only. From now on, it is others who ask.
  if (provider !== undefined) for (const each of others) each.setTracerProvider(provider as TracerProvider);
  const tracers = noteProducts(provider, 'getTracer');
  const loggers = noteProducts(logs?.getLoggerProvider(), 'getLogger');
  return {
    before() {
      silence(others);
      // Context manager and propagator go on, unless the other SDK brings its own. It may have registered its meter provider.
      if (metrics.getMeterProvider() === meterProvider) metrics.disable();
      logs?.disable();
      unrefTimers(() => running.shutdown()).catch((error: unknown) => {
        logger.error('Could not shut the SDK down that made way for another one', error);
      });
    },
    after() {
      const hasHttp = tracers.areAskedFor(HTTP);
      tracers.handOver(() => registeredTracerProvider());
      loggers.handOver(() => logs?.getLoggerProvider());
      const keep = () => {
        keepHttp(others);
      };
      if (hasHttp) keep();
      else onTracerAsked(registeredTracerProvider(), HTTP, keep);
    },
  };
}

/** The other SDK has them, too. Their patches may be below those of others by now, and stay: with a tracer that starts nothing. */
function silence(instrumentations: readonly Instrumentation[]): void {
  const silent = new ProxyTracerProvider();
  for (const instrumentation of instrumentations) {
    instrumentation.disable();
    instrumentation.setTracerProvider(silent);
  }
}

/**
 * OpenTelemetry's hook tells of a core module only once. So the HTTP instrumentation of the other SDK may never hear of `http`,
 * in which case the silenced one goes on, for that SDK.
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

/** Calls `listener` once, when a provider is asked for a tracer of that name, as every instrumentation does when an SDK takes it. */
export function onTracerAsked(provider: object | undefined, name: string, listener: () => void): void {
  const asked = provider as Provider | undefined;
  const getTracer = asked?.getTracer;
  if (asked === undefined || typeof getTracer !== 'function') return;
  let isFirst = true;
  asked.getTracer = function (this: unknown, ...args) {
    const tracer = Reflect.apply(getTracer, this, args);
    if (args[0] === name && isFirst) {
      isFirst = false;
      listener();
    }
    return tracer;
  };
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

export interface Products {
  /** Whether somebody has asked for one of that name. */
  areAskedFor(name: string): boolean;
  /** From now on they do what those of `successor` do. As long as there are none, they stay as they are. */
  handOver(successor: () => object | undefined): void;
}

/**
 * Notes which tracers, or loggers, a provider hands out. Modules of a program take theirs when they are loaded. If nothing is
 * registered by then, the API hands out proxies, which follow to the SDK to come; with an SDK of this package in that
 * place, those that it hands out have to follow as well.
 */
export function noteProducts(provider: object | undefined, factory: Factory): Products {
  // A provider hands out the same to those who ask for the same.
  const products = new Map<Product, readonly unknown[]>();
  const noting = provider as Provider | undefined;
  const create = noting?.[factory];
  if (noting === undefined || typeof create !== 'function') return { areAskedFor: () => false, handOver() {} };
  noting[factory] = (...args) => {
    const product = Reflect.apply(create, noting, args);
    products.set(product, args);
    return product;
  };
  return {
    areAskedFor: (name) => [...products.values()].some(([first]) => first === name),
    handOver(successor) {
      // Asked every time: the other SDK registers the one after the other.
      const next = (args: readonly unknown[]) => (successor() as Provider | undefined)?.[factory]?.(...args);
      noting[factory] = (...args) => next(args) ?? Reflect.apply(create, noting, args);
      for (const [product, args] of products) {
        for (const method of METHODS[factory]) {
          const own = product[method];
          if (typeof own !== 'function') continue;
          product[method] = (...rest: unknown[]) => {
            const current = next(args) ?? product;
            const call = current === product ? own : current[method];
            return Reflect.apply(call as Create, current, rest);
          };
        }
      }
    },
  };
}
