/**
 * Functions of presets that do nothing at the call: what they return begins its work when it is iterated over.
 */
import { expect } from 'chai';
import { collectUntil } from '../support/gc';
import { useTracing } from '../support/tracing';
import { drain, traceWithPlan } from './helpers';

describe('a function of a preset that is lazy', () => {
  const tracing = useTracing();
  const runs = () =>
    tracing
      .spans()
      .map(({ attributes }) => [attributes['async_generator.outcome'], attributes['async_generator.item.count']]);

  async function* pages(): AsyncGenerator<number> {
    yield 1;
    yield 2;
  }

  /** As clients hand lists out, without a `return`. */
  const ofIterator = () => {
    const items = pages();
    return {
      next: () => items.next(),
      [Symbol.asyncIterator]() {
        return this;
      },
      byPage: pages,
    };
  };
  const ofIterable = () => ({
    [Symbol.asyncIterator]() {
      const items = pages();
      return { next: () => items.next() };
    },
  });
  const WAYS = { 'an iterator': ofIterator, 'an iterable': ofIterable, 'a generator': () => pages() };

  for (const [what, fn] of Object.entries(WAYS) as [string, () => AsyncIterable<number>][]) {
    const list = traceWithPlan(fn, { isLazy: true });

    it(`leaves no span for ${what} that is not iterated over`, async () => {
      let isCollected = false;
      const registry = new FinalizationRegistry(() => (isCollected = true));
      (() => registry.register(list(), undefined))();
      expect(await collectUntil(() => isCollected)).to.equal(true);
      expect(runs()).to.be.empty;
    });

    it(`has a run of ${what} that is read to its end`, async () => {
      expect(await drain(list())).to.deep.equal([1, 2]);
      expect(runs()).to.deep.equal([['completed', 2]]);
    });

    it(`has a run of ${what} that is left`, async () => {
      for await (const item of list()) if (item === 1) break;
      expect(runs()).to.deep.equal([['returned', 1]]);
    });

    it(`has an abandoned run of ${what}`, async () => {
      const abandon = async () => {
        await list()[Symbol.asyncIterator]().next();
      };
      await abandon();
      expect(await collectUntil(() => runs().length > 0)).to.equal(true);
      expect(runs()).to.deep.equal([['abandoned', 1]]);
    });
  }

  it('has a run of an iterator that is pulled from by hand', async () => {
    const list = traceWithPlan(ofIterator, { isLazy: true })();
    while ((await list.next()).done !== true);
    expect(runs()).to.deep.equal([['completed', 2]]);
  });

  it('has the run of a call that returns a promise begin with the call', async () => {
    const collect = traceWithPlan(async () => 'all of it', { isLazy: true });
    expect(await collect()).to.equal('all of it');
    expect(runs()).to.deep.equal([['completed', 0]]);
  });
});
