/**
 * By writing the store of the context manager's AsyncLocalStorage, where that keeps its stores on the current execution
 * resource (Node 20 and 22): under a symbol of its own, from where they go to every promise and callback that is made meanwhile.
 *
 * This is what `context.with` comes to there, less what it asks on the way: which API there is, and three times for the resource. Of
 * the 140 ns that it costs a pull, 20 are left.
 */
import { context, type Context } from '@opentelemetry/api';
import { executionAsyncResource } from 'node:async_hooks';
import { ApiSwitch } from './api-switch';
import type { BodyContexts } from './body-contexts';
import type { ContextSwitch } from './context-switch';
import { contextManager } from './manager';

type Resource = Record<symbol, Context | undefined>;

/** No context is this one. */
const NONE = {} as Context;

export class StoreSwitch implements ContextSwitch {
  private consumer: Context | undefined = NONE;
  private body: Context | undefined;

  constructor(
    private readonly contexts: BodyContexts,
    private readonly manager: object,
    /** Under which a resource has the store of the manager's AsyncLocalStorage. */
    private readonly key: symbol,
  ) {}

  run<A, B, Result>(fn: (a: A, b: B) => Result, a: A, b: B): Result {
    const { key } = this;
    const resource = executionAsyncResource() as Resource;
    const consumer = resource[key];
    if (consumer === this.consumer && contextManager() === this.manager) resource[key] = this.body;
    else if (!this.enterAnew(resource, consumer)) return new ApiSwitch(this.contexts).run(fn, a, b);
    try {
      return fn(a, b);
    } finally {
      resource[key] = consumer;
    }
  }

  /** @returns false if the context manager does not see the body's context: it has been replaced by another, or disabled */
  private enterAnew(resource: Resource, consumer: Context | undefined): boolean {
    const body = this.contexts.during(consumer ?? context.active());
    resource[this.key] = body;
    if (contextManager() !== this.manager || context.active() !== body) {
      resource[this.key] = consumer;
      return false;
    }
    this.consumer = consumer;
    this.body = body;
    return true;
  }
}

/** The symbol that is all by which the stores on a resource differ, if `inside` has `value` under it. */
export function onlyDifference(inside: Resource, outside: Resource, value: Context): symbol | undefined {
  const different = Object.getOwnPropertySymbols(inside).filter((symbol) => inside[symbol] !== outside[symbol]);
  const [symbol] = different;
  return different.length === 1 && symbol !== undefined && inside[symbol] === value ? symbol : undefined;
}
