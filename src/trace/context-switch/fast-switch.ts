/**
 * What both fast ways share. They do what the context manager would do, and learn where it keeps contexts when it is given the first one.
 *
 * A manager that does nothing but keep contexts is bypassed. One that forks, as Sentry's does with its scope, is bypassed from the second pull on,
 * which enters again what it made for the first. One that does anything else (tells a profiler, say) is called for every pull.
 */
import type { Context, ContextManager } from '@opentelemetry/api';
import { classNameOf, getPrototypeOf, hasOwn } from '../../base/intrinsics';
import { activeContext, callWith, contextManager } from '../context';
import type { BodyContext, BodyContexts, ContextSwitch, Fork } from './index';

/** The stores of one moment, as [place, store, place, store, ...]. Two moments can be compared if they have the same holder. */
export interface Stores {
  readonly holder: object | undefined;
  readonly list: readonly unknown[];
}

/**
 * @typeParam Place where the context manager keeps contexts
 * @typeParam Entered what has to be put back when the body's context is left
 */
export abstract class FastSwitch<Place extends Fork['place'], Entered extends object> implements ContextSwitch {
  constructor(
    private readonly contexts: BodyContexts,
    protected readonly known: KnownManager<Place>,
  ) {}

  abstract enter(): object | undefined;
  abstract leave(entered: Entered): void;
  protected abstract stores(): Stores;
  /** Puts a store in a place. Undefined, and nothing done, if that failed. */
  protected abstract enterStore(place: Place, store: unknown): Entered | undefined;

  run<A, B, Result>(fn: (a: A, b: B) => Result, a: A, b: B): Result {
    const body = this.contexts.during(activeContext());
    const { fork } = body;
    if (fork !== undefined) return callWith(body.context, (one, other) => this.callInFork(fork, fn, one, other), a, b);
    if (body.isLookedAt) return callWith(body.context, fn, a, b);
    body.isLookedAt = true;
    const outside = this.stores();
    return callWith(body.context, fn, a, b, () => {
      this.look(body, outside);
    });
  }

  /** Enters the body's context, the first time out of this one of the consumer's. Undefined if it is not known how, or the manager does not see it. */
  protected enterFirst(): Entered | undefined {
    const { fork, context } = this.contexts.during(activeContext());
    const place = fork === undefined ? this.known.place : (fork.place as Place);
    if (place === undefined || (fork !== undefined && this.known.isWrapped)) return undefined;
    const entered = this.enterStore(place, fork === undefined ? context : fork.store);
    if (entered === undefined) return undefined;
    if (contextManager() === this.known.manager && activeContext() === (fork?.active ?? context)) return entered;
    this.leave(entered);
    return undefined;
  }

  /** The manager has made another fork, for the instrumentation that has wrapped it. The body goes on with its own. */
  private callInFork<A, B, Result>(fork: Fork, fn: (a: A, b: B) => Result, a: A, b: B): Result {
    const entered = this.enterStore(fork.place as Place, fork.store);
    try {
      return fn(a, b);
    } finally {
      if (entered !== undefined) this.leave(entered);
    }
  }

  /** Learns from what the manager has entered. */
  private look(body: BodyContext, outside: Stores): void {
    const active = activeContext();
    if (!this.known.looksAt(body, active)) return;
    const inside = this.stores();
    const index = inside.holder === outside.holder ? onlyDifference(inside.list, outside.list) : -1;
    if (index < 0) return;
    this.known.found(body, { place: inside.list[index] as Place, store: inside.list[index + 1], active });
  }
}

/** The index of the place that is all by which the stores inside differ from those outside, or -1. */
function onlyDifference(inside: readonly unknown[], outside: readonly unknown[]): number {
  let difference = -1;
  for (let index = 0; index < inside.length; index += 2) {
    let before = 0;
    while (before < outside.length && outside[before] !== inside[index]) before += 2;
    if (before < outside.length && outside[before + 1] === inside[index + 1]) continue;
    if (difference >= 0) return -1;
    difference = index;
  }
  return difference;
}

/** What is known of a context manager, as long as it is not patched. Shared by all runs. */
export class KnownManager<Place extends Fork['place']> {
  /** Where a plain manager keeps contexts: the first one that it is given shows that. */
  place: Place | undefined;
  /** Whether it does nothing but keep contexts: then they may be put in their place without it. */
  private readonly isPlain: boolean;
  /** Whether another instrumentation has wrapped it, and has to hear of each pull. */
  readonly isWrapped: boolean;
  private readonly active: unknown;
  private readonly with: unknown;

  constructor(readonly manager: ContextManager) {
    this.isPlain = isPlain(manager);
    this.isWrapped = isWrapped(manager);
    this.active = manager.active;
    this.with = manager.with;
  }

  isStill(manager: ContextManager): boolean {
    return manager === this.manager && manager.active === this.active && manager.with === this.with;
  }

  /** Whether it is worth knowing where the manager has put `body`, given the context that is active in it. */
  looksAt(body: BodyContext, active: Context): boolean {
    return this.isPlain ? active === body.context : active !== body.context;
  }

  found(body: BodyContext, fork: Fork): void {
    if (!this.isPlain) body.fork = fork;
    else if (fork.store === body.context) this.place = fork.place as Place;
  }
}

const PLAIN_MANAGER = 'AsyncLocalStorageContextManager';

/**
 * Whether a context manager does nothing but keep contexts in an AsyncLocalStorage. That cannot be tried out: a manager may tell a profiler what is
 * active, or do more for some contexts only. OpenTelemetry's own does nothing else. It is known by name, since every copy of it has a class of its
 * own. Where a bundler has renamed the class, the switch is by the API, which is slower and has the same effect.
 */
export function isPlain(manager: ContextManager): boolean {
  return isOwnMethod(manager, 'active') && isOwnMethod(manager, 'with');
}

/** Whether the method is the one that OpenTelemetry's class has: not overridden by a subclass, not patched. */
function isOwnMethod(manager: ContextManager, name: 'active' | 'with'): boolean {
  let owner: object | null = getPrototypeOf(manager);
  while (owner !== null && !hasOwn(owner, name)) owner = getPrototypeOf(owner);
  const method = manager[name] as unknown;
  return (
    owner !== null &&
    classNameOf(owner) === PLAIN_MANAGER &&
    !hasOwn(manager, name) &&
    typeof method === 'function' &&
    method.name === name &&
    // What shimmer leaves on those that it has wrapped.
    !hasOwn(method, '__original')
  );
}

/** Whether another instrumentation has wrapped the manager's `with`: it has to hear of every context. */
function isWrapped(manager: ContextManager): boolean {
  const { with: method } = manager;
  return hasOwn(method, '__original') || (hasOwn(manager, 'with') && 'with' in (getPrototypeOf(manager) ?? {}));
}
