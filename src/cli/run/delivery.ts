/**
 * What became of the telemetry that the user wanted to have sent somewhere.
 */
import type { Thread } from './model';

/** @param endpoint that of `--otlp`; elsewhere it is the application's business */
export function whatWasNotDelivered(threads: readonly Thread[], endpoint: URL | undefined): string[] {
  if (endpoint === undefined) return [];
  const { protocol, host, pathname } = endpoint;
  // Without name and password.
  const where = `${protocol}//${host}${pathname === '/' ? '' : pathname}`;
  const sentences = threads.flatMap(({ undelivered }) => {
    if (undelivered === undefined) return [];
    const { isAll, signals, reason = 'no answer in time' } = undelivered;
    return `${isAll ? 'Nothing' : 'Not everything'} was delivered to ${where} (${signals.join(', ')}): ${reason}.`;
  });
  return [...new Set(sentences)];
}
