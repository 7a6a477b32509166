/**
 * Which iteration of an iterable belongs to which call.
 *
 * Most iterables are handed out by one call, and iterated once. But a bus, a cached query or a memoised stream is one object for all who
 * ask for it, and what a run says of its call (name, arguments, what hooks write) may be one user's: it must not get onto the
 * span of another's iteration.
 */
import { isValidTraceId, trace, type Context } from '@opentelemetry/api';
import type { GeneratorCall } from '../types';
import { carriedRunOf } from './carrier';
import { closingMember, closingMembers } from './closing';
import { activeContext, isTracingSuppressed } from './context';
import {
  type AnyFunction,
  getOwnPropertyDescriptor,
  isObjectLike,
  isProxy,
  OwnWeakMap,
  OwnWeakSet,
  reflectApply,
  uncurryThis,
} from '../base/intrinsics';
import { installMembers, setName, type Member } from './members';
import { observe } from './observe';
import type { RunPlan } from './plan';
import type { Tracing } from './record';
import { Run } from './run';
import { traceIterator, traceOwnIterator, type TracedIterator } from './iterator';

/** A call that has handed out an iterable, and that an iteration may belong to. */
export interface Handout {
  /** Undefined if the call was let through untraced: then so is its iteration. */
  readonly run: Run | undefined;
  readonly call: GeneratorCall | undefined;
  /** The context of the call. */
  readonly creation: Context;
  /** Whether what the call promised may come in another way than by an iteration. */
  readonly isPromised: boolean;
}

function isWaiting({ run, isPromised }: Handout): boolean {
  return run === undefined || (isPromised ? run.isCallPending : !run.isOver);
}

/** An iteration goes on with the run of the call. False if that cannot be any more. */
function begin({ run, isPromised }: Handout): boolean {
  if (isPromised) return run?.callSettled() === true;
  run?.unpark();
  return true;
}

/** How many calls that nobody iterates for are remembered of one iterable. */
const MAX_WAITING = 64;

const WeakReference = WeakRef;
const derefRun = uncurryThis(WeakRef.prototype.deref as AnyFunction) as (ref: WeakRef<Run>) => Run | undefined;

/** By the `Symbol.asyncIterator` that stays on an iterable. */
const byMethod = new OwnWeakMap<object, TracedIterable>();

/** By context: the target whose function was called there last, and let through untraced, with a promise or thenable for result. */
const letThroughIn = new OwnWeakMap<Context, object>();

/** Targets of which an object has been handed out that can be iterated over again and again. */
const sharingTargets = new OwnWeakSet<object>();

/** What `iterable` got when it was handed out before, by a call of the same target. */
function tracedIterableOf(iterable: object, target: object): TracedIterable | undefined {
  let method: unknown = getOwnPropertyDescriptor(iterable, Symbol.asyncIterator)?.value;
  for (;;) {
    const traced = isObjectLike(method) ? byMethod.get(method) : undefined;
    if (traced === undefined || traced.target === target) return traced;
    method = traced.original;
  }
}

/**
 * Traces the iterations of what a call has returned, beginning with its own.
 *
 * @param isIterator whether the iterable has a `next`, and may be what it iterates with
 * @returns whether they can be
 */
export function handOut(
  iterable: AsyncIterable<unknown>,
  handout: Handout & { readonly run: Run },
  isIterator: boolean,
): boolean {
  const { run } = handout;
  const { plan } = run.tracing;
  const traced = tracedIterableOf(iterable, plan.target) ?? new TracedIterable(iterable, plan, isIterator);
  traced.add(handout);
  return traced.isInstalled || traced.install(run, isIterator);
}

/** A call of the target has been let through untraced: what it returned may have been handed out by traced ones. */
export function handOutUntraced(result: unknown, target: object, creation: Context): void {
  if (!isObjectLike(result) || isProxy(result)) return;
  const traced = tracedIterableOf(result, target);
  if (traced !== undefined) {
    traced.add({ run: undefined, call: undefined, creation, isPromised: false });
    if (letThroughIn.get(creation) === target) letThroughIn.delete(creation);
    return;
  }
  if (!isThenable(result)) return;
  letThroughIn.set(creation, target);
  if (!sharingTargets.has(target)) return;
  // Not before the program does: it would be us who have handled its rejection.
  observe(
    result,
    (value) => {
      handOutUntraced(value, target, creation);
      return value;
    },
    ignore,
    false,
    { isIterable: true },
  );
}

function ignore(): void {}

function isThenable(value: object): boolean {
  try {
    return typeof (value as { then?: unknown }).then === 'function';
  } catch {
    return false;
  }
}

/** A call of the target is traced: see `letThroughIn`. */
export function tracedIn(creation: Context, target: object): void {
  if (letThroughIn.get(creation) === target) letThroughIn.delete(creation);
}

class TracedIterable {
  isInstalled = false;
  readonly original: AnyFunction;
  readonly target: object;
  /** Its `Symbol.asyncIterator`, and what closes it, and with it all of its runs. */
  private readonly members: Member[];
  private readonly canBeClosed: boolean;
  /** The runs of iterations, to be closed with the iterable. They hold contexts, which may lead to the iterators. */
  private iterations: WeakRef<Run>[] = [];
  /** Calls whose iteration has not begun, the newest last. */
  private readonly waiting: Handout[] = [];
  /** The newest call, and the newest traced one. */
  private latest: Handout | undefined;
  private tracing: Tracing | undefined;
  /** Whether there has been more than one call. */
  private isShared = false;
  /** Whether some of those that wait were made within a call of the same target. */
  private hasInner = false;
  /** While the iterable may be what it iterates with. */
  private own: TracedIterator | undefined;

  constructor(
    private readonly iterable: AsyncIterable<unknown>,
    { target, closeMembers }: RunPlan,
    isIterator: boolean,
  ) {
    this.target = target;
    sharingTargets.add(target);
    this.original = iterable[Symbol.asyncIterator] as AnyFunction;
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- `this` of a member is the program's object.
    const traced = this;
    const asyncIterator = function (this: unknown, ...args: unknown[]): unknown {
      return traced.iterate(this, args);
    };
    setName(asyncIterator, '[Symbol.asyncIterator]');
    byMethod.set(asyncIterator, this);
    this.members = closingMembers(iterable, closeMembers, () => this.openRuns());
    // That of an iterator is observed with its pulls.
    const dispose = isIterator ? undefined : closingMember(iterable, Symbol.asyncDispose, () => this.openRuns());
    if (dispose !== undefined) this.members[this.members.length] = dispose;
    this.canBeClosed = this.members.length > 0 || closeMembers.length > 0;
    this.members[this.members.length] = { key: Symbol.asyncIterator, value: asyncIterator };
  }

  install(run: Run, isIterator: boolean): boolean {
    if (!isIterator) return this.stay();
    this.own = traceOwnIterator(this.iterable, run, this.members, () => this.claimOwn());
    this.isInstalled = this.own !== undefined;
    return this.isInstalled;
  }

  private stay(): boolean {
    this.isInstalled = installMembers(this.iterable, this.members) !== undefined;
    return this.isInstalled;
  }

  /** What the iterable is closed with is over. */
  private openRuns(): Run[] {
    const { own, waiting } = this;
    const runs: Run[] = [];
    while (waiting.length > 0) {
      const handout = this.remove(waiting.length - 1);
      const { run } = handout;
      // A stream that nobody has iterated leaves no span.
      if (run?.isParked === true) run.discard();
      else if (begin(handout) && run?.isOver === false) runs[runs.length] = run;
    }
    const begun = own?.begunRun;
    if (begun !== undefined) runs[runs.length] = begun;
    for (let index = 0; index < this.iterations.length; index++) {
      const run = derefRun(this.iterations[index] as WeakRef<Run>);
      if (run?.isOver === false) runs[runs.length] = run;
    }
    return runs;
  }

  private remember(run: Run): void {
    const open: WeakRef<Run>[] = [];
    for (let index = 0; index < this.iterations.length; index++) {
      const each = this.iterations[index] as WeakRef<Run>;
      if (derefRun(each)?.isOver === false) open[open.length] = each;
    }
    open[open.length] = new WeakReference(run);
    this.iterations = open;
  }

  add(handout: Handout): void {
    const { waiting } = this;
    while (waiting.length > 0 && !isWaiting(waiting[waiting.length - 1] as Handout)) waiting.length--;
    // A call inside of this one has made what this one returns.
    const isRepeated = handout.run !== undefined && this.takeOver(handout.run);
    this.isShared ||= this.latest !== undefined && !isRepeated;
    this.latest = handout;
    if (handout.run !== undefined) this.tracing = handout.run.tracing;
    if (waiting.length >= MAX_WAITING && !(waiting[0] as Handout).isPromised) this.remove(0).run?.giveUp();
    waiting[waiting.length] = handout;
    this.hasInner ||= handout.run?.isInner === true;
  }

  /** The calls within the one that `run` began with wait no longer. */
  private takeOver(run: Run): boolean {
    let found = false;
    if (!this.hasInner) return false;
    this.hasInner = false;
    for (let index = this.waiting.length - 1; index >= 0; index--) {
      const inner = (this.waiting[index] as Handout).run;
      if (inner?.isWithin(run) !== true) {
        this.hasInner ||= inner?.isInner === true;
        continue;
      }
      this.remove(index);
      inner.close();
      found = true;
    }
    return found;
  }

  private remove(index: number): Handout {
    const { waiting } = this;
    const removed = waiting[index] as Handout;
    for (let next = index + 1; next < waiting.length; next++) waiting[next - 1] = waiting[next] as Handout;
    waiting.length--;
    return removed;
  }

  private iterate(self: unknown, args: readonly unknown[]): unknown {
    const { iterable, original, target } = this;
    if (self !== iterable) return reflectApply(original, self, args);
    const active = activeContext();
    const next = this.waiting[this.indexFor(active)]?.run;
    const iterator =
      next === undefined
        ? reflectApply(original, self, args)
        : next.callInBody((receiver) => reflectApply(original, receiver, args), self);
    if (iterator === iterable || !isObjectLike(iterator)) return iterator;
    const begun = this.leaveOwn();
    const carried = carriedRunOf(iterator, target);
    if (carried?.isStarted === true && next !== undefined) this.runFor(active)?.giveWayTo(carried);
    // The call that made it knows more of it than an earlier one.
    if (carried !== undefined && (carried.isStarted || (next ?? begun) === undefined)) return iterator;
    carried?.close();
    const run = begun ?? this.runFor(active);
    if (run === undefined || run.isOver) return iterator;
    const traced = traceIterator(iterator, run);
    if (traced !== undefined) {
      if (this.canBeClosed) this.remember(run);
      return traced;
    }
    // The run of the call is over with the value that it gave; another has not begun.
    if (run.isStarted) run.end('completed');
    return iterator;
  }

  /** What the iterable iterates with is another object, whose `next` may pull from that of the iterable (a cursor's, say). */
  private leaveOwn(): Run | undefined {
    const { own } = this;
    if (own === undefined) return undefined;
    const { begunRun } = own;
    own.release();
    this.own = undefined;
    this.stay();
    return begunRun;
  }

  /** The run of the first pull of an iterable that is its own iterator. */
  private claimOwn(): Run | undefined {
    const { waiting } = this;
    const run = this.runFor(activeContext());
    // It has one run, however many calls return it.
    for (let index = waiting.length - 1; index >= 0; index--) {
      if ((waiting[index] as Handout).isPromised) continue;
      this.remove(index).run?.discard();
    }
    return run;
  }

  /** The run of an iteration that begins. Undefined if it goes untraced. */
  private runFor(active: Context): Run | undefined {
    // After `disable()` nobody is left to end the span of a stream that has waited for its iteration.
    if (this.tracing?.scope.enabled !== true) return undefined;
    for (let index = this.indexFor(active); index >= 0; index = this.indexFor(active)) {
      const handout = this.remove(index);
      if (!begin(handout)) continue;
      if (handout.run === undefined && trace.getSpan(active) === undefined) this.giveUpBefore(index);
      if (handout.run?.isOver !== true) return handout.run;
    }
    return this.again(active);
  }

  /** Where no span is active, all contexts are the same: nothing tells whose iteration it is, and the next ones are. */
  private giveUpBefore(index: number): void {
    for (let earlier = index - 1; earlier >= 0; earlier--) {
      if (!(this.waiting[earlier] as Handout).isPromised) this.remove(earlier).run?.giveUp();
    }
  }

  /** Which of the calls that wait the iteration belongs to; -1 if to none, or if that cannot be known. */
  private indexFor(active: Context): number {
    const { waiting } = this;
    let found = -1;
    let closest: Relation = Relation.Unknown;
    // Of several in the same context the newest: who does not iterate at once may not do so at all.
    for (let index = waiting.length - 1; index >= 0 && closest !== Relation.Same; index--) {
      const handout = waiting[index] as Handout;
      const relation = relate(handout.creation, active);
      if (relation <= closest || !isWaiting(handout)) continue;
      closest = relation;
      found = index;
    }
    // Handed out once: whoever has it has it from that call.
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
    return new Run(tracing, active, (isKnown ? latest.call : undefined) ?? callOfNobody(plan));
  }

  private isLetThrough(active: Context): boolean {
    return letThroughIn.get(active) === this.target;
  }
}

/** A call of which nothing is known but the function. */
function callOfNobody({ moduleName, moduleVersion, exportPath }: RunPlan): GeneratorCall {
  return { moduleName, moduleVersion, exportPath, thisArg: undefined, args: [], factoryArgs: undefined };
}

/** How a context is related to that of a call, the closest last. */
enum Relation {
  /** Of another trace. */
  Foreign,
  Unknown,
  SameTrace,
  Same,
}

function relate(creation: Context, active: Context): Relation {
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
