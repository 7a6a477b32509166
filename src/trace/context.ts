/** OpenTelemetry's contexts, and the context manager, which is foreign code: it may throw, and it may do more than keep contexts. */
import {
  context,
  createContextKey,
  ROOT_CONTEXT,
  trace,
  type Context,
  type ContextManager,
  type Span,
} from '@opentelemetry/api';
import { logger } from '../base/logger';
import { apiRegistry, type ApiRegistry } from '../base/registry';
import { Reporter } from '../base/reporter';

// Keys are registered symbols: the same description is the same key, in every copy of every package.
/** Of the active span, for the API. */
const SPAN = createContextKey('OpenTelemetry Context Key SPAN');
/** Of the mark of OpenTelemetry's core package that a context is not to be traced. */
const SUPPRESS_TRACING = createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING');
/** Of the id of the run in whose body the context is active. */
const RUN = createContextKey('opentelemetry-instrumentation-async-generator run');

/** Of what else there is to know of the run, for this copy of the package alone. */
const BODY = Symbol('body of a run');

export interface RunIdentity {
  readonly span: Span;
  /** False where no tracer provider is registered, and runs are counted only: the program's own span stays active. */
  readonly hasSpan: boolean;
  readonly id: string | undefined;
}

/** The contexts of the API keep their values in a Map, whose methods a program may have patched. */
function valueIn(active: Context, key: symbol): unknown {
  try {
    return active.getValue(key);
  } catch {
    return undefined;
  }
}

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

/** `outer` with span and id of a run set. `setValue` would copy the map of all values each time: a fifth of what a run of one item costs. */
class ContextOfBody implements Context {
  readonly #outer: Context;
  readonly #run: RunIdentity;

  constructor(outer: Context, run: RunIdentity) {
    // Skips those whose values ours hide: bodies that start runs that start runs must not make an endless chain.
    while (#outer in outer && (run.hasSpan || !outer.#run.hasSpan)) outer = outer.#outer;
    this.#outer = outer;
    this.#run = run;
  }

  getValue(key: symbol): unknown {
    if (key === SPAN && this.#run.hasSpan) return this.#run.span;
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
  if (!run.hasSpan) return layered;
  // An API that keeps the span under another key would not find it.
  usesLayer ??= trace.getSpan(layered) === run.span;
  return usesLayer ? layered : withRun(trace.setSpan(outer, run.span), run);
}

function withRun(outer: Context, run: RunIdentity): Context {
  const withSpan = run.hasSpan ? outer.setValue(SPAN, run.span) : outer;
  return withSpan.setValue(RUN, run.id).setValue(BODY, run);
}

let registry: ApiRegistry = {};

/** The registered context manager, to tell whether it is still the same: the API takes four times as long to look it up. */
export function contextManager(): ContextManager | undefined {
  return registry.context;
}

export function lookUpContextManager(): ContextManager | undefined {
  registry = apiRegistry() ?? {};
  return registry.context;
}

const reporter = new Reporter(() => logger);

function failed(method: string, error: unknown): void {
  reporter.errorOnce(
    method,
    `${method}() of the context manager threw; the program goes on without its contexts`,
    error,
  );
}

/** The context that is active, or the root context where the manager has none to give. */
export function activeContext(): Context {
  try {
    const active = context.active();
    if (typeof active.getValue === 'function') return active;
    throw new TypeError('no context came back');
  } catch (error) {
    failed('active', error);
    return ROOT_CONTEXT;
  }
}

/** Calls `look`, then `fn(a, b)`, in `inner`: once, whatever the manager does. */
export function callWith<A, B, Result>(
  inner: Context,
  fn: (a: A, b: B) => Result,
  a: A,
  b: B,
  look?: () => void,
): Result {
  let isCalled = false;
  let hasThrown = false;
  let outcome: unknown;
  const call = () => {
    if (isCalled) return;
    isCalled = true;
    look?.();
    try {
      outcome = fn(a, b);
    } catch (error) {
      hasThrown = true;
      outcome = error;
      throw error;
    }
  };
  try {
    context.with(inner, call);
  } catch (error) {
    if (!hasThrown || error !== outcome) failed('with', error);
  }
  if (!isCalled) return fn(a, b);
  if (hasThrown) throw outcome;
  return outcome as Result;
}
