import type { Context } from '@opentelemetry/api';
import type { GeneratorCall } from '../types';
import { bodyIn } from './context';
import { BodyContexts, createContextSwitch, type ContextSwitch } from './context-switch';
import { beginNow, type Beginning, type RunLifecycle } from './lifecycle';
import { RunRecord } from './record';

/**
 * One run as its generator object sees it: when it starts, in which context its body runs, and what its pulls came to.
 * Reachable from the generator only, so it may hold what a `RunRecord` must not.
 */
export class Run {
  private record: RunRecord | undefined;
  private switchToBody: ContextSwitch | undefined;
  private call: GeneratorCall | undefined;
  private closed = false;
  /** The record while the run is parked. */
  private parked: RunRecord | undefined;
  /** The call of the same target that was under way when this one was made, and may return what this one does. */
  private within: RunRecord | undefined;
  private beginning: Beginning | undefined;

  /**
   * @param creation the context active at the call: the parent of the span
   */
  constructor(
    readonly lifecycle: RunLifecycle,
    private creation: Context | undefined,
    call: GeneratorCall,
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

  /** Started by its call, and waiting for an iteration that leaves no span if it does not come. */
  get isParked(): boolean {
    return this.parked !== undefined;
  }

  /** The record of a run that is under way: undefined before its start and after its end. */
  get openRecord(): RunRecord | undefined {
    const { record } = this;
    return record === undefined || record.ended ? undefined : record;
  }

  /** How to enter the body's context, while the run is under way. Called by what has the pull: each layer is a frame of the program's stacks. */
  get bodySwitch(): ContextSwitch | undefined {
    return this.switchToBody;
  }

  /** Whether its pulls are observed. */
  get isRecorded(): boolean {
    return this.record?.recording === true;
  }

  get hasPendingPull(): boolean {
    return this.record !== undefined && this.record.pendingPulls > 0;
  }

  /**
   * Starts the span with a call, whose work it is: as with a pull that is pending until `callSettled`.
   *
   * A call that a function of the same target makes on its way has no span yet: if it made what that one returns, there
   * is one run of it, the outer one's.
   */
  startWithCall(): void {
    const body = this.creation === undefined ? undefined : bodyIn(this.creation);
    const caller = body instanceof RunRecord ? body : undefined;
    this.within = caller?.callOf(this.lifecycle.plan.target);
    if (this.within !== undefined) {
      this.beginning = beginNow();
      return;
    }
    this.start();
    const { record } = this;
    if (record === undefined) return;
    record.isCalling = true;
    if (caller?.isCalling === true) record.caller = caller;
    this.lifecycle.pullStarted(record);
  }

  /** What the call came to is there, or its iteration has begun. */
  callSettled(): void {
    const { record } = this;
    if (record?.isCalling !== true) return;
    record.isCalling = false;
    record.caller = undefined;
    this.lifecycle.pullSettled(record);
  }

  /** Whether a call of the same target was under way when this one was made. */
  get isInner(): boolean {
    return this.within !== undefined;
  }

  /** Whether the call of `outer` was under way when this one was made, and is of the same target. */
  isWithin(outer: Run): boolean {
    const { within } = this;
    return within !== undefined && (within === outer.record || within === outer.parked || within === outer.within);
  }

  /** Calls what may in turn call functions of the same target, in the body's context. */
  callInBody<A>(fn: (a: A) => unknown, a: A): unknown {
    const record = this.parked ?? this.openRecord;
    if (record === undefined || this.switchToBody === undefined) return fn(a);
    const { isCalling } = record;
    record.isCalling = true;
    try {
      return this.switchToBody.run(fn, a, undefined);
    } finally {
      record.isCalling = isCalling;
    }
  }

  /** Starts the span. After it, `isOver` if the tracer failed, or tracing has been switched off. */
  start(): void {
    const { beginning, call, creation, lifecycle } = this;
    if (call === undefined || creation === undefined) return;
    // Arguments and context may be large, and are not needed any more. At once: a hook may pull.
    this.call = undefined;
    this.creation = undefined;
    // Made before `disable()` and pulled after it: nobody is left to end the span.
    const record = lifecycle.scope.canStart ? lifecycle.start(call, creation, beginning) : undefined;
    if (record === undefined) {
      this.close();
      return;
    }
    this.record = record;
    const contexts = new BodyContexts(record, lifecycle.plan.contextFrom === 'creation' ? creation : undefined);
    this.switchToBody = createContextSwitch(contexts);
  }

  /** The generator was closed before its first pull: no span will ever start. */
  close(): void {
    this.closed = true;
    this.parked = undefined;
    this.call = undefined;
    this.creation = undefined;
  }

  /** The run ends as `abandoned` if `object` is collected. Only the last object counts. */
  watch(object: object): void {
    if (this.record === undefined) return;
    this.lifecycle.watch(this.record, object);
  }

  /** Whether the consumer has had items, and waits for none. */
  get hasGivenItems(): boolean {
    const record = this.openRecord;
    return record !== undefined && record.itemCount > 0 && record.pendingPulls === 0;
  }

  pullSettled(): void {
    this.lifecycle.pullSettled(this.record as RunRecord);
  }

  /** Whether a hook looks at the items: else nobody may read them. */
  get wantsItems(): boolean {
    return this.lifecycle.plan.onItem !== undefined;
  }

  item(item: unknown): void {
    this.lifecycle.item(this.record as RunRecord, item);
  }

  /** Only after `pullSettled` for the pull that ended it, whose time it shares. */
  end(outcome: 'completed' | 'returned'): void {
    this.unpark();
    this.lifecycle.end(this.record as RunRecord, outcome);
    this.switchToBody = undefined;
  }

  /** Only after `pullSettled`, likewise. */
  fail(error: unknown): void {
    this.lifecycle.fail(this.record as RunRecord, error);
    this.switchToBody = undefined;
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

  /** The call has failed. Its span may not have been started. */
  callFailed(error: unknown): void {
    this.callSettled();
    this.start();
    if (!this.isOver) this.fail(error);
  }

  /** What the call came to is nothing to iterate over. Its span may not have been started. */
  completeCall(): void {
    this.start();
    if (this.isOver) return;
    if (this.beginning !== undefined) this.record?.times.touch();
    this.end('completed');
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
    const record = this.parked ?? this.record;
    if (record !== undefined) this.lifecycle.discard(record);
    this.switchToBody = undefined;
    this.close();
  }

  /** The same with an error that the consumer threw in, and that came out again. */
  stop(error: unknown): void {
    this.lifecycle.stop(this.record as RunRecord, error);
    this.switchToBody = undefined;
  }

  /** What was counted last is what an iterator made by hand gave when it was told to return. */
  yieldedAtReturn(): void {
    this.lifecycle.yieldedAtReturn(this.record as RunRecord);
  }

  /**
   * What a pull comes to cannot be learned, as the program has changed how promises work. The pull stays pending for us,
   * and the run ends with the object.
   */
  unobservable(error: unknown): void {
    this.lifecycle.scope.reporter.errorOnce('observe', 'a result could not be observed; its run ends abandoned', error);
  }

  /** See `RunLifecycle.park`. */
  park(): void {
    if (this.record === undefined) return;
    this.lifecycle.park(this.record);
    this.parked = this.record;
    this.record = undefined;
  }

  unpark(): void {
    if (this.parked === undefined) return;
    this.record = this.parked;
    this.parked = undefined;
    this.lifecycle.unpark(this.record);
  }
}
