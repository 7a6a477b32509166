import type { DiagLogger } from '@opentelemetry/api';
import { OwnSet, OwnWeakSet } from './intrinsics';

/**
 * Reports each kind of problem once: a hook that throws for every item must not write a line for every item.
 */
export class Reporter {
  private readonly reported = new OwnSet<string>();
  private readonly reportedOf = new OwnWeakSet<object>();

  constructor(private readonly diag: () => DiagLogger) {}

  /** @param key what is reported once: a name, or the object (a hook) that has the problem */
  warnOnce(key: string | object, message: string, ...details: unknown[]): void {
    this.once('warn', key, message, details);
  }

  errorOnce(key: string | object, message: string, ...details: unknown[]): void {
    this.once('error', key, message, details);
  }

  /** Logging is telemetry too: a logger that throws must not reach the program. */
  private once(level: 'warn' | 'error', key: string | object, message: string, details: unknown[]): void {
    if (typeof key === 'string') {
      if (this.reported.has(key)) return;
      this.reported.add(key);
    } else {
      if (this.reportedOf.has(key)) return;
      this.reportedOf.add(key);
    }
    try {
      this.diag()[level](message, ...details);
    } catch {
      // Nowhere left to report it.
    }
  }
}
