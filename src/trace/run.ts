import type { Context } from '@opentelemetry/api';
import type { GeneratorCall } from '../types';
import { bodyIn } from './context';
import { BodyContexts, createContextSwitch, type ContextSwitch } from './context-switch';
import { beginNow, RunRecord, startRecord, type Beginning, type Start, type Tracing } from './record';

/**
 * One run: when it starts, in which context its body runs, and what each event means for it. It holds contexts, which its `RunRecord` must not, but
 * never what the program pulls from: methods that close a run may be held for longer than that.
 *
 * | state   | record | parked | closed |                                                                                         |
 * | ------- | ------ | ------ | ------ | --------------------------------------------------------------------------------------- |
 * | waiting |        |        |        | for the first pull, or for its call to return                                           |
 * | parked  |        | set    |        | started by its call; an iteration that never comes leaves no span                       |
 * | open    | set    |        |        |                                                                                         |
 * | over    | ended  |        |        | further pulls pass straight through                                                     |
 * | over    |        |        | true   | without a span                                                                          |
 */
export class Run {
  private record: RunRecord | undefined;
  private parked: RunRecord | undefined;
  private closed = false;
  /** How to enter the body's context, once the run has started. */
  contextSwitch: ContextSwitch | undefined;
  private call: GeneratorCall | undefined;
  /** Whether the run began with a call that has not given its result. */
  isCallPending = false;
  /** The call of the same target that was under way when this one was made, and may return the same. */
  private within: RunRecord | undefined;
  /** Of a call that has no span yet. */
  private beginning: Beginning | undefined;
  private howToStart: (() => Start) | undefined;

  constructor(
    readonly tracing: Tracing,
    /** The context that was active at the call: it has the parent of the span. */
    private creation: Context | undefined,
    call: GeneratorCall,
    /** See `Start`. */
    private readonly isSaidElsewhere = false,
  ) {
    this.call = call;
  }

  /** Ended, or never to start: every further pull passes straight through. */
  get isOver(): boolean {
    return this.closed || (this.record !== undefined && this.record.ended);
  }

  get isStarted(): boolean {
    return this.record !== undefined;
  }

  get isParked(): boolean {
    return this.parked !== undefined;
  }

  /** Undefined before the start and after the end. */
  get openRecord(): RunRecord | undefined {
    const { record } = this;
    return record === undefined || record.ended ? undefined : record;
  }

  get hasPendingPull(): boolean {
    return this.record !== undefined && this.record.pendingPulls > 0;
  }

  // The start.

  /** Starts the span. The run is over if the tracer failed, or tracing has been switched off. */
  start(): void {
    const { beginning, call, creation, isSaidElsewhere, tracing } = this;
    if (call === undefined || creation === undefined) return;
    const start = this.howToStart?.() ?? { beginning, isSaidElsewhere };
    this.howToStart = undefined;
    // Arguments and context may be large, and are not needed any more. Before the hooks run: one may pull.
    this.call = undefined;
    this.creation = undefined;
    // After `disable()` nothing is left to end the span.
    const record = tracing.scope.openRuns.canStart ? startRecord(tracing, call, creation, start) : undefined;
    if (record === undefined) {
      this.close();
      return;
    }
    this.record = record;
    const contexts = new BodyContexts(record, tracing.plan.contextFrom === 'creation' ? creation : undefined);
    this.contextSwitch = createContextSwitch(contexts);
  }

  /** @param howToStart asked when the span starts */
  startAs(howToStart: () => Start): void {
    this.howToStart = howToStart;
  }

  /** No span will ever start: the generator was closed before its first pull, or another run has it. */
  close(): void {
    this.closed = true;
    this.parked = undefined;
    this.call = undefined;
    this.creation = undefined;
    this.howToStart = undefined;
  }

  /** See `RunRecord.watch`. */
  watch(object: object): void {
    this.record?.watch(object);
  }

  // A run that begins with its call.

  /**
   * Starts the span with a call, which counts as a pending pull until `callSettled`.
   *
   * Within another call of the same target no span starts yet: if that one returns what this one made, there is one run, the outer call's.
   */
  startWithCall(): void {
    this.isCallPending = true;
    const body = this.creation === undefined ? undefined : bodyIn(this.creation);
    const caller = body instanceof RunRecord ? body : undefined;
    this.within = caller?.callOf(this.tracing.plan.target);
    if (this.within !== undefined) {
      this.beginning = beginNow();
      return;
    }
    this.start();
    const { record } = this;
    if (record === undefined) return;
    record.isCalling = true;
    if (caller?.isCalling === true) record.caller = caller;
    record.pullStarted();
  }

  /** The result of the call is there, or its iteration has begun. False if that was so before. */
  callSettled(): boolean {
    if (!this.isCallPending) return false;
    this.isCallPending = false;
    const { record } = this;
    if (record !== undefined) {
      record.isCalling = false;
      record.caller = undefined;
      record.pullSettled();
    }
    return true;
  }

  // The span of the call may not have been started.

  callFailed(error: unknown): void {
    this.callSettled();
    this.start();
    if (!this.isOver) this.fail(error);
  }

  /** The call returned nothing to iterate over. */
  completeCall(value: unknown): void {
    this.start();
    if (this.isOver) return;
    this.record?.value(value);
    if (this.beginning !== undefined) this.record?.times.touch();
    this.end('completed');
  }

  /** The run waits for an iteration. If none comes, as a stream may be read in ways that we do not see, it leaves no span. */
  park(): void {
    if (this.record === undefined) return;
    this.record.close();
    this.parked = this.record;
    this.record = undefined;
  }

  unpark(): void {
    if (this.parked === undefined) return;
    this.record = this.parked;
    this.parked = undefined;
    this.record.open();
  }

  /** Whether the call of `outer` was under way when this one was made, and is of the same target. */
  isWithin(outer: Run): boolean {
    const { within } = this;
    return within !== undefined && (within === outer.record || within === outer.parked || within === outer.within);
  }

  /** Calls `fn`, which may call functions of the same target, in the body's context. */
  callInBody<A>(fn: (a: A) => unknown, a: A): unknown {
    const record = this.parked ?? this.openRecord;
    if (record === undefined || this.contextSwitch === undefined) return fn(a);
    const { isCalling } = record;
    record.isCalling = true;
    try {
      return this.contextSwitch.run(fn, a, undefined);
    } finally {
      record.isCalling = isCalling;
    }
  }

  // The results of its pulls, which have been counted by `pullStarted`.

  /**
   * A pull gave an iterator result.
   *
   * @param outcome if the result is the last one
   */
  settled(result: unknown, outcome: 'completed' | 'returned'): void {
    const record = this.record as RunRecord;
    record.pullSettled();
    if (isDone(result)) this.end(outcome);
    else record.item(result);
  }

  /** A pull ended the run, whatever it gave. */
  settledAtEnd(outcome: 'completed' | 'returned'): void {
    (this.record as RunRecord).pullSettled();
    this.end(outcome);
  }

  /** @param thrownIn what the consumer has thrown in last: the body may let it out at once, or after a `finally` that yields */
  rejected(error: unknown, thrownIn: unknown): void {
    (this.record as RunRecord).pullSettled();
    this.fail(error, error === thrownIn);
  }

  yieldedAtReturn(): void {
    (this.record as RunRecord).yieldedAtReturn();
  }

  /** The consumer looks for a `return` that is not there: it has left if it has had items, and waits for none. */
  lookedForReturn(): void {
    const record = this.openRecord;
    if (record === undefined || record.itemCount === 0 || record.pendingPulls > 0) return;
    this.settleClosing(undefined, false);
  }

  /** The program has changed how promises work, so the result of a pull cannot be learned. The run ends when its object is collected. */
  unobservable(error: unknown): void {
    this.tracing.scope.reporter.errorOnce('observe', 'a result could not be observed; its run ends abandoned', error);
  }

  // Other ways to end.

  /** Whether the client closes its own stream, in the body or because its signal is aborted. The iteration then tells how the run ends. */
  isClosedByClient(active: Context): boolean {
    const { record } = this;
    return record !== undefined && (bodyIn(active) === record || record.isSignalled);
  }

  closing(): void {
    if (this.record !== undefined) this.record.isClosing = true;
  }

  /** After `closing`: the program has closed the stream, or failed to. */
  settleClosing(error: unknown, isFailed: boolean): void {
    const { record } = this;
    if (record === undefined) {
      this.close();
      return;
    }
    if (record.ended) return;
    record.times.touch();
    if (isFailed) this.fail(error);
    else this.end('returned');
  }

  /** Too many calls wait for an iteration of the same object. */
  giveUp(): void {
    if (this.record === undefined) this.discard();
    else this.end('completed');
  }

  /** Another run of the same target has the same stream: this one leaves no span, unless it is the parent. */
  giveWayTo(other: Run): void {
    const { record } = this;
    if (record?.id !== undefined && other.record?.outerRun === record.id) this.end('completed');
    else this.discard();
  }

  /** The run leaves no span. */
  discard(): void {
    (this.parked ?? this.record)?.discard();
    this.contextSwitch = undefined;
    this.close();
  }

  end(outcome: 'completed' | 'returned'): void {
    this.unpark();
    (this.record as RunRecord).end(outcome);
    this.contextSwitch = undefined;
  }

  fail(error: unknown, isThrownIn = false): void {
    (this.record as RunRecord).fail(error, isThrownIn);
    this.contextSwitch = undefined;
  }
}

/** A foreign result may throw when it is read: the consumer will find out. Not by `read`, which is slower for each pull. */
function isDone(result: unknown): boolean {
  try {
    return Boolean((result as IteratorResult<unknown>).done);
  } catch {
    return false;
  }
}
