import {
  AggregationTemporality,
  createAllowListAttributesProcessor,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import { expect } from 'chai';
import { collectNow, uncollected } from '../../src/register/exports/last-metrics';

describe('the last metrics of a reader', () => {
  const { CUMULATIVE, DELTA } = AggregationTemporality;
  /** Never exports by itself while a test runs. */
  const readerOf = (temporality: AggregationTemporality) =>
    new PeriodicExportingMetricReader({
      exporter: new InMemoryMetricExporter(temporality),
      exportIntervalMillis: 2 ** 30,
    });
  let readers: PeriodicExportingMetricReader[];
  let provider: MeterProvider;
  const provide = (temporality: AggregationTemporality, views: ConstructorParameters<typeof MeterProvider>[0] = {}) => {
    readers = [readerOf(temporality), readerOf(temporality)];
    provider = new MeterProvider({ ...views, readers });
    return provider.getMeter('scope', '1.2.3');
  };
  const collect = (reader = readers[0]) => collectNow(reader as object) as ResourceMetrics | undefined;
  const values = (metrics: ResourceMetrics | undefined) =>
    metrics?.scopeMetrics.flatMap((scope) =>
      scope.metrics.flatMap((metric) =>
        metric.dataPoints.map(({ value }) => `${metric.descriptor.name} ${String(value)}`),
      ),
    );
  afterEach(() => provider.shutdown());

  for (const temporality of [CUMULATIVE, DELTA]) {
    it(`are those that the reader would collect: ${AggregationTemporality[temporality]}`, async () => {
      const meter = provide(temporality);
      meter.createCounter('counter').add(2, { key: 'value' });
      meter.createHistogram('histogram').record(3);
      const metrics = collect();
      const { resourceMetrics } = (await readers[1]?.collect()) as { resourceMetrics: ResourceMetrics };
      const withoutTimes = (each: unknown) =>
        JSON.parse(
          JSON.stringify(each, (key, value: unknown) => (key.endsWith('Time') ? undefined : value)),
        ) as unknown;
      expect(withoutTimes(metrics)).to.deep.equal(withoutTimes(resourceMetrics));
      expect(metrics?.scopeMetrics).to.have.length(1);
    });
  }

  it('add to what the reader has exported, where that is cumulative', async () => {
    const counter = provide(CUMULATIVE).createCounter('counter');
    counter.add(1);
    await readers[0]?.collect();
    counter.add(2);
    expect(values(collect())).to.deep.equal(['counter 3']);
  });

  it('are what has come since then, where they are deltas', async () => {
    const counter = provide(DELTA).createCounter('counter');
    counter.add(1);
    await readers[0]?.collect();
    counter.add(2);
    expect(values(collect())).to.deep.equal(['counter 2']);
    counter.add(4);
    const later = await readers[0]?.collect();
    expect(values(later?.resourceMetrics), 'the reader goes on from there').to.deep.equal(['counter 4']);
  });

  it('are none where nothing has come since then', async () => {
    const counter = provide(CUMULATIVE).createCounter('counter');
    expect(collect()).to.equal(undefined);
    counter.add(1);
    await readers[0]?.collect();
    expect(collect()).to.equal(undefined);
  });

  it('are there where another reader has collected them for a view that both share', async () => {
    const attributesProcessors = [createAllowListAttributesProcessor([])];
    const meter = provide(DELTA, { views: [{ instrumentName: 'counter', attributesProcessors }] });
    meter.createCounter('counter').add(5, { key: 'value' });
    await readers[1]?.collect();
    expect(values(collect())).to.deep.equal(['counter 5']);
    expect(collect()).to.equal(undefined);
  });

  it('are none where nothing has come but what is known', () => {
    const meter = provide(DELTA);
    meter.createCounter('known').add(1);
    const known = new Set(uncollected(readers[0] as object));
    const collectMore = () => collectNow(readers[0] as object, known) as ResourceMetrics | undefined;
    expect(collectMore()).to.equal(undefined);
    meter.createCounter('other').add(1);
    expect(values(collectMore())).to.deep.equal(['known 1', 'other 1']);
  });

  it('are without those that the program is asked for', () => {
    const meter = provide(CUMULATIVE);
    let asked = 0;
    meter.createObservableGauge('gauge').addCallback(() => void asked++);
    meter.createCounter('counter').add(1);
    expect({ values: values(collect()), asked }).to.deep.equal({ values: ['counter 1'], asked: 0 });
  });

  it('are none of a reader that is shut down, or belongs to no provider', async () => {
    provide(CUMULATIVE).createCounter('counter').add(1);
    await provider.shutdown();
    expect(collect()).to.equal(undefined);
    expect(collectNow(readerOf(CUMULATIVE))).to.equal(undefined);
  });

  it('are none of an SDK that is made of other parts', () => {
    expect(collectNow({ _sdkMetricProducer: {} })).to.equal(undefined);
  });

  describe('of an SDK that does not say whether there are any', () => {
    const readerOfStorage = (collect: () => unknown) => {
      const storage = { getInstrumentDescriptor: () => ({ type: 'COUNTER' }), collect };
      const meter = { _instrumentationScope: {}, metricStorageRegistry: { getStorages: () => [storage] } };
      return { _sdkMetricProducer: { _sharedState: { resource: {}, meterSharedStates: new Map([['', meter]]) } } };
    };

    it('are collected', () => {
      const [metrics] = collectNow(readerOfStorage(() => 'counted'))?.scopeMetrics ?? [];
      expect(metrics?.metrics).to.deep.equal(['counted']);
    });

    it('are none if that throws', () => {
      const reader = readerOfStorage(() => {
        throw new Error('no aggregation');
      });
      expect(collectNow(reader)).to.equal(undefined);
    });
  });
});
