import { context, SpanKind, trace, type Span } from '@opentelemetry/api';
import { expect } from 'chai';
import { traceAsyncGenerator, type GeneratorCall, type RunSummary } from '../../src';
import { useTracing } from '../support/tracing';
import { drain } from '../trace/helpers';

async function* count(to: number): AsyncGenerator<number, string> {
  for (let i = 0; i < to; i++) yield i;
  return 'counted';
}

describe('traceAsyncGenerator', () => {
  const tracing = useTracing();

  it('calls the span after the function', async () => {
    await drain(traceAsyncGenerator(count)(2));
    const span = tracing.onlySpan();
    expect(span.name).to.equal('count');
    expect(span.kind).to.equal(SpanKind.INTERNAL);
    expect(span.attributes).to.include({ 'code.function.name': 'count', 'async_generator.item.count': 2 });
  });

  it('calls the span of a function without a name anonymous', async () => {
    await drain(
      traceAsyncGenerator(
        (() =>
          async function* () {
            yield 1;
          })(),
      )(),
    );
    expect(tracing.onlySpan().name).to.equal('anonymous');
  });

  it('takes what the span is called, its kind and its attributes', async () => {
    const options = { spanName: 'count up', spanKind: SpanKind.CLIENT, attributes: { 'app.unit': 'sheep' } };
    await drain(traceAsyncGenerator(count, options)(1));
    const span = tracing.onlySpan();
    expect(span.name).to.equal('count up');
    expect(span.kind).to.equal(SpanKind.CLIENT);
    expect(span.attributes).to.include({ 'app.unit': 'sheep', 'code.function.name': 'count' });
  });

  it('takes a function that names the span after the call', async () => {
    const spanName = ({ exportPath, args }: GeneratorCall) => `${exportPath} to ${String(args[0])}`;
    await drain(traceAsyncGenerator(count, { spanName })(3));
    expect(tracing.onlySpan().name).to.equal('count to 3');
  });

  it('passes `this` and arguments on, and gives back the same generator object', async () => {
    const seen: unknown[] = [];
    async function* items(this: unknown, ...args: unknown[]) {
      seen.push(this, ...args);
      yield 1;
    }
    const self = { items: traceAsyncGenerator(items) };
    const generator = self.items('a', 2);
    expect(generator).to.be.instanceOf(items);
    await drain(generator);
    expect(seen).to.deep.equal([self, 'a', 2]);
  });

  it('keeps the return value, and what is sent in and thrown in', async () => {
    const echo = traceAsyncGenerator(async function* echo(): AsyncGenerator<string, string, string> {
      let received = 'nothing';
      for (;;) {
        try {
          received = `got ${yield received}`;
        } catch (error) {
          return `caught ${String(error)}`;
        }
      }
    });
    const generator = echo();
    expect(await generator.next('lost')).to.deep.equal({ value: 'nothing', done: false });
    expect(await generator.next('a')).to.deep.equal({ value: 'got a', done: false });
    expect(await generator.throw('b')).to.deep.equal({ value: 'caught b', done: true });
    expect(tracing.onlySpan().attributes).to.include({ 'async_generator.outcome': 'completed' });
  });

  it('traces a plain function that returns an async iterable', async () => {
    const listed = traceAsyncGenerator(function list() {
      return { items: 3, [Symbol.asyncIterator]: () => count(3) };
    });
    const iterable = listed();
    expect(iterable.items).to.equal(3);
    expect(await drain(iterable)).to.deep.equal([0, 1, 2]);
    const span = tracing.onlySpan();
    expect(span.name).to.equal('list');
    expect(span.attributes).to.include({ 'async_generator.outcome': 'completed', 'async_generator.item.count': 3 });
  });

  it('traces a function that returns a promise of an async iterable', async () => {
    const opened = traceAsyncGenerator(async function open(to: number) {
      return count(to);
    });
    expect(await drain(await opened(2))).to.deep.equal([0, 1]);
    expect(tracing.onlySpan().attributes).to.include({ 'async_generator.item.count': 2 });
  });

  it('starts the span at the call where it is asked to', async () => {
    const early = traceAsyncGenerator(count, { startOn: 'call' });
    const started: string[] = [];
    const watched = traceAsyncGenerator(count, {
      startOn: 'call',
      onStart: (_span, call) => started.push(call.exportPath),
    });
    const generator = watched(1);
    expect(started).to.deep.equal(['count']);
    await generator.return('enough');
    await early(1).return('enough');
    expect(tracing.spans().map(({ attributes }) => attributes['async_generator.outcome'])).to.deep.equal([
      'returned',
      'returned',
    ]);
  });

  it('calls the hooks with the span, the call, the items and the summary', async () => {
    const log: unknown[] = [];
    const traced = traceAsyncGenerator(count, {
      onStart: (span: Span, { args, exportPath, moduleName }: GeneratorCall) =>
        log.push([span.isRecording(), exportPath, moduleName, args]),
      onItem: (_span: Span, item: unknown, index: number) => log.push([item, index]),
      onEnd: (span: Span, { outcome, itemCount }: RunSummary) => {
        span.setAttribute('app.done', true);
        log.push([outcome, itemCount]);
      },
    });
    await drain(traced(2));
    expect(log).to.deep.equal([
      [true, 'count', undefined, [2]],
      [0, 0],
      [1, 1],
      ['completed', 2],
    ]);
    expect(tracing.onlySpan().attributes).to.include({ 'app.done': true });
  });

  it('lets a call through untraced where `shouldTrace` says so', async () => {
    const traced = traceAsyncGenerator(count, { shouldTrace: ({ args }) => args[0] !== 1 });
    await drain(traced(1));
    await drain(traced(2));
    expect(tracing.onlySpan().attributes).to.include({ 'async_generator.item.count': 2 });
  });

  it('decides by `classifyError` whether an error is a failure', async () => {
    const failing = async function* (): AsyncGenerator<never> {
      throw new Error('cancelled by user');
    };
    const traced = traceAsyncGenerator(failing, { classifyError: () => 'aborted' });
    const error: unknown = await traced()
      .next()
      .catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(Error);
    expect(tracing.onlySpan().attributes).to.include({ 'async_generator.outcome': 'aborted' });
  });

  it('takes the class of an error for its type where its name says nothing', async () => {
    class QuotaError extends Error {}
    const failing = traceAsyncGenerator(async function* (error: Error): AsyncGenerator<never> {
      throw error;
    });
    const errors = [
      new QuotaError('subclass that sets no name'),
      Object.assign(new QuotaError('with a code'), { code: 'EQUOTA' }),
      Object.assign(new QuotaError('with a name'), { name: 'Quota' }),
      new Error('plain'),
      new (class extends Error {})('of a class without a name'),
    ];
    for (const error of errors) {
      await failing(error)
        .next()
        .catch(() => {});
    }
    expect(tracing.spans().map(({ attributes }) => attributes['error.type'])).to.deep.equal([
      'QuotaError',
      'EQUOTA',
      'Quota',
      'Error',
      'Error',
    ]);
  });

  it('leaves the times out with `timing: false`', async () => {
    await drain(traceAsyncGenerator(count, { timing: false })(1));
    expect(Object.keys(tracing.onlySpan().attributes).sort()).to.deep.equal([
      'async_generator.item.count',
      'async_generator.outcome',
      'code.function.name',
    ]);
  });

  it('traces only below a span with `requireParentSpan`', async () => {
    const traced = traceAsyncGenerator(count, { requireParentSpan: true });
    await drain(traced(1));
    expect(tracing.spans()).to.deep.equal([]);
    const parent = trace.getTracer('test').startSpan('parent');
    await context.with(trace.setSpan(context.active(), parent), () => drain(traced(1)));
    expect(tracing.onlySpan().parentSpanContext?.spanId).to.equal(parent.spanContext().spanId);
  });

  it('runs the body in the context of the call with `contextFrom: "creation"`, else in that of the pull', async () => {
    const traceIdInBody = async function* (): AsyncGenerator<string | undefined, void> {
      for (;;) yield trace.getActiveSpan()?.spanContext().traceId;
    };
    const parent = trace.getTracer('test').startSpan('parent');
    const made = context.with(trace.setSpan(context.active(), parent), () =>
      traceAsyncGenerator(traceIdInBody, { contextFrom: 'creation' })(),
    );
    expect((await made.next()).value).to.equal(parent.spanContext().traceId);
    await made.return();
  });

  it('traces a function once that is traced twice, as the outer call says', async () => {
    await drain(traceAsyncGenerator(traceAsyncGenerator(count, { spanName: 'inner' }), { spanName: 'outer' })(1));
    expect(tracing.onlySpan().name).to.equal('outer');
  });

  it('refuses what is not a function', () => {
    for (const fn of [undefined, null, {}, 'count', count(1)]) {
      expect(() => traceAsyncGenerator(fn as never)).to.throw(
        TypeError,
        /^fn: .* is not allowed; expected a function$/,
      );
    }
  });

  it('refuses bad options, by path, value and what is allowed', () => {
    const refused: [options: unknown, message: string][] = [
      [null, 'options: null is not allowed; expected an object'],
      [{ spanName: 1 }, 'options.spanName: 1 is not allowed; expected a string that is not empty'],
      [{ spanKind: 'SERVER' }, "options.spanKind: 'SERVER' is not allowed; expected a SpanKind"],
      [{ attributes: { a: {} } }, 'options.attributes.a: {} is not allowed; expected a string, number, boolean'],
      [{ startOn: 'first' }, `options.startOn: 'first' is not allowed; expected "pull" or "call"`],
      [{ onItem: 1 }, 'options.onItem: 1 is not allowed; expected a function'],
      [{ timing: 1 }, 'options.timing: 1 is not allowed; expected true or false'],
      [{ contextFrom: 1 }, 'options.contextFrom: 1 is not allowed; expected "pull" or "creation"'],
      [{ spanname: 'a' }, 'options.spanname: unknown key; did you mean spanName? The keys are spanName, '],
      [{ targets: [] }, 'options.targets: unknown key; '],
    ];
    for (const [options, message] of refused) {
      expect(() => traceAsyncGenerator(count, options as never)).to.throw(TypeError, message);
    }
  });
});
