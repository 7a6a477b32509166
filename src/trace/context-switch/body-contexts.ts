/**
 * The contexts that the body of a run runs in.
 */
import { trace, type Context } from '@opentelemetry/api';
import type { AsyncLocalStorage } from 'node:async_hooks';
import { OwnWeakMap } from '../../base/intrinsics';
import { BODY, RUN, SPAN, type RunIdentity } from '../context';

/**
 * `outer` with the span and the id of a run set. The same as two times `setValue`, each of which would copy the map of all
 * values: for a run of one item that is a fifth of what it costs.
 */
class ContextOfBody implements Context {
  readonly #outer: Context;
  readonly #run: RunIdentity;

  constructor(outer: Context, run: RunIdentity) {
    // Its values are hidden by ours. Bodies that start runs that start runs must not make an endless chain.
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

/** What a context manager that does not keep contexts as they are has made of one: Sentry's forks its scope for each that it is given. */
export interface Fork {
  /** Where it has put it: in an AsyncLocalStorage, or under that one's key on the execution resource. */
  readonly place: AsyncLocalStorage<unknown> | symbol;
  readonly store: unknown;
  /** The context that is active in it. */
  readonly active: Context;
}

export class BodyContext {
  /** Made with the first pull, and entered again by the later ones: what the body writes there has to last. */
  fork: Fork | undefined;
  /** Whether it has been looked what the manager makes of it. */
  isLookedAt = false;

  constructor(readonly context: Context) {}
}

/** The contexts that the body of one run runs in. */
export class BodyContexts {
  private outer: Context | undefined;
  private body: BodyContext | undefined;
  /** Those of other contexts than the last, if they are forks. */
  private forks: WeakMap<Context, BodyContext> | undefined;

  /**
   * @param creation the context of the call, with `contextFrom: 'creation'`: every pull then runs in it
   */
  constructor(
    private readonly run: RunIdentity,
    private readonly creation: Context | undefined,
  ) {}

  /** The body's context for a pull in the context `active`. The same one gives the same one, so a loop makes none. */
  during(active: Context): BodyContext {
    const outer = this.creation ?? active;
    const { body } = this;
    if (body !== undefined && this.outer === outer) return body;
    if (body?.fork !== undefined) (this.forks ??= new OwnWeakMap()).set(this.outer as Context, body);
    this.outer = outer;
    return (this.body = this.forks?.get(outer) ?? new BodyContext(contextOfBody(outer, this.run)));
  }
}
