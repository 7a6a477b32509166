import { SpanStatusCode, type Attributes, type HrTime, type Span } from '@opentelemetry/api';
import type { RunSummary } from '../types';
import {
  ATTR_CONSUMER_TIME,
  ATTR_ERROR_TYPE,
  ATTR_ITEM_COUNT,
  ATTR_OUTCOME,
  ATTR_PRODUCER_TIME,
  ATTR_TIME_TO_FIRST_ITEM,
} from './attributes';
import { errorMessage, errorType, toException } from './errors';

/** The trace that an exception was recorded in, so that nested runs passing it on do not record it again. */
const recordedIn = new WeakMap<object, string>();

function isRecordedAlready(error: unknown, traceId: string): boolean {
  if ((typeof error !== 'object' || error === null) && typeof error !== 'function') return false;
  if (recordedIn.get(error) === traceId) return true;
  recordedIn.set(error, traceId);
  return false;
}

/** Writes on the span how its run ended. */
export function describeOutcome(span: Span, summary: RunSummary, time: HrTime): void {
  const attributes: Attributes = {
    [ATTR_OUTCOME]: summary.outcome,
    [ATTR_ITEM_COUNT]: summary.itemCount,
  };
  if (summary.timeToFirstItem !== undefined) attributes[ATTR_TIME_TO_FIRST_ITEM] = summary.timeToFirstItem;
  if (summary.producerTime !== undefined) attributes[ATTR_PRODUCER_TIME] = summary.producerTime;
  if (summary.consumerTime !== undefined) attributes[ATTR_CONSUMER_TIME] = summary.consumerTime;
  if (summary.outcome !== 'failed') {
    span.setAttributes(attributes);
    return;
  }
  attributes[ATTR_ERROR_TYPE] = errorType(summary.error);
  span.setAttributes(attributes);
  span.setStatus({ code: SpanStatusCode.ERROR, message: errorMessage(summary.error) });
  if (!isRecordedAlready(summary.error, span.spanContext().traceId)) {
    span.recordException(toException(summary.error), time);
  }
}
