import type { Context, ContextManager } from '@opentelemetry/api';
import type { BodyContext, Fork } from './body-contexts';

/**
 * What is known of a context manager, while nobody has patched it: for all runs.
 *
 * @typeParam Place where it may keep contexts, which the first one that it is given shows
 */
export class KnownManager<Place extends Fork['place']> {
  /** Where a plain manager keeps contexts. */
  place: Place | undefined;
  private readonly active: unknown;
  private readonly with: unknown;

  constructor(
    readonly manager: ContextManager,
    /** Whether it does nothing but keep contexts: then they may be put in their place without it. */
    private readonly isPlain: boolean,
    /** Whether it has to be told of each pull, where it would not have to be for what it makes of a context. */
    readonly isWrapped: boolean,
  ) {
    this.active = manager.active;
    this.with = manager.with;
  }

  isStill(manager: ContextManager): boolean {
    return manager === this.manager && manager.active === this.active && manager.with === this.with;
  }

  /** Whether it matters where the manager has put `body`, given what is active now. One that does more with each context has to be asked each time. */
  looksAt(body: BodyContext, active: Context): boolean {
    return this.isPlain ? active === body.context : active !== body.context;
  }

  found(body: BodyContext, fork: Fork): void {
    if (!this.isPlain) body.fork = fork;
    else if (fork.store === body.context) this.place = fork.place as Place;
  }
}
