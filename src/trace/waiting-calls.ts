/**
 * Which call an iteration of an iterable belongs to.
 *
 * Most iterables are returned by one call, and iterated once. But a bus, a cached query or a memoised stream is one object for all callers. The data of
 * a call (name, arguments, what hooks write) may be one user's, and must not get onto the span of another's iteration.
 */
import { isValidTraceId, trace, type Context } from '@opentelemetry/api';
import { filtered, OwnWeakMap } from '../base/intrinsics';
import type { GeneratorCall } from '../types';
import { isTracingSuppressed } from './context';
import type { RunPlan } from './plan';
import type { Tracing } from './record';
import { Run } from './run';

/** A call that has returned an iterable, and that an iteration may belong to. */
export interface WaitingCall {
  /** Undefined if the call was let through untraced: then so is its iteration. */
  readonly run: Run | undefined;
  readonly call: GeneratorCall | undefined;
  /** The context of the call. */
  readonly creation: Context;
  /** Whether what the call promised may come in another way than by an iteration. */
  readonly isPromised: boolean;
}

function isWaiting({ run, isPromised }: WaitingCall): boolean {
  return run === undefined || (isPromised ? run.isCallPending : !run.isOver);
}

/** An iteration goes on with the run of the call. False if that cannot be any more. */
function begin({ run, isPromised }: WaitingCall): boolean {
  if (isPromised) return run?.callSettled() === true;
  run?.unpark();
  return true;
}

/** How many calls without an iteration are remembered of one iterable. */
const MAX_WAITING = 64;

/** By context: the target of the last call there that was let through untraced, if it gave a promise or thenable. */
const letThroughIn = new OwnWeakMap<Context, object>();

export function setLetThrough(creation: Context, target: object): void {
  letThroughIn.set(creation, target);
}

/** A later call of the target in the same context is traced, or its result is known. */
export function unsetLetThrough(creation: Context, target: object): void {
  if (letThroughIn.get(creation) === target) letThroughIn.delete(creation);
}

/** The calls that have returned one iterable, and whose iteration has not begun. */
export class WaitingCalls {
  /** The newest last. */
  private waiting: WaitingCall[] = [];
  /** The newest call, and the tracing of the newest traced one. */
  private latest: WaitingCall | undefined;
  private tracing: Tracing | undefined;
  /** Whether there has been more than one call. */
  private isShared = false;

  constructor(private readonly target: object) {}

  add(call: WaitingCall): void {
    const { run } = call;
    while (this.waiting.length > 0 && !isWaiting(this.waiting[this.waiting.length - 1] as WaitingCall))
      this.waiting.length--;
    // A call inside of this one has made what this one returns.
    const isRepeated = run !== undefined && this.takeOver(run);
    this.isShared ||= this.latest !== undefined && !isRepeated;
    this.latest = call;
    if (run !== undefined) this.tracing = run.tracing;
    if (this.waiting.length >= MAX_WAITING && !(this.waiting[0] as WaitingCall).isPromised)
      this.remove(0).run?.giveUp();
    this.waiting[this.waiting.length] = call;
  }

  /** The calls within the one that `run` began with wait no longer. Whether there are any. */
  private takeOver(run: Run): boolean {
    const before = this.waiting.length;
    this.waiting = filtered(this.waiting, ({ run: inner }) => {
      if (inner?.isWithin(run) !== true) return true;
      inner.close();
      return false;
    });
    return this.waiting.length < before;
  }

  /** The run that an iteration would go on with now. */
  next(active: Context): Run | undefined {
    return this.waiting[this.indexFor(active)]?.run;
  }

  /** The run of an iteration that begins. Undefined if it goes untraced. */
  runFor(active: Context): Run | undefined {
    // After `disable()` nothing is left to end the span of a stream that has waited for its iteration.
    if (this.tracing?.scope.enabled !== true) return undefined;
    for (let index = this.indexFor(active); index >= 0; index = this.indexFor(active)) {
      const call = this.remove(index);
      if (!begin(call)) continue;
      if (call.run === undefined && trace.getSpan(active) === undefined) this.giveUpBefore(index);
      if (call.run?.isOver !== true) return call.run;
    }
    return this.again(active);
  }

  /** Where no span is active, contexts do not tell whose iteration it is. */
  private giveUpBefore(index: number): void {
    for (let earlier = index - 1; earlier >= 0; earlier--) {
      if (!(this.waiting[earlier] as WaitingCall).isPromised) this.remove(earlier).run?.giveUp();
    }
  }

  /** The waiting call that an iteration belongs to; -1 if there is none, or it cannot be known. */
  private indexFor(active: Context): number {
    const { waiting } = this;
    let found = -1;
    let closest: Relation = Relation.Unknown;
    // Of several in the same context the newest: what is not iterated over at once may never be.
    for (let index = waiting.length - 1; index >= 0 && closest !== Relation.Same; index--) {
      const call = waiting[index] as WaitingCall;
      const relation = relate(call.creation, active);
      if (relation <= closest || !isWaiting(call)) continue;
      closest = relation;
      found = index;
    }
    // Returned once: every iteration has it from that call.
    const oldest = waiting[0];
    if (found < 0 && !this.isShared && oldest !== undefined && isWaiting(oldest) && !this.isLetThrough(active))
      return 0;
    return found;
  }

  /** A run of its own for an iteration that no call waits for. */
  private again(active: Context): Run | undefined {
    const { latest, tracing } = this;
    if (tracing === undefined || latest === undefined) return undefined;
    const { plan, scope } = tracing;
    if (!scope.isActive() || isTracingSuppressed(active) || this.isLetThrough(active)) return undefined;
    const hasSpan = trace.getSpan(active) !== undefined;
    if (plan.requireParentSpan && !hasSpan) return undefined;
    const relation = relate(latest.creation, active);
    if (latest.run === undefined && relation > Relation.Unknown) return undefined;
    // See `giveUpBefore`.
    const isKnown = this.isShared ? relation > Relation.Unknown && hasSpan : relation !== Relation.Foreign;
    // What was asked of a model has been said of the first iteration.
    return new Run(tracing, active, (isKnown ? latest.call : undefined) ?? unknownCall(plan), true);
  }

  /** The only iteration that there can be has begun. */
  discard(): void {
    for (let index = this.waiting.length - 1; index >= 0; index--) {
      if (!(this.waiting[index] as WaitingCall).isPromised) this.remove(index).run?.discard();
    }
  }

  /** The iterable is closed: no iteration begins any more. Returns the runs that this ends. */
  close(): Run[] {
    const runs: Run[] = [];
    while (this.waiting.length > 0) {
      const call = this.remove(this.waiting.length - 1);
      const { run } = call;
      // A stream that has not been iterated leaves no span.
      if (run?.isParked === true) run.discard();
      else if (begin(call) && run?.isOver === false) runs[runs.length] = run;
    }
    return runs;
  }

  private remove(index: number): WaitingCall {
    const removed = this.waiting[index] as WaitingCall;
    this.waiting = filtered(this.waiting, (call) => call !== removed);
    return removed;
  }

  private isLetThrough(active: Context): boolean {
    return letThroughIn.get(active) === this.target;
  }
}

/** A call of which nothing is known but the function. */
export function unknownCall({ moduleName, moduleVersion, exportPath }: RunPlan): GeneratorCall {
  return { moduleName, moduleVersion, exportPath, thisArg: undefined, args: [], factoryArgs: undefined };
}

/** How a context is related to that of a call, the closest last. */
export enum Relation {
  /** Of another trace. */
  Foreign,
  Unknown,
  SameTrace,
  Same,
}

export function relate(creation: Context, active: Context): Relation {
  if (creation === active) return Relation.Same;
  const one = traceIdOf(creation);
  const other = traceIdOf(active);
  if (one === undefined || other === undefined) return Relation.Unknown;
  return one === other ? Relation.SameTrace : Relation.Foreign;
}

function traceIdOf(of: Context): string | undefined {
  try {
    const id = trace.getSpan(of)?.spanContext().traceId;
    return id !== undefined && isValidTraceId(id) ? id : undefined;
  } catch {
    return undefined;
  }
}
