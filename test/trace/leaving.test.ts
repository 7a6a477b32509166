/**
 * Helpers that read the stream of a request for themselves, and abort it where their consumer leaves.
 */
import { expect } from 'chai';
import type { GeneratorCall } from '../../src/types';
import { useTracing } from '../support/tracing';
import { microtasksDone, newScope, traceWithPlan } from './helpers';

interface Options {
  readonly signal: AbortSignal;
}

describe('a run of a request that a helper reads', () => {
  const tracing = useTracing();
  const outcomes = () => tracing.spans().map(({ attributes }) => attributes['async_generator.outcome']);
  const request = traceWithPlan(
    async function* ({ signal }: Options, isFailing: boolean): AsyncGenerator<number> {
      yield 1;
      if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve));
      if (isFailing) throw new TypeError('terminated');
    },
    { abortSignal: ({ args: [options] }: GeneratorCall) => (options as Options).signal },
  );

  class Helper {
    readonly controller = new AbortController();
    read: Promise<unknown>;
    constructor(isFailing = false) {
      this.read = this.readAll(isFailing);
    }
    private async readAll(isFailing: boolean): Promise<unknown> {
      try {
        for await (const _ of request(this.controller, isFailing));
      } catch (error) {
        return error;
      }
      return undefined;
    }
    // The iterator is made by hand, as those of the clients are.
    iterate(iterator: object = {}): AsyncIterator<number> {
      return {
        next: () => Promise.resolve({ value: 1, done: false }),
        return: () => {
          this.controller.abort();
          return Promise.resolve({ value: undefined, done: true });
        },
        ...iterator,
      };
    }
  }
  const leavingSignal = ({ thisArg }: GeneratorCall) => (thisArg as Helper).controller.signal;
  const iterate = traceWithPlan(Helper.prototype.iterate, { leavingSignal });

  async function leave(helper: Helper, iterator: object = iterate.call(helper)): Promise<void> {
    await microtasksDone();
    for await (const _ of { [Symbol.asyncIterator]: () => iterator as AsyncIterator<number> }) break;
    await helper.read;
  }

  it('is returned where the consumer leaves the helper', async () => {
    await leave(new Helper());
    expect(outcomes()).to.deep.equal(['returned']);
  });

  it('is returned where it fails by that', async () => {
    const helper = new Helper(true);
    await leave(helper);
    expect(await helper.read).to.be.instanceOf(TypeError);
    expect(outcomes()).to.deep.equal(['returned']);
    expect(tracing.onlySpan().status.code).to.equal(0);
  });

  it('is aborted where the program aborts the helper, also if it leaves after that', async () => {
    const helper = new Helper();
    const iterator = iterate.call(helper);
    helper.controller.abort();
    await leave(helper, iterator);
    expect(outcomes()).to.deep.equal(['aborted']);
  });

  it('is aborted where leaving did not abort the request, and something did later', async () => {
    const helper = new Helper();
    const iterator = iterate.call(helper, { return: () => Promise.resolve({ value: undefined, done: true }) });
    await iterator.return?.();
    helper.controller.abort();
    await helper.read;
    expect(outcomes()).to.deep.equal(['aborted']);
  });

  it('is returned where leaving aborts the request and throws', async () => {
    const helper = new Helper();
    const error = new RangeError('no');
    const iterator = iterate.call(helper, {
      return() {
        helper.controller.abort();
        throw error;
      },
    });
    expect(() => iterator.return?.())
      .to.throw(RangeError)
      .and.equal(error);
    await helper.read;
    expect(outcomes()).to.deep.equal(['returned']);
  });

  it('leaves the iterator as it is: the same object, whose return has its arguments, its receiver and its result', () => {
    const result = Promise.resolve({ value: 3, done: true });
    const seen: unknown[] = [];
    const made = {
      return(this: unknown, ...args: unknown[]) {
        seen.push(this, ...args);
        return result;
      },
    };
    const get = traceWithPlan(() => made, { leavingSignal: () => new AbortController().signal });
    const iterator = get();
    expect(iterator).to.equal(made);
    expect(Object.keys(iterator)).to.deep.equal(['return']);
    expect(iterator.return.name).to.equal('return');
    expect(iterator.return(1, 2)).to.equal(result);
    expect(seen).to.deep.equal([made, 1, 2]);
  });

  it('leaves alone what has no return, what cannot be read, and helpers without a signal', () => {
    const signal = new AbortController().signal;
    const hostile = {
      get return(): never {
        throw new Error('do not read');
      },
    };
    const unreadable = {
      get aborted(): never {
        throw new Error('do not read');
      },
    };
    const given = (made: unknown, of: unknown) => traceWithPlan(() => made, { leavingSignal: () => of })();
    for (const made of [{}, hostile, undefined, 1]) expect(given(made, signal)).to.equal(made);
    const withReturn = { return: () => 5 };
    const { return: original } = withReturn;
    expect((given(withReturn, undefined) as typeof withReturn).return).to.equal(original);
    expect((given(withReturn, unreadable) as typeof withReturn).return()).to.equal(5);
  });

  it('does nothing while tracing is switched off', () => {
    const scope = newScope();
    const withReturn = { return: () => 5 };
    const { return: original } = withReturn;
    const get = traceWithPlan(() => withReturn, { leavingSignal: () => new AbortController().signal }, scope);
    scope.enabled = false;
    expect(get().return).to.equal(original);
    expect(tracing.spans()).to.deep.equal([]);
  });
});
