// OpenTelemetry's SDK as the exporter of those that use it.
import { SpanStatusCode, trace } from '@opentelemetry/api';
import { listenToSpans, registerSdk } from '../../lib/sdk.mjs';

/** Registers an SDK. @returns `inActiveSpan` */
export function startOpenTelemetry(record) {
  registerSdk();
  listenToSpans({ onStart() {}, onEnd: (span) => record(recordOf(span)) });
  return inActiveSpan;
}

/** Does `work` in a span that is active. */
export function inActiveSpan(name, work) {
  return trace.getTracer('comparison').startActiveSpan(name, async (span) => {
    try {
      return await work();
    } finally {
      span.end();
    }
  });
}

/** @param span one that has ended, of any version of the SDK */
export function recordOf(span) {
  const { name, status, attributes, events } = span;
  return {
    id: span.spanContext().spanId,
    parent: span.parentSpanContext?.spanId ?? span.parentSpanId,
    name,
    start: milliseconds(span.startTime),
    end: milliseconds(span.endTime),
    error: status.code === SpanStatusCode.ERROR ? (status.message ?? '') : undefined,
    says: JSON.stringify({ attributes, events, status }),
  };
}

const milliseconds = ([seconds, nanoseconds]) => seconds * 1e3 + nanoseconds / 1e6;
