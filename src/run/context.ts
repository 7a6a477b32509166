import { context, createContextKey, trace, type Context, type Span } from '@opentelemetry/api';
import { framesFromPull } from './context-frame';
import { FrameSwitch, type FrameSwitchOwner } from './frame-switch';

/** The key under which OpenTelemetry's core package marks a context as not to be traced; API keys are registered symbols. */
const SUPPRESS_TRACING = createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING');

/** What a context says of a run. */
interface RunIdentity {
  readonly span: Span;
  readonly id: string | undefined;
}

/** Under which a body's context has the id of its run, whatever spans the program starts in it. */
const RUN = createContextKey('opentelemetry-instrumentation-async-generator run');

/** The id of the run whose body is at work in a context; undefined outside any. */
export function runIn(active: Context): string | undefined {
  return active.getValue(RUN) as string | undefined;
}

function contextOfBody(outer: Context, { span, id }: RunIdentity): Context {
  return trace.setSpan(outer, span).setValue(RUN, id);
}

export function isTracingSuppressed(active: Context): boolean {
  return active.getValue(SUPPRESS_TRACING) === true;
}

/** After how many misses no switch is remembered for a while, and for how many pulls. */
const MISSES = 4;
const REST = 60;

/**
 * Runs the body of a generator in the context that is active at the pull, with the run's span set. The consumer's own
 * context is the same before and after.
 */
export class BodyContext implements FrameSwitchOwner {
  private seen: Context | undefined;
  private body: Context | undefined;
  private frameSwitch: FrameSwitch | undefined;
  private readonly isFixed: boolean;
  private pulls = 0;
  private misses = 0;

  /**
   * @param creation the context of the call, with `contextFrom: 'creation'`: every pull then runs in it.
   */
  constructor(
    private readonly identity: RunIdentity,
    creation: Context | undefined,
  ) {
    this.isFixed = creation !== undefined;
    if (creation !== undefined) this.body = contextOfBody(creation, identity);
  }

  /** Calls `fn(a, b, c)` in the body's context. */
  run<A, B, C, Result>(fn: (a: A, b: B, c: C) => Result, a: A, b: B, c: C): Result {
    if (this.frameSwitch !== undefined) {
      if (this.frameSwitch.fits()) return this.frameSwitch.enter(fn, a, b, c);
      this.missed();
    }
    if (++this.pulls >= framesFromPull()) return FrameSwitch.enter(this.current(), fn, a, b, c, this);
    // No `thisArg`: with one, the context manager binds the function anew for every pull.
    return context.with(this.current(), fn, undefined, a, b, c);
  }

  /** A consumer that pulls from another frame every time (it opens a span for each item) gains nothing: rest for a while. */
  private missed(): void {
    this.frameSwitch = undefined;
    if (++this.misses % MISSES === 0) this.pulls = -REST;
  }

  remember(frameSwitch: FrameSwitch | undefined): void {
    this.frameSwitch = frameSwitch;
  }

  /** The context of the body at this moment. The same pulling context gives the same one, so a loop allocates none. */
  private current(): Context {
    if (this.isFixed && this.body !== undefined) return this.body;
    const active = context.active();
    if (this.seen !== active || this.body === undefined) {
      this.seen = active;
      this.body = contextOfBody(active, this.identity);
    }
    return this.body;
  }
}
