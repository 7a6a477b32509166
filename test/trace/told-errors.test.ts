/**
 * Errors that a client does not throw, but gives as an item: a preset says which items they are (`errorOf`).
 */
import { diag, SpanStatusCode, trace } from '@opentelemetry/api';
import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import { expect } from 'chai';
import type { RunPlan } from '../../src/trace/plan';
import { Reporter } from '../../src/base/reporter';
import type { GenAiReader } from '../../src/telemetry/gen-ai/reader';
import { RunMetrics } from '../../src/telemetry/metrics';
import { Scope } from '../../src/trace/scope';
import type { RunSummary } from '../../src/types';
import { collectUntil } from '../support/gc';
import { useTracing } from '../support/tracing';
import { drain, rejectionOf, traceWithPlan } from './helpers';

class Overloaded extends Error {
  override name = 'Overloaded';
}

interface Item {
  readonly error?: unknown;
  readonly text?: string;
}

const errorOf = (item: unknown) => (item as Item).error;

describe('a run whose client gives an error as an item', () => {
  const tracing = useTracing();
  const only = () => tracing.onlySpan();
  const outcome = () => only().attributes['async_generator.outcome'];

  /** Gives the items, then fails with `failure` if there is one. */
  const asking = (plan: Partial<RunPlan> = {}, scope?: Scope) =>
    traceWithPlan(
      async function* (items: readonly Item[], failure?: unknown): AsyncGenerator<Item> {
        yield* items;
        if (failure !== undefined) throw failure;
      },
      { errorOf, ...plan },
      scope,
    );
  const ask = asking();
  // An error that was once an abort is known as one.
  let error: Overloaded;
  let items: readonly Item[];
  beforeEach(() => {
    error = new Overloaded('try again');
    items = [{ text: 'a' }, { error }, { text: 'b' }];
  });

  it('is failed where the stream then ends', async () => {
    expect(await drain(ask(items))).to.deep.equal(items);
    const { attributes, status } = only();
    expect(attributes).to.include({
      'async_generator.outcome': 'failed',
      'async_generator.item.count': 3,
      'error.type': 'Overloaded',
    });
    expect(status).to.deep.equal({ code: SpanStatusCode.ERROR, message: 'try again' });
  });

  it('has the exception once, at its end', async () => {
    await drain(ask(items));
    const { events, endTime } = only();
    expect(events.map(({ name, time }) => [name, time])).to.deep.equal([['exception', endTime]]);
    expect(events[0]?.attributes).to.include({
      'exception.type': 'Overloaded',
      'exception.message': 'try again',
      'exception.stacktrace': error.stack,
    });
  });

  it('is failed where the consumer leaves after it', async () => {
    for await (const item of ask(items)) if (item.error !== undefined) break;
    expect(outcome()).to.equal('failed');
  });

  it('is returned where the consumer has left before it', async () => {
    for await (const _ of ask(items)) break;
    expect(outcome()).to.equal('returned');
  });

  it('is completed where no item is an error', async () => {
    await drain(ask([{}, {}]));
    expect(outcome()).to.equal('completed');
    expect(only().status.code).to.equal(SpanStatusCode.UNSET);
  });

  it('is failed with the first of several', async () => {
    await drain(ask([{ error }, { error: new RangeError('another') }]));
    expect(only().attributes['error.type']).to.equal('Overloaded');
  });

  it('is failed with what the stream throws after it', async () => {
    await rejectionOf(drain(ask(items, new TypeError('terminated'))));
    expect(only().attributes['error.type']).to.equal('TypeError');
  });

  it('is failed with it where the stream is aborted after it', async () => {
    await rejectionOf(drain(ask(items, new DOMException('aborted', 'AbortError'))));
    expect(only().attributes['error.type']).to.equal('Overloaded');
  });

  it('is failed where an interrupted one is not', async () => {
    const scope = new Scope({ tracer: () => trace.getTracer('test') }, new Reporter(() => diag));
    const iterator = asking({}, scope)(items);
    await iterator.next();
    await iterator.next();
    scope.openRuns.interrupt();
    expect(outcome()).to.equal('failed');
  });

  it('is aborted where the item is an AbortError', async () => {
    await drain(ask([{ error: new DOMException('aborted', 'AbortError') }]));
    expect(outcome()).to.equal('aborted');
    expect(only().status.code).to.equal(SpanStatusCode.UNSET);
    expect(only().attributes).to.not.have.property('error.type');
    expect(only().events).to.deep.equal([]);
  });

  it('is what classifyError says', async () => {
    await drain(asking({ classifyError: [() => 'aborted'] })(items));
    expect(outcome()).to.equal('aborted');
  });

  it('is aborted where the signal of the call was aborted before', async () => {
    const { signal } = new AbortController();
    const aborted = AbortSignal.abort();
    await drain(asking({ abortSignal: () => signal })(items));
    await drain(asking({ abortSignal: () => aborted })(items));
    const outcomes = tracing.spans().map(({ attributes }) => attributes['async_generator.outcome']);
    expect(outcomes).to.deep.equal(['failed', 'aborted']);
  });

  it('is returned where the error comes of what closes the stream', async () => {
    let close = () => {};
    const closable = traceWithPlan(
      () => {
        const closed = new Promise<void>((resolve) => (close = resolve));
        const stream = (async function* (): AsyncGenerator<Item> {
          yield {};
          await closed;
          yield { error };
        })();
        return Object.assign(stream, { close: () => (close(), new Promise(() => {})) });
      },
      { errorOf, closeMembers: ['close'] },
    );
    const stream = closable();
    for await (const item of stream) if (item.error === undefined) void stream.close();
    expect(outcome()).to.equal('returned');
  });

  it('has a type by the code of what is not an Error', async () => {
    await drain(ask([{ error: { code: 'rate_limit', message: 'slow down' } }]));
    expect(only().attributes['error.type']).to.equal('rate_limit');
    expect(only().status.message).to.equal('slow down');
  });

  it('has the text of a text', async () => {
    await drain(ask([{ error: 'boom' }]));
    expect(only().attributes['error.type']).to.equal('_OTHER');
    expect(only().status.message).to.equal('boom');
  });

  it('is failed where the value of a call that returns no stream tells of one', async () => {
    const value = { error };
    expect(await traceWithPlan(async () => value, { errorOf })()).to.equal(value);
    expect(outcome()).to.equal('failed');
  });

  it('goes on where the preset cannot read an item', async () => {
    const broken = asking({
      errorOf() {
        throw new TypeError('not an item');
      },
    });
    expect(await drain(broken(items))).to.deep.equal(items);
    expect(outcome()).to.equal('completed');
  });

  it('gives onEnd the very error', async () => {
    const ended: RunSummary[] = [];
    await drain(asking({ onEnd: (_span, summary) => ended.push(summary) })(items));
    expect(ended.map((each) => [each.outcome, each.error])).to.deep.equal([['failed', error]]);
  });

  it('has the exception on the innermost span only, where the consumer throws what it was given', async () => {
    const outer = traceWithPlan(async function* (): AsyncGenerator<Item> {
      for await (const item of ask(items)) {
        if (item.error !== undefined) throw item.error;
        yield item;
      }
    }, {});
    expect(await rejectionOf(drain(outer()))).to.equal(error);
    const spans = tracing.spans();
    expect(spans.map(({ events }) => events.length)).to.deep.equal([1, 0]);
    expect(spans.map(({ attributes }) => attributes['error.type'])).to.deep.equal(['Overloaded', 'Overloaded']);
  });

  it('has the exception on the innermost span only, where a client gives what one beneath it has thrown', async () => {
    const outer = asking();
    const wrapping = traceWithPlan(
      async function* (): AsyncGenerator<Item> {
        try {
          yield* outer([], error);
        } catch (thrown) {
          yield { error: thrown };
        }
      },
      { errorOf },
    );
    await drain(wrapping());
    expect(tracing.spans().map(({ events }) => events.length)).to.deep.equal([1, 0]);
  });

  it('does not keep the error, and has what it said where the program keeps it neither', async () => {
    let isCollected = false;
    const registry = new FinalizationRegistry<undefined>(() => (isCollected = true));
    const giveError = () => {
      const told = new Error('gone');
      registry.register(told, undefined);
      return { error: told };
    };
    // Not a generator, which would keep what it has yielded last.
    const made = () => ({
      next: async () => ({ done: false, value: giveError() }),
      return: async () => ({ done: true, value: undefined }),
      [Symbol.asyncIterator]() {
        return this;
      },
    });
    const iterator = traceWithPlan(made, { errorOf })();
    // In a function of its own, whose frame ends.
    await (async () => void (await iterator.next()))();
    expect(await collectUntil(() => isCollected)).to.equal(true);
    await iterator.return();
    expect(only().attributes).to.include({ 'async_generator.outcome': 'failed', 'error.type': 'Error' });
    expect(only().status.message).to.equal('gone');
  });

  it('is failed where the error leads to a stream that is dropped', async () => {
    await (async () => {
      const told: Error & { stream?: unknown } = new Error('leads to its stream');
      const stream = ask([{ text: 'a' }, { error: told }, {}]);
      told.stream = stream;
      await stream.next();
      await stream.next();
    })();
    expect(await collectUntil(() => tracing.spans().length > 0)).to.equal(true);
    expect(outcome()).to.equal('failed');
    expect(only().attributes['error.type']).to.equal('Error');
    expect(only().status.message).to.equal('leads to its stream');
  });
});

describe('the metrics of a run whose client gives an error as an item', () => {
  useTracing();

  class Reader extends MetricReader {
    protected override async onForceFlush(): Promise<void> {}
    protected override async onShutdown(): Promise<void> {}
  }

  it('have its type', async () => {
    const reader = new Reader();
    const provider = new MeterProvider({ readers: [reader] });
    const metrics = RunMetrics.of(provider.getMeter('test'));
    const scope = new Scope(
      { tracer: () => trace.getTracer('test'), metrics: () => metrics },
      new Reporter(() => diag),
    );
    const genAi: GenAiReader = { request: () => ({ operation: 'chat', provider: 'acme' }), chunk() {} };
    const ask = traceWithPlan(
      async function* (): AsyncGenerator<Item> {
        yield { error: new Overloaded('try again') };
      },
      { errorOf, genAi },
      scope,
    );
    await drain(ask());
    const { resourceMetrics } = await reader.collect();
    const types = resourceMetrics.scopeMetrics
      .flatMap((each) => each.metrics)
      .filter(({ descriptor: { name } }) => name.endsWith('.duration'))
      .map(({ descriptor: { name }, dataPoints }) => [name, dataPoints[0]?.attributes['error.type']]);
    expect(Object.fromEntries(types)).to.deep.equal({
      'async_generator.run.duration': 'Overloaded',
      'gen_ai.client.inference.duration': 'Overloaded',
    });
    await provider.shutdown();
  });
});
