import { ProxyTracerProvider, trace, type Tracer, type TracerProvider } from '@opentelemetry/api';
import type { RunMetrics } from '../telemetry/metrics';
import type { Logger } from '@opentelemetry/api-logs';
import { awaitProvider } from '../telemetry/missing-provider';
import { callTelemetry, type Reporter } from '../base/reporter';
import { classNameOf } from '../base/intrinsics';
import { apiRegistry } from '../base/registry';
import type { RunRecord } from './record';

/** Name of the provider that the API uses while no SDK is registered. Compared by name: another copy of the API has its own class. */
const NOOP_PROVIDER = new ProxyTracerProvider().getDelegate().constructor.name;

/** The open runs of one owner (an instrumentation, or the manual API), under all configurations that it has had. */
export class OpenRuns {
  /** Whether runs may start: not once they have been interrupted, since nothing would be left to end them. */
  canStart = true;
  /** A list by way of the records themselves: a Set takes ten times as long, for every run. */
  private last: RunRecord | undefined;

  add(record: RunRecord): void {
    if (record.isListed) return;
    record.previous = this.last;
    if (this.last !== undefined) this.last.next = record;
    this.last = record;
    record.isListed = true;
  }

  remove(record: RunRecord): void {
    if (!record.isListed) return;
    const { previous, next } = record;
    if (previous !== undefined) previous.next = next;
    if (next !== undefined) next.previous = previous;
    else this.last = previous;
    record.previous = undefined;
    record.next = undefined;
    record.isListed = false;
  }

  /** Ends every open run as `interrupted`. No more start until `canStart` is set again. */
  interrupt(): void {
    this.canStart = false;
    for (let record = this.last; record !== undefined; record = this.last) {
      this.remove(record);
      record.interrupt();
    }
  }
}

/** Where telemetry goes to. Asked for at each use, since providers come and go. */
export interface Signals {
  tracer(): Tracer;
  /** Undefined where no MeterProvider is registered. */
  metrics?(): RunMetrics | undefined;
  logger?(): Logger | undefined;
}

/** What the traced functions of one owner share under one configuration: where telemetry goes, the switch, and where problems are reported. */
export class Scope {
  /** Whether new calls are traced. A scope that is not enabled still starts and ends the runs of earlier calls. */
  enabled = true;
  private provider: TracerProvider | undefined;
  /** The provider of the last call, and whether it is more than the API's own. */
  private seen: unknown;
  private isReal = true;
  private hasMissedProvider = false;
  private hasSeenProvider = false;

  constructor(
    private readonly signals: Signals,
    readonly reporter: Reporter,
    readonly openRuns = new OpenRuns(),
    /** False for what is traced by hand: a library may do that for programs with and without an SDK. */
    private readonly needsProvider = false,
  ) {}

  get tracer(): Tracer {
    return this.signals.tracer();
  }

  /** Undefined where no MeterProvider is registered. */
  get metrics(): RunMetrics | undefined {
    // The provider may throw, and so may something that the API calls and the program has patched.
    return callTelemetry(this.reporter, 'making the instruments of metrics', () => this.signals.metrics?.());
  }

  get logger(): Logger | undefined {
    return this.signals.logger?.();
  }

  setTracerProvider(provider: TracerProvider): void {
    this.provider = provider;
  }

  /** Whether calls are to be traced at all: switched on, and with an SDK to receive spans or metrics. */
  isActive(): boolean {
    if (!this.enabled) return false;
    if (this.findsProvider() || this.metrics !== undefined) return true;
    if (!this.hasMissedProvider) {
      this.hasMissedProvider = true;
      awaitProvider(() => this.isProviderMissing());
    }
    return false;
  }

  /** Whether there is no provider, and there has been none, though the program wants one. */
  private isProviderMissing(): boolean {
    return !this.findsProvider() && !this.hasSeenProvider && (this.needsProvider || apiRegistry() !== undefined);
  }

  /** Whether a tracer provider is registered that is more than the API's own. */
  findsProvider(): boolean {
    let delegate: TracerProvider | undefined;
    try {
      const provider: Partial<ProxyTracerProvider> = this.provider ?? trace.getTracerProvider();
      delegate = provider.getDelegate?.();
    } catch {
      // An error of the provider's, or of something that the API calls and the program has patched.
      return false;
    }
    if (delegate !== this.seen) {
      this.seen = delegate;
      this.isReal = delegate === undefined || classNameOf(delegate) !== NOOP_PROVIDER;
      this.hasSeenProvider ||= this.isReal;
    }
    return this.isReal;
  }
}
