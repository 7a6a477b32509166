/**
 * Iterables whose iterations come from a method of their own, as the streams of generated clients: `Symbol.asyncIterator` calls it, and so does `tee()`.
 */
import { expect } from 'chai';
import { useTracing } from '../support/tracing';
import { drain, traceWithPlan } from './helpers';

class Stream {
  constructor(readonly iterator: () => AsyncGenerator<number>) {}
  [Symbol.asyncIterator](): AsyncGenerator<number> {
    return this.iterator();
  }
  /** The other branch gets what was read for the first. */
  tee(): AsyncIterable<number>[] {
    const source = this.iterator();
    const read: Promise<IteratorResult<number>>[] = [];
    const branch = () => {
      let place = 0;
      return { [Symbol.asyncIterator]: () => ({ next: () => (read[place++] ??= source.next()) }) };
    };
    return [branch(), branch()];
  }
}

describe('a stream whose iterations come from a member', () => {
  const tracing = useTracing();
  const runs = () =>
    tracing
      .spans()
      .map(({ attributes }) => [attributes['async_generator.outcome'], attributes['async_generator.item.count']]);
  const open = traceWithPlan(
    () =>
      new Stream(async function* () {
        yield 1;
        yield 2;
      }),
    { iteratorMember: 'iterator' },
  );

  it('has the run of its iteration', async () => {
    expect(await drain(open())).to.deep.equal([1, 2]);
    for await (const _ of open()) break;
    expect(runs()).to.deep.equal([
      ['completed', 2],
      ['returned', 1],
    ]);
  });

  it('has one run for both of its branches', async () => {
    const [left, right] = open().tee() as [AsyncIterable<number>, AsyncIterable<number>];
    for await (const _ of left) break;
    expect(await drain(right)).to.deep.equal([1, 2]);
    expect(runs()).to.deep.equal([['completed', 2]]);
  });

  it('may have the member called without the stream', async () => {
    const { iterator } = open();
    expect(await drain(iterator())).to.deep.equal([1, 2]);
    expect(runs()).to.deep.equal([['completed', 2]]);
  });

  it('looks as it did: the member stays enumerable, and keeps its name', () => {
    const stream = open();
    expect(Object.keys(stream)).to.deep.equal(['iterator']);
    expect(stream.iterator.name).to.equal('iterator');
    expect(Object.getOwnPropertySymbols(stream)).to.deep.equal([]);
  });

  it('is iterated as others are where it has no such member', async () => {
    const plain = traceWithPlan(() => ({ [Symbol.asyncIterator]: () => open().iterator() }), {
      iteratorMember: 'iterator',
    });
    expect(await drain(plain())).to.deep.equal([1, 2]);
    expect(runs()).to.deep.include(['completed', 2]);
  });
});
