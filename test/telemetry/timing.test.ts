import { expect } from 'chai';
import { traceAsyncGenerator, type RunSummary, type TraceOptions } from '../../src';
import { setClock } from '../../src/base/clock';
import { drain } from '../trace/helpers';
import { useTracing } from '../support/tracing';

describe('the times of a run', () => {
  const tracing = useTracing();
  /** Nanoseconds, on a clock that the test moves. */
  let time: number;
  beforeEach(() => {
    time = 1_000_000;
    setClock({ now: () => BigInt(time), epoch: () => 1_700_000_000_123 });
  });
  afterEach(() => {
    setClock();
  });

  const pass = (nanoseconds: number) => {
    time += nanoseconds;
  };
  const nanoseconds = (seconds: unknown) => Math.round((seconds as number) * 1e9);
  const measured = () => {
    const { attributes, duration } = tracing.onlySpan();
    return {
      duration: duration[0] * 1e9 + duration[1],
      producer: nanoseconds(attributes['async_generator.producer.time']),
      consumer: nanoseconds(attributes['async_generator.consumer.time']),
      firstItem: nanoseconds(attributes['async_generator.time_to_first_item']),
    };
  };

  /** Takes 100 ns for each item and 7 ns to end. */
  async function* slow(to: number): AsyncGenerator<number> {
    for (let i = 0; i < to; i++) {
      pass(40);
      await null;
      pass(60);
      yield i;
    }
    pass(7);
  }

  it('are split between producer and consumer, to the nanosecond', async () => {
    for await (const _ of traceAsyncGenerator(slow)(3)) pass(1_000);
    expect(measured()).to.deep.equal({ duration: 3_307, producer: 307, consumer: 3_000, firstItem: 100 });
  });

  it('begin before the span is made, which takes a while in a new process', async () => {
    const traced = traceAsyncGenerator(slow, {
      onStart: () => {
        pass(500);
      },
    });
    await drain(traced(1));
    expect(measured()).to.deep.equal({ duration: 607, producer: 607, consumer: 0, firstItem: 600 });
  });

  it('are integers that add up, whatever they are', async () => {
    for (let steps = 1; steps < 30; steps++) {
      tracing.reset();
      for await (const _ of traceAsyncGenerator(slow)(steps)) pass(steps * 7_919 + 13);
      const { duration, producer, consumer } = measured();
      expect(producer + consumer).to.equal(duration);
    }
  });

  it('start on the wall clock and end by the monotonic one', async () => {
    await drain(traceAsyncGenerator(slow)(1));
    expect(tracing.onlySpan().startTime).to.deep.equal([1_700_000_000, 123_000_000]);
    expect(tracing.onlySpan().endTime).to.deep.equal([1_700_000_000, 123_000_107]);
  });

  it('carry over to the next second', async () => {
    for await (const _ of traceAsyncGenerator(slow)(1)) pass(2_000_000_000);
    expect(tracing.onlySpan().endTime).to.deep.equal([1_700_000_002, 123_000_107]);
  });

  it('count concurrent pulls once', async () => {
    const generator = traceAsyncGenerator(slow)(2);
    await Promise.all([generator.next(), generator.next(), generator.next()]);
    // The body goes on to the second item before the consumer gets the first.
    expect(measured()).to.deep.equal({ duration: 207, producer: 207, consumer: 0, firstItem: 140 });
  });

  it('count pulls that overlap from the first to the last', async () => {
    const generator = traceAsyncGenerator(slow)(4);
    await generator.next();
    pass(1_000);
    const first = generator.next();
    const second = generator.next();
    await first;
    pass(5);
    await second;
    pass(2_000);
    await generator.return(undefined);
    const { duration, producer, consumer } = measured();
    expect(producer + consumer).to.equal(duration);
    expect(consumer).to.be.at.least(3_000);
    expect(producer).to.be.at.least(300);
  });

  it('give the consumer the time between the last item and its break', async () => {
    for await (const _ of traceAsyncGenerator(slow)(3)) {
      pass(500);
      break;
    }
    expect(measured()).to.deep.equal({ duration: 600, producer: 100, consumer: 500, firstItem: 100 });
  });

  it('give the producer the time that its finally takes', async () => {
    const traced = traceAsyncGenerator(async function* () {
      try {
        yield 1;
      } finally {
        pass(50);
        await null;
        pass(50);
      }
    });
    for await (const _ of traced()) break;
    expect(measured()).to.include({ duration: 100, producer: 100, consumer: 0 });
  });

  it('give the producer the time to its failure', async () => {
    const traced = traceAsyncGenerator(async function* () {
      yield 1;
      pass(30);
      throw new Error('boom');
    });
    await drain(traced()).catch(() => {});
    expect(measured()).to.include({ duration: 30, producer: 30, consumer: 0, firstItem: 0 });
  });

  it('count the call of a plain function as a pending pull', async () => {
    const traced = traceAsyncGenerator(async () => {
      pass(11);
      await null;
      pass(22);
      return slow(1);
    });
    const generator = await traced();
    pass(1_000);
    await drain(generator);
    expect(measured()).to.deep.equal({ duration: 1_140, producer: 140, consumer: 1_000, firstItem: 1_133 });
  });

  it("count the time from the call to the first pull as the consumer's with `startOn: 'call'`", async () => {
    const generator = traceAsyncGenerator(slow, { startOn: 'call' })(1);
    pass(1_000);
    await drain(generator);
    expect(measured()).to.deep.equal({ duration: 1_107, producer: 107, consumer: 1_000, firstItem: 1_100 });
  });

  it('are told to onEnd in seconds', async () => {
    const summaries: RunSummary[] = [];
    const options: TraceOptions = { onEnd: (_, summary) => summaries.push(summary) };
    for await (const _ of traceAsyncGenerator(slow, options)(1)) pass(1_000);
    expect(summaries[0]).to.include({
      duration: 1_107 / 1e9,
      producerTime: 107 / 1e9,
      consumerTime: 1_000 / 1e9,
      timeToFirstItem: 100 / 1e9,
    });
  });

  it('are left out with `timing: false`, but for start and end', async () => {
    const summaries: RunSummary[] = [];
    const options: TraceOptions = { timing: false, onEnd: (_, summary) => summaries.push(summary) };
    await drain(traceAsyncGenerator(slow, options)(1));
    const { attributes, duration } = tracing.onlySpan();
    expect(Object.keys(attributes).filter((name) => name.includes('time'))).to.be.empty;
    expect(duration).to.deep.equal([0, 107]);
    expect(summaries[0]).to.include({
      timeToFirstItem: undefined,
      producerTime: undefined,
      consumerTime: undefined,
      duration: 107 / 1e9,
    });
  });
});
