import type { ContextManager } from '@opentelemetry/api';
import { apiRegistry, type ApiRegistry } from '../../telemetry/registry';

let registry: ApiRegistry = {};

/**
 * The context manager that is registered. Only to tell whether it is still the same one: what it does is asked through the
 * API, which takes four times as long to look it up.
 */
export function contextManager(): ContextManager | undefined {
  return registry.context;
}

export function lookUpContextManager(): ContextManager | undefined {
  registry = apiRegistry() ?? {};
  return registry.context;
}
