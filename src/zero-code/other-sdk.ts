/**
 * Gets along with an SDK that somebody else sets up: before this package is loaded, or after.
 */
import { ProxyTracerProvider, trace } from '@opentelemetry/api';
import { createRequire } from 'node:module';
import { installedEntryFiles } from '../targets/entry-files';
import { logger } from '../telemetry/logger';
import { withDiagLogger } from './diag-logger';

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
const REGISTRATIONS: readonly (readonly [string, string])[] = [
  ['context', 'setGlobalContextManager'],
  ['propagation', 'setGlobalPropagator'],
  ['metrics', 'setGlobalMeterProvider'],
  ['trace', 'setGlobalTracerProvider'],
];

/** Another SDK registers itself. Each is called once. */
export interface OtherSdk {
  /** Before it does. The API refuses a second one: the first has to be unregistered if this is to take over. */
  before?(): void;
  /** When its tracer provider is there. */
  after(): void;
}

/**
 * Waits for another SDK, in this thread.
 *
 * @param folder the API is that of programs in it
 */
export function onOtherSdk(folder: string, { before, after }: OtherSdk): void {
  let hasBegun = false;
  let hasEnded = false;
  for (const api of loadApis(folder)) {
    for (const [name, method] of REGISTRATIONS) {
      const part = api[name];
      if (part === undefined) continue;
      const original = Reflect.get(part, method) as (...args: unknown[]) => unknown;
      const intercepting = (...args: unknown[]): unknown => {
        if (!hasBegun) {
          hasBegun = true;
          attempt(before);
        }
        const result = Reflect.apply(original, part, args);
        if (name === 'trace' && !hasEnded) {
          hasEnded = true;
          attempt(after);
        }
        return result;
      };
      Object.defineProperty(part, method, { value: intercepting, configurable: true, writable: true });
    }
  }
}

/** The program is about to set up its SDK, and what fails here is not to end that. */
function attempt(work: (() => void) | undefined): void {
  try {
    work?.();
  } catch (error) {
    withDiagLogger(() => {
      logger.error('Could not go along with the SDK that the application sets up', error);
    });
  }
}

const requireFile = createRequire(__filename);

type Api = Readonly<Record<string, object | undefined>>;

/** What is required and what is imported are two instances of the API if it has a file for each, as from 1.10 on. */
function loadApis(folder: string): Api[] {
  const name = '@opentelemetry/api';
  const files = installedEntryFiles({ kind: 'package', text: name, name, subpath: '' }, folder);
  return [...files].flatMap((file) => {
    try {
      return [requireFile(file) as Api];
    } catch {
      // Not for this version of Node.
      return [];
    }
  });
}
