import { ProxyTracerProvider, trace, type Tracer, type TracerProvider } from '@opentelemetry/api';
import type { Reporter } from '../telemetry/reporter';

/** Name of the provider that the API uses while no SDK is registered. Compared by name: another copy of the API has its own class. */
const NOOP_PROVIDER = new ProxyTracerProvider().getDelegate().constructor.name;

interface Interruptible {
  interrupt(): void;
}

/**
 * What the traced functions of one owner (an instrumentation, or the manual API) share: the tracer, the switch that
 * turns them all off, and the place where problems are reported.
 */
export class Scope {
  enabled = true;
  private provider: TracerProvider | undefined;
  private readonly held = new Set<Interruptible>();

  constructor(
    private readonly getTracer: () => Tracer,
    readonly reporter: Reporter,
  ) {}

  get tracer(): Tracer {
    return this.getTracer();
  }

  setTracerProvider(provider: TracerProvider): void {
    this.provider = provider;
  }

  /** Whether calls are to be traced at all: switched on, and with an SDK to receive the spans. */
  isActive(): boolean {
    if (!this.enabled) return false;
    const provider = this.provider ?? trace.getTracerProvider();
    const delegate = (provider as Partial<ProxyTracerProvider>).getDelegate?.();
    return delegate === undefined || delegate.constructor.name !== NOOP_PROVIDER;
  }

  /** From its first open run on: what the scope holds stays alive, and so does the registry of its abandoned runs. */
  hold(lifecycle: Interruptible): void {
    this.held.add(lifecycle);
  }

  /** With its last open run gone, a function traced by hand may be forgotten. */
  release(lifecycle: Interruptible): void {
    this.held.delete(lifecycle);
  }

  /** Ends every open run as `interrupted`. */
  interrupt(): void {
    for (const lifecycle of this.held) lifecycle.interrupt();
  }
}
