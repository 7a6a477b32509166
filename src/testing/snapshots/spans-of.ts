import { invalid } from '../../base/invalid';
import { formatSpans } from '../format/format-spans';
import { isSpanLike, isSpanSource, SPANS, type SpanLike } from '../format/span-like';
import type { Spans } from '../format/forest';
import type { TargetReport } from '../../types';

/** The part of a recorder that assertions use. */
interface Recorder {
  settledWithin(timeoutMs: number): Promise<boolean>;
  getPatchReport(): readonly TargetReport[];
}

/** How long a comparison waits for spans that are about to end, such as that of a request whose answer has come already. */
const SETTLE_MS = 500;

/** Waits for what is about to end, and formats. A text is taken as it is. */
export async function settledText(subject: unknown): Promise<string> {
  if (typeof subject === 'string') return subject;
  if (isRecorder(subject)) await subject.settledWithin(SETTLE_MS);
  return formatSpans(subject as Spans);
}

/** The spans that have not ended. */
export function openSpansOf(subject: unknown): SpanLike[] {
  const spans: unknown = isSpanSource(subject) ? subject[SPANS]().spans : subject;
  if (!Array.isArray(spans) || !spans.every(isSpanLike)) {
    throw invalid('expect', subject, 'a SpanRecorder, or an array of spans');
  }
  return spans.filter(({ ended }) => ended === false);
}

/** Targets of which no module was loaded: a likely reason for missing spans. */
export function targetsNotLoaded(subject: unknown): string[] {
  if (!isRecorder(subject)) return [];
  return subject
    .getPatchReport()
    .filter(({ status }) => status === 'not-loaded')
    .map(({ target, message }) => `target ${target}: ${message ?? 'not loaded'}`);
}

function isRecorder(subject: unknown): subject is Recorder {
  return isSpanSource(subject) && typeof (subject as Partial<Recorder>).settledWithin === 'function';
}
