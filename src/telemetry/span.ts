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

/** By exception: the id of the span that pulled the run which the exception came from last; '' if there was none. */
const passedTo = new WeakMap<object, string>();

/**
 * Whether `error` has come to this run from one that it pulled, which has recorded it (or has it from another that
 * has). An error that several runs fail with on their own, one after the other or side by side, is recorded by each.
 *
 * Limit: a span of the program's between the two runs hides that they are nested, and the error is recorded on both.
 */
function isRecordedAlready(error: unknown, spanId: string, pullerSpanId: string | undefined): boolean {
  if ((typeof error !== 'object' || error === null) && typeof error !== 'function') return false;
  const isOurs = passedTo.get(error) === spanId;
  passedTo.set(error, pullerSpanId ?? '');
  return isOurs;
}

/**
 * Writes on the span how its run ended.
 *
 * @param pullerSpanId see `RunRecord.pullerSpanId`
 */
export function describeOutcome(span: Span, summary: RunSummary, time: HrTime, pullerSpanId: string | undefined): void {
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
  if (!isRecordedAlready(summary.error, span.spanContext().spanId, pullerSpanId)) {
    span.recordException(toException(summary.error), time);
  }
}
