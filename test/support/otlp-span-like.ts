/**
 * Spans that an OTLP receiver decoded, in the shape that span snapshots take: the spans of other processes can be compared
 * as those of the test's own.
 */
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import type { SpanLike } from '../../src/testing';
import type { OtlpSpan } from './otlp';

const KINDS: Record<OtlpSpan['kind'], SpanKind | undefined> = {
  UNSPECIFIED: undefined,
  INTERNAL: SpanKind.INTERNAL,
  SERVER: SpanKind.SERVER,
  CLIENT: SpanKind.CLIENT,
  PRODUCER: SpanKind.PRODUCER,
  CONSUMER: SpanKind.CONSUMER,
};

/**
 * @example
 * await expect(toSpanLikes(await receiver.spans())).to.matchSpanSnapshot();
 */
export function toSpanLikes(spans: readonly OtlpSpan[]): SpanLike[] {
  return spans.map(toSpanLike);
}

function toSpanLike({ name, kind, traceId, spanId, parentSpanId, ...span }: OtlpSpan): SpanLike {
  return {
    name,
    kind: KINDS[kind],
    spanContext: () => ({ traceId, spanId }),
    parentSpanContext: parentSpanId === undefined ? undefined : { traceId, spanId: parentSpanId },
    status: { code: SpanStatusCode[span.status.code], message: span.status.message },
    attributes: span.attributes,
    events: span.events.map((event) => ({ name: event.name, attributes: event.attributes })),
    links: span.links.map((link) => ({ context: link })),
    // Nothing but spans that have ended is ever exported.
    ended: true,
    resource: { attributes: span.resource },
    instrumentationScope: span.scope,
  };
}
