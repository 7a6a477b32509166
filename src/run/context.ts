import { context, createContextKey, trace, type Context, type Span } from '@opentelemetry/api';

/** The key under which OpenTelemetry's core package marks a context as not to be traced; API keys are registered symbols. */
const SUPPRESS_TRACING = createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING');

export function isTracingSuppressed(active: Context): boolean {
  return active.getValue(SUPPRESS_TRACING) === true;
}

/**
 * Runs the body of a generator in the context that is active at the pull, with the run's span set. The consumer's own
 * context is the same before and after.
 */
export class BodyContext {
  private seen: Context | undefined;
  private body: Context | undefined;

  /**
   * @param creation the context of the call, with `contextFrom: 'creation'`: every pull then runs in it.
   */
  constructor(
    private readonly span: Span,
    creation: Context | undefined,
  ) {
    if (creation !== undefined) this.body = trace.setSpan(creation, span);
    this.fixed = creation !== undefined;
  }

  private readonly fixed: boolean;

  /** Calls `fn(a, b, c)` in the body's context. */
  run<A, B, C, Result>(fn: (a: A, b: B, c: C) => Result, a: A, b: B, c: C): Result {
    // No `thisArg`: with one, the context manager binds the function anew for every pull.
    return context.with(this.fixed ? (this.body as Context) : this.at(context.active()), fn, undefined, a, b, c);
  }

  /** The same pulling context gives the same body context, so a loop allocates none. */
  private at(active: Context): Context {
    if (this.seen !== active || this.body === undefined) {
      this.seen = active;
      this.body = trace.setSpan(active, this.span);
    }
    return this.body;
  }
}
