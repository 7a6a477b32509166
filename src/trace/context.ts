/**
 * What contexts say of tracing, and the context that a generator's body runs in.
 */
import { createContextKey, trace, type Context, type Span } from '@opentelemetry/api';

// API keys are registered symbols: the same description is the same key, in every copy of every package.

/** Under which the API keeps the active span. */
const SPAN = createContextKey('OpenTelemetry Context Key SPAN');
/** Under which OpenTelemetry's core package marks a context as not to be traced. */
const SUPPRESS_TRACING = createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING');
/** Under which a body's context has the id of its run, whatever spans the program starts in it. */
const RUN = createContextKey('opentelemetry-instrumentation-async-generator run');

/** Under which it has what else there is to know of the run, for this copy of the package alone. */
const BODY = Symbol('body of a run');

/** The contexts of the API keep their values in a Map, whose methods a program may have patched. */
function valueIn(active: Context, key: symbol): unknown {
  try {
    return active.getValue(key);
  } catch {
    return undefined;
  }
}

/** The run whose body is at work in a context; undefined outside any. */
export function bodyIn(active: Context): RunIdentity | undefined {
  return valueIn(active, BODY) as RunIdentity | undefined;
}

/** The id of the run whose body is at work in a context; undefined outside any. */
export function runIn(active: Context): string | undefined {
  return valueIn(active, RUN) as string | undefined;
}

export function isTracingSuppressed(active: Context): boolean {
  return valueIn(active, SUPPRESS_TRACING) === true;
}

/** What the context of a body says of its run. */
export interface RunIdentity {
  readonly span: Span;
  readonly id: string | undefined;
}

/**
 * `outer` with the span and the id of a run set. The same as two times `setValue`, each of which would copy the map of all
 * values: for a run of one item that is a fifth of what it costs.
 */
class ContextOfBody implements Context {
  readonly #outer: Context;
  readonly #run: RunIdentity;

  constructor(outer: Context, run: RunIdentity) {
    // Both of its values are hidden by ours. Bodies that start runs that start runs must not make an endless chain.
    this.#outer = #outer in outer ? outer.#outer : outer;
    this.#run = run;
  }

  getValue(key: symbol): unknown {
    if (key === SPAN) return this.#run.span;
    if (key === RUN) return this.#run.id;
    if (key === BODY) return this.#run;
    return this.#outer.getValue(key);
  }

  setValue(key: symbol, value: unknown): Context {
    return this.#flat().setValue(key, value);
  }

  deleteValue(key: symbol): Context {
    return this.#flat().deleteValue(key);
  }

  #flat(): Context {
    return withRun(this.#outer, this.#run);
  }
}

let usesLayer: boolean | undefined;

export function contextOfBody(outer: Context, run: RunIdentity): Context {
  const layered = new ContextOfBody(outer, run);
  // An API that keeps the span under another key would not find it.
  usesLayer ??= trace.getSpan(layered) === run.span;
  return usesLayer ? layered : withRun(trace.setSpan(outer, run.span), run);
}

function withRun(outer: Context, run: RunIdentity): Context {
  return outer.setValue(SPAN, run.span).setValue(RUN, run.id).setValue(BODY, run);
}
