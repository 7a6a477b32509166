import type { ContextManager } from '@opentelemetry/api';

/** Where every 1.x version of OpenTelemetry's API keeps what is registered, so that several copies of it share it. */
const REGISTRY = Symbol.for('opentelemetry.js.api.1');

interface Registry {
  readonly context?: ContextManager;
}

const registries = globalThis as unknown as Record<symbol, Registry | undefined>;

let registry: Registry = {};

/**
 * The context manager that is registered. Only to tell whether it is still the same one: what it does is asked through the
 * API, which takes four times as long to look it up.
 */
export function contextManager(): ContextManager | undefined {
  return registry.context;
}

export function lookUpContextManager(): ContextManager | undefined {
  registry = registries[REGISTRY] ?? {};
  return registry.context;
}
