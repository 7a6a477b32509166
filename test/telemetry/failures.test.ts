import {
  diag,
  DiagLogLevel,
  metrics,
  trace,
  type MeterProvider,
  type Span,
  type Tracer,
  type TracerProvider,
} from '@opentelemetry/api';
import { SamplingDecision, type Sampler, type SpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace';
import { expect } from 'chai';
import { AsyncGeneratorInstrumentation, traceAsyncGenerator, type TraceOptions } from '../../src';
import { createManualPlan } from '../../src/manual/options';
import type { AnyFunction } from '../../src/base/intrinsics';
import { Scope } from '../../src/trace/scope';
import { traceFunctionAlone } from '../../src/trace/traced-function';
import { RunMetrics } from '../../src/telemetry/metrics';
import { logger } from '../../src/base/logger';
import { Reporter } from '../../src/base/reporter';
import { drain, microtasksDone, rejectionOf } from '../trace/helpers';
import { setUpTracing, useTracing } from '../support/tracing';

const mine = new Error('of the telemetry');
const fail = (): never => {
  throw mine;
};

async function* count(to: number): AsyncGenerator<number> {
  for (let i = 0; i < to; i++) yield i;
}
async function* failing(error: unknown): AsyncGenerator<number> {
  throw error;
}

describe('telemetry that breaks', () => {
  let reports: unknown[][];
  let unhandled: unknown[];
  const onUnhandled = (error: unknown) => void unhandled.push(error);
  beforeEach(() => {
    reports = [];
    unhandled = [];
    process.on('unhandledRejection', onUnhandled);
    const report = (...args: unknown[]) => void reports.push(args);
    const logger = { error: report, warn: report, info() {}, debug() {}, verbose() {} };
    diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
  });
  afterEach(() => {
    process.off('unhandledRejection', onUnhandled);
    diag.disable();
  });

  /** A program that uses `traced` several times, in each of the ways to end; nothing of it may change. */
  async function expectStreamUnchanged(options: TraceOptions): Promise<void> {
    const error = new Error("the program's");
    const tracedCount = traceAsyncGenerator(count, options);
    const tracedFailing = traceAsyncGenerator(failing, options);
    for (let time = 0; time < 2; time++) {
      expect(await drain(tracedCount(3))).to.deep.equal([0, 1, 2]);
      for await (const _ of tracedCount(3)) break;
      expect(await rejectionOf(drain(tracedFailing(error)))).to.equal(error);
    }
    await microtasksDone();
    expect(unhandled).to.be.empty;
  }

  describe('in a hook', () => {
    const tracing = useTracing();

    const reject = async (): Promise<never> => fail();
    const broken: Record<string, (how: () => never) => TraceOptions> = {
      onStart: (how) => ({ onStart: how }),
      onItem: (how) => ({ onItem: how }),
      onEnd: (how) => ({ onEnd: how }),
      shouldTrace: (how) => ({ shouldTrace: how }),
      classifyError: (how) => ({ classifyError: how }),
      spanName: (how) => ({ spanName: how }),
    };
    for (const [name, options] of Object.entries(broken)) {
      for (const [manner, how] of Object.entries({ throws: () => fail(), rejects: () => reject() as never })) {
        it(`changes nothing and is reported once when ${name} ${manner}`, async () => {
          await expectStreamUnchanged(options(how));
          expect(reports.map(([, message, error]) => [String(message).includes(name), error])).to.deep.equal([
            [true, mine],
          ]);
          expect(tracing.spans().map(({ attributes }) => attributes['async_generator.outcome'])).to.deep.equal([
            ...['completed', 'returned', 'failed'],
            ...['completed', 'returned', 'failed'],
          ]);
        });
      }
    }

    it('is reported for each hook that breaks, not for the first only', async () => {
      for (const message of ['one', 'two']) {
        const onEnd = () => {
          throw new Error(message);
        };
        await drain(traceAsyncGenerator(count, { onEnd })(1));
      }
      expect(reports.map(([, , error]) => (error as Error).message)).to.deep.equal(['one', 'two']);
    });

    it('leaves the name of the function when spanName throws', async () => {
      await drain(traceAsyncGenerator(count, { spanName: () => fail() })(1));
      expect(tracing.onlySpan().name).to.equal('count');
    });

    it('leaves the name of the function when spanName gives no text', async () => {
      await drain(traceAsyncGenerator(count, { spanName: () => 7 as unknown as string })(1));
      expect(tracing.onlySpan().name).to.equal('count');
    });

    it('survives a hook whose result has a `then` that throws', async () => {
      const result = {
        get then() {
          return fail();
        },
      };
      await expectStreamUnchanged({ onItem: () => result as never });
    });

    it('survives a logger that throws', async () => {
      const logger = { error: fail, warn: fail, info: fail, debug: fail, verbose: fail };
      diag.setLogger(logger, { logLevel: DiagLogLevel.ERROR, suppressOverrideMessage: true });
      await expectStreamUnchanged({ onStart: () => fail(), onItem: () => fail() });
    });
  });

  it('is a logger, too, whose errors do not reach the program', () => {
    diag.setLogger(
      { error: fail, warn: fail, info: fail, debug: fail, verbose: fail },
      { logLevel: DiagLogLevel.INFO, suppressOverrideMessage: true },
    );
    for (const level of ['error', 'warn', 'info'] as const) logger[level]('a message');
  });

  /** The manual API reports once in a process; here each test has a reporter of its own. */
  async function runWith(tracer: Tracer, metrics?: () => RunMetrics | undefined): Promise<void> {
    const scope = new Scope({ tracer: () => tracer, metrics }, new Reporter(() => diag));
    const traceWith = <Fn>(fn: Fn): Fn =>
      traceFunctionAlone(fn as AnyFunction, {
        tracing: { plan: createManualPlan({}, (fn as AnyFunction).name), scope },
      }) as Fn;
    const error = new Error("the program's");
    for (let time = 0; time < 2; time++) {
      expect(await drain(traceWith(count)(3))).to.deep.equal([0, 1, 2]);
      for await (const _ of traceWith(count)(3)) break;
      expect(await rejectionOf(drain(traceWith(failing)(error)))).to.equal(error);
      expect(await drain(traceWith(() => count(2))())).to.deep.equal([0, 1]);
      expect(await drain(await traceWith(async () => count(2))())).to.deep.equal([0, 1]);
    }
    await microtasksDone();
    expect(unhandled).to.be.empty;
  }

  describe('in the tracer or a span', () => {
    useTracing();

    const startSpan = (...args: Parameters<Tracer['startSpan']>) => trace.getTracer('test').startSpan(...args);
    const spanWith = (method: keyof Span) => {
      return (...args: Parameters<Tracer['startSpan']>) => Object.assign(startSpan(...args), { [method]: fail });
    };
    const tracers: Record<string, Tracer['startSpan']> = {
      'startSpan()': fail,
      'isRecording()': spanWith('isRecording'),
      'setAttributes()': spanWith('setAttributes'),
      'end()': spanWith('end'),
    };
    for (const [what, broken] of Object.entries(tracers)) {
      it(`changes nothing and is reported once when ${what} throws`, async () => {
        await runWith({ startSpan: broken } as unknown as Tracer);
        expect(reports.map((args) => args.at(-1))).to.deep.equal([mine]);
      });
    }

    for (const method of ['setStatus', 'recordException', 'spanContext'] as const) {
      it(`changes nothing when ${method}() throws`, async () => {
        await runWith({ startSpan: spanWith(method) } as unknown as Tracer);
        expect(reports.map((args) => args.at(-1))).to.include(mine);
      });
    }

    it('records an exception on a span that does not say which it is', async () => {
      const recorded: unknown[] = [];
      const recordException = (exception: unknown) => void recorded.push((exception as Error).message);
      const startBroken: Tracer['startSpan'] = (...args) =>
        Object.assign(spanWith('spanContext')(...args), { recordException });
      await runWith({ startSpan: startBroken } as unknown as Tracer);
      expect(recorded).to.deep.equal(["the program's", "the program's"]);
    });

    it('takes a provider that inherits nothing', async () => {
      const provider = { __proto__: null, getTracer: () => trace.getTracer('test') };
      const scope = new Scope({ tracer: provider.getTracer }, new Reporter(() => diag));
      scope.setTracerProvider({ getTracer: provider.getTracer, getDelegate: () => provider } as TracerProvider);
      expect(scope.isActive()).to.equal(true);
    });

    it('changes nothing when the tracer cannot even be had', async () => {
      const scope = new Scope({ tracer: fail }, new Reporter(() => diag));
      const tracing = { plan: createManualPlan({}, 'count'), scope };
      const traced = traceFunctionAlone(count as AnyFunction, { tracing }) as typeof count;
      expect(await drain(traced(2))).to.deep.equal([0, 1]);
    });
  });

  describe('in a MeterProvider', () => {
    useTracing();
    afterEach(() => {
      metrics.disable();
    });

    const providers: Record<string, MeterProvider> = {
      'getMeter()': { getMeter: fail },
      'createHistogram()': { getMeter: () => ({ createUpDownCounter: () => ({}), createHistogram: fail }) as never },
    };
    for (const [what, provider] of Object.entries(providers)) {
      it(`changes nothing and is reported once when ${what} throws`, async () => {
        const getMeter = () => RunMetrics.of(provider.getMeter('test'));
        await runWith({ startSpan: (...args) => trace.getTracer('test').startSpan(...args) } as Tracer, getMeter);
        expect(reports.map((args) => args.at(-1))).to.deep.equal([mine]);
      });

      it(`changes nothing for what is traced by hand when ${what} throws`, async () => {
        metrics.setGlobalMeterProvider(provider);
        await expectStreamUnchanged({});
      });
    }

    it('does not reach who registers the instrumentation', () => {
      const instrumentation = new AsyncGeneratorInstrumentation({ enabled: false });
      instrumentation.setMeterProvider(providers['createHistogram()'] as MeterProvider);
      expect(reports.map((args) => args.at(-1))).to.deep.equal([mine]);
    });
  });

  describe('in the SDK', () => {
    const withSdk = async (options: Parameters<typeof setUpTracing>[0]) => {
      const tracing = setUpTracing(options);
      try {
        await expectStreamUnchanged({});
      } finally {
        tracing.shutdown();
      }
    };
    const processor = (broken: object) => ({
      onStart() {},
      onEnd() {},
      forceFlush: async () => {},
      shutdown: async () => {},
      ...broken,
    });
    const exporter = (broken: () => void) =>
      new SimpleSpanProcessor({ exporter: { export: broken, shutdown: async () => {} } as SpanExporter });

    it('changes nothing when the sampler throws', async () => {
      await withSdk({ sampler: { shouldSample: fail } as Sampler });
    });

    it('changes nothing when the sampler gives nonsense', async () => {
      await withSdk({ sampler: { shouldSample: () => ({ decision: 7 as SamplingDecision }) } });
    });

    for (const method of ['onStart', 'onEnd']) {
      it(`changes nothing when ${method}() of a span processor throws`, async () => {
        await withSdk({ spanProcessors: [processor({ [method]: fail })] });
      });
    }

    it('changes nothing when the exporter throws', async () => {
      await withSdk({ spanProcessors: [exporter(fail)] });
    });

    it('changes nothing when the exporter never answers', async () => {
      await withSdk({ spanProcessors: [exporter(() => {})] });
    });
  });
});

describe('the reporter', () => {
  it('says a thing once', () => {
    const logged: unknown[][] = [];
    const reporter = new Reporter(() => ({ ...diag, warn: (...args: unknown[]) => void logged.push(args) }) as never);
    reporter.warnOnce('key', 'message', 1);
    reporter.warnOnce('key', 'message', 2);
    reporter.warnOnce('other', 'message', 3);
    expect(logged).to.deep.equal([
      ['message', 1],
      ['message', 3],
    ]);
  });
});
