/**
 * Finds the exporters of the SDK that is registered, and what hands ended spans to them.
 *
 * An SDK offers no way to ask for them, so this looks for what has the shape of one in the objects that a provider is
 * made of. Where it finds none, there is nothing to be done at the end of a process but what the SDK does itself.
 */
import { metrics } from '@opentelemetry/api';
import { registeredTracerProvider } from '../../base/registry';
import type { Exporter } from './outlet';
import type { Signal } from './transfer';

export interface FoundExporter {
  readonly exporter: Exporter;
  /** What exports with it: a processor of spans or log records, or a metric reader. */
  readonly owner: object;
}

/** Deep enough for provider, shared state, collector, reader and exporter, and far from the whole heap. */
const MAX_DEPTH = 5;

/** @param requireFromSdk resolves from the place of `@opentelemetry/sdk-node` */
export function findExporters(requireFromSdk: NodeJS.Require): Readonly<Record<Signal, readonly FoundExporter[]>> {
  return {
    traces: exportersBelow(registeredTracerProvider()),
    logs: exportersBelow(logsApi(requireFromSdk)?.getLoggerProvider()),
    metrics: exportersBelow(metrics.getMeterProvider()),
  };
}

interface LogsApi {
  getLoggerProvider(): object;
  disable(): void;
}

/** The API for logs. Only API 1.10 and newer has it; before, it was a package of its own. */
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

/** Level by level: what is near must not be taken for far away because a long way leads there, too. */
function exportersBelow(root: object | undefined): FoundExporter[] {
  const found: FoundExporter[] = [];
  const seen = new Set<object>();
  let level = root === undefined ? [] : [root];
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
