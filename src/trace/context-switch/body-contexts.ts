import type { Context } from '@opentelemetry/api';
import type { AsyncLocalStorage } from 'node:async_hooks';
import { contextOfBody, type RunIdentity } from '../context';
import { uncurryThis, type AnyFunction } from '../../base/intrinsics';

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

type Forks = WeakMap<Context, BodyContext>;

const { get, set } = WeakMap.prototype;
const forkOf = uncurryThis(get as AnyFunction) as (forks: Forks, outer: Context) => BodyContext | undefined;
const keepFork = uncurryThis(set as AnyFunction) as (forks: Forks, outer: Context, body: BodyContext) => void;
const NewWeakMap = WeakMap;

/** The contexts that the body of one run runs in. */
export class BodyContexts {
  private outer: Context | undefined;
  private body: BodyContext | undefined;
  /** Those of other contexts than the last, if they are forks. */
  private forks: Forks | undefined;

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
    if (body?.fork !== undefined) keepFork((this.forks ??= new NewWeakMap()), this.outer as Context, body);
    this.outer = outer;
    return (this.body = (this.forks && forkOf(this.forks, outer)) ?? new BodyContext(contextOfBody(outer, this.run)));
  }
}
