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
import { OwnWeakMap } from '../base/intrinsics';
import { errorMessage, errorType, toException } from './errors';

/** By exception: the id of the run around the one that the exception came from last; '' if there was none. */
const passedTo = new OwnWeakMap<object, string>();
/** The same for values that are not objects: for the last one only, since it goes through its runs one right after the other. */
let lastPrimitive: { error: unknown; to: string | undefined } = { error: undefined, to: undefined };

/**
 * Whether `error` has come to this run from one that it pulled, which has recorded it (or has it from another that
 * has). An error that several runs fail with on their own, one after the other or side by side, is recorded by each.
 */
function isRecordedAlready(error: unknown, id: string | undefined, outerRun: string | undefined): boolean {
  const isObject = (typeof error === 'object' && error !== null) || typeof error === 'function';
  const previous = isObject ? passedTo.get(error) : lastPrimitive.error === error ? lastPrimitive.to : undefined;
  if (isObject) passedTo.set(error, outerRun ?? '');
  else lastPrimitive = { error, to: outerRun };
  return id !== undefined && previous === id;
}

/** The part of a run's record that is needed here. */
interface DescribedRun {
  readonly span: Span;
  readonly id: string | undefined;
  readonly outerRun: string | undefined;
}

/** Writes on the span how its run ended. */
export function describeOutcome({ span, id, outerRun }: DescribedRun, summary: RunSummary, time: HrTime): void {
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
  if (!isRecordedAlready(summary.error, id, outerRun)) {
    span.recordException(toException(summary.error), time);
  }
}
