import { Readable, Writable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import { context, SpanStatusCode, trace } from '@opentelemetry/api';
import { expect } from 'chai';
import { traceAsyncGenerator } from '../../src';
import { useTracing } from '../support/tracing';
import { drain, microtasksDone, newScope, rejectionOf, thrownBy, traceWithPlan } from './helpers';

describe('the life of a run', () => {
  const tracing = useTracing();

  const outcome = () => tracing.onlySpan().attributes['async_generator.outcome'];
  const items = () => tracing.onlySpan().attributes['async_generator.item.count'];

  it('starts once where a hook pulls from the generator that it is told of', async () => {
    let starts = 0;
    const onStart = () => {
      starts++;
      void generator.next();
    };
    const generator: AsyncGenerator<number> = traceAsyncGenerator(count, { onStart })(3);
    expect(await drain(generator)).to.deep.equal([1, 2]);
    expect(starts).to.equal(1);
    expect(tracing.spans()).to.have.lengthOf(1);
  });

  async function* count(to: number): AsyncGenerator<number, string> {
    for (let i = 0; i < to; i++) yield i;
    return 'counted';
  }

  async function* texts(): AsyncGenerator<string> {
    for (;;) yield 'text';
  }

  async function* failing(error: unknown): AsyncGenerator<number> {
    yield 1;
    throw error;
  }

  describe('completed', () => {
    it('ends completed when the generator is done', async () => {
      const traced = traceAsyncGenerator(count);
      expect(await drain(traced(3))).to.deep.equal([0, 1, 2]);
      expect(tracing.onlySpan().attributes).to.include({
        'async_generator.outcome': 'completed',
        'async_generator.item.count': 3,
      });
    });

    it('ends completed without an item', async () => {
      await drain(traceAsyncGenerator(count)(0));
      expect(outcome()).to.equal('completed');
      expect(items()).to.equal(0);
    });

    it('is over when next() gives done, and not before', async () => {
      const generator = traceAsyncGenerator(count)(1);
      await generator.next();
      expect(tracing.spans()).to.be.empty;
      await generator.next();
      expect(tracing.spans()).to.have.lengthOf(1);
    });

    it('leaves the status of a completed run unset', async () => {
      await drain(traceAsyncGenerator(count)(1));
      expect(tracing.onlySpan().status.code).to.equal(SpanStatusCode.UNSET);
    });

    it('ends completed when throw() is caught and the body returns', async () => {
      const generator = traceAsyncGenerator(async function* () {
        try {
          yield 1;
        } catch {
          return 'caught';
        }
        return 'missed';
      })();
      await generator.next();
      expect(await generator.throw(new Error('boom'))).to.deep.equal({ value: 'caught', done: true });
      expect(outcome()).to.equal('completed');
    });

    it('makes one span for each generator', async () => {
      const traced = traceAsyncGenerator(count);
      await Promise.all([drain(traced(1)), drain(traced(2)), drain(traced(3))]);
      expect(tracing.spans().map(({ attributes }) => attributes['async_generator.item.count'])).to.have.members([
        1, 2, 3,
      ]);
    });
  });

  describe('before the first pull', () => {
    it('starts no span when nothing is ever pulled', async () => {
      const started: string[] = [];
      traceAsyncGenerator(count, { onStart: () => started.push('started') })(3);
      expect(started).to.be.empty;
    });

    it('starts its span with the first next()', async () => {
      const started: string[] = [];
      const generator = traceAsyncGenerator(count, { onStart: () => started.push('started') })(3);
      const pull = generator.next();
      expect(started).to.deep.equal(['started']);
      await pull;
      await generator.return('');
    });

    it('makes no span of a return() before the first next()', async () => {
      const generator = traceAsyncGenerator(count)(3);
      expect(await generator.return('early')).to.deep.equal({ value: 'early', done: true });
      expect(await generator.next()).to.deep.equal({ value: undefined, done: true });
      expect(tracing.spans()).to.be.empty;
    });

    it('makes no span of a throw() before the first next()', async () => {
      const error = new Error('early');
      const generator = traceAsyncGenerator(count)(3);
      expect(await rejectionOf(generator.throw(error))).to.equal(error);
      expect(await generator.next()).to.deep.equal({ value: undefined, done: true });
      expect(tracing.spans()).to.be.empty;
    });
  });

  describe('failed', () => {
    it('ends failed when next() rejects', async () => {
      const error = new TypeError('boom');
      expect(await rejectionOf(drain(traceAsyncGenerator(failing)(error)))).to.equal(error);
      const span = tracing.onlySpan();
      expect(span.attributes).to.include({
        'async_generator.outcome': 'failed',
        'async_generator.item.count': 1,
        'error.type': 'TypeError',
      });
      expect(span.status).to.deep.equal({ code: SpanStatusCode.ERROR, message: 'boom' });
    });

    it('ends failed when return() rejects', async () => {
      const error = new Error('cleaning up went wrong');
      const generator = traceAsyncGenerator(async function* () {
        try {
          yield 1;
        } finally {
          throw error;
        }
      })();
      await generator.next();
      expect(await rejectionOf(generator.return(undefined as never))).to.equal(error);
      expect(outcome()).to.equal('failed');
    });

    it('ends failed when the body answers what the consumer threw in with an error of its own', async () => {
      const generator = traceAsyncGenerator(async function* () {
        try {
          yield 1;
        } catch (error) {
          throw new Error('while closing', { cause: error });
        }
      })();
      await generator.next();
      await rejectionOf(generator.throw(new Error('from the consumer')));
      expect(outcome()).to.equal('failed');
    });

    it('ends failed with the same error where the consumer did not throw it in', async () => {
      const error = new Error('both');
      const generator = traceAsyncGenerator(failing)(error);
      await generator.next();
      await rejectionOf(generator.next());
      await rejectionOf(generator.throw(error));
      expect(outcome()).to.equal('failed');
    });

    it('ends failed when what it yields is a promise that rejects', async () => {
      const error = new Error('item');
      const generator = traceAsyncGenerator(async function* () {
        yield Promise.reject<number>(error);
      })();
      expect(await rejectionOf(generator.next())).to.equal(error);
      expect(outcome()).to.equal('failed');
    });

    it('ends failed when the call itself throws, as a default argument can', () => {
      const error = new Error('default argument');
      const fail = (): number => {
        throw error;
      };
      const traced = traceAsyncGenerator(async function* (value = fail()) {
        yield value;
      });
      expect(thrownBy(() => traced())).to.equal(error);
      expect(outcome()).to.equal('failed');
    });

    it('ends failed when a plain function throws', () => {
      const error = new Error('plain');
      const traced = traceAsyncGenerator((): AsyncGenerator<number> => {
        throw error;
      });
      expect(thrownBy(() => traced())).to.equal(error);
      expect(outcome()).to.equal('failed');
    });

    it('ends failed when the promise of a generator rejects', async () => {
      const error = new Error('promised');
      const traced = traceAsyncGenerator(async (): Promise<AsyncGenerator<number>> => {
        throw error;
      });
      expect(await rejectionOf(traced())).to.equal(error);
      expect(outcome()).to.equal('failed');
    });

    it('ends failed when an iterator throws instead of rejecting', async () => {
      const error = new Error('synchronous');
      const traced = traceAsyncGenerator(() => ({
        [Symbol.asyncIterator]: () => ({
          next: (): Promise<IteratorResult<number>> => {
            throw error;
          },
        }),
      }));
      expect(await rejectionOf(drain(traced()))).to.equal(error);
      expect(outcome()).to.equal('failed');
    });

    it('is failed by a TimeoutError', async () => {
      const error = new DOMException('too slow', 'TimeoutError');
      await rejectionOf(drain(traceAsyncGenerator(failing)(error)));
      expect(outcome()).to.equal('failed');
      expect(tracing.onlySpan().attributes['error.type']).to.equal('TimeoutError');
    });

    for (const thrown of [undefined, null, 0, 'text', Symbol('s'), Object.create(null), () => {}]) {
      it(`survives that ${typeof thrown === 'object' && thrown ? 'a bare object' : String(thrown)} is thrown`, async () => {
        expect(await rejectionOf(drain(traceAsyncGenerator(failing)(thrown)))).to.equal(thrown);
        expect(outcome()).to.equal('failed');
      });
    }

    it('survives an error whose every property throws', async () => {
      const error = new Proxy(new Error('hidden'), {
        get(): never {
          throw new Error('no access');
        },
      });
      // Not `rejectionOf`: to return the error from an async function would read its `then`.
      let caught = false;
      await drain(traceAsyncGenerator(failing)(error)).catch((it: unknown) => {
        caught = it === error;
      });
      expect(caught).to.equal(true);
      expect(outcome()).to.equal('failed');
    });
  });

  describe('aborted', () => {
    const abortErrors: [string, unknown][] = [
      ['named AbortError', Object.assign(new Error('stop'), { name: 'AbortError' })],
      ['with the code ABORT_ERR', Object.assign(new Error('stop'), { code: 'ABORT_ERR' })],
      ['of an AbortSignal', AbortSignal.abort().reason],
    ];
    for (const [what, error] of abortErrors) {
      it(`ends aborted with an error ${what}`, async () => {
        expect(await rejectionOf(drain(traceAsyncGenerator(failing)(error)))).to.equal(error);
        expect(outcome()).to.equal('aborted');
      });
    }

    it('does not make an aborted run an error', async () => {
      await rejectionOf(drain(traceAsyncGenerator(failing)(AbortSignal.abort().reason)));
      const span = tracing.onlySpan();
      expect(span.status).to.deep.equal({ code: SpanStatusCode.UNSET });
      expect(span.attributes).to.not.have.property('error.type');
      expect(span.events).to.be.empty;
    });

    it('lets classifyError make any error an abortion', async () => {
      const traced = traceAsyncGenerator(failing, { classifyError: () => 'aborted' });
      await rejectionOf(drain(traced(new Error('a reader hung up'))));
      expect(outcome()).to.equal('aborted');
    });

    it('lets classifyError make an AbortError a failure', async () => {
      const traced = traceAsyncGenerator(failing, { classifyError: () => 'failed' });
      await rejectionOf(drain(traced(AbortSignal.abort().reason)));
      expect(outcome()).to.equal('failed');
    });

    it('leaves it to the default when classifyError says nothing', async () => {
      const seen: unknown[] = [];
      const error: unknown = AbortSignal.abort().reason;
      const traced = traceAsyncGenerator(failing, { classifyError: (it) => void seen.push(it) });
      await rejectionOf(drain(traced(error)));
      expect(seen).to.deep.equal([error]);
      expect(outcome()).to.equal('aborted');
    });
  });

  describe('returned', () => {
    it('ends returned when the consumer breaks out of its loop', async () => {
      for await (const _ of traceAsyncGenerator(count)(3)) break;
      const span = tracing.onlySpan();
      expect(span.attributes).to.include({ 'async_generator.outcome': 'returned', 'async_generator.item.count': 1 });
      expect(span.status.code).to.equal(SpanStatusCode.UNSET);
    });

    it('ends returned when the loop of the consumer throws', async () => {
      const error = new Error('consumer');
      const consume = async () => {
        for await (const _ of traceAsyncGenerator(count)(3)) throw error;
      };
      expect(await rejectionOf(consume())).to.equal(error);
      expect(outcome()).to.equal('returned');
    });

    describe('by an error that the consumer throws in', () => {
      const left = async (generator: AsyncGenerator, error: unknown) => {
        await generator.next();
        expect(await rejectionOf(generator.throw(error))).to.equal(error);
      };

      for (const error of [new Error('no space left'), 'text', undefined]) {
        it(`is not an error of the generator, if that lets ${String(error)} out`, async () => {
          await left(traceAsyncGenerator(count)(3), error);
          const span = tracing.onlySpan();
          expect(outcome()).to.equal('returned');
          expect(span.status.code).to.equal(SpanStatusCode.UNSET);
          expect(span.attributes).to.not.have.property('error.type');
          expect(span.events).to.be.empty;
        });
      }

      it('ends aborted with an AbortError', async () => {
        await left(traceAsyncGenerator(count)(3), new DOMException('gone', 'AbortError'));
        expect(outcome()).to.equal('aborted');
      });

      it('ends returned if the error comes out after a finally that yields', async () => {
        const error = new Error('from the consumer');
        const generator = traceAsyncGenerator(async function* () {
          try {
            yield 1;
          } finally {
            yield 2;
          }
        })();
        await generator.next();
        expect(await generator.throw(error)).to.deep.equal({ value: 2, done: false });
        expect(await rejectionOf(generator.next())).to.equal(error);
        expect(outcome()).to.equal('returned');
        expect(items()).to.equal(2);
      });

      it('is not an error of the generator if another one is thrown in before it has come out', async () => {
        const generator = traceAsyncGenerator(count)(3);
        await generator.next();
        const errors = [new Error('first'), new Error('second')];
        const reasons = errors.map((error) => rejectionOf(generator.throw(error)));
        expect(await Promise.all(reasons)).to.deep.equal(errors);
        expect(outcome()).to.equal('returned');
      });

      it('ends returned each of the runs that it passes through', async () => {
        const inner = traceAsyncGenerator(count);
        const outer = traceAsyncGenerator(async function* () {
          yield* inner(3);
        });
        await left(outer(), new Error('from the consumer'));
        expect(tracing.spans().map(({ attributes }) => attributes['async_generator.outcome'])).to.deep.equal([
          'returned',
          'returned',
        ]);
      });

      it('fails with it the run whose body threw it into another, and records it there', async () => {
        const inner = traceAsyncGenerator(count, { spanName: 'inner' });
        const outer = traceAsyncGenerator(
          async function* () {
            const generator = inner(3);
            yield (await generator.next()).value;
            await generator.throw(new Error('of the outer body'));
          },
          { spanName: 'outer' },
        );
        await rejectionOf(drain(outer()));
        const [first, second] = tracing.spans();
        expect([first?.name, first?.attributes['async_generator.outcome']]).to.deep.equal(['inner', 'returned']);
        expect([second?.name, second?.attributes['async_generator.outcome']]).to.deep.equal(['outer', 'failed']);
        expect(second?.events.map(({ name }) => name)).to.deep.equal(['exception']);
      });

      it('ends returned where pipeline() or destroy(error) throws it', async () => {
        const full = new Writable({
          write(_chunk, _encoding, done) {
            done(new Error('no space left'));
          },
        });
        await rejectionOf(pipeline(Readable.from(traceAsyncGenerator(texts)()), full));
        const readable = Readable.from(traceAsyncGenerator(texts)());
        readable.once('data', () => readable.destroy(new Error('the client went away')));
        await rejectionOf(finished(readable));
        await microtasksDone();
        expect(tracing.spans().map(({ attributes }) => attributes['async_generator.outcome'])).to.deep.equal([
          'returned',
          'returned',
        ]);
      });
    });

    it('runs the finally of the body before the span ends', async () => {
      let endedInFinally: number | undefined;
      const generator = traceAsyncGenerator(async function* () {
        try {
          yield 1;
        } finally {
          await Promise.resolve();
          endedInFinally = tracing.spans().length;
        }
      })();
      await generator.next();
      await generator.return(undefined);
      expect(endedInFinally).to.equal(0);
      expect(outcome()).to.equal('returned');
    });

    it('stays open when a finally yields, until it is done', async () => {
      const generator = traceAsyncGenerator(async function* (): AsyncGenerator<string, string> {
        try {
          yield 'item';
        } finally {
          yield 'from finally';
        }
        return 'unreached';
      })();
      await generator.next();
      expect(await generator.return('kept')).to.deep.equal({ value: 'from finally', done: false });
      expect(tracing.spans()).to.be.empty;
      expect(await generator.next()).to.deep.equal({ value: 'kept', done: true });
      expect(outcome()).to.equal('completed');
      expect(items()).to.equal(2);
    });

    it('stays open when a finally yields, also for the function that returned the generator of another', async () => {
      const scope = newScope();
      const body = async function* () {
        try {
          yield 1;
        } finally {
          yield 2;
        }
      };
      const inner = traceWithPlan(body, { spanName: 'inner' }, scope);
      const generator = traceWithPlan(() => inner(), { spanName: 'outer' }, scope)();
      await generator.next();
      await generator.return(undefined);
      scope.openRuns.interrupt();
      const summaries = tracing.spans().map(({ name, attributes: a }) => {
        return [name, a['async_generator.outcome'], a['async_generator.item.count']];
      });
      expect(summaries).to.have.deep.members([
        ['inner', 'interrupted', 2],
        ['outer', 'interrupted', 2],
      ]);
    });

    it('stays open when throw() is caught and the body yields on', async () => {
      const generator = traceAsyncGenerator(async function* () {
        try {
          yield 1;
        } catch {
          yield 2;
        }
      })();
      await generator.next();
      expect(await generator.throw(new Error('caught'))).to.deep.equal({ value: 2, done: false });
      expect(tracing.spans()).to.be.empty;
      await generator.return(undefined);
      expect(outcome()).to.equal('returned');
      expect(items()).to.equal(2);
    });
  });

  describe('after the end', () => {
    it('has exactly one end, whatever is pulled afterwards', async () => {
      const ends: string[] = [];
      const generator = traceAsyncGenerator(count, { onEnd: (_, summary) => ends.push(summary.outcome) })(1);
      await drain(generator);
      await generator.next();
      await generator.return('again');
      await rejectionOf(generator.throw(new Error('late')));
      expect(ends).to.deep.equal(['completed']);
      expect(tracing.spans()).to.have.lengthOf(1);
    });

    it('has exactly one end when several pulls are pending at it', async () => {
      const ends: string[] = [];
      const generator = traceAsyncGenerator(count, { onEnd: (_, summary) => ends.push(summary.outcome) })(1);
      await Promise.all([generator.next(), generator.next(), generator.next(), generator.return('')]);
      expect(ends).to.deep.equal(['completed']);
    });

    it('does not observe an iterator again that yields after a rejection', async () => {
      const results = [Promise.reject(new Error('once')), Promise.resolve({ value: 1, done: false })];
      const seen: unknown[] = [];
      const iterator = traceAsyncGenerator(
        () => ({
          next: () => results.shift() as Promise<IteratorResult<number>>,
          [Symbol.asyncIterator]() {
            return this;
          },
        }),
        { onItem: (_, item) => seen.push(item) },
      )();
      await rejectionOf(iterator.next());
      expect(await iterator.next()).to.deep.equal({ value: 1, done: false });
      expect(outcome()).to.equal('failed');
      expect(seen).to.be.empty;
    });
  });

  describe('nested runs', () => {
    const inner = traceAsyncGenerator(failing, { spanName: 'inner' });
    const outer = traceAsyncGenerator(
      async function* (error: unknown) {
        yield* inner(error);
      },
      { spanName: 'outer' },
    );
    const outermost = traceAsyncGenerator(
      async function* (error: unknown) {
        for await (const item of outer(error)) yield item;
      },
      { spanName: 'outermost' },
    );

    it('records an exception that passes through them on the innermost only', async () => {
      await rejectionOf(drain(outermost(new RangeError('deep'))));
      const events = tracing.spans().map(({ name, events }) => [name, events.map((event) => event.name)]);
      expect(events).to.deep.equal([
        ['inner', ['exception']],
        ['outer', []],
        ['outermost', []],
      ]);
    });

    it('records a string that is thrown through them on the innermost only', async () => {
      for (let round = 0; round < 2; round++) {
        tracing.reset();
        await rejectionOf(drain(outermost('thrown')));
        expect(tracing.spans().map(({ events }) => events.length)).to.deep.equal([1, 0, 0]);
      }
    });

    it('marks each of them as an error', async () => {
      await rejectionOf(drain(outermost(new RangeError('deep'))));
      for (const span of tracing.spans()) {
        expect(span.status).to.deep.equal({ code: SpanStatusCode.ERROR, message: 'deep' });
        expect(span.attributes['error.type']).to.equal('RangeError');
      }
    });

    it('makes each a child of the one that pulls it', async () => {
      await rejectionOf(drain(outermost(new Error('deep'))));
      const [first, second, third] = tracing.spans();
      expect(first?.parentSpanContext?.spanId).to.equal(second?.spanContext().spanId);
      expect(second?.parentSpanContext?.spanId).to.equal(third?.spanContext().spanId);
      expect(third?.parentSpanContext).to.equal(undefined);
    });

    const exceptions = () => tracing.spans().map(({ name, events }) => [name, events.length]);

    it('records an exception on the innermost of a pipeline that was put together outside', async () => {
      const map = traceAsyncGenerator(
        async function* (source: AsyncIterable<unknown>) {
          for await (const item of source) yield item;
        },
        { spanName: 'map' },
      );
      await trace.getTracer('test').startActiveSpan('root', async (root) => {
        await rejectionOf(drain(map(map(inner(new Error('deep'))))));
        root.end();
      });
      expect(exceptions()).to.deep.equal([
        ['inner', 1],
        ['map', 0],
        ['map', 0],
        ['root', 0],
      ]);
    });

    it('records an exception on the innermost, whatever spans of the program are between', async () => {
      const around = traceAsyncGenerator(
        async function* (error: unknown) {
          const span = trace.getTracer('test').startSpan('between');
          try {
            yield* context.with(trace.setSpan(context.active(), span), () => inner(error));
          } finally {
            span.end();
          }
        },
        { spanName: 'around' },
      );
      const within = traceAsyncGenerator(
        async function* (error: unknown) {
          const drained = trace.getTracer('test').startActiveSpan('between', async (span) => {
            await rejectionOf(drain(inner(error)));
            span.end();
          });
          yield await drained;
          throw error;
        },
        { spanName: 'within' },
      );
      await rejectionOf(drain(around(new Error('deep'))));
      await rejectionOf(drain(within(new Error('deep'))));
      expect(exceptions()).to.deep.equal([
        ['inner', 1],
        ['between', 0],
        ['around', 0],
        ['inner', 1],
        ['between', 0],
        ['within', 0],
      ]);
    });

    it('records the same exception on each of the runs of a trace that failed with it on their own', async () => {
      const error = new Error('shared');
      await trace.getTracer('test').startActiveSpan('root', async (root) => {
        await rejectionOf(drain(inner(error)));
        await rejectionOf(drain(inner(error)));
        await Promise.allSettled([drain(inner(error)), drain(inner(error))]);
        root.end();
      });
      expect(exceptions()).to.deep.equal([...Array.from({ length: 4 }, () => ['inner', 1]), ['root', 0]]);
    });

    it('records the same exception again in another trace', async () => {
      const error = new Error('shared');
      await rejectionOf(drain(inner(error)));
      await rejectionOf(drain(inner(error)));
      expect(tracing.spans().map(({ events }) => events.length)).to.deep.equal([1, 1]);
    });
  });
});
