import type { Context } from '@opentelemetry/api';
import type { GeneratorCall } from '../types';
import { bodyIn } from './context';
import { BodyContexts, createContextSwitch, type ContextSwitch } from './context-switch';
import { beginNow, RunRecord, startRecord, type Beginning, type Start, type Tracing } from './record';

/**
 * One run: when it starts, in which context its body runs, and what each event (a pull has settled, the program closes what a call returned)
 * means for it. Its span is that of the `RunRecord`. It holds contexts, which a `RunRecord` must not, but never
 * what the program pulls from: methods that close a run may be held for longer than that.
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
  /** How to enter the body's context, once the run has started. Used where the pull is: each layer is a frame of the program's stacks. */
  contextSwitch: ContextSwitch | undefined;
  private call: GeneratorCall | undefined;
  /** While the call has not given its result, for a run that began with one. */
  isCallPending = false;
  /** The call of the same target that was under way when this one was made, and may return what this one does. */
  private within: RunRecord | undefined;
  /** When a run began that has no span yet. */
  private beginning: Beginning | undefined;
  /** Asked for that when the span starts. */
  private howToStart: (() => Start) | undefined;

  /**
   * @param creation the context active at the call: the parent of the span
   */
  constructor(
    readonly tracing: Tracing,
    private creation: Context | undefined,
    call: GeneratorCall,
    /** Whether another instrumentation, below, or an earlier iteration says what the request to a model was. */
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

  /** The record of a run that is under way: undefined before its start and after its end. */
  get openRecord(): RunRecord | undefined {
    const { record } = this;
    return record === undefined || record.ended ? undefined : record;
  }

  get hasPendingPull(): boolean {
    return this.record !== undefined && this.record.pendingPulls > 0;
  }

  // The start.

  /** Starts the span. After it, `isOver` if the tracer failed, or tracing has been switched off. */
  start(): void {
    const { beginning, call, creation, isSaidElsewhere, tracing } = this;
    if (call === undefined || creation === undefined) return;
    const start = this.howToStart?.() ?? { beginning, isSaidElsewhere };
    this.howToStart = undefined;
    // Arguments and context may be large, and are not needed any more. At once: a hook may pull.
    this.call = undefined;
    this.creation = undefined;
    // Made before `disable()` and pulled after it: nothing is left to end the span.
    const record = tracing.scope.openRuns.canStart ? startRecord(tracing, call, creation, start) : undefined;
    if (record === undefined) {
      this.close();
      return;
    }
    this.record = record;
    const contexts = new BodyContexts(record, tracing.plan.contextFrom === 'creation' ? creation : undefined);
    this.contextSwitch = createContextSwitch(contexts);
  }

  /** It is known only when the span starts how it does. */
  startAs(howToStart: () => Start): void {
    this.howToStart = howToStart;
  }

  /** The generator was closed before its first pull, or another run has it: no span will ever start. */
  close(): void {
    this.closed = true;
    this.parked = undefined;
    this.call = undefined;
    this.creation = undefined;
    this.howToStart = undefined;
  }

  /** The run ends as `abandoned` if `object` is collected. Only the last object counts. */
  watch(object: object): void {
    this.record?.watch(object);
  }

  // A run that begins with its call.

  /**
   * Starts the span with a call, whose work it is: as with a pull that is pending until `callSettled`.
   *
   * A call that a function of the same target makes on its way has no span yet: if it made what that one returns, there
   * is one run of it, the outer one's.
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

  /**
   * The result of the call is there, or its iteration has begun.
   *
   * @returns false if that was so before
   */
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

  /** The call has failed. Its span may not have been started. */
  callFailed(error: unknown): void {
    this.callSettled();
    this.start();
    if (!this.isOver) this.fail(error);
  }

  /** The call returned nothing to iterate over. Its span may not have been started. */
  completeCall(value: unknown): void {
    this.start();
    if (this.isOver) return;
    this.record?.value(value);
    if (this.beginning !== undefined) this.record?.times.touch();
    this.end('completed');
  }

  /**
   * The run waits for an iteration that may never come (a stream may be read in ways we do not see), and then leaves no span: nothing may end
   * it until then.
   */
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

  /** Calls what may in turn call functions of the same target, in the body's context. */
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

  // The results of its pulls. The run is open, and the pull has been counted by `pullStarted`.

  /**
   * A pull gave a result of the iteration protocol.
   *
   * @param outcome if that says that the iteration is over
   */
  settled(result: unknown, outcome: 'completed' | 'returned'): void {
    const record = this.record as RunRecord;
    record.pullSettled();
    if (isDone(result)) this.end(outcome);
    else record.item(result);
  }

  /** A pull gave what ends the run, whatever it says. */
  settledAtEnd(outcome: 'completed' | 'returned'): void {
    (this.record as RunRecord).pullSettled();
    this.end(outcome);
  }

  /** @param thrownIn what the consumer has thrown in: the body may let it out at once, or after a `finally` that yields */
  rejected(error: unknown, thrownIn: unknown): void {
    (this.record as RunRecord).pullSettled();
    this.fail(error, error === thrownIn);
  }

  /** What was counted last is what an iterator made by hand gave when it was told to return. */
  yieldedAtReturn(): void {
    (this.record as RunRecord).yieldedAtReturn();
  }

  /** The consumer looks for a `return` that is not there: if it has had items, and waits for none, it has left. */
  lookedForReturn(): void {
    const record = this.openRecord;
    if (record === undefined || record.itemCount === 0 || record.pendingPulls > 0) return;
    this.settleClosing(undefined, false);
  }

  /**
   * The result of a pull cannot be learned, as the program has changed how promises work. The pull stays pending for us,
   * and the run ends with the object.
   */
  unobservable(error: unknown): void {
    this.tracing.scope.reporter.errorOnce('observe', 'a result could not be observed; its run ends abandoned', error);
  }

  // Other ways to end.

  /**
   * Whether it is the client that closes what it has returned: in the body, which may do so at its own end, or because the signal of the request is
   * aborted. The iteration tells how that ends.
   */
  isClosedByClient(active: Context): boolean {
    const { record } = this;
    return record !== undefined && (bodyIn(active) === record || record.isSignalled);
  }

  /** The program begins to close what the run is of. */
  closing(): void {
    if (this.record !== undefined) this.record.isClosing = true;
  }

  /** ... and has done so, or failed to. */
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

  /** Another run of the same target has what the call returned: this one leaves no span, unless it is the parent. */
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

/** The results of a foreign iterator are foreign objects: reading them may throw, which is the consumer's to find out. */
function isDone(result: unknown): boolean {
  try {
    return Boolean((result as IteratorResult<unknown>).done);
  } catch {
    return false;
  }
}
