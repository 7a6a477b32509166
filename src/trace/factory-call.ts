/**
 * Calls of factories whose results hold streams: `streamText().textStream`.
 *
 * The call is not a run itself: its result may hold several streams, or make another for each read. Each iteration is a run, whose parent was active
 * at the call. The first run of each property begins with the call, as its work does; the next ones with their first pull. The call's body has the
 * context of its caller: a run may never come, and what the body starts would have a parent that is never exported.
 *
 * With `startOn: 'call'`, and one property selected, the call is a run, and goes on with the first stream of the property. It then fails with the call,
 * is the parent of what the body does, and ends with a result that has no stream.
 */
import type { Context } from '@opentelemetry/api';
import { sharedByCopies } from '../base/registry';
import {
  filtered,
  getOwnPropertyDescriptor,
  getPrototypeOf,
  isObjectLike,
  isProxy,
  OwnWeakMap,
  reflectApply,
  type AnyFunction,
} from '../base/intrinsics';
import type { GeneratorCall } from '../types';
import { activeContext } from './context';
import { callInBody } from './context-switch';
import { noteUntraced } from './iterable';
import { observe } from './observe';
import type { RunPlan } from './plan';
import { beginNow, type Beginning, type Start, type Tracing } from './record';
import { isAsyncIterable, thenableMembersOf, traceStream } from './results';
import { Run } from './run';
import { applyTo, isTracedIn, isWanted } from './traced-function';
import { unknownCall, Relation, relate } from './waiting-calls';

/** By stream: the scope whose runs its iterations are. Two instrumentations may select the same property. */
const owners = sharedByCopies('streams.v1', () => new OwnWeakMap<object, { readonly enabled: boolean }>());

/** A property of what a factory makes. */
export interface StreamProperty {
  /** How what it holds is traced. */
  readonly tracing: Tracing;
  /** Told if it holds what can be traced. */
  found(): void;
  /** Told if it holds anything else. */
  unsuitable(value: unknown): void;
  failed(reason: string): void;
}

export class FactoryCall {
  private readonly creation = activeContext();
  private readonly beginning: Beginning = beginNow();
  /** By stream: what the program gets in its place, which is another object only for a frozen generator. */
  private handedOut: WeakMap<object, object> | undefined;
  /** Those of which a run has begun. */
  private readonly begun: Tracing[] = [];
  /** The run that has begun with the call, until a stream has it. */
  private run: Run | undefined;
  /** Whether the stream may be there later: the property has a getter, or holds a promise, or nothing yet. */
  private isAwaited = false;

  constructor(
    private readonly thisArg: unknown,
    private readonly args: readonly unknown[],
    /** See `Start`. */
    private isSaidElsewhere: boolean,
  ) {
    this.beginning.times.pendingStarted();
  }

  /**
   * Calls the factory.
   *
   * @param tracing of the run that begins with the call, if one does
   */
  invoke(factory: AnyFunction, tracing: Tracing | undefined): unknown {
    const { args, creation, thisArg } = this;
    if (tracing?.scope.isActive() !== true || !isTracedIn(creation, tracing.plan))
      return reflectApply(factory, thisArg, args);
    const call = this.callFor(tracing.plan);
    if (isWanted(call, tracing)) {
      const run = new Run(tracing, creation, call, this.start(tracing).isSaidElsewhere);
      run.startWithCall();
      if (!run.isOver) this.run = run;
    }
    try {
      return callInBody(this.run?.contextSwitch, applyTo, factory, call);
    } catch (error) {
      this.failed(error);
      throw error;
    }
  }

  /** The result is there, and is about to be looked at: from then on its streams wait for their consumers. */
  made(): void {
    this.beginning.times.touch();
  }

  /** The same for the run of the call. */
  settled(): void {
    this.run?.callSettled();
  }

  /** The call has failed, or the promise that it returned. */
  failed(error: unknown): void {
    const { run } = this;
    this.run = undefined;
    if (run?.callSettled() === true) run.callFailed(error);
  }

  /** The stream of the run of the call may be there later. */
  awaits(): void {
    this.isAwaited = true;
  }

  /** The result has been looked at. */
  patched(result: unknown): void {
    const { run } = this;
    if (run === undefined) return;
    if (this.isAwaited) {
      run.park();
      return;
    }
    this.run = undefined;
    run.completeCall(result);
  }

  /** The result is yet to come, by `promise`. */
  watch(promise: unknown): void {
    if (isObjectLike(promise) && this.run?.hasPendingPull === true) this.run.watch(promise);
  }

  /**
   * Traces what a property holds, if it is a stream or a promise of one. Returns what to hand to the program.
   *
   * @param isShared whether other calls have made the same object: then the context tells which of them an iteration belongs to
   */
  trace(value: unknown, property: StreamProperty, isShared: boolean): unknown {
    if (!isObjectLike(value)) {
      property.unsuitable(value);
      return value;
    }
    this.handedOut ??= new OwnWeakMap();
    let handedOut = this.handedOut.get(value);
    if (handedOut === undefined) {
      handedOut = this.traceObject(value, property, isShared);
      this.handedOut.set(value, handedOut);
    }
    return handedOut;
  }

  private traceObject(value: object, property: StreamProperty, isShared: boolean): object {
    if (isAsyncIterable(value)) return this.traceStream(value, property, isShared);
    if (isThenable(value)) {
      if (property.tracing === this.run?.tracing) this.awaits();
      const { preserveUnhandledRejections, thenableMembers } = property.tracing.plan;
      const onValue = (outcome: unknown): unknown => this.trace(outcome, property, isShared);
      const further = thenableMembersOf(value, thenableMembers);
      return observe(value, onValue, noop, preserveUnhandledRejections, { further }) as object;
    }
    property.unsuitable(value);
    return value;
  }

  private traceStream(stream: object, property: StreamProperty, isShared: boolean): object {
    const { tracing } = property;
    const { plan, scope } = tracing;
    property.found();
    const owner = owners.get(stream);
    if (!scope.isActive() || (owner !== undefined && owner !== scope && owner.enabled)) return stream;
    const { run, call, creation, isOfCall } = this.runFor(tracing, isShared);
    if (!isOfCall && (!isTracedIn(creation, plan) || !isWanted(call, tracing))) {
      noteUntraced(stream, plan.target, creation);
      return stream;
    }
    owners.set(stream, scope);
    const traced = traceStream(run, call, creation, stream);
    if (traced !== undefined) return traced;
    property.failed('the stream in it is frozen');
    if (isOfCall) run.completeCall(stream);
    return stream;
  }

  private runFor(tracing: Tracing, isShared: boolean): StreamRun {
    const active = activeContext();
    const relation = relate(this.creation, active);
    if (isShared && relation < Relation.SameTrace) {
      const call = unknownCall(tracing.plan);
      return { run: new Run(tracing, active, call, true), call, creation: active, isOfCall: false };
    }
    const call = this.callFor(tracing.plan);
    const begun = this.run;
    if (begun?.tracing === tracing) {
      this.run = undefined;
      begun.unpark();
      return { run: begun, call, creation: this.creation, isOfCall: true };
    }
    // A client may make streams as long as the program runs, for requests that came long after the call.
    const creation = this.hasBegun(tracing) && relation === Relation.Foreign ? active : this.creation;
    const run = new Run(tracing, creation, call);
    run.startAs(() => this.start(tracing));
    return { run, call, creation, isOfCall: false };
  }

  private callFor({ moduleName, moduleVersion, exportPath }: RunPlan): GeneratorCall {
    const { args, thisArg } = this;
    return { moduleName, moduleVersion, exportPath, thisArg, args, factoryArgs: args };
  }

  /** The first run of a property has begun with the call. */
  private start(tracing: Tracing): Start {
    const { isSaidElsewhere } = this;
    // A request is said once, though its answer may be iterated several times.
    if (tracing.plan.genAi !== undefined) this.isSaidElsewhere = true;
    if (this.hasBegun(tracing)) return { beginning: undefined, isSaidElsewhere };
    this.begun[this.begun.length] = tracing;
    const { startTime, times } = this.beginning;
    const copy = times.copy();
    copy.pendingEnded();
    return { beginning: { startTime, times: copy }, isSaidElsewhere };
  }

  private hasBegun(tracing: Tracing): boolean {
    return filtered(this.begun, (begun) => begun === tracing).length > 0;
  }
}

/** A run that a stream gets. */
interface StreamRun {
  readonly run: Run;
  readonly call: GeneratorCall;
  readonly creation: Context;
  /** Whether it has begun with the call, and not only counts from there. */
  readonly isOfCall: boolean;
}

/** Whether `value` is a promise or another thenable. Reads no getter. */
export function isThenable(value: unknown): value is object {
  if (!isObjectLike(value)) return false;
  for (let owner: object | null = value; owner !== null; owner = getPrototypeOf(owner)) {
    // A Proxy may answer to any name.
    if (isProxy(owner)) return false;
    const descriptor = getOwnPropertyDescriptor(owner, 'then');
    if (descriptor !== undefined) return typeof descriptor.value === 'function';
  }
  return false;
}

function noop(): void {}
