/**
 * Iterables that are closed by other means than their iterator: `Symbol.asyncDispose`, and the methods that a preset names.
 */
import { Readable } from 'node:stream';
import { expect } from 'chai';
import { collectUntil } from '../support/gc';
import { useTracing } from '../support/tracing';
import { drain, microtasksDone, rejectionOf, traceWithPlan } from './helpers';

describe('what a traced function returns', () => {
  const tracing = useTracing();
  const runs = () =>
    tracing
      .spans()
      .map(({ attributes }) => [attributes['async_generator.outcome'], attributes['async_generator.item.count']]);

  /** As clients hand streams out: iterable, but no iterator; closed by its own means. */
  class Feed {
    readonly controller = new AbortController();
    #isOpen = true;
    async *[Symbol.asyncIterator](): AsyncGenerator<number> {
      for (let item = 0; this.#isOpen; item++) yield item;
    }
    close(): string {
      this.#isOpen = false;
      return 'closed';
    }
    async cancel(error?: unknown): Promise<void> {
      this.close();
      await microtasksDone();
      if (error !== undefined) throw error;
    }
    async [Symbol.asyncDispose](): Promise<void> {
      await this.cancel();
    }
  }

  const closeMembers = ['close', 'cancel', 'controller.abort', 'notThere', 'nor.there'];
  const open = traceWithPlan(() => new Feed(), { closeMembers });
  const openLater = traceWithPlan(async () => new Feed(), { closeMembers });

  const ways: Record<string, (feed: Feed) => unknown> = {
    'Symbol.asyncDispose': (feed) => feed[Symbol.asyncDispose](),
    'close()': (feed) => feed.close(),
    'cancel()': (feed) => feed.cancel(),
    'controller.abort()': (feed) => {
      feed.controller.abort();
    },
  };
  for (const [way, close] of Object.entries(ways)) {
    it(`is returned when it is closed by ${way}, before an iteration`, async () => {
      await close(open());
      await close(await openLater());
      expect(runs()).to.deep.equal([
        ['returned', 0],
        ['returned', 0],
      ]);
    });

    it(`is returned when it is closed by ${way}, within an iteration`, async () => {
      const feed = open();
      const iterator = feed[Symbol.asyncIterator]();
      await iterator.next();
      await close(feed);
      expect(runs()).to.deep.equal([['returned', 1]]);
      await iterator.next();
      expect(runs()).to.have.lengthOf(1);
    });

    it(`ends once, if ${way} closes it after its end`, async () => {
      const feed = open();
      for await (const _ of feed) break;
      await close(feed);
      expect(runs()).to.deep.equal([['returned', 1]]);
    });
  }

  it('is closed by each of its iterations', async () => {
    const feed = open();
    for (let iteration = 0; iteration < 3; iteration++) await feed[Symbol.asyncIterator]().next();
    feed.close();
    expect(runs()).to.deep.equal([
      ['returned', 1],
      ['returned', 1],
      ['returned', 1],
    ]);
  });

  it('is returned once what closes it is through', async () => {
    const feed = open();
    const closed = feed.cancel();
    expect(runs()).to.be.empty;
    await closed;
    expect(runs()).to.deep.equal([['returned', 0]]);
  });

  it('is returned where the abort makes a pending pull fail', async () => {
    let abort = (): void => undefined;
    const aborted = new Promise<never>((_, reject) => {
      abort = () => reject(new DOMException('closed', 'AbortError'));
    });
    const stream = traceWithPlan(
      () => ({
        close: async () => {
          abort();
          await microtasksDone();
        },
        async *[Symbol.asyncIterator]() {
          yield 1;
          await aborted;
        },
      }),
      { closeMembers },
    )();
    const iterator = stream[Symbol.asyncIterator]();
    await iterator.next();
    const pending = rejectionOf(iterator.next());
    await stream.close();
    await pending;
    expect(runs()).to.deep.equal([['returned', 1]]);
  });

  it('fails where what closes it does', async () => {
    const error = new Error('cannot be closed');
    expect(await rejectionOf(open().cancel(error))).to.equal(error);
    expect(runs()).to.deep.equal([['failed', 0]]);
  });

  // As the streams of OpenAI's client abort their request, in a `finally`, whatever their end was.
  it('ends as its iteration does where that calls the method itself', async () => {
    class Broken {
      readonly controller = new AbortController();
      async *[Symbol.asyncIterator](): AsyncGenerator<number> {
        try {
          yield 1;
          await microtasksDone();
          throw new TypeError('broken');
        } finally {
          await microtasksDone();
          this.controller.abort();
        }
      }
    }
    const openBroken = traceWithPlan(() => new Broken(), { closeMembers });
    await rejectionOf(drain(openBroken()));
    for await (const _ of openBroken()) break;
    expect(runs()).to.deep.equal([
      ['failed', 1],
      ['returned', 1],
    ]);
  });

  it('is closed as the program asked: receiver, result and name are as untraced', async () => {
    const feed = open();
    expect(feed.close()).to.equal('closed');
    expect(feed.close.name).to.equal('close');
    expect(feed.controller.signal.aborted).to.equal(false);
    feed.controller.abort('reason');
    expect(feed.controller.signal.reason).to.equal('reason');
    expect(Object.keys(feed)).to.deep.equal(['controller']);
  });

  it('is not closed by methods that no preset names, but by Symbol.asyncDispose', async () => {
    const feed = traceWithPlan(() => new Feed(), {})();
    feed.close();
    expect(runs()).to.be.empty;
    await feed[Symbol.asyncDispose]();
    expect(runs()).to.deep.equal([['returned', 0]]);
  });

  it('is closed by the methods of a generator that are named', async () => {
    const make = async function* () {
      yield 1;
    };
    const generator = traceWithPlan(() => Object.assign(make(), { close: () => 'closed' }), { closeMembers })();
    await generator.next();
    expect(generator.close()).to.equal('closed');
    expect(runs()).to.deep.equal([['returned', 1]]);
  });

  it('leaves no span where it is a stream that has not been iterated', async () => {
    const stream = traceWithPlan(() => Readable.from([1]), {})();
    await stream[Symbol.asyncDispose]();
    expect(runs()).to.be.empty;
  });

  it('is returned where it is a stream that is disposed of within its iteration', async () => {
    const stream = traceWithPlan(() => Readable.from([1, 2]), {})();
    await stream[Symbol.asyncIterator]().next();
    await stream[Symbol.asyncDispose]().catch(() => {});
    expect(runs()).to.deep.equal([['returned', 1]]);
  });

  it('holds no iterator that it has given, for it to be closed', async () => {
    const feed = open();
    const abandon = async () => {
      await feed[Symbol.asyncIterator]().next();
    };
    await abandon();
    expect(await collectUntil(() => runs().length > 0)).to.equal(true);
    expect(runs()).to.deep.equal([['abandoned', 1]]);
    expect(feed.close()).to.equal('closed');
  });
});
