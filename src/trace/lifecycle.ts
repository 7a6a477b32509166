import type { Context, HrTime } from '@opentelemetry/api';
import { isAbortError } from '../telemetry/errors';
import { describeOutcome } from '../telemetry/span';
import type { ErrorClassifier, GeneratorCall, RunOutcome, RunSummary } from '../types';
import { Abandonment } from './abandonment';
import { addNanoseconds, NANOSECONDS_PER_SECOND, wallTime } from '../base/clock';
import { activeContext, runIn } from './context';
import { callHook, callTelemetry } from '../base/guard';
import { isObjectLike, OwnWeakSet } from '../base/intrinsics';
import type { RunPlan } from './plan';
import { RunRecord } from './record';
import type { Scope } from './scope';
import { RunTimes } from './times';

/** Errors that were classified as aborts: so they are for the runs around, to which nobody may have told how to tell. */
const knownAborts = new OwnWeakSet<object>();

/** When a run began. */
export interface Beginning {
  readonly startTime: HrTime;
  readonly times: RunTimes;
}

/** Both clocks at once: the first span of a process takes milliseconds to make, and would end that much too early. */
export function beginNow(): Beginning {
  return { startTime: wallTime(), times: new RunTimes() };
}

/**
 * The runs of one traced function, from start to end: the only place that starts and ends spans. Metrics, when they
 * come, belong into `start` and `end` as well.
 */
export class RunLifecycle {
  private readonly abandonment = new Abandonment((record) => {
    this.end(record, 'abandoned');
  });

  /** Whether the function is a method under `Symbol.asyncIterator`: what it returns is an iterator. */
  readonly givesIterators: boolean;

  constructor(
    readonly plan: RunPlan,
    readonly scope: Scope,
  ) {
    this.givesIterators = plan.exportPath.endsWith('[Symbol.asyncIterator]');
  }

  /**
   * Starts a run as a child of whatever is active in `parent`.
   *
   * @param beginning when it began, if that is not now
   * @returns undefined if the tracer threw: the run then goes untraced
   */
  start(call: GeneratorCall, parent: Context, beginning?: Beginning): RunRecord | undefined {
    const { plan, scope } = this;
    const name = this.nameOf(call);
    const { startTime, times } = beginning ?? beginNow();
    const record = callTelemetry(scope.reporter, 'starting a span', () => {
      const options = { kind: plan.spanKind, attributes: plan.attributes, startTime };
      const span = scope.tracer.startSpan(name, options, parent);
      const id = callTelemetry(scope.reporter, 'reading a span', () => span.spanContext().spanId);
      return new RunRecord(this, span, id, span.isRecording(), times, startTime, runIn(activeContext()));
    });
    if (record?.recording) {
      this.open(record);
      if (plan.onStart) callHook(scope.reporter, 'onStart', plan.onStart, record.span, call);
    }
    return record;
  }

  private nameOf(call: GeneratorCall): string {
    const { plan, scope } = this;
    if (typeof plan.spanName === 'string') return plan.spanName;
    const name: unknown = callHook(scope.reporter, 'spanName', plan.spanName, call);
    return typeof name === 'string' ? name : plan.exportPath;
  }

  /** From now on the run ends as `abandoned` if `object` is collected first; of several objects only the last counts. */
  watch(record: RunRecord, object: object): void {
    if (record.recording && !record.ended) this.abandonment.watch(record, object);
  }

  /**
   * The run waits for an iteration that may never come (a stream may be read in ways we do not see), and then leaves no
   * span: nothing may end it meanwhile.
   */
  park(record: RunRecord): void {
    this.close(record);
  }

  unpark(record: RunRecord): void {
    if (record.recording && !record.ended) this.open(record);
  }

  /** The run leaves no span. */
  discard(record: RunRecord): void {
    this.close(record);
    record.ended = true;
  }

  private open(record: RunRecord): void {
    this.scope.openRuns.add(record);
  }

  private close(record: RunRecord): void {
    this.scope.openRuns.remove(record);
    this.abandonment.unwatch(record);
  }

  pullStarted(record: RunRecord): void {
    record.pendingPulls++;
    record.yieldedAtReturn = false;
    if (record.pendingPulls === 1 && this.plan.timing && !record.ended) record.times.pendingStarted();
  }

  pullSettled(record: RunRecord): void {
    record.pendingPulls--;
    if (record.ended) return;
    record.times.touch();
    if (record.pendingPulls === 0 && this.plan.timing) record.times.pendingEnded();
  }

  /** Only after `pullSettled` for the same pull, whose time it shares. */
  item(record: RunRecord, item: unknown): void {
    if (record.ended) return;
    const index = record.itemCount++;
    if (index === 0) record.times.firstItemCame();
    const { onItem } = this.plan;
    if (onItem) callHook(this.scope.reporter, 'onItem', onItem, record.span, item, index);
  }

  /** Ends the run with an error, as `failed` or `aborted`. */
  fail(record: RunRecord, error: unknown): void {
    if (record.ended) return;
    this.end(record, this.isAborted(error) ? 'aborted' : 'failed', error);
  }

  /** Ends the run with an error that the consumer threw in, and that came out again. */
  stop(record: RunRecord, error: unknown): void {
    if (record.ended) return;
    if (this.isAborted(error)) this.end(record, 'aborted', error);
    else this.end(record, 'returned');
  }

  /** See `RunRecord.yieldedAtReturn`. */
  yieldedAtReturn(record: RunRecord): void {
    if (record.pendingPulls === 0) record.yieldedAtReturn = true;
  }

  private isAborted(error: unknown): boolean {
    const { classifyError } = this.plan;
    for (let index = 0; index < classifyError.length; index++) {
      const classify = classifyError[index] as ErrorClassifier;
      const classified = callHook(this.scope.reporter, 'classifyError', classify, error);
      if (classified === 'failed') return false;
      if (classified === 'aborted') {
        if (isObjectLike(error)) knownAborts.add(error);
        return true;
      }
    }
    return isAbortError(error) || (isObjectLike(error) && knownAborts.has(error));
  }

  /** Ends the run, at the time of its last activity. Only the first end counts. */
  end(record: RunRecord, outcome: RunOutcome, error?: unknown): void {
    if (record.ended) return;
    record.ended = true;
    if (!record.recording) return;
    this.close(record);
    if (record.isClosing && outcome !== 'failed') {
      outcome = 'returned';
      error = undefined;
    }
    // A loop that is left by `break` does not look at what `return` gives.
    if (record.yieldedAtReturn) {
      record.itemCount--;
      outcome = 'returned';
    }

    const { plan, scope } = this;
    const { span } = record;
    const endTime = addNanoseconds(record.startTime, record.times.duration);
    const summary = summarize(record, plan.timing, outcome, error);
    callTelemetry(scope.reporter, 'describing a span', () => {
      describeOutcome(record, summary, endTime);
    });
    if (plan.onEnd) callHook(scope.reporter, 'onEnd', plan.onEnd, span, summary);
    callTelemetry(scope.reporter, 'ending a span', () => {
      span.end(endTime);
    });
  }

  /** Ends the run because nobody will be left to do it. */
  interrupt(record: RunRecord): void {
    if (!record.yieldedAtReturn) record.times.touch();
    this.end(record, 'interrupted');
  }
}

function summarize(record: RunRecord, timing: boolean, outcome: RunOutcome, error: unknown): RunSummary {
  const { itemCount, pendingPulls, times } = record;
  const { duration } = times;
  const producerTime = timing ? times.producer(pendingPulls > 0) : 0;
  const seconds = (nanoseconds: number) => nanoseconds / NANOSECONDS_PER_SECOND;
  return {
    outcome,
    itemCount,
    duration: seconds(duration),
    timeToFirstItem: timing && itemCount > 0 ? seconds(times.toFirstItem) : undefined,
    producerTime: timing ? seconds(producerTime) : undefined,
    // By definition the rest, so that the two add up to the duration to the nanosecond.
    consumerTime: timing ? seconds(duration - producerTime) : undefined,
    error,
  };
}
