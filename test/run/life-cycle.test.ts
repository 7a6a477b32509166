import { expect } from 'chai';
import { traceAsyncGenerator } from '../../src';
import { setUpTracing, type TestTracing } from '../support/tracing';

describe('the life of a run', () => {
  let tracing: TestTracing;
  before(() => {
    tracing = setUpTracing();
  });
  beforeEach(() => {
    tracing.reset();
  });
  after(() => {
    tracing.shutdown();
  });

  async function* count(to: number): AsyncGenerator<number, string> {
    for (let i = 0; i < to; i++) yield i;
    return 'counted';
  }

  it('ends completed when the generator is done', async () => {
    const traced = traceAsyncGenerator(count);
    const items: number[] = [];
    for await (const item of traced(3)) items.push(item);
    expect(items).to.deep.equal([0, 1, 2]);
    expect(tracing.onlySpan().attributes).to.include({
      'async_generator.outcome': 'completed',
      'async_generator.item.count': 3,
    });
  });
});
