/**
 * Works with an SDK that the application or another preload sets up: before this package is loaded, or after.
 */
import { createRequire } from 'node:module';
import { logger } from '../base/logger';
import { registeredTracerProvider } from '../base/registry';
import { installedEntryFiles } from '../targets/packages';

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

/**
 * Whether a provider surely exports nothing: one of OpenTelemetry's own, which take their processors or readers when they are
 * made, without any. Of others it cannot be known.
 *
 * https://github.com/open-telemetry/opentelemetry-js/blob/main/packages/sdk-metrics/src/MeterProvider.ts
 */
export function exportsNothing(provider: unknown): boolean {
  const { _activeSpanProcessor: spans, _sharedState: metrics } = (provider ?? {}) as {
    _activeSpanProcessor?: { _spanProcessors?: unknown };
    _sharedState?: { metricCollectors?: unknown };
  };
  const exporting = spans?._spanProcessors ?? metrics?.metricCollectors;
  return Array.isArray(exporting) && exporting.length === 0;
}

/** What an SDK calls, in this order or another, to register itself. */
const REGISTRATIONS: readonly (readonly [string, string])[] = [
  ['context', 'setGlobalContextManager'],
  ['propagation', 'setGlobalPropagator'],
  ['metrics', 'setGlobalMeterProvider'],
  ['trace', 'setGlobalTracerProvider'],
];

/** Another SDK registers its tracer provider. Each is called once. */
export interface OtherSdk {
  /** Just before it does. Only where this package has started an SDK, which it replaces. */
  before?(): void;
  /** When it has. */
  after(): void;
  /** When it has registered its meter provider, if that comes later. */
  afterMetrics?(): void;
}

/**
 * Waits for another SDK, in this thread. The API refuses a second registration. So if there is an SDK to replace (`before`), each of its parts is
 * unregistered when another of its kind comes: some libraries register a context manager or a meter provider, and nothing else. An SDK that
 * exports nothing replaces nothing.
 *
 * @param folder whose programs have the API that is watched
 */
export function onOtherSdk(folder: string, { before, after, afterMetrics }: OtherSdk): void {
  const seen = new Set<string>();
  let isRefusing = false;
  for (const api of loadApis(folder)) {
    for (const [name, method] of REGISTRATIONS) {
      const part = api[name] as { disable(): void } | undefined;
      if (part === undefined) continue;
      const original = Reflect.get(part, method) as (...args: unknown[]) => unknown;
      const value = (...args: unknown[]): unknown => {
        const register = () => Reflect.apply(original, part, args);
        if (seen.has(name)) return register();
        if (before !== undefined) {
          const isEmpty = exportsNothing(args[0]);
          if (isEmpty && name === 'trace') {
            // What the same SDK registers after it, in the same turn, belongs to it.
            isRefusing = true;
            queueMicrotask(() => (isRefusing = false));
          }
          if (isEmpty || (isRefusing && name !== 'trace')) return register();
          attempt(() => {
            if (name === 'trace') before();
            part.disable();
          });
        }
        seen.add(name);
        const result = register();
        if (name === 'trace') attempt(after);
        if (name === 'metrics' && seen.has('trace') && afterMetrics !== undefined) attempt(afterMetrics);
        return result;
      };
      Object.defineProperty(part, method, { value, configurable: true, writable: true });
    }
  }
}

/** The program is about to set up its SDK. What fails here must not end that. */
function attempt(work: () => void): void {
  try {
    work();
  } catch (error) {
    logger.error('Could not adapt to the SDK that the application sets up', error);
  }
}

type Api = Readonly<Record<string, object | undefined>>;

/** From 1.10 on, the API has a file for `require` and one for `import`, so a process may have two instances of it. */
function loadApis(folder: string): Api[] {
  const name = '@opentelemetry/api';
  const files = installedEntryFiles({ kind: 'package', text: name, name, subpath: '' }, folder);
  return [...files].flatMap((file) => {
    try {
      return [createRequire(file)(file) as Api];
    } catch {
      // Not for this version of Node.
      return [];
    }
  });
}
