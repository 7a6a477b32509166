/**
 * Writes the store of the context manager's AsyncLocalStorage, which Node 20 and 22 keep on the current execution resource, under a symbol. Promises
 * and callbacks take it from there when they are made.
 *
 * `context.with` does the same, but looks up the API first, and the resource three times: 140 ns a pull, where this takes 20.
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

  // An implicit one iterates over its arguments on Node 20, which a program may have patched: https://github.com/tc39/ecma262/pull/2216
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
