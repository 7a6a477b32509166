/**
 * Writes the spans of other instrumentations into the report, for `run --spans`: requests to HTTP servers and databases.
 */
import { SpanStatusCode, type Attributes, type HrTime, type SpanContext, type SpanStatus } from '@opentelemetry/api';
import { threadId } from 'node:worker_threads';
import type { ReportLine } from './protocol';

/** The part of an SDK's span that is read here, in all lines of the SDK. */
interface EndedSpan {
  readonly name: string;
  readonly attributes: Attributes;
  readonly startTime: HrTime;
  readonly duration: HrTime;
  readonly status: SpanStatus;
  readonly instrumentationScope?: { readonly name: string };
  spanContext(): SpanContext;
}

interface Processor {
  onEnd(span: EndedSpan): void;
}

/** Longer ones are data. */
const LONGEST_NAME = 1000;
/** Provider, shared state, processor. */
const MAX_DEPTH = 3;
/** Their spans are below requests and queries, and would hide these. */
const NOISE = /^@opentelemetry\/instrumentation-(?:dns|fs|net)$/;

/**
 * Sees each span that ends, whatever processors and exporters there are. Another processor cannot be added: one that NodeSDK is given replaces
 * those that the environment variables describe, and a provider takes none later.
 *
 * @param isRun whether a span belongs to a run, which has lines of its own
 */
export function reportSpans(
  provider: object | undefined,
  isRun: (span: object) => boolean,
  write: (line: ReportLine) => void,
): void {
  const processor = findProcessor(provider);
  if (processor === undefined) return;
  const { onEnd } = processor;
  processor.onEnd = function (this: unknown, span: EndedSpan) {
    if (!isRun(span) && !NOISE.test(span.instrumentationScope?.name ?? '')) write(lineOf(span));
    Reflect.apply(onEnd, this, [span]);
  };
}

/** The processor that has all others. Searched for level by level. */
function findProcessor(provider: object | undefined): Processor | undefined {
  let level = provider === undefined ? [] : [provider];
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    level = level.flatMap((owner) =>
      Object.values(owner).filter((value): value is object => typeof value === 'object' && value !== null),
    );
    const found = level.find(isProcessor);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isProcessor(value: object): value is Processor {
  const { onStart, onEnd } = value as { onStart?: unknown; onEnd?: unknown };
  return typeof onStart === 'function' && typeof onEnd === 'function';
}

function lineOf(span: EndedSpan): ReportLine {
  const { spanId, traceId } = span.spanContext();
  return {
    type: 'span',
    pid: process.pid,
    thread: threadId,
    time: milliseconds(span.startTime),
    duration: milliseconds(span.duration),
    span: spanId,
    trace: traceId,
    parent: parentOf(span),
    name: describe(span).slice(0, LONGEST_NAME),
    outcome: outcomeOf(span),
    isError: span.status.code === SpanStatusCode.ERROR,
  };
}

/** Id of the span that a span is a child of: in version 2 of the SDK, and before. */
export function parentOf(span: object): string | undefined {
  const { parentSpanContext, parentSpanId } = span as { parentSpanContext?: SpanContext; parentSpanId?: string };
  return parentSpanContext?.spanId ?? parentSpanId;
}

const milliseconds = ([seconds, nanoseconds]: HrTime) => seconds * 1e3 + nanoseconds / 1e6;

/** What was asked for: names are low in cardinality, and say `GET`. */
function describe({ name, attributes }: EndedSpan): string {
  const query = attributes['db.query.text'] ?? attributes['db.statement'];
  if (typeof query === 'string') return query.replace(/\s+/g, ' ').trim();
  const url = attributes['url.full'] ?? attributes['http.url'];
  const path =
    typeof url === 'string' && URL.canParse(url)
      ? pathOf(new URL(url))
      : (attributes['http.target'] ?? attributes['url.path']);
  return typeof path !== 'string' || name.includes('/') ? name : `${name} ${path}`;
}

const pathOf = ({ pathname, search }: URL) => pathname + search;

function outcomeOf({ attributes, status }: EndedSpan): string {
  const code = attributes['http.response.status_code'] ?? attributes['http.status_code'];
  if (typeof code === 'number') return String(code);
  return status.code === SpanStatusCode.ERROR ? 'error' : '';
}
