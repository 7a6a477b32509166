/** What the errors of connections mean, whose messages name an address at best, and of `localhost`, which is two, nothing. */
const MEANINGS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EHOSTUNREACH: 'host unreachable',
  ENETUNREACH: 'network unreachable',
  ENOTFOUND: 'host not found',
  ETIMEDOUT: 'connection timed out',
};

/** Why an export has failed, in words. */
export function reasonOf(error: Error | undefined): string {
  const { code, message = '' } = (error ?? {}) as { code?: unknown; message?: string };
  // gRPC has a code of its own, and the connection's somewhere in a long message.
  const inMessage = /\bE[A-Z]{4,}\b/.exec(message)?.[0];
  return MEANINGS[String(code)] ?? MEANINGS[String(inMessage)] ?? (message || 'unknown error');
}
