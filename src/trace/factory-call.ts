/**
 * Calls of factories whose results hold streams: `streamText().textStream`.
 *
 * The call is not a run itself. What it returned may hold several streams, or make another one for each read, and each iteration of one is a
 * run of its own. Its parent is what was active at the call. The first run of each property begins with the call, because the work for it
 * does; one that follows begins with its first pull. The call's body has the context of its caller, not that of a run: none may ever
 * come, and whatever the body starts would have a parent that is never exported.
 */
import type { Context } from '@opentelemetry/api';
import { sharedByCopies } from '../base/copies';
import { getOwnPropertyDescriptor, getPrototypeOf, isObjectLike, isProxy, OwnWeakMap } from '../base/intrinsics';
import type { GeneratorCall, ThenableMember } from '../types';
import { activeContext } from './context';
import { noteUntraced } from './iterable';
import { observe } from './observe';
import type { RunPlan } from './plan';
import { beginNow, type Beginning, type Start, type Tracing } from './record';
import { isAsyncIterable, thenableMembersOf, traceStream } from './results';
import { Run } from './run';
import { isTracedIn, isWanted } from './traced-function';
import { callOfNobody, Relation, relate } from './waiting-calls';

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

  /**
   * @param isSaidElsewhere whether another instrumentation, below, or an earlier iteration says what the request to a model was
   */
  constructor(
    private readonly thisArg: unknown,
    private readonly args: readonly unknown[],
    private isSaidElsewhere: boolean,
  ) {
    this.beginning.times.pendingStarted();
  }

  /** What the factory makes is there: from then on its streams wait for their consumers. */
  made(): void {
    this.beginning.times.touch();
  }

  /**
   * Traces what a property holds, if it is a stream or a promise of one.
   *
   * @param isShared whether other calls have made the same object: then the one that an iteration belongs to has to be known by its context
   * @returns what to hand to the program in place of `value`
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
      const onValue = (outcome: unknown): unknown => this.trace(outcome, property, isShared);
      return whenThere(value, onValue, property.tracing.plan) as object;
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
    const { run, call, creation } = this.runOf(tracing, isShared);
    if (!isTracedIn(creation, plan) || !isWanted(call, tracing)) {
      noteUntraced(stream, plan.target, creation);
      return stream;
    }
    owners.set(stream, scope);
    const traced = traceStream(run, call, creation, stream);
    if (traced === undefined) property.failed('the stream in it is frozen');
    return traced ?? stream;
  }

  private runOf(tracing: Tracing, isShared: boolean): { run: Run; call: GeneratorCall; creation: Context } {
    const { moduleName, moduleVersion, exportPath } = tracing.plan;
    const { args, thisArg } = this;
    const active = activeContext();
    const relation = relate(this.creation, active);
    if (isShared && relation < Relation.SameTrace) {
      const call = callOfNobody(tracing.plan);
      return { run: new Run(tracing, active, call, true), call, creation: active };
    }
    const call = { moduleName, moduleVersion, exportPath, thisArg, args, factoryArgs: args };
    // A client may make streams as long as the program runs, for requests that came long after its own making.
    const creation = this.hasBegun(tracing) && relation === Relation.Foreign ? active : this.creation;
    const run = new Run(tracing, creation, call);
    run.startAs(() => this.start(tracing));
    return { run, call, creation };
  }

  /** The first run of a property that starts has begun with the call, however many of its streams have been read. */
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
    for (let index = 0; index < this.begun.length; index++) if (this.begun[index] === tracing) return true;
    return false;
  }
}

/**
 * Calls `onValue` with what a promise or thenable is fulfilled with, before the program gets it.
 *
 * @returns what to hand to the program in place of `promise`
 */
export function whenThere(
  promise: object,
  onValue: (value: unknown) => unknown,
  { preserveUnhandledRejections, thenableMembers }: RunPlan,
  members: readonly ThenableMember[] = thenableMembers,
): unknown {
  return observe(promise, onValue, noop, preserveUnhandledRejections, { further: thenableMembersOf(promise, members) });
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
