/**
 * A logger for `diag` while there is no SDK that brings one: a mistake in the configuration must not pass unseen.
 */
import { diag, DiagConsoleLogger, DiagLogLevel } from '@opentelemetry/api';

/**
 * Runs `work` with a logger on the console, at the level of OTEL_LOG_LEVEL, or for errors if it is not set. A logger
 * that is there already stays.
 */
export function withDiagLogger(work: () => void): void {
  const isOurs = !hasLogger();
  if (isOurs) diag.setLogger(new DiagConsoleLogger(), { logLevel: levelFromEnvironment() });
  try {
    work();
  } finally {
    // The SDK sets one of its own if OTEL_LOG_LEVEL is set, and warns about one that it replaces.
    if (isOurs) diag.disable();
  }
}

function hasLogger(): boolean {
  const api = (globalThis as Record<symbol, unknown>)[Symbol.for('opentelemetry.js.api.1')];
  return (api as { diag?: unknown } | undefined)?.diag !== undefined;
}

function levelFromEnvironment(): DiagLogLevel {
  const name = process.env.OTEL_LOG_LEVEL?.trim().toUpperCase() ?? '';
  return (DiagLogLevel as unknown as Readonly<Record<string, DiagLogLevel>>)[name] ?? DiagLogLevel.ERROR;
}
