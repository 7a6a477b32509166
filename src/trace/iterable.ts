/**
 * Iterables: their `Symbol.asyncIterator` is replaced by a method of this package, by which each iteration becomes a run.
 */
import type { Context } from '@opentelemetry/api';
import { carriedRunOf } from './pulls';
import { activeContext } from './context';
import {
  type AnyFunction,
  filtered,
  getOwnPropertyDescriptor,
  isObjectLike,
  isProxy,
  joined,
  OwnWeakMap,
  OwnWeakRef,
  reflectApply,
} from '../base/intrinsics';
import { read } from '../telemetry/errors';
import { installMembers, setName, type Member } from './members';
import { observe } from './observe';
import type { RunPlan } from './plan';
import type { Run } from './run';
import { traceIterator, traceOwnIterator, type TracedIterator } from './iterator';
import { setLetThrough, unsetLetThrough, WaitingCalls, type WaitingCall } from './waiting-calls';

/** By the method that stays on an iterable. */
const byMethod = new OwnWeakMap<object, TracedIterable>();

/** By target whose calls have returned an iterable: its `iteratorMember`. */
const sharingTargets = new OwnWeakMap<object, string | undefined>();

/** What the iterations of `iterable` come from. */
function iterationKey(iterable: object, member: string | undefined): string | typeof Symbol.asyncIterator {
  if (member === undefined) return Symbol.asyncIterator;
  const method: unknown = getOwnPropertyDescriptor(iterable, member)?.value;
  return typeof method === 'function' ? member : Symbol.asyncIterator;
}

/** What `iterable` got when a call of the same target returned it before. */
function tracedIterableOf(iterable: object, target: object): TracedIterable | undefined {
  let method: unknown = getOwnPropertyDescriptor(iterable, iterationKey(iterable, sharingTargets.get(target)))?.value;
  for (;;) {
    const traced = isObjectLike(method) ? byMethod.get(method) : undefined;
    if (traced === undefined || traced.target === target) return traced;
    method = traced.original;
  }
}

/**
 * Traces the iterations of what a call has returned. False if they cannot be traced.
 *
 * @param isIterator whether the iterable has a `next`, and so may be its own iterator
 */
export function traceIterable(
  iterable: AsyncIterable<unknown>,
  call: WaitingCall & { readonly run: Run },
  isIterator: boolean,
): boolean {
  const { run } = call;
  const { plan } = run.tracing;
  const traced = tracedIterableOf(iterable, plan.target) ?? new TracedIterable(iterable, plan, isIterator);
  traced.calls.add(call);
  return traced.isInstalled || traced.install(run, isIterator);
}

/** A call of the target has been let through untraced: traced ones may have returned the same object. */
export function noteUntraced(result: unknown, target: object, creation: Context): void {
  if (!isObjectLike(result) || isProxy(result)) return;
  const traced = tracedIterableOf(result, target);
  if (traced !== undefined) {
    traced.calls.add({ run: undefined, call: undefined, creation, isPromised: false });
    unsetLetThrough(creation, target);
    return;
  }
  if (typeof read(result, 'then') !== 'function') return;
  setLetThrough(creation, target);
  if (!sharingTargets.has(target)) return;
  // Not before the program does, or its rejection would count as handled.
  observe(
    result,
    (value) => {
      noteUntraced(value, target, creation);
      return value;
    },
    ignore,
    false,
    { isIterable: true },
  );
}

function ignore(): void {}

class TracedIterable {
  isInstalled = false;
  readonly original: AnyFunction;
  readonly target: object;
  /** By which it is iterated over, and closed with all of its runs. */
  private readonly members: Member[];
  private readonly canBeClosed: boolean;
  private readonly isMember: boolean;
  /** Calls whose iteration has not begun. */
  readonly calls: WaitingCalls;
  /** The runs of iterations, to be closed with the iterable. They hold contexts, which may lead to the iterators. */
  private iterations: WeakRef<Run>[] = [];
  /** While the iterable may be its own iterator. */
  private own: TracedIterator | undefined;

  constructor(
    private readonly iterable: AsyncIterable<unknown>,
    { target, closeMembers, iteratorMember }: RunPlan,
    isIterator: boolean,
  ) {
    this.target = target;
    this.calls = new WaitingCalls(target);
    sharingTargets.set(target, iteratorMember);
    const key = iterationKey(iterable, iteratorMember);
    this.isMember = typeof key === 'string';
    this.original = (iterable as unknown as Record<PropertyKey, AnyFunction>)[key] as AnyFunction;
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- `this` of a member is the program's object.
    const traced = this;
    const iterate = function (this: unknown, ...args: unknown[]): unknown {
      return traced.iterate(this, args);
    };
    setName(iterate, typeof key === 'string' ? key : '[Symbol.asyncIterator]');
    byMethod.set(iterate, this);
    this.members = closingMembers(iterable, closeMembers, () => this.openRuns());
    // That of an iterator is observed with its pulls.
    const dispose = isIterator ? undefined : closingMember(iterable, Symbol.asyncDispose, () => this.openRuns());
    if (dispose !== undefined) this.members[this.members.length] = dispose;
    this.canBeClosed = this.members.length > 0 || closeMembers.length > 0;
    this.members[this.members.length] = { key, value: iterate };
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

  /** The runs that are over once the iterable has been closed. */
  private openRuns(): Run[] {
    const runs = this.calls.close();
    const begun = this.own?.begunRun;
    if (begun !== undefined) runs[runs.length] = begun;
    for (let index = 0; index < this.iterations.length; index++) {
      const run = (this.iterations[index] as WeakRef<Run>).deref();
      if (run?.isOver === false) runs[runs.length] = run;
    }
    return runs;
  }

  private remember(run: Run): void {
    const open = filtered(this.iterations, (each) => each.deref()?.isOver === false);
    this.iterations = joined(open, [new OwnWeakRef(run)]);
  }

  private iterate(self: unknown, args: readonly unknown[]): unknown {
    const { calls, iterable, original, target } = this;
    // What is a member by convention only may be called without its object: OpenTelemetry's instrumentation of openai does.
    const isBare = self === undefined && this.isMember;
    if (self !== iterable && !isBare) return reflectApply(original, self, args);
    const active = activeContext();
    const next = calls.next(active);
    const iterator =
      next === undefined
        ? reflectApply(original, self, args)
        : next.callInBody((receiver) => reflectApply(original, receiver, args), self);
    if (iterator === iterable || !isObjectLike(iterator)) return iterator;
    const begun = this.leaveOwn();
    const carried = carriedRunOf(iterator, target);
    if (carried?.isStarted === true && next !== undefined) calls.runFor(active)?.giveWayTo(carried);
    // The call that made it knows more of it than an earlier one.
    if (carried !== undefined && (carried.isStarted || (next ?? begun) === undefined)) return iterator;
    carried?.close();
    const run = begun ?? calls.runFor(active);
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

  /** The iterable's iterator is another object, whose `next` may call that of the iterable (a cursor's, say). */
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
    const run = this.calls.runFor(activeContext());
    // It has one run, however many calls return it.
    this.calls.discard();
    return run;
  }
}

// What closes it, past its iterator: the language's `Symbol.asyncDispose`, and the methods that a preset names.

/**
 * Members in place of those of `object` that close it.
 *
 * @param names of its methods, or the path of a method further down (`controller.abort`), which gets its member at once
 * @param openRuns the runs that are over once `object` has been closed
 */
export function closingMembers(object: object, names: readonly string[], openRuns: () => readonly Run[]): Member[] {
  const members: Member[] = [];
  for (let index = 0; index < names.length; index++) {
    const name = names[index] as string;
    const dot = name.indexOf('.');
    if (dot < 0) {
      const member = closingMember(object, name, openRuns);
      if (member !== undefined) members[members.length] = member;
      continue;
    }
    const owner = (object as Record<string, unknown>)[name.slice(0, dot)];
    const member = isObjectLike(owner) ? closingMember(owner, name.slice(dot + 1), openRuns) : undefined;
    if (member !== undefined) installMembers(owner as object, [member]);
  }
  return members;
}

export function closingMember(owner: object, key: PropertyKey, openRuns: () => readonly Run[]): Member | undefined {
  const original = (owner as Record<PropertyKey, unknown>)[key];
  if (typeof original !== 'function') return undefined;
  const close = function (this: unknown, ...args: unknown[]): unknown {
    if (this !== owner) return reflectApply(original as AnyFunction, this, args);
    // Without those that the client closes: a stream may abort its request in a `finally`, as its last act.
    const active = activeContext();
    const runs = filtered(openRuns(), (run) => !run.isClosedByClient(active));
    for (let index = 0; index < runs.length; index++) (runs[index] as Run).closing();
    const closed = (error?: unknown, isFailed = false): void => {
      for (let index = 0; index < runs.length; index++) (runs[index] as Run).settleClosing(error, isFailed);
    };
    let result: unknown;
    try {
      result = reflectApply(original as AnyFunction, this, args);
    } catch (error) {
      closed(error, true);
      throw error;
    }
    if (runs.length === 0) return result;
    const onValue = (value: unknown): unknown => {
      closed();
      return value;
    };
    const onError = (error: unknown): void => {
      closed(error, true);
    };
    return observe(result, onValue, onError, (runs[0] as Run).tracing.plan.preserveUnhandledRejections);
  };
  setName(close, typeof key === 'symbol' ? `[${key.description ?? ''}]` : String(key));
  return { key, value: close };
}
