import { ProxyTracerProvider, trace, type Tracer, type TracerProvider } from '@opentelemetry/api';
import type { Reporter } from '../telemetry/reporter';

/** Name of the provider that the API uses while no SDK is registered. Compared by name: another copy of the API has its own class. */
const NOOP_PROVIDER = new ProxyTracerProvider().getDelegate().constructor.name;

interface Interruptible {
  interrupt(): void;
}

/**
 * The open runs of one owner (an instrumentation, or the manual API), under all configurations that it has had.
 */
export class OpenRuns {
  /** Whether runs may start: not once they have been interrupted, since nobody would be left to end them. */
  canStart = true;
  private readonly held = new Set<Interruptible>();

  /** From its first open run on: what is held stays alive, and so does the registry of its abandoned runs. */
  hold(lifecycle: Interruptible): void {
    this.held.add(lifecycle);
  }

  /** With its last open run gone, a function traced by hand may be forgotten, and so may an old configuration. */
  release(lifecycle: Interruptible): void {
    this.held.delete(lifecycle);
  }

  /** Ends every open run as `interrupted`. No more start until `canStart` is set again. */
  interrupt(): void {
    this.canStart = false;
    for (const lifecycle of this.held) lifecycle.interrupt();
  }
}

/**
 * What the traced functions of one owner share, under one configuration: the tracer, the switch that turns them all off,
 * and the place where problems are reported.
 */
export class Scope {
  /** Whether new calls are traced. A scope that is not enabled still starts and ends the runs of earlier calls. */
  enabled = true;
  private provider: TracerProvider | undefined;

  constructor(
    private readonly getTracer: () => Tracer,
    readonly reporter: Reporter,
    private readonly openRuns = new OpenRuns(),
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

  /** Whether the run of a call that was traced may start now. */
  get canStart(): boolean {
    return this.openRuns.canStart;
  }

  /** See `OpenRuns`. */
  hold(lifecycle: Interruptible): void {
    this.openRuns.hold(lifecycle);
  }

  release(lifecycle: Interruptible): void {
    this.openRuns.release(lifecycle);
  }
}
