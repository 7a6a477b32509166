import type { Attributes, Context, HrTime, Span } from '@opentelemetry/api';
import { addNanoseconds, NANOSECONDS_PER_SECOND, wallTime } from '../base/clock';
import { isObjectLike, OwnWeakRef } from '../base/intrinsics';
import { callHook, callTelemetry } from '../base/reporter';
import { EVENT_GEN_AI_EXCEPTION, GenAiRun } from '../telemetry/gen-ai/run';
import type { RunMetrics } from '../telemetry/metrics';
import { EVENT_RUN_EXCEPTION } from '../telemetry/attributes';
import { read, toException } from '../telemetry/errors';
import { describeOutcome } from '../telemetry/span';
import type { GeneratorCall, RunOutcome, RunSummary } from '../types';
import { unwatch, watch } from './abandonment';
import { isAbort, isAborted, isLeft, signalOf, type CallSignal } from './aborts';
import { activeContext, runIn } from './context';
import type { RunPlan } from './plan';
import type { Scope } from './scope';
import { RunTimes } from './times';

/** How the runs of a traced function are traced, and for whom. */
export interface Tracing {
  readonly plan: RunPlan;
  readonly scope: Scope;
}

/**
 * The span of a run, and what is counted for it. The registry of abandonment.ts and the list of open runs hold it for longer than a generator lives.
 * So it must never reach the generator, not even through a context, an argument or a closure, or that would never be collected: it holds the span,
 * numbers, and what it shares with other runs of the function.
 */
export class RunRecord {
  ended = false;
  itemCount = 0;
  pendingPulls = 0;
  /** Whether the last item came from `return`, and nothing has been pulled since: the consumer has left. */
  private isYieldedAtReturn = false;
  /** Whether the program is closing the stream: what its pulls give from then on is a result of that. */
  isClosing = false;
  /** While the call that the run began with has not given its result. */
  isCalling = false;
  /** Meanwhile: the run in whose body that call was made. */
  caller: RunRecord | undefined;
  /** The first error that the client has given as an item. */
  private told: ToldError | undefined;

  // Of abandonment.ts: whether it is the held value of the registry; its index among those that wait to be registered, or -1.
  isRegistered = false;
  unregisteredIndex = -1;

  // Of the list of open runs: its neighbours.
  previous: RunRecord | undefined;
  next: RunRecord | undefined;
  isListed = false;

  /** Whether pulls are observed: those of an unsampled span are for metrics only. */
  readonly observed: boolean;
  /** Those that have counted the run as active. */
  private readonly metrics: RunMetrics | undefined;
  private isOpen = false;

  constructor(
    readonly tracing: Tracing,
    readonly span: Span,
    readonly hasSpan: boolean,
    /** That of its span, where it has one. */
    readonly id: string | undefined,
    /** Whether the span is sampled. */
    private readonly recording: boolean,
    readonly times: RunTimes,
    readonly startTime: HrTime,
    /** The id of the run whose body pulled first: errors go there. It need not be the parent. */
    readonly outerRun: string | undefined,
    private readonly genAi?: GenAiRun,
    private readonly signal?: CallSignal,
  ) {
    this.metrics = tracing.scope.metrics;
    this.observed = recording || this.metrics !== undefined;
  }

  /** Whether the call was given a signal that is aborted by now. */
  get isSignalled(): boolean {
    return this.signal !== undefined && isAborted(this.signal.deref());
  }

  /** The nearest call of a function of `target` that is under way here: it may return what is made here. */
  callOf(target: object): RunRecord | undefined {
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- where the search begins
    let at: RunRecord | undefined = this;
    while (at !== undefined && !(at.isCalling && at.tracing.plan.target === target)) at = at.caller;
    return at;
  }

  /** From now on `disable()` ends the run. */
  open(): void {
    if (!this.observed || this.ended || this.isOpen) return;
    this.isOpen = true;
    this.tracing.scope.openRuns.add(this);
    this.measure((metrics, attributes) => {
      metrics.runOpened(attributes);
    });
  }

  /** Nothing ends it from outside any more. */
  close(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.tracing.scope.openRuns.remove(this);
    unwatch(this);
    this.measure((metrics, attributes) => {
      metrics.runClosed(attributes);
    });
  }

  private measure(write: (metrics: RunMetrics, attributes: Attributes) => void): void {
    const { metrics } = this;
    if (metrics === undefined) return;
    const { plan, scope } = this.tracing;
    callTelemetry(scope.reporter, 'recording metrics', () => {
      write(metrics, plan.attributes);
    });
  }

  /** From now on the run ends as `abandoned` if `object` is collected. Only the last object counts. */
  watch(object: object): void {
    if (this.observed && !this.ended) watch(this, object);
  }

  started(call: GeneratorCall): void {
    const { plan, scope } = this.tracing;
    if (plan.onStart && this.recording) callHook(scope.reporter, 'onStart', plan.onStart, this.span, call);
  }

  pullStarted(): void {
    this.pendingPulls++;
    this.isYieldedAtReturn = false;
    if (this.pendingPulls === 1 && this.tracing.plan.timing && !this.ended) this.times.pendingStarted();
  }

  pullSettled(): void {
    this.pendingPulls--;
    if (this.ended) return;
    this.times.touch();
    if (this.pendingPulls === 0 && this.tracing.plan.timing) this.times.pendingEnded();
  }

  /** Only after `pullSettled` for the same pull, whose time it shares. */
  item(result: unknown): void {
    if (this.ended) return;
    const index = this.itemCount++;
    if (index === 0) this.times.firstItemCame();
    const { genAi, metrics } = this;
    const { plan, scope } = this.tracing;
    const { errorOf } = plan;
    const onItem = this.recording ? plan.onItem : undefined;
    // Only a preset or a hook may read the items, and they are read once.
    if (genAi === undefined && errorOf === undefined && onItem === undefined) return;
    const value = read(result, 'value');
    if (genAi !== undefined) genAi.chunk(value, this.times, metrics);
    if (errorOf !== undefined) this.readError(errorOf, value);
    if (onItem !== undefined) callHook(scope.reporter, 'onItem', onItem, this.span, value, index);
  }

  /** The value of a call that returned nothing to iterate over. */
  value(value: unknown): void {
    if (!this.observed || this.ended) return;
    this.genAi?.result(value);
    const { errorOf } = this.tracing.plan;
    if (errorOf !== undefined) this.readError(errorOf, value);
  }

  private readError(errorOf: (item: unknown) => unknown, item: unknown): void {
    const error = callHook(this.tracing.scope.reporter, 'errorOf', errorOf, item);
    if (error === undefined || this.told !== undefined || this.isClosing) return;
    this.told = new ToldError(error, isAbort(error, this.tracing, this.signal) ? 'aborted' : 'failed');
  }

  /** An iterator made by hand has given the last item when it was told to return. */
  yieldedAtReturn(): void {
    if (this.pendingPulls === 0) this.isYieldedAtReturn = true;
  }

  /** Ends the run with an error, as `failed` or `aborted`; with one that the consumer threw in, as `returned`. */
  fail(error: unknown, isThrownIn = false): void {
    if (this.ended) return;
    if (isAbort(error, this.tracing, this.signal)) {
      if (isLeft(this.signal)) this.end('returned');
      else this.end('aborted', error);
    } else if (isThrownIn) this.end('returned');
    else this.end('failed', error);
  }

  /** Nothing else will end the run. */
  interrupt(): void {
    if (!this.isYieldedAtReturn) this.times.touch();
    this.end('interrupted');
  }

  /** Ends the run, at the time of its last activity. Only the first end counts. */
  end(outcome: RunOutcome, error?: unknown): void {
    if (this.ended) return;
    this.ended = true;
    if (!this.observed) return;
    this.close();
    const hasReturned = outcome === 'returned' && !this.isClosing;
    if (this.isClosing && outcome !== 'failed') {
      outcome = 'returned';
      error = undefined;
    }
    // Some clients end their streams without an error then.
    if ((outcome === 'completed' || outcome === 'returned') && !hasReturned && this.isSignalled)
      outcome = isLeft(this.signal) ? 'returned' : 'aborted';
    // A loop that is left by `break` does not see what `return` gives.
    if (this.isYieldedAtReturn) {
      this.itemCount--;
      outcome = 'returned';
    }
    // An error that is thrown counts more than one that the client has told of.
    if (this.told !== undefined && outcome !== 'failed') ({ outcome, error } = this.told);
    const summary = this.summarize(outcome, error);
    if (this.recording) this.endSpan(summary);
    this.measure((metrics, attributes) => {
      metrics.runEnded(attributes, summary);
      this.genAi?.measure(metrics.genAi, summary);
    });
  }

  private endSpan(summary: RunSummary): void {
    const { span } = this;
    const { plan, scope } = this.tracing;
    const endTime = addNanoseconds(this.startTime, this.times.duration);
    callTelemetry(scope.reporter, 'describing a span', () => {
      if (this.genAi !== undefined) span.setAttributes(this.genAi.endAttributes());
      const event = this.genAi === undefined ? EVENT_RUN_EXCEPTION : EVENT_GEN_AI_EXCEPTION;
      describeOutcome(this, summary, endTime, event, () => scope.logger);
    });
    if (plan.onEnd) callHook(scope.reporter, 'onEnd', plan.onEnd, span, summary);
    callTelemetry(scope.reporter, 'ending a span', () => {
      span.end(endTime);
    });
  }

  /** The run leaves no span. */
  discard(): void {
    this.close();
    this.ended = true;
  }

  private summarize(outcome: RunOutcome, error: unknown): RunSummary {
    const { itemCount, pendingPulls, times } = this;
    const { timing } = this.tracing.plan;
    const { duration } = times;
    const producerTime = timing ? times.producer(pendingPulls > 0) : 0;
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
}

/**
 * An error that a client does not throw: it gives it as an item, and then ends the stream like any other. Held weakly, as an error may lead to its
 * request, and so to what the program reads.
 */
class ToldError {
  private readonly ref: WeakRef<object> | undefined;
  /** The error itself, if it is no object; else what it said. */
  private readonly rest: unknown;

  constructor(
    error: unknown,
    readonly outcome: 'failed' | 'aborted',
  ) {
    this.ref = isObjectLike(error) ? new OwnWeakRef(error) : undefined;
    this.rest = isObjectLike(error) ? toException(error) : error;
  }

  /** The very error, by which it is known in the runs around; what it said, if the program has not kept it. */
  get error(): unknown {
    return this.ref?.deref() ?? this.rest;
  }
}

/** When a run began: on the wall clock, and on the monotonic one. */
export interface Beginning {
  readonly startTime: HrTime;
  readonly times: RunTimes;
}

let runsWithoutSpan = 0;

/** Before the span is made: the first one of a process takes milliseconds. */
export function beginNow(): Beginning {
  return { startTime: wallTime(), times: new RunTimes() };
}

export interface Start {
  readonly beginning: Beginning | undefined;
  /** Whether another instrumentation, below, or an earlier iteration describes the request to the model. */
  readonly isSaidElsewhere: boolean;
}

/**
 * Starts the span of a run as a child of whatever is active in `parent`.
 *
 * @returns undefined if the tracer threw: the run then goes untraced
 */
export function startRecord(
  tracing: Tracing,
  call: GeneratorCall,
  parent: Context,
  { beginning, isSaidElsewhere }: Start,
): RunRecord | undefined {
  const { plan, scope } = tracing;
  const genAi =
    plan.genAi === undefined || isSaidElsewhere ? undefined : GenAiRun.of(plan.genAi, call, parent, scope.reporter);
  const name = genAi?.known.name ?? nameOf(call, tracing);
  const { startTime, times } = beginning ?? beginNow();
  const record = callTelemetry(scope.reporter, 'starting a span', () => {
    const kind = genAi?.known.spanKind ?? plan.spanKind;
    const attributes = genAi === undefined ? plan.attributes : { ...genAi.known.attributes, ...plan.attributes };
    const span = scope.tracer.startSpan(name, { kind, attributes, startTime }, parent);
    const recording = span.isRecording();
    const hasSpan = recording || scope.findsProvider();
    // What the API gives without a provider has the id of its parent, or none.
    const id = hasSpan
      ? callTelemetry(scope.reporter, 'reading a span', () => span.spanContext().spanId)
      : `run ${++runsWithoutSpan}`;
    const outerRun = runIn(activeContext());
    const signal = signalOf(tracing, call);
    return new RunRecord(tracing, span, hasSpan, id, recording, times, startTime, outerRun, genAi, signal);
  });
  record?.open();
  record?.started(call);
  return record;
}

function nameOf(call: GeneratorCall, { plan, scope }: Tracing): string {
  if (typeof plan.spanName === 'string') return plan.spanName;
  const name: unknown = callHook(scope.reporter, 'spanName', plan.spanName, call);
  return typeof name === 'string' ? name : plan.exportPath;
}

function seconds(nanoseconds: number): number {
  return nanoseconds / NANOSECONDS_PER_SECOND;
}
