import type { Attributes, HrTime, Link, SpanContext, SpanKind, SpanStatus, SpanStatusCode } from '@opentelemetry/api';

export interface SpanId {
  readonly traceId: string;
  readonly spanId: string;
}

/**
 * The properties of a span that are read: the shape of `ReadableSpan` in OpenTelemetry's SDK 1.x, 2.x and 3.x. Only the name
 * and the ids are required.
 */
export interface SpanLike {
  readonly name: string;
  spanContext(): SpanId;
  readonly kind?: SpanKind;
  readonly parentSpanContext?: { readonly spanId: string; readonly traceId?: string; readonly isRemote?: boolean };
  /** SDK 1.x */
  readonly parentSpanId?: string;
  readonly status?: { readonly code: SpanStatusCode; readonly message?: string };
  readonly attributes?: object;
  readonly links?: readonly { readonly context: SpanId; readonly attributes?: object }[];
  readonly events?: readonly { readonly name: string; readonly attributes?: object }[];
  readonly ended?: boolean;
  readonly resource?: { readonly attributes?: object };
  readonly instrumentationScope?: { readonly name: string; readonly version?: string };
  /** SDK 1.x */
  readonly instrumentationLibrary?: { readonly name: string; readonly version?: string };
  readonly droppedAttributesCount?: number;
  readonly droppedEventsCount?: number;
  readonly droppedLinksCount?: number;
}

/** A span as SDK 2.x or 3.x records it: the common part of their `ReadableSpan` types. */
export interface RecordedSpan extends SpanLike {
  spanContext(): SpanContext;
  readonly kind: SpanKind;
  readonly parentSpanContext?: SpanContext;
  readonly startTime: HrTime;
  readonly endTime: HrTime;
  readonly duration: HrTime;
  readonly ended: boolean;
  readonly status: SpanStatus;
  readonly attributes: Attributes;
  readonly links: Link[];
  readonly events: { readonly name: string; readonly attributes?: Attributes; readonly time: HrTime }[];
  readonly resource: { readonly attributes: Attributes };
  readonly instrumentationScope: { readonly name: string; readonly version?: string };
}

/** A value that has spans: a `SpanRecorder`. */
export interface SpanSource {
  /** Spans that have ended and spans that are open, and the options for their text. */
  [SPANS](): { readonly spans: readonly SpanLike[]; readonly options: object };
}

/** The same for all copies of this package: Jest loads one for each test file. */
export const SPANS: unique symbol = Symbol.for('opentelemetry-instrumentation-async-generator.testing.spans') as never;

/** Whether `value` looks like a span of an SDK. */
export function isSpanLike(value: unknown): value is SpanLike {
  if (typeof value !== 'object' || value === null) return false;
  const { name, spanContext } = value as Partial<SpanLike>;
  return typeof name === 'string' && typeof spanContext === 'function';
}

export function isSpanSource(value: unknown): value is SpanSource {
  return typeof value === 'object' && value !== null && typeof (value as Partial<SpanSource>)[SPANS] === 'function';
}

/** The instrumentation that made the span. */
export const scopeOf = ({ instrumentationScope, instrumentationLibrary }: SpanLike) =>
  instrumentationScope ?? instrumentationLibrary;
