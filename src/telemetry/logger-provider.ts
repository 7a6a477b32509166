import { logs, type LoggerProvider } from '@opentelemetry/api-logs';
import { apiRegistry } from '../base/registry';

/** The logger provider that somebody has registered, with whichever copy of the logs API. */
export function registeredLoggerProvider(): LoggerProvider | undefined {
  const provider = apiRegistry()?.logs ?? logs.getLoggerProvider();
  return isLoggerProxy(provider) ? undefined : provider;
}

/** Whether it is what the logs API gives before there is a provider: it never learns of one that another copy of that API registers. */
export function isLoggerProxy(provider: LoggerProvider): boolean {
  return '_getDelegate' in provider;
}
