import { expect } from 'chai';
import { traceAsyncGenerator } from '../../src';
import { useTracing } from '../support/tracing';
import { drain, microtasksDone, rejectionOf } from './helpers';

describe('a rejected pull that is not awaited', () => {
  const tracing = useTracing();
  let unhandled: unknown[];
  let listeners: NodeJS.UnhandledRejectionListener[];
  beforeEach(() => {
    unhandled = [];
    // mocha has one of its own, which would fail the test.
    listeners = process.listeners('unhandledRejection');
    process.removeAllListeners('unhandledRejection');
    process.on('unhandledRejection', (error) => unhandled.push(error));
  });
  afterEach(() => {
    process.removeAllListeners('unhandledRejection');
    for (const listener of listeners) process.on('unhandledRejection', listener);
  });

  const error = new Error('nobody hears me');
  async function* failing(): AsyncGenerator<number> {
    await null;
    throw error;
  }
  const outcomes = () => tracing.spans().map(({ attributes }) => attributes['async_generator.outcome']);

  it('raises no unhandledRejection, which is the limit that is documented, and ends its run failed', async () => {
    void traceAsyncGenerator(failing)().next();
    await microtasksDone();
    expect(unhandled).to.be.empty;
    expect(outcomes()).to.deep.equal(['failed']);
  });

  describe('with `preserveUnhandledRejections`', () => {
    const options = { preserveUnhandledRejections: true };

    it('raises one unhandledRejection, and ends its run failed', async () => {
      void traceAsyncGenerator(failing, options)().next();
      await microtasksDone();
      expect(unhandled).to.deep.equal([error]);
      expect(outcomes()).to.deep.equal(['failed']);
    });

    it('raises one for a promise of a generator', async () => {
      void traceAsyncGenerator(() => Promise.reject<AsyncGenerator<number>>(error), options)();
      await microtasksDone();
      expect(unhandled).to.deep.equal([error]);
      expect(outcomes()).to.deep.equal(['failed']);
    });

    it('raises none if it is awaited', async () => {
      expect(await rejectionOf(drain(traceAsyncGenerator(failing, options)()))).to.equal(error);
      await microtasksDone();
      expect(unhandled).to.be.empty;
    });

    it('traces a promised generator, and delegates to a frozen one', async () => {
      const one = async function* () {
        yield 1;
      };
      expect(await drain(await traceAsyncGenerator(async () => one(), options)())).to.deep.equal([1]);
      expect(await drain(await traceAsyncGenerator(async () => Object.freeze(one()), options)())).to.deep.equal([1]);
      expect(outcomes()).to.deep.equal(['completed', 'completed']);
      expect(tracing.spans().map(({ attributes }) => attributes['async_generator.item.count'])).to.deep.equal([1, 1]);
    });

    it('keeps the async stack of an error whole', async () => {
      const stackOf = async (fn: () => AsyncGenerator<number>) => {
        async function theConsumer() {
          await fn().next();
        }
        const { stack } = (await rejectionOf(theConsumer())) as Error;
        return stack?.split('\n').filter((line) => /at (async )?(theConsumer|stackOf|throwing)/.test(line));
      };
      async function* throwing(): AsyncGenerator<number> {
        await null;
        throw new Error('with a stack');
      }
      const names = (lines: string[] | undefined) => lines?.map((line) => line.trim().replace(/ \(.*/, ''));
      const expected = names(await stackOf(throwing));
      expect(expected).to.include('at async theConsumer');
      expect(names(await stackOf(traceAsyncGenerator(throwing, options)))).to.deep.equal(expected);
    });
  });

  it('raises one for a lazy promise whose rejection its own finally() passes on', async () => {
    class Lazy extends Promise<AsyncGenerator<number>> {
      static override get [Symbol.species]() {
        return Promise;
      }
      override finally(): Promise<AsyncGenerator<number>> {
        return Promise.reject(error);
      }
    }
    void traceAsyncGenerator(() => new Lazy(() => {}))().finally();
    await microtasksDone();
    expect(unhandled).to.deep.equal([error]);
    expect(outcomes()).to.deep.equal(['failed']);
  });

  it('of a hostile kind raises none of our own', async () => {
    const hostile = new Proxy(failing, {});
    await rejectionOf(drain(traceAsyncGenerator(hostile)()));
    const iterable = Object.defineProperty({ [Symbol.asyncIterator]: failing }, 'next', {
      get: () => {
        throw new Error('unreadable');
      },
    });
    await traceAsyncGenerator(async () => iterable)();
    await microtasksDone();
    expect(unhandled).to.be.empty;
  });
});
