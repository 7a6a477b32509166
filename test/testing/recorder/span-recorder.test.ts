import {
  context,
  createContextKey,
  propagation,
  ROOT_CONTEXT,
  trace,
  type ProxyTracerProvider,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { InstrumentationBase } from '@opentelemetry/instrumentation';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { expect } from 'chai';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AsyncGeneratorInstrumentation, traceAsyncGenerator } from '../../../src';
import { formatSpans, SpanRecorder, type SpanRecorderOptions } from '../../../src/testing';
import { drain, FIXTURES, forget, load } from '../../install/support';
import { collectUntil } from '../../support/gc';
import { lines } from '../support';

const count = traceAsyncGenerator(async function* count(to = 2) {
  for (let number = 0; number < to; number++) yield number;
});

const namesOf = (recorder: SpanRecorder) => recorder.finished().map(({ name }) => name);

describe('SpanRecorder', () => {
  const recorders: SpanRecorder[] = [];
  const record = (options?: SpanRecorderOptions): SpanRecorder => {
    const recorder = new SpanRecorder(options);
    recorders.push(recorder);
    return recorder;
  };

  afterEach(() => {
    for (const recorder of recorders.splice(0).reverse()) recorder.shutdown();
    trace.disable();
    context.disable();
    propagation.disable();
    forget(FIXTURES);
  });

  const globals = () => ({
    provider: (trace.getTracerProvider() as ProxyTracerProvider).getDelegate().constructor.name,
    propagates: propagation.fields(),
    hasContext: context.with(ROOT_CONTEXT.setValue(PROBE, 1), () => context.active().getValue(PROBE) === 1),
  });
  const PROBE = createContextKey('probe');

  it('records the spans of generators and all others, with their parents', async () => {
    const recorder = record();
    await trace.getTracer('app').startActiveSpan('request', async (span) => {
      await drain(count());
      span.end();
    });
    expect(String(recorder)).to.equal(
      lines(`
        - request
          - count [completed, 2 items]
            code.function.name: "count"
      `),
    );
  });

  it('traces targets, and registers other instrumentations', async () => {
    class Other extends InstrumentationBase {
      enabled = 0;
      constructor() {
        super('other', '1.0.0', { enabled: false });
      }
      protected init() {
        return undefined;
      }
      override enable() {
        this.enabled++;
      }
      override disable() {
        this.enabled--;
      }
    }
    const other = new Other();
    const recorder = record({ targets: ['writable-data[*]'], baseDir: FIXTURES, instrumentations: [other] });
    await drain(load('writable-data').count(1));
    expect(namesOf(recorder)).to.deep.equal(['count']);
    expect(recorder.getPatchReport()).to.have.length(1);
    expect(other.enabled).to.be.greaterThan(0);
    recorder.shutdown();
    expect(other.enabled).to.equal(0);
  });

  it('restores the globals and the patches with `shutdown`, and keeps what it has recorded', async () => {
    const before = globals();
    const original = load('writable-data').count;
    const recorder = record({ targets: ['writable-data[*]'], baseDir: FIXTURES });
    expect(globals()).to.deep.equal({
      provider: 'TracerProvider',
      propagates: ['traceparent', 'tracestate', 'baggage'],
      hasContext: true,
    });
    expect(load('writable-data').count).not.to.equal(original);
    await drain(load('writable-data').count(1));
    recorder.shutdown();
    recorder.shutdown();
    expect(globals()).to.deep.equal(before);
    expect(before).to.deep.equal({ provider: 'NoopTracerProvider', propagates: [], hasContext: false });
    expect(load('writable-data').count).to.equal(original);
    await drain(load('writable-data').count(1));
    expect(namesOf(recorder)).to.deep.equal(['count']);
  });

  it('leaves a context manager alone that was there before', () => {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    record().shutdown();
    expect(globals()).to.deep.equal({ provider: 'NoopTracerProvider', propagates: [], hasContext: true });
  });

  it('leaves globals alone that a test has put on since', () => {
    const recorder = record();
    trace.disable();
    context.disable();
    trace.setGlobalTracerProvider(new TracerProvider());
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    recorder.shutdown();
    expect(globals()).to.deep.equal({ provider: 'TracerProvider', propagates: [], hasContext: true });
  });

  it('records with a tracer that a module got while another recorder was at work', async () => {
    record();
    const tracer = trace.getTracer('kept');
    tracer.startSpan('of the first').end();
    recorders.pop()?.shutdown();
    const unrecorded = tracer.startSpan('of none');
    expect(unrecorded.isRecording()).to.equal(false);
    const second = record();
    tracer.startSpan('of the second').end();
    expect(namesOf(second)).to.deep.equal(['of the second']);
  });

  it('gives the spans a resource, and refuses a second one at the same time', () => {
    const recorder = record({ resource: { 'service.name': 'shop' }, format: { include: ['resource.service.name'] } });
    trace.getTracer('app').startSpan('a').end();
    expect(String(recorder)).to.equal('- a\n  resource.service.name: "shop"');
    const other = record({ format: { include: ['resource.service.name'] } });
    trace.getTracer('app').startSpan('b').end();
    expect(String(other)).to.equal('- b\n  resource.service.name: "shop"');
    expect(() => record({ resource: { 'service.name': 'other' } })).to.throw(
      'another recorder is at work, with another resource',
    );
  });

  it('formats by its own options, wherever it is formatted', () => {
    const recorder = record({ format: { exclude: ['b'] } });
    trace
      .getTracer('app')
      .startSpan('a', { attributes: { b: 1, c: 2, d: 3 } })
      .end();
    expect(String(recorder)).to.equal('- a\n  c: 2\n  d: 3');
    expect(formatSpans(recorder, { exclude: ['c'] })).to.equal('- a\n  b: 1\n  d: 3');
    expect(JSON.stringify(recorder)).to.equal('[[{"name":"a","attributes":{"c":2,"d":3}}]]');
  });

  describe('settled', () => {
    it('waits for the last span, however long it takes', async () => {
      const recorder = record();
      const work = (async () => {
        for await (const _ of count(3)) await sleep(2);
      })();
      await recorder.settled();
      expect(recorder.open()).to.deep.equal([]);
      expect(namesOf(recorder)).to.deep.equal(['count']);
      await work;
    });

    it('waits on if another span starts as the last one ends', async () => {
      const recorder = record();
      const tracer = trace.getTracer('app');
      const first = tracer.startSpan('first');
      setTimeout(() => {
        first.end();
        const second = tracer.startSpan('second');
        setTimeout(() => {
          second.end();
        }, 2);
      }, 2);
      await recorder.settled();
      expect(namesOf(recorder)).to.deep.equal(['first', 'second']);
    });

    it('gives up in time, and names what is open and where its run was created', async () => {
      const recorder = record({ targets: ['writable-data[*]'], baseDir: FIXTURES });
      async function readAndForget() {
        const generator = load('writable-data').count(3);
        await generator.next();
        return { generator };
      }
      // Kept: what is collected is not open any more.
      const kept = await readAndForget();
      trace.getTracer('app').startSpan('request');
      const error = await recorder.settled({ timeoutMs: 10 }).then(
        () => undefined,
        (reason: Error) => reason,
      );
      expect(error?.message).to.match(/^2 spans are still open after 10 ms:\n/);
      const here = path.relative(process.cwd(), __filename).replaceAll('.', '\\.');
      expect(error?.message).to.match(
        new RegExp(`- count, a run created at\\n +readAndForget \\(${here}:\\d+:\\d+\\)\\n`),
      );
      expect(error?.message).to.contain('- request (app)');
      await kept.generator.return(undefined);
    });

    it('is not confused by a fake clock', async () => {
      const { setTimeout: original } = globalThis;
      globalThis.setTimeout = (() => 0) as never;
      try {
        const recorder = record();
        trace.getTracer('app').startSpan('open');
        const error = await recorder.settled({ timeoutMs: 5 }).catch((reason: Error) => reason);
        expect(error).to.be.an('error');
      } finally {
        globalThis.setTimeout = original;
      }
    });

    it('refuses a time that is not a number', async () => {
      const error = await record()
        .settled({ timeoutMs: 'soon' as never })
        .catch((reason: Error) => reason);
      expect(String(error)).to.contain("timeoutMs: 'soon' is not allowed; expected a number of milliseconds");
    });
  });

  describe('reset', () => {
    it('forgets everything, and the later end of what was open', async () => {
      const recorder = record();
      const open = trace.getTracer('app').startSpan('open');
      await drain(count());
      recorder.reset();
      open.end();
      expect(recorder.finished()).to.deep.equal([]);
      expect(recorder.open()).to.deep.equal([]);
    });

    it('forgets what is started below a span from before', async () => {
      const recorder = record();
      const tracer = trace.getTracer('app');
      const old = trace.setSpan(context.active(), tracer.startSpan('old'));
      recorder.reset();
      const child = tracer.startSpan('child', {}, old);
      tracer.startSpan('grandchild', {}, trace.setSpan(context.active(), child)).end();
      child.end();
      tracer.startSpan('new').end();
      expect(namesOf(recorder)).to.deep.equal(['new']);
    });

    it('keeps a generator that an earlier test has abandoned out of a later one', async () => {
      const recorder = record({ targets: ['writable-data[*]'], baseDir: FIXTURES });
      let abandoned = 0;
      const other = record({ order: 'structure' });
      await (async () => {
        await load('writable-data').count(3).next();
      })();
      recorder.reset();
      await collectUntil(() => (abandoned = other.finished().length) > 0);
      expect(abandoned).to.equal(1);
      expect(recorder.finished()).to.deep.equal([]);
    });

    it('lets a waiting `settled` go on', async () => {
      const recorder = record();
      trace.getTracer('app').startSpan('open');
      const settled = recorder.settled();
      recorder.reset();
      await settled;
    });
  });

  describe('in parallel tests', () => {
    it('keeps recorders apart by context, with all that is called in it', async () => {
      const [one, two] = [record(), record()];
      const tracer = trace.getTracer('app');
      const work = async (name: string) => {
        for await (const _ of count(3)) await sleep(Math.random() * 3);
        tracer.startSpan(name).end();
        return name;
      };
      const results = await Promise.all([one.run(() => work('one')), two.run(() => work('two'))]);
      expect(results).to.deep.equal(['one', 'two']);
      expect(namesOf(one)).to.deep.equal(['count', 'one']);
      expect(namesOf(two)).to.deep.equal(['count', 'two']);
    });

    it('gives spans outside any `run` to all of them', () => {
      const [one, two] = [record(), record()];
      trace.getTracer('app').startSpan('shared').end();
      one.shutdown();
      trace.getTracer('app').startSpan('second').end();
      expect(namesOf(one)).to.deep.equal(['shared']);
      expect(namesOf(two)).to.deep.equal(['shared', 'second']);
    });

    it('waits for its own spans only', async () => {
      const [one, two] = [record(), record()];
      two.run(() => trace.getTracer('app').startSpan('of two'));
      await one.settled();
      expect(one.open()).to.deep.equal([]);
      expect(two.open()).to.have.length(1);
    });

    it('keeps what a `run` starts after a reset out of the next test', async () => {
      const recorder = record();
      const late = recorder.run(async () => {
        await sleep(1);
        trace.getTracer('app').startSpan('late').end();
      });
      recorder.reset();
      await late;
      expect(recorder.finished()).to.deep.equal([]);
    });
  });

  describe('beside a provider of the test', () => {
    const exporter = new InMemorySpanExporter();
    beforeEach(() => {
      exporter.reset();
    });

    it('adds itself to a provider that is registered already, and takes itself off again', async () => {
      const spanProcessors = [new SimpleSpanProcessor({ exporter })];
      const provider = new TracerProvider({ spanProcessors });
      trace.setGlobalTracerProvider(provider);
      context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
      const recorder = record();
      await drain(count());
      expect(namesOf(recorder)).to.deep.equal(['count']);
      recorder.shutdown();
      await drain(count());
      await provider.forceFlush();
      expect(namesOf(recorder)).to.deep.equal(['count']);
      expect(exporter.getFinishedSpans()).to.have.length(2);
      expect(spanProcessors).to.have.length(1);
      expect(globals()).to.deep.equal({ provider: 'TracerProvider', propagates: [], hasContext: true });
    });

    it('gives its span processor to a NodeSDK, with `attach: true`', async () => {
      const recorder = record({ attach: true });
      expect(globals().provider).to.equal('NoopTracerProvider');
      const sdk = new NodeSDK({
        autoDetectResources: false,
        spanProcessors: [recorder.spanProcessor],
        metricReaders: [],
        logRecordProcessors: [],
      });
      sdk.start();
      await drain(count());
      expect(namesOf(recorder)).to.deep.equal(['count']);
      await sdk.shutdown();
    });

    it('says that `run` needs a context manager', () => {
      const recorder = record({ attach: true });
      expect(() => recorder.run(() => 1)).to.throw('recorder.run: no context manager is registered');
    });

    it('says what to do about a provider that it cannot be added to', () => {
      const tracer = { startSpan: () => undefined };
      trace.setGlobalTracerProvider({ getTracer: () => tracer } as never);
      expect(() => record()).to.throw('new NodeSDK({ spanProcessors: [recorder.spanProcessor] })');
    });

    it('refuses a resource, which would be without effect', () => {
      trace.setGlobalTracerProvider(new TracerProvider());
      expect(() => record({ resource: {} })).to.throw(
        TypeError,
        'a tracer provider is registered already, and has its own',
      );
    });
  });

  it('traces what an instrumentation traces that was set up before it, by no recorder', async () => {
    const instrumentation = new AsyncGeneratorInstrumentation({ targets: ['writable-data[*]'], baseDir: FIXTURES });
    try {
      for (let round = 0; round < 2; round++) {
        const recorder = record();
        await drain(load('writable-data').count(1));
        expect(namesOf(recorder), `round ${round}`).to.deep.equal(['count']);
        recorder.shutdown();
      }
    } finally {
      instrumentation.disable();
    }
  });

  it('ends runs that are still open at its shutdown as interrupted, so that nothing of them comes later', async () => {
    const recorder = record({ targets: ['writable-data[*]'], baseDir: FIXTURES });
    const generator = load('writable-data').count(3);
    await generator.next();
    recorder.shutdown();
    expect(String(recorder)).to.match(/count \[interrupted, 1 item\]/);
  });

  describe('refuses', () => {
    it('targets that are loaded and have no such export, and sets nothing up', () => {
      load('writable-data');
      const before = globals();
      expect(() => record({ targets: ['writable-data[cuont]'], baseDir: FIXTURES })).to.throw(
        'target writable-data[cuont]: no export matches cuont',
      );
      expect(globals()).to.deep.equal(before);
    });

    it('malformed options, with the place, the value and what is allowed', () => {
      const make = (options: unknown) => () => record(options as SpanRecorderOptions);
      expect(make({ target: [] })).to.throw(
        TypeError,
        'target: unknown key; did you mean targets? The keys are targets, instrumentations, ',
      );
      expect(make('x')).to.throw(TypeError, "options: 'x' is not allowed");
      expect(make({ instrumentations: {} })).to.throw(TypeError, 'instrumentations: {} is not allowed');
      expect(make({ instrumentations: [{}] })).to.throw(TypeError, 'instrumentations[0]: {} is not allowed');
      expect(make({ resource: [] })).to.throw(TypeError, 'resource: [] is not allowed');
      expect(make({ attach: 1 })).to.throw(TypeError, 'attach: 1 is not allowed');
      expect(make({ attach: true, resource: {} })).to.throw(TypeError, 'resource: {} is not allowed');
      expect(make({ order: 'time' })).to.throw(
        TypeError,
        `order: 'time' is not allowed; expected "calls" or "structure"`,
      );
      expect(make({ format: { includes: 1 } })).to.throw(
        TypeError,
        'format.includes: unknown key; did you mean include? ',
      );
      expect(make({ targets: [1] })).to.throw(TypeError, 'targets[0]: 1 is not allowed');
    });
  });
});
