import type { Context } from '@opentelemetry/api';
import type { GeneratorCall } from '../types';
import { BodyContexts, createContextSwitch, type ContextSwitch } from './context-switch';
import type { RunLifecycle } from './lifecycle';
import type { RunRecord } from './record';

/**
 * One run as its generator object sees it: when it starts, in which context its body runs, and what its pulls came to.
 * Reachable from the generator only, so it may hold what a `RunRecord` must not.
 */
export class Run {
  private record: RunRecord | undefined;
  private switchToBody: ContextSwitch | undefined;
  private call: GeneratorCall | undefined;
  private closed = false;
  /** The record while the run is parked. Not in `record`, so that the first pull finds the run not started, and starts it. */
  private parked: RunRecord | undefined;

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

  /** Started by its call, and waiting for an iteration. */
  get isParked(): boolean {
    return this.parked !== undefined;
  }

  /** The record of a run that is under way: undefined before its start and after its end. */
  get openRecord(): RunRecord | undefined {
    const { record } = this;
    return record === undefined || record.ended ? undefined : record;
  }

  /** How to enter the body's context, while the run is under way. Called by who has a pull: each layer is a frame of the program's stacks. */
  get bodySwitch(): ContextSwitch {
    return this.switchToBody as ContextSwitch;
  }

  /** The same, where that is all there is to a pull: nobody records the run. */
  get onlySwitch(): ContextSwitch | undefined {
    return this.record?.recording === false ? this.switchToBody : undefined;
  }

  get hasPendingPull(): boolean {
    return this.record !== undefined && this.record.pendingPulls > 0;
  }

  /** Starts the span. After it, `isOver` if the tracer failed, or tracing has been switched off. */
  start(): void {
    const { call, creation, lifecycle } = this;
    if (this.parked !== undefined) {
      // After `disable()` nobody is left to end the span of a stream that has waited.
      if (lifecycle.scope.enabled) this.unpark();
      else this.close();
    }
    if (call === undefined || creation === undefined) return;
    // Arguments and context may be large, and are not needed any more. At once: a hook may pull.
    this.call = undefined;
    this.creation = undefined;
    // Made before `disable()` and pulled after it: nobody is left to end the span.
    const record = lifecycle.scope.canStart ? lifecycle.start(call, creation) : undefined;
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

  pullStarted(): void {
    this.lifecycle.pullStarted(this.record as RunRecord);
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

  /** Another run of the same function with the same call: a second iteration of what it returned. */
  again(creation: Context, call: GeneratorCall): Run {
    return new Run(this.lifecycle, creation, call);
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
