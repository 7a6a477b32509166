/**
 * By writing the store of the context manager's AsyncLocalStorage, where that keeps its stores on the current execution
 * resource (Node 20 and 22): under a symbol of its own, from where they go to every promise and callback that is made meanwhile.
 *
 * This is what `context.with` comes to there, less what it asks on the way: which API there is, and three times for the resource. Of
 * the 140 ns that it costs a pull, 20 are left.
 */
import asyncHooks = require('node:async_hooks');
import { activeContext, callWith, contextManager } from '../context-manager';
import { getOwnPropertySymbols } from '../../base/intrinsics';
import type { BodyContext, BodyContexts, Fork } from './body-contexts';
import type { ContextSwitch } from './context-switch';
import type { KnownManager } from './known-manager';

// Taken at load: a program may patch it.
const { executionAsyncResource } = asyncHooks;

type Resource = Record<symbol, unknown>;

/** The store of a body, and the one of the consumer that it takes the place of. */
interface Entered {
  readonly key: symbol;
  readonly consumer: unknown;
  readonly body: unknown;
}

/** No store is this one. */
const NOT_YET: Entered = { key: Symbol(), consumer: {}, body: undefined };

export class StoreSwitch implements ContextSwitch {
  private entered = NOT_YET;

  constructor(
    private readonly contexts: BodyContexts,
    private readonly known: KnownManager<symbol>,
  ) {}

  enter(): object | undefined {
    const { entered } = this;
    const resource = executionAsyncResource() as Resource;
    if (resource[entered.key] !== entered.consumer || contextManager() !== this.known.manager) {
      return this.enterAnew(resource);
    }
    resource[entered.key] = entered.body;
    return entered;
  }

  leave({ key, consumer }: Entered): void {
    (executionAsyncResource() as Resource)[key] = consumer;
  }

  run<A, B, Result>(fn: (a: A, b: B) => Result, a: A, b: B): Result {
    const body = this.contexts.during(activeContext());
    const { fork } = body;
    if (fork !== undefined) return callWith(body.context, (one, other) => this.callInFork(fork, fn, one, other), a, b);
    if (body.isLookedAt) return callWith(body.context, fn, a, b);
    body.isLookedAt = true;
    const resource = executionAsyncResource() as Resource;
    const outside = storesOn(resource);
    return callWith(body.context, fn, a, b, () => {
      if (executionAsyncResource() === resource) this.look(body, resource, outside);
    });
  }

  /** @returns undefined if it is not known how, or the context manager does not see the body's context: it has been replaced by another */
  private enterAnew(resource: Resource): Entered | undefined {
    const { fork, context: given } = this.contexts.during(activeContext());
    const key = fork === undefined ? this.known.place : (fork.place as symbol);
    if (key === undefined || (fork !== undefined && this.known.isWrapped)) return undefined;
    const consumer = resource[key];
    const body = fork === undefined ? given : fork.store;
    resource[key] = body;
    if (contextManager() !== this.known.manager || activeContext() !== (fork?.active ?? given)) {
      resource[key] = consumer;
      return undefined;
    }
    return (this.entered = { key, consumer, body });
  }

  /** The manager has made another fork, for those who want to hear of it: the body goes on with its own. */
  private callInFork<A, B, Result>(fork: Fork, fn: (a: A, b: B) => Result, a: A, b: B): Result {
    const key = fork.place as symbol;
    const resource = executionAsyncResource() as Resource;
    const another = resource[key];
    resource[key] = fork.store;
    try {
      return fn(a, b);
    } finally {
      resource[key] = another;
    }
  }

  /** Learns from what the manager has entered. */
  private look(body: BodyContext, resource: Resource, outside: Stores): void {
    const active = activeContext();
    const place = this.known.looksAt(body, active) ? onlyDifference(storesOn(resource), outside) : undefined;
    if (place !== undefined) this.known.found(body, { place, store: resource[place], active });
  }
}

/** What stands under the symbols of a resource: [symbol, value, symbol, value, ...]. */
type Stores = readonly unknown[];

function storesOn(resource: Resource): Stores {
  const stores: unknown[] = [];
  const symbols = getOwnPropertySymbols(resource);
  for (let index = 0; index < symbols.length; index++) {
    const symbol = symbols[index] as symbol;
    stores[2 * index] = symbol;
    stores[2 * index + 1] = resource[symbol];
  }
  return stores;
}

/** The symbol that is all by which the stores inside differ from those outside. */
function onlyDifference(inside: Stores, outside: Stores): symbol | undefined {
  let difference: symbol | undefined;
  let count = 0;
  for (let index = 0; index < inside.length; index += 2) {
    let before = 0;
    while (before < outside.length && outside[before] !== inside[index]) before += 2;
    if (before < outside.length && outside[before + 1] === inside[index + 1]) continue;
    difference = inside[index] as symbol;
    count++;
  }
  return count === 1 ? difference : undefined;
}
