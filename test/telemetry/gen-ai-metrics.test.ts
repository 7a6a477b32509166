/**
 * The metrics of requests to models, as a reader of the real SDK collects them.
 */
import { diag, trace } from '@opentelemetry/api';
import { AggregationTemporality, MeterProvider, MetricReader, type Histogram } from '@opentelemetry/sdk-metrics';
import { AlwaysOffSampler } from '@opentelemetry/sdk-trace';
import { expect } from 'chai';
import { Reporter } from '../../src/base/reporter';
import type { GenAiReader } from '../../src/telemetry/gen-ai/reader';
import { RunMetrics } from '../../src/telemetry/metrics';
import { Scope } from '../../src/trace/scope';
import { setUpTracing, type TestTracing } from '../support/tracing';
import { drain, rejectionOf, traceWithPlan } from '../trace/helpers';

class Reader extends MetricReader {
  constructor() {
    super({ aggregationTemporalitySelector: () => AggregationTemporality.DELTA });
  }
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

interface Chunk {
  readonly text?: string;
  readonly tokens?: number;
}

const genAi: GenAiReader<Chunk> = {
  request: ({ args: [options] }) => ({
    operation: 'chat',
    provider: 'acme',
    model: 'm',
    stream: true,
    ...Object(options),
  }),
  chunk({ text, tokens }, response) {
    response.model = 'm-2026';
    if (text !== undefined) response.text(text);
    if (tokens !== undefined) Object.assign(response, { inputTokens: 9, outputTokens: tokens, cacheReadTokens: 5 });
  },
};
const CHUNKS: readonly Chunk[] = [{}, { text: 'a' }, { text: 'b' }, { text: 'c' }, { tokens: 3 }];
const REQUEST = { 'gen_ai.operation.name': 'chat', 'gen_ai.provider.name': 'acme', 'gen_ai.request.model': 'm' };
const RESPONSE = { ...REQUEST, 'gen_ai.response.model': 'm-2026' };

let measured: RunMetrics | undefined;
const scope = new Scope({ tracer: () => trace.getTracer('test'), metrics: () => measured }, new Reporter(() => diag));

const ask = traceWithPlan(
  async function* (_options?: object) {
    yield* CHUNKS;
  },
  { genAi: genAi as GenAiReader },
  scope,
);
const failing = traceWithPlan(
  async function* (_options?: object) {
    yield* CHUNKS.slice(0, 2);
    throw new RangeError('no more');
  },
  { genAi: genAi as GenAiReader },
  scope,
);

for (const [title, settings] of Object.entries({
  'the metrics of models': {},
  'the metrics of models, of spans that are not sampled': { sampler: new AlwaysOffSampler() },
})) {
  describe(title, () => {
    let tracing: TestTracing;
    let provider: MeterProvider;
    let reader: Reader;
    before(() => {
      tracing = setUpTracing(settings);
    });
    after(() => {
      tracing.shutdown();
    });
    beforeEach(() => {
      reader = new Reader();
      provider = new MeterProvider({ readers: [reader] });
      measured = RunMetrics.of(provider.getMeter('test'));
    });
    afterEach(async () => {
      await provider.shutdown();
      measured = undefined;
    });

    /** Those of `gen_ai.*`, since the last time. */
    async function collected() {
      const { resourceMetrics } = await reader.collect();
      const all = resourceMetrics.scopeMetrics.flatMap((each) => each.metrics);
      return all.flatMap(({ descriptor: { name, unit }, dataPoints }) =>
        dataPoints.flatMap(({ attributes, value }) =>
          name.startsWith('gen_ai.') ? [{ name, unit, attributes, value: value as number | Histogram }] : [],
        ),
      );
    }
    const countOf = (value: number | Histogram) => (typeof value === 'number' ? value : value.count);

    it('are those of the conventions, once for each request', async () => {
      await drain(ask());
      const values = (await collected()).map(({ name, unit, value }) => [name, [unit, countOf(value)]]);
      expect(Object.fromEntries(values)).to.deep.equal({
        'gen_ai.client.inference.duration': ['s', 1],
        'gen_ai.client.inference.time_to_first_chunk': ['s', 1],
        'gen_ai.client.inference.time_per_output_chunk': ['s', 2],
        'gen_ai.client.inference.usage.input_tokens': ['{token}', 9],
        'gen_ai.client.inference.usage.output_tokens': ['{token}', 3],
        'gen_ai.client.inference.usage.cache_read.input_tokens': ['{token}', 5],
        'gen_ai.client.inference.operation.input_tokens': ['{token}', 1],
        'gen_ai.client.inference.operation.output_tokens': ['{token}', 1],
      });
    });

    it('have few attributes', async () => {
      await drain(ask({ temperature: 0.5, attributes: { 'openai.api.type': 'chat_completions' } }));
      for (const { name, attributes } of await collected()) {
        const modality = name.includes('.usage.') ? { 'gen_ai.token.modality': 'unknown' } : {};
        expect(attributes, name).to.deep.equal({ ...RESPONSE, ...modality });
      }
    });

    it('have the buckets of the conventions', async () => {
      await drain(ask());
      const buckets = new Map((await collected()).map(({ name, value }) => [name, (value as Histogram).buckets]));
      const seconds = Array.from({ length: 14 }, (_, power) => 0.01 * 2 ** power);
      for (const name of ['duration', 'time_to_first_chunk', 'time_per_output_chunk']) {
        expect(buckets.get(`gen_ai.client.inference.${name}`)?.boundaries, name).to.deep.equal(seconds);
      }
      const tokens = Array.from({ length: 14 }, (_, power) => 4 ** power);
      expect(buckets.get('gen_ai.client.inference.operation.input_tokens')?.boundaries).to.deep.equal(tokens);
    });

    it('have the error of a request that fails in its duration, and what is known of its tokens', async () => {
      await rejectionOf(drain(failing()));
      const all = await collected();
      const find = (name: string) => all.find((each) => each.name === `gen_ai.client.inference.${name}`);
      expect(find('duration')?.attributes).to.deep.equal({ ...RESPONSE, 'error.type': 'RangeError' });
      expect(find('time_to_first_chunk')?.attributes).to.deep.equal(RESPONSE);
      // The conventions ask for a zero where no usage has come.
      expect(find('usage.input_tokens')?.value).to.equal(0);
      expect(find('operation.input_tokens')).to.equal(undefined);
    });

    it('are recorded of a stream whose reader leaves early, without an error', async () => {
      for await (const { text } of ask()) if (text === 'b') break;
      const all = await collected();
      const find = (name: string) => all.find((each) => each.name === `gen_ai.client.inference.${name}`);
      expect(find('duration')?.attributes).to.deep.equal(RESPONSE);
      expect(countOf(find('time_to_first_chunk')?.value ?? 0)).to.equal(1);
      expect(countOf(find('time_per_output_chunk')?.value ?? 0)).to.equal(1);
    });

    it('have no first chunk where the answer is no stream', async () => {
      await drain(ask({ stream: false }));
      const names = (await collected()).map(({ name }) => name);
      expect(names).to.include('gen_ai.client.inference.duration');
      expect(names).to.not.include('gen_ai.client.inference.time_to_first_chunk');
    });
  });
}

describe('the metrics of models without a MeterProvider', () => {
  let tracing: TestTracing;
  before(() => {
    tracing = setUpTracing({ sampler: new AlwaysOffSampler() });
  });
  after(() => {
    tracing.shutdown();
  });

  it('are none: the chunks of spans that are not sampled are not even read', async () => {
    let read = 0;
    const counting: GenAiReader = {
      ...genAi,
      chunk() {
        read++;
      },
    } as GenAiReader;
    const counted = traceWithPlan(
      async function* () {
        yield* CHUNKS;
      },
      { genAi: counting },
      scope,
    );
    await drain(counted());
    expect(read).to.equal(0);
  });
});
