import { context, createTraceState, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { JsonTraceSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider, type ReadableSpan } from '@opentelemetry/sdk-trace';
import { expect } from 'chai';
import { fromTransferable, toTransferable } from '../../src/register/exports/transfer';

/** What an exporter in another thread gets. */
const send = (spans: readonly ReadableSpan[]) =>
  fromTransferable('traces', structuredClone(toTransferable('traces', spans))) as ReadableSpan[];

const serialize = (spans: readonly ReadableSpan[]): unknown =>
  JSON.parse(new TextDecoder().decode(JsonTraceSerializer.serializeRequest(spans as ReadableSpan[])));

describe('spans sent to the export thread', () => {
  const exporter = new InMemorySpanExporter();
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'sender' }),
    spanProcessors: [new SimpleSpanProcessor({ exporter })],
  });
  const tracer = provider.getTracer('scope', '1.2.3');

  afterEach(() => {
    exporter.reset();
  });

  function endedSpan(): ReadableSpan {
    const traceState = createTraceState('vendor=1');
    const remote = { traceId: 'ab'.repeat(16), spanId: 'cd'.repeat(8), traceFlags: 1, isRemote: true, traceState };
    const parent = trace.setSpanContext(context.active(), remote);
    const attributes = { text: 'é', number: 0.5, flag: true, list: ['a', 'b'], empty: [] };
    const span = tracer.startSpan(
      'all of it',
      { kind: SpanKind.CLIENT, attributes, links: [{ context: remote, attributes: { why: 'because' } }] },
      parent,
    );
    span.addEvent('event', { at: 1 }, [1, 5]);
    span.recordException(new RangeError('broken'));
    span.setStatus({ code: SpanStatusCode.ERROR, message: 'broken' });
    span.end();
    return exporter.getFinishedSpans().at(-1) as ReadableSpan;
  }

  it('are exported as they would have been here', () => {
    const spans = [endedSpan(), endedSpan()];
    expect(serialize(send(spans))).to.deep.equal(serialize(spans));
  });

  it('share their resource and scope, by which exporters group them', () => {
    const [first, second] = send([endedSpan(), endedSpan()]) as [ReadableSpan, ReadableSpan];
    expect(first.resource).to.equal(second.resource);
    expect(first.instrumentationScope).to.equal(second.instrumentationScope);
  });

  it('do without what a resource detector has not found yet', () => {
    const pending = new TracerProvider({
      resource: resourceFromAttributes({ 'service.name': 'sender', 'host.id': new Promise<string>(() => undefined) }),
      spanProcessors: [{ ...silent, onEnd: (span) => ended.push(span) }],
    });
    const ended: ReadableSpan[] = [];
    pending.getTracer('scope').startSpan('early').end();
    expect(send(ended)[0]?.resource.attributes).to.deep.equal({ 'service.name': 'sender' });
  });
});

const silent = {
  onStart: () => undefined,
  forceFlush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
};
