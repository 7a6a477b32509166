/**
 * By writing the store of the context manager's AsyncLocalStorage, where that keeps its stores on the current execution
 * resource (Node 20 and 22): under a symbol of its own, from where every promise and callback takes them that is made.
 *
 * `context.with` does the same there, but asks more on the way: which API there is, and three times for the resource. Of
 * the 140 ns that it costs a pull, 20 are left.
 */
import asyncHooks = require('node:async_hooks');
import { getOwnPropertySymbols } from '../../base/intrinsics';
import { contextManager } from '../context';
import { FastSwitch, type KnownManager, type Stores } from './fast-switch';
import type { BodyContexts } from './index';

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

export class StoreSwitch extends FastSwitch<symbol, Entered> {
  private entered = NOT_YET;

  // Written out: that of the language iterates over a list of arguments on Node 20, and a program may have patched that.
  // https://github.com/tc39/ecma262/pull/2216
  // eslint-disable-next-line @typescript-eslint/no-useless-constructor
  constructor(contexts: BodyContexts, known: KnownManager<symbol>) {
    super(contexts, known);
  }

  enter(): object | undefined {
    const { entered } = this;
    const resource = executionAsyncResource() as Resource;
    if (resource[entered.key] !== entered.consumer || contextManager() !== this.known.manager) {
      const first = this.enterFirst();
      if (first !== undefined) this.entered = first;
      return first;
    }
    resource[entered.key] = entered.body;
    return entered;
  }

  leave({ key, consumer }: Entered): void {
    (executionAsyncResource() as Resource)[key] = consumer;
  }

  protected enterStore(key: symbol, store: unknown): Entered {
    const resource = executionAsyncResource() as Resource;
    const consumer = resource[key];
    resource[key] = store;
    return { key, consumer, body: store };
  }

  protected stores(): Stores {
    const resource = executionAsyncResource() as Resource;
    const list: unknown[] = [];
    const symbols = getOwnPropertySymbols(resource);
    for (let index = 0; index < symbols.length; index++) {
      const symbol = symbols[index] as symbol;
      list[2 * index] = symbol;
      list[2 * index + 1] = resource[symbol];
    }
    return { holder: resource, list };
  }
}
