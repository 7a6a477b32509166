import { ROOT_CONTEXT, SpanStatusCode, trace, type Attributes, type HrTime, type Span } from '@opentelemetry/api';
import { SeverityNumber, type Logger, type LogRecord } from '@opentelemetry/api-logs';
import {
  ATTR_EXCEPTION_MESSAGE,
  ATTR_EXCEPTION_STACKTRACE,
  ATTR_EXCEPTION_TYPE,
} from '@opentelemetry/semantic-conventions';
import type { RunSummary } from '../types';
import {
  ATTR_CONSUMER_TIME,
  ATTR_ERROR_TYPE,
  ATTR_ITEM_COUNT,
  ATTR_OUTCOME,
  ATTR_PRODUCER_TIME,
  ATTR_TIME_TO_FIRST_ITEM,
} from './attributes';
import { isObjectLike, OwnWeakMap } from '../base/intrinsics';
import { errorMessage, errorType, toException, type RecordedException } from './errors';

/** By exception: the id of the run that pulled the one it came from last; '' if there was none. */
const passedTo = new OwnWeakMap<object, string>();
/** The same for values that are not objects: for the last one only, since it goes through its runs one right after the other. */
let lastPrimitive: { error: unknown; to: string | undefined } = { error: undefined, to: undefined };

/**
 * Whether `error` has come to this run from one that it pulled, which has recorded it (or has it from another that
 * has). An error that several runs fail with on their own, one after the other or side by side, is recorded by each.
 */
function isRecordedAlready(error: unknown, id: string | undefined, outerRun: string | undefined): boolean {
  const isObject = isObjectLike(error);
  const previous = isObject ? passedTo.get(error) : lastPrimitive.error === error ? lastPrimitive.to : undefined;
  if (isObject) passedTo.set(error, outerRun ?? '');
  else lastPrimitive = { error, to: outerRun };
  return id !== undefined && previous === id;
}

interface DescribedRun {
  readonly span: Span;
  readonly id: string | undefined;
  readonly outerRun: string | undefined;
}

/**
 * Writes on the span how its run ended.
 *
 * @param exceptionEvent name of the log record of an exception
 */
export function describeOutcome(
  { span, id, outerRun }: DescribedRun,
  summary: RunSummary,
  time: HrTime,
  exceptionEvent: string,
  getLogger: () => Logger | undefined,
): void {
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
  if (isRecordedAlready(summary.error, id, outerRun)) return;
  const exception = toException(summary.error);
  const signal = exceptionSignal();
  if (signal !== 'logs') span.recordException(exception, time);
  if (signal !== 'span event') getLogger()?.emit(toLogRecord(exceptionEvent, exception, span, time));
}

/**
 * Where exceptions go: `OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN` of the semantic conventions for exceptions in logs
 * (https://opentelemetry.io/docs/specs/semconv/exceptions/exceptions-logs/).
 */
function exceptionSignal(): 'span event' | 'logs' | 'logs/dup' {
  const chosen = process.env.OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN;
  return chosen === 'logs' || chosen === 'logs/dup' ? chosen : 'span event';
}

/** Of severity WARN, which the conventions give to exceptions that the application is expected to handle. */
function toLogRecord(
  eventName: string,
  { name, message, stack }: RecordedException,
  span: Span,
  timestamp: HrTime,
): LogRecord {
  return {
    eventName,
    timestamp,
    severityNumber: SeverityNumber.WARN,
    severityText: 'WARN',
    attributes: {
      [ATTR_EXCEPTION_TYPE]: name,
      [ATTR_EXCEPTION_MESSAGE]: message,
      ...(stack !== undefined && { [ATTR_EXCEPTION_STACKTRACE]: stack }),
    },
    context: trace.setSpan(ROOT_CONTEXT, span),
  };
}
