import { SpanKind, SpanStatusCode, trace, type Span } from '@opentelemetry/api';
import { SamplingDecision, type Sampler } from '@opentelemetry/sdk-trace';
import { expect } from 'chai';
import { traceAsyncGenerator, type GeneratorCall, type RunSummary } from '../../src';
import { drain, rejectionOf } from '../trace/helpers';
import { setUpTracing, useTracing } from '../support/tracing';

async function* count(to: number): AsyncGenerator<number> {
  for (let i = 0; i < to; i++) yield i;
}

async function* failing(error: unknown): AsyncGenerator<number> {
  throw error;
}

describe('the span of a run', () => {
  const tracing = useTracing();

  it('is called as the function is', async () => {
    await drain(traceAsyncGenerator(count)(1));
    expect(tracing.onlySpan().name).to.equal('count');
  });

  it('is called anonymous where the function has no name', async () => {
    await drain(traceAsyncGenerator((() => async function* () {})())());
    expect(tracing.onlySpan().name).to.equal('anonymous');
  });

  it('is called what spanName says', async () => {
    await drain(traceAsyncGenerator(count, { spanName: 'S3.ListObjectsV2' })(1));
    expect(tracing.onlySpan().name).to.equal('S3.ListObjectsV2');
  });

  it('is called what a function of the call says', async () => {
    await drain(traceAsyncGenerator(count, { spanName: ({ exportPath, args }) => `${exportPath} ${args[0]}` })(2));
    expect(tracing.onlySpan().name).to.equal('count 2');
  });

  it('is INTERNAL unless spanKind says otherwise', async () => {
    await drain(traceAsyncGenerator(count)(1));
    await drain(traceAsyncGenerator(count, { spanKind: SpanKind.CLIENT })(1));
    expect(tracing.spans().map(({ kind }) => kind)).to.deep.equal([SpanKind.INTERNAL, SpanKind.CLIENT]);
  });

  it('carries these attributes and no argument or item', async () => {
    await drain(traceAsyncGenerator(count, { attributes: { 'app.feed': 'news' } })(2));
    expect(tracing.onlySpan().attributes).to.have.all.keys(
      'app.feed',
      'code.function.name',
      'async_generator.outcome',
      'async_generator.item.count',
      'async_generator.time_to_first_item',
      'async_generator.producer.time',
      'async_generator.consumer.time',
    );
    expect(tracing.onlySpan().attributes).to.include({ 'app.feed': 'news', 'code.function.name': 'count' });
  });

  it('has no time to the first item without one', async () => {
    await drain(traceAsyncGenerator(count)(0));
    expect(tracing.onlySpan().attributes).to.not.have.property('async_generator.time_to_first_item');
  });

  describe('of an error', () => {
    const errorTypes: [string, unknown, string, string][] = [
      ['its name', new RangeError('out'), 'RangeError', 'out'],
      [
        'its code, where it is a plain Error',
        Object.assign(new Error('gone'), { code: 'ECONNRESET' }),
        'ECONNRESET',
        'gone',
      ],
      ['its name before its code', Object.assign(new TypeError('bad'), { code: 'E_BAD' }), 'TypeError', 'bad'],
      ['its code, where it has no name', { code: 'rate_limit', message: 'slow' }, 'rate_limit', 'slow'],
      ['its name, where its class is Object', { name: 'Error', message: 'gone' }, 'Error', 'gone'],
      ['its class, where it has no name', new (class Custom {})(), 'Custom', 'a thrown object of type Custom'],
      ['_OTHER for a bare object', Object.create(null), '_OTHER', 'a thrown object of type _OTHER'],
      ['_OTHER for undefined', undefined, '_OTHER', 'undefined'],
      ['_OTHER for a text', 'text', '_OTHER', 'text'],
    ];
    for (const [what, error, type, message] of errorTypes) {
      it(`says ${what}`, async () => {
        await rejectionOf(drain(traceAsyncGenerator(failing)(error)));
        expect(tracing.onlySpan().attributes['error.type']).to.equal(type);
        expect(tracing.onlySpan().status).to.deep.equal({ code: SpanStatusCode.ERROR, message });
      });
    }

    it('leaves a code unread that is a getter, which may warn of being deprecated', async () => {
      let isRead = false;
      const error = Object.defineProperty(new Error('gone'), 'code', {
        get() {
          isRead = true;
          return 'ABORT_ERR';
        },
      });
      await rejectionOf(drain(traceAsyncGenerator(failing)(error)));
      expect(isRead).to.equal(false);
      expect(tracing.onlySpan().attributes['async_generator.outcome']).to.equal('failed');
    });

    it('records the exception at the end of the run', async () => {
      const error = new RangeError('out');
      await rejectionOf(drain(traceAsyncGenerator(failing)(error)));
      const { events, endTime } = tracing.onlySpan();
      expect(events).to.have.lengthOf(1);
      expect(events[0]?.name).to.equal('exception');
      expect(events[0]?.time).to.deep.equal(endTime);
      expect(events[0]?.attributes).to.include({
        'exception.type': 'RangeError',
        'exception.message': 'out',
        'exception.stacktrace': error.stack,
      });
    });
  });

  it('calls no toString() of a thrown object', async () => {
    const calls: string[] = [];
    class Refusal {
      toString() {
        calls.push('toString');
        return 'refused';
      }
    }
    await rejectionOf(drain(traceAsyncGenerator(failing)(new Refusal())));
    expect(tracing.onlySpan().status.message).to.equal('a thrown object of type Refusal');
    expect(calls).to.deep.equal([]);
  });

  describe("with `startOn: 'call'`", () => {
    it('starts at the call', () => {
      const started: string[] = [];
      traceAsyncGenerator(count, { startOn: 'call', onStart: () => started.push('started') })(1);
      expect(started).to.deep.equal(['started']);
    });

    it('ends returned when the generator is closed before its first pull', async () => {
      await traceAsyncGenerator(count, { startOn: 'call' })(1).return(undefined);
      expect(tracing.onlySpan().attributes['async_generator.outcome']).to.equal('returned');
    });

    it('ends returned when the consumer throws an error in before the first pull', async () => {
      await rejectionOf(traceAsyncGenerator(count, { startOn: 'call' })(1).throw(new Error('early')));
      expect(tracing.onlySpan().attributes['async_generator.outcome']).to.equal('returned');
    });
  });

  describe('with `requireParentSpan`', () => {
    it('is there where a span is active', async () => {
      await trace.getTracer('test').startActiveSpan('parent', async (parent) => {
        await drain(traceAsyncGenerator(count, { requireParentSpan: true })(1));
        parent.end();
      });
      expect(tracing.spans().map(({ name }) => name)).to.deep.equal(['count', 'parent']);
    });

    it('is not there for a second iteration where none is', async () => {
      const open = traceAsyncGenerator(() => ({ [Symbol.asyncIterator]: () => count(1) }), { requireParentSpan: true });
      const iterable = trace.getTracer('test').startActiveSpan('parent', (parent) => {
        parent.end();
        return open();
      });
      await drain(iterable);
      expect(tracing.spans()).to.have.lengthOf(2);
      await drain(iterable);
      expect(tracing.spans()).to.have.lengthOf(2);
    });

    it('is not there where none is, and the result is untouched', async () => {
      const generator = traceAsyncGenerator(count, { requireParentSpan: true })(1);
      expect(Reflect.ownKeys(generator)).to.be.empty;
      await drain(generator);
      expect(tracing.spans()).to.be.empty;
    });
  });

  describe('and hooks', () => {
    it('are told of the call at the start', async () => {
      const calls: GeneratorCall[] = [];
      const receiver = { count: traceAsyncGenerator(count, { onStart: (_, call) => calls.push(call) }) };
      await drain(receiver.count(2));
      expect(calls).to.have.lengthOf(1);
      expect(calls[0]).to.deep.include({
        moduleName: undefined,
        moduleVersion: undefined,
        exportPath: 'count',
        args: [2],
      });
      expect(calls[0]?.thisArg).to.equal(receiver);
    });

    it('are told of every item, in order, before the consumer is', async () => {
      const seen: unknown[] = [];
      const traced = traceAsyncGenerator(count, { onItem: (_, item, index) => seen.push(['hook', item, index]) });
      for await (const item of traced(2)) seen.push(['consumer', item]);
      expect(seen).to.deep.equal([
        ['hook', 0, 0],
        ['consumer', 0],
        ['hook', 1, 1],
        ['consumer', 1],
      ]);
    });

    it('are told how it ended', async () => {
      const summaries: RunSummary[] = [];
      const error = new Error('boom');
      const onEnd = (_: Span, summary: RunSummary) => summaries.push(summary);
      await drain(traceAsyncGenerator(count, { onEnd })(2));
      await rejectionOf(drain(traceAsyncGenerator(failing, { onEnd })(error)));
      expect(summaries[0]).to.include({ outcome: 'completed', itemCount: 2, error: undefined });
      expect(summaries[1]).to.include({ outcome: 'failed', itemCount: 0, error });
    });

    it('may write on the span, at each of them', async () => {
      const write = (key: string) => (span: Span) => void span.setAttribute(key, true);
      await drain(traceAsyncGenerator(count, { onStart: write('s'), onItem: write('i'), onEnd: write('e') })(1));
      expect(tracing.onlySpan().attributes).to.include({ s: true, i: true, e: true });
    });

    it('may let a call through untraced', async () => {
      const traced = traceAsyncGenerator(count, { shouldTrace: ({ args }) => args[0] !== 1 });
      expect(Reflect.ownKeys(traced(1))).to.be.empty;
      await drain(traced(1));
      await drain(traced(2));
      expect(tracing.spans().map(({ attributes }) => attributes['async_generator.item.count'])).to.deep.equal([2]);
    });
  });
});

describe('a sampler', () => {
  it('is told all that is known at the start', async () => {
    const asked: unknown[] = [];
    const sampler: Sampler = {
      shouldSample(_context, _traceId, name, kind, attributes) {
        asked.push({ name, kind, attributes });
        return { decision: SamplingDecision.RECORD_AND_SAMPLED };
      },
    };
    const tracing = setUpTracing({ sampler });
    try {
      await drain(traceAsyncGenerator(count, { spanKind: SpanKind.CLIENT, attributes: { 'app.feed': 'news' } })(1));
    } finally {
      tracing.shutdown();
    }
    expect(asked).to.deep.equal([
      { name: 'count', kind: SpanKind.CLIENT, attributes: { 'app.feed': 'news', 'code.function.name': 'count' } },
    ]);
  });

  it('that drops a run leaves its context in force, and nothing observed', async () => {
    const sampler: Sampler = { shouldSample: () => ({ decision: SamplingDecision.NOT_RECORD }) };
    const tracing = setUpTracing({ sampler });
    const seen: unknown[] = [];
    const hook = () => void seen.push('hook');
    try {
      const traced = traceAsyncGenerator(
        async function* () {
          yield trace.getActiveSpan()?.spanContext();
          yield trace.getActiveSpan()?.spanContext();
        },
        { onStart: hook, onItem: hook, onEnd: hook },
      );
      const [first, second] = await drain(traced());
      expect(first?.spanId).to.match(/^[0-9a-f]{16}$/);
      expect(second).to.deep.equal(first);
      expect(trace.getActiveSpan()).to.equal(undefined);
      expect(seen).to.be.empty;
      expect(tracing.spans()).to.be.empty;
    } finally {
      tracing.shutdown();
    }
  });
});

describe('without an SDK', () => {
  it('what a call returns is untouched', async () => {
    const traced = traceAsyncGenerator(count);
    const generator = traced(2);
    expect(Reflect.ownKeys(generator)).to.be.empty;
    expect(await drain(generator)).to.deep.equal([0, 1]);
  });

  it('what a plain function returns is untouched', () => {
    const iterable = { [Symbol.asyncIterator]: () => count(1) };
    const own = iterable[Symbol.asyncIterator];
    expect(traceAsyncGenerator(() => iterable)()[Symbol.asyncIterator]).to.equal(own);
  });

  it('no hook is called', async () => {
    const seen: unknown[] = [];
    const hook = () => void seen.push('hook');
    const traced = traceAsyncGenerator(count, { onStart: hook, onItem: hook, onEnd: hook });
    await drain(traced(1));
    expect(seen).to.be.empty;
  });
});
