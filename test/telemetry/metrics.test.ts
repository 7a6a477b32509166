/**
 * The metrics of runs, as a reader of the real SDK collects them.
 */
import { context, metrics, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  AggregationTemporality,
  DataPointType,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
  type Histogram,
  type MetricData,
} from '@opentelemetry/sdk-metrics';
import { AlwaysOffSampler, TracerProvider } from '@opentelemetry/sdk-trace';
import { expect } from 'chai';
import { traceAsyncGenerator } from '../../src/manual/traced';
import { RunMetrics } from '../../src/telemetry/metrics';
import { setUpTracing, type TestTracing } from '../support/tracing';
import { collectUntil } from '../support/gc';
import { drain, rejectionOf } from '../trace/helpers';

const MODULE_ATTRIBUTES = { 'code.function.name': 'numbers' };

describe('the metrics of runs', () => {
  let exporter: InMemoryMetricExporter;
  let provider: MeterProvider;
  beforeEach(() => {
    exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
    provider = new MeterProvider({ readers: [new PeriodicExportingMetricReader({ exporter })] });
    metrics.setGlobalMeterProvider(provider);
  });
  afterEach(async () => {
    await provider.shutdown();
    metrics.disable();
  });

  async function collected(): Promise<Map<string, MetricData>> {
    exporter.reset();
    await provider.forceFlush();
    const all = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((each) => each.metrics));
    return new Map(all.map((metric) => [metric.descriptor.name, metric]));
  }

  /** What each histogram has counted, by its attributes. */
  async function histogram(name: string): Promise<{ attributes: object; count: number; sum: number | undefined }[]> {
    const metric = (await collected()).get(name);
    expect(metric?.dataPointType).to.equal(DataPointType.HISTOGRAM);
    return (metric?.dataPoints ?? []).map(({ attributes, value }) => {
      const { count, sum } = value as Histogram;
      return { attributes, count, sum };
    });
  }

  async function active(): Promise<number> {
    const points = (await collected()).get('async_generator.run.active')?.dataPoints ?? [];
    return points.reduce((sum, { value }) => sum + (value as number), 0);
  }

  async function* numbers(count = 2) {
    for (let number = 1; number <= count; number++) yield number;
  }
  const traced = traceAsyncGenerator(numbers, { attributes: { 'user.id': 'one of many' } });

  const FAILED = traceAsyncGenerator(async function* numbers() {
    yield 1;
    throw new RangeError('no more');
  });

  describe('where spans are recorded', () => {
    let tracing: TestTracing;
    before(() => {
      tracing = setUpTracing();
    });
    after(() => {
      tracing.shutdown();
    });

    it('are counted once a run, by function and outcome', async () => {
      await drain(traced());
      await drain(traced());
      for await (const _ of traced()) break;
      expect(await histogram('async_generator.run.items')).to.deep.equal([
        { attributes: { ...MODULE_ATTRIBUTES, 'async_generator.outcome': 'completed' }, count: 2, sum: 4 },
        { attributes: { ...MODULE_ATTRIBUTES, 'async_generator.outcome': 'returned' }, count: 1, sum: 1 },
      ]);
    });

    it('say with which type of error a run failed', async () => {
      await rejectionOf(drain(FAILED()));
      const points = await histogram('async_generator.run.duration');
      expect(points[0]?.attributes).to.deep.equal({
        ...MODULE_ATTRIBUTES,
        'async_generator.outcome': 'failed',
        'error.type': 'RangeError',
      });
    });

    it('have the times that the span has', async () => {
      tracing.reset();
      await drain(traced());
      const { attributes } = tracing.onlySpan();
      for (const name of ['time_to_first_item', 'producer.time', 'consumer.time']) {
        const metric = `async_generator.${name}`;
        expect(
          (await histogram(metric)).map(({ sum }) => sum),
          metric,
        ).to.deep.equal([attributes[metric]]);
      }
    });

    it('are in seconds, items and runs, with boundaries for streams', async () => {
      await drain(traced());
      const units = Array.from((await collected()).values(), ({ descriptor: { name, unit } }) => [name, unit]);
      expect(Object.fromEntries(units)).to.deep.equal({
        'async_generator.run.active': '{run}',
        'async_generator.run.duration': 's',
        'async_generator.run.items': '{item}',
        'async_generator.time_to_first_item': 's',
        'async_generator.producer.time': 's',
        'async_generator.consumer.time': 's',
      });
      const duration = (await collected()).get('async_generator.run.duration')?.dataPoints[0]?.value as Histogram;
      expect(duration.buckets.boundaries[0]).to.equal(0.000_01);
      expect(duration.buckets.boundaries.at(-1)).to.equal(7_200);
    });

    it('count a run as active from its first pull to its end', async () => {
      const generator = traced();
      expect(await active()).to.equal(0);
      await generator.next();
      expect(await active()).to.equal(1);
      await generator.return(undefined);
      expect(await active()).to.equal(0);
    });

    it('count a stream that is never iterated over as neither active nor ended', async () => {
      const streamOf = traceAsyncGenerator(() => new ReadableStream({ start: (controller) => controller.close() }));
      await streamOf().getReader().read();
      expect(await active()).to.equal(0);
      expect((await collected()).get('async_generator.run.duration')).to.equal(undefined);
    });

    it('count a run that is collected as abandoned', async () => {
      tracing.reset();
      await (async () => {
        await traced().next();
      })();
      expect(await collectUntil(() => tracing.spans().length === 1)).to.equal(true);
      expect(await active()).to.equal(0);
      const outcomes = (await histogram('async_generator.run.duration')).map(({ attributes }) => attributes);
      expect(outcomes).to.deep.equal([{ ...MODULE_ATTRIBUTES, 'async_generator.outcome': 'abandoned' }]);
    });
  });

  describe('where no span is sampled', () => {
    let tracing: TestTracing;
    before(() => {
      tracing = setUpTracing({ sampler: new AlwaysOffSampler() });
    });
    after(() => {
      tracing.shutdown();
    });

    it('are recorded all the same, and hooks hear nothing', async () => {
      const heard: string[] = [];
      const hooked = traceAsyncGenerator(numbers, {
        onStart: () => void heard.push('start'),
        onItem: () => void heard.push('item'),
        onEnd: () => void heard.push('end'),
      });
      await drain(hooked(3));
      const [point] = await histogram('async_generator.run.items');
      expect(point).to.include({ count: 1, sum: 3 });
      expect(heard).to.deep.equal([]);
    });
  });

  describe('without a tracer provider', () => {
    before(() => {
      trace.disable();
      context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    });
    after(() => {
      context.disable();
    });

    it('are recorded all the same', async () => {
      await drain(traced());
      expect(await active()).to.equal(0);
      expect((await histogram('async_generator.run.duration'))[0]).to.include({ count: 1 });
    });

    it('leave the active span of the program as it is', async () => {
      const seen = traceAsyncGenerator(async function* () {
        yield trace.getActiveSpan();
      });
      expect(await drain(seen())).to.deep.equal([undefined]);
      const span = new TracerProvider().getTracer('of the program').startSpan('own');
      const inside = await context.with(trace.setSpan(context.active(), span), () => drain(seen()));
      expect(inside[0]).to.equal(span);
    });

    it('count a generator once that a later call in another run returns again', async () => {
      const same = traceAsyncGenerator(function same(generator = numbers(3)) {
        return generator;
      });
      const outer = traceAsyncGenerator(async function* outer() {
        const generator = same();
        yield (await generator.next()).value;
        yield* same(generator);
      });
      expect(await drain(outer())).to.deep.equal([1, 2, 3]);
      const runs = (await histogram('async_generator.run.items')).map(({ count, sum }) => [count, sum]);
      expect(runs).to.have.deep.members([
        [1, 3],
        [1, 3],
      ]);
    });
  });

  it('are those of the provider that is registered when a run starts', async () => {
    metrics.disable();
    await drain(traced());
    expect((await collected()).size).to.equal(0);
    metrics.setGlobalMeterProvider(provider);
    await drain(traced());
    expect((await histogram('async_generator.run.duration'))[0]).to.include({ count: 1 });
  });

  it('that throw do not reach the program', async () => {
    const failing = new MeterProvider();
    const meter = failing.getMeter('failing');
    const createUpDownCounter = meter.createUpDownCounter.bind(meter);
    meter.createUpDownCounter = (...args) => {
      const counter = createUpDownCounter(...args);
      counter.add = () => {
        throw new Error('no room');
      };
      return counter;
    };
    metrics.disable();
    metrics.setGlobalMeterProvider({ getMeter: () => meter });
    expect(await drain(traced())).to.deep.equal([1, 2]);
  });
});

describe('RunMetrics', () => {
  it('is undefined where no MeterProvider is registered, so that runs do nothing for it', () => {
    metrics.disable();
    expect(RunMetrics.of(metrics.getMeter('test'))).to.equal(undefined);
  });
});
