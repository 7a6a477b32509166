import {
  context,
  createContextKey,
  propagation,
  ROOT_CONTEXT,
  trace,
  type Context,
  type Span,
} from '@opentelemetry/api';
import { core } from '@opentelemetry/sdk-node';
import { expect } from 'chai';
import { traceAsyncGenerator } from '../../src';
import { contextOfBody, isTracingSuppressed, runIn } from '../../src/trace/context';
import { setUpTracing, type TestTracing } from '../support/tracing';

const KEY = createContextKey('context of a body');
const OTHER = createContextKey('context of a body, other');
const SPAN = createContextKey('OpenTelemetry Context Key SPAN');
const RUN = createContextKey('opentelemetry-instrumentation-async-generator run');

const spanOf = (digit: string): Span =>
  trace.wrapSpanContext({ traceId: digit.repeat(32), spanId: digit.repeat(16), traceFlags: 1 });

/** What a body's context has to equal. */
const plainContextOf = (outer: Context, span: Span, id: string) => trace.setSpan(outer, span).setValue(RUN, id);

describe('The context of a body', () => {
  const span = spanOf('a');
  const another = spanOf('b');
  const identity = { span, hasSpan: true, id: 'a' };
  const other = { span: another, hasSpan: true, id: 'b' };
  const counted = { span: another, hasSpan: false, id: 'c' };
  const outer = propagation
    .setBaggage(trace.setSpan(ROOT_CONTEXT, another), propagation.createBaggage({ user: { value: 'ann' } }))
    .setValue(KEY, 'outer');

  const read = (it: Context) => ({
    key: it.getValue(KEY),
    other: it.getValue(OTHER),
    span: trace.getSpan(it),
    spanContext: trace.getSpanContext(it),
    run: runIn(it),
    baggage: propagation.getBaggage(it)?.getAllEntries(),
    suppressed: isTracingSuppressed(it),
    injected: inject(it),
  });

  function inject(it: Context): object {
    const carrier = {};
    new core.CompositePropagator({
      propagators: [new core.W3CTraceContextPropagator(), new core.W3CBaggagePropagator()],
    }).inject(it, carrier, { set: (target, key, value) => Object.assign(target as object, { [key]: value }) });
    return carrier;
  }

  const changes: Record<string, (it: Context) => Context> = {
    nothing: (it) => it,
    'a value set': (it) => it.setValue(OTHER, 'set'),
    'a value replaced': (it) => it.setValue(KEY, 'set'),
    'a value deleted': (it) => it.deleteValue(KEY),
    'a value deleted that is not there': (it) => it.deleteValue(OTHER),
    'its span replaced': (it) => trace.setSpan(it, another),
    'its span deleted': (it) => trace.deleteSpan(it),
    'its span set to nothing': (it) => it.setValue(SPAN, undefined),
    'its run deleted': (it) => it.deleteValue(RUN),
    'a span context set': (it) => trace.setSpanContext(it, another.spanContext()),
    'baggage set': (it) => propagation.setBaggage(it, propagation.createBaggage({ user: { value: 'ben' } })),
    'baggage deleted': (it) => propagation.deleteBaggage(it),
    'tracing suppressed': (it) => core.suppressTracing(it),
    'tracing suppressed and not any more': (it) => core.unsuppressTracing(core.suppressTracing(it)),
    'another body within': (it) => contextOfBody(it, other),
    'a body within, and its span deleted': (it) => trace.deleteSpan(contextOfBody(it, other)),
    'a body within a changed one': (it) => contextOfBody(it.setValue(KEY, 'set'), other),
  };

  for (const [name, change] of Object.entries(changes)) {
    it(`says what a plain context says, with ${name}`, () => {
      for (const from of [ROOT_CONTEXT, outer, core.suppressTracing(outer)]) {
        const body = contextOfBody(from, identity);
        expect(read(change(body))).to.deep.equal(read(change(plainContextOf(from, span, 'a'))));
        // It stays as it is itself.
        expect(read(body)).to.deep.equal(read(plainContextOf(from, span, 'a')));
      }
    });
  }

  it('has the id of its run where the span has none', () => {
    expect(runIn(contextOfBody(contextOfBody(outer, identity), { ...identity, id: undefined }))).to.equal(undefined);
  });

  it('keeps the active span where its run has none', () => {
    const within = contextOfBody(contextOfBody(contextOfBody(outer, identity), other), counted);
    expect([
      trace.getSpan(contextOfBody(outer, counted)),
      trace.getSpan(contextOfBody(ROOT_CONTEXT, counted)),
    ]).to.deep.equal([another, undefined]);
    expect([trace.getSpan(contextOfBody(within, counted)), runIn(within)]).to.deep.equal([another, 'c']);
    expect(read(within.setValue(OTHER, 'set'))).to.deep.equal(
      read(plainContextOf(outer, another, 'c').setValue(OTHER, 'set')),
    );
    expect(read(contextOfBody(within, identity))).to.deep.equal(read(plainContextOf(outer, span, 'a')));
  });

  it('says the same however many bodies it lies within', () => {
    let active = outer;
    for (let depth = 0; depth < 100_000; depth++) active = contextOfBody(active, { ...other, id: String(depth) });
    for (let depth = 0; depth < 100_000; depth++) active = contextOfBody(active, counted);
    expect(trace.getSpan(active)).to.equal(another);
    active = contextOfBody(active, identity);
    expect(read(active)).to.deep.equal(read(plainContextOf(outer, span, 'a')));
  });

  describe('of a run', () => {
    let tracing: TestTracing;
    let samplerSaw: (string | undefined)[];
    before(() => {
      tracing = setUpTracing({
        sampler: {
          shouldSample: (parent) => {
            samplerSaw.push(propagation.getBaggage(parent)?.getEntry('user')?.value);
            return { decision: 2 };
          },
          toString: () => 'test',
        },
      });
    });
    beforeEach(() => {
      samplerSaw = [];
    });
    after(() => {
      tracing.shutdown();
    });

    it('is what a sampler gets for the spans that are started in it', async () => {
      const body = async function* () {
        trace.getTracer('test').startSpan('inner').end();
        yield await Promise.resolve(1);
      };
      const generator = context.with(outer, () => traceAsyncGenerator(body)());
      await context.with(outer, () => generator.next());
      await generator.return(undefined);
      expect(samplerSaw).to.deep.equal(['ann', 'ann']);
    });
  });
});
