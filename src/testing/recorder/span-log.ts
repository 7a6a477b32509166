/**
 * What one recorder has recorded, and which spans are its own.
 */
import { context, createContextKey, trace, TraceFlags, type Context } from '@opentelemetry/api';
import { CallOrder } from '../call-order';
import type { RecordedSpan } from '../format/span-like';
import { isRun, runEnded, runStarted } from './runs';

/** The shape of an SDK's `SpanProcessor`. */
export interface RecorderSpanProcessor {
  onStart(span: object, parentContext: Context): void;
  onEnd(span: object): void;
  forceFlush(): Promise<void>;
  shutdown(): Promise<void>;
}

/** From one `reset` of a log to the next. */
interface Period {
  readonly log: SpanLog;
}

/** The period in which the `run` around a context began. */
const PERIOD = createContextKey('opentelemetry-instrumentation-async-generator recorder');

export class SpanLog {
  private period: Period = { log: this };
  private readonly periodOf = new WeakMap<object, Period>();
  private finishedSpans: RecordedSpan[] = [];
  private readonly openSpans = new Set<RecordedSpan>();
  private readonly waiting = new Set<() => void>();
  private isClosed = false;

  constructor(private readonly usesCallOrder: boolean) {}

  get finished(): readonly RecordedSpan[] {
    return this.finishedSpans;
  }

  get open(): ReadonlySet<RecordedSpan> {
    return this.openSpans;
  }

  /**
   * Calls `fn` in a context whose spans only this log records, until the next reset.
   *
   * @throws Error if there is no context manager, and with it no context
   */
  run<T>(fn: () => T): T {
    const inside = context.active().setValue(PERIOD, this.period);
    return context.with(inside, () => {
      if (context.active() === inside) return fn();
      throw new Error('recorder.run: no context manager is registered; with `attach: true`, set up your SDK first');
    });
  }

  readonly processor: RecorderSpanProcessor = {
    onStart: (span, parentContext) => {
      this.started(span as RecordedSpan, parentContext);
    },
    onEnd: (span) => {
      this.ended(span as RecordedSpan);
    },
    forceFlush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
  };

  /** Forgets everything. From now on, spans from before are not recorded, nor what starts below them. */
  reset(): void {
    this.period = { log: this };
    this.finishedSpans = [];
    this.openSpans.clear();
    this.notify();
  }

  close(): void {
    this.isClosed = true;
  }

  /** Resolves once no span is open. */
  whenNoneOpen(): Promise<void> {
    if (this.openSpans.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.waiting.add(resolve);
    });
  }

  private started(span: RecordedSpan, parentContext: Context): void {
    if (this.isClosed || !isSampled(span)) return;
    const periodOfRun = parentContext.getValue(PERIOD) as Period | undefined;
    if (periodOfRun !== undefined && periodOfRun.log !== this) return;
    const parent = trace.getSpan(parentContext);
    const periodOfParent = parent && this.periodOf.get(parent);
    const period = periodOfParent ?? periodOfRun ?? this.period;
    this.periodOf.set(span, period);
    // Work of an earlier test that goes on.
    if (period !== this.period || (periodOfRun !== undefined && periodOfRun !== this.period)) return;
    this.openSpans.add(span);
    if (this.usesCallOrder) CallOrder.note(span);
    if (isRun(span)) runStarted(span);
  }

  private ended(span: RecordedSpan): void {
    runEnded(span);
    if (!this.openSpans.delete(span)) return;
    this.finishedSpans.push(span);
    if (this.openSpans.size === 0) this.notify();
  }

  private notify(): void {
    for (const resolve of this.waiting) resolve();
    this.waiting.clear();
  }
}

function isSampled(span: RecordedSpan): boolean {
  return (span.spanContext().traceFlags & TraceFlags.SAMPLED) !== 0;
}
