/**
 * Which runs an object carries, and how its pulls become those of a run.
 */
import { GivenObject, isObjectLike, isPlainPromise } from '../base/intrinsics';
import { callInBody } from './context-switch';
import type { TracedGenerator } from './generator';
import { deriveFrom, observe } from './observe';
import type { Run } from './run';

interface Entry {
  readonly run: Run;
  /** That of the run that the object carried before, for another target. */
  readonly outer: Entry | undefined;
}

/** What an object carries. In one field: where each generator has a function of its own, every field takes a third of a microsecond. */
export interface Load {
  entry: Entry | undefined;
  /** What traces the pulls of a generator, as long as its run is open or pulls are pending. */
  traced: TracedGenerator | undefined;
}

/**
 * A private field on the program's object does what a WeakMap would: no reflection sees it, and it goes with the object. But it costs the garbage
 * collector nothing, where a WeakMap entry for every generator was the most expensive part of a run.
 */
class Carrier extends GivenObject {
  #load: Load = { entry: undefined, traced: undefined };

  // An implicit one iterates over its arguments on Node 20, which a program may have patched: https://github.com/tc39/ecma262/pull/2216
  // eslint-disable-next-line @typescript-eslint/no-useless-constructor
  constructor(object: object) {
    super(object);
  }

  static get(object: object): Load | undefined {
    return #load in object ? object.#load : undefined;
  }

  static of(object: object): Load {
    return (#load in object ? object : new Carrier(object)).#load;
  }
}

export function loadOf(object: object): Load {
  return Carrier.of(object);
}

export function tracedOf(object: unknown): TracedGenerator | undefined {
  return isObjectLike(object) ? Carrier.get(object)?.traced : undefined;
}

/** The run of this target that `object` carries, if it is not over. */
export function carriedRunOf(object: object, target: object): Run | undefined {
  for (let entry = Carrier.get(object)?.entry; entry !== undefined; entry = entry.outer) {
    if (entry.run.tracing.plan.target === target && !entry.run.isOver) return entry.run;
  }
  return undefined;
}

export function carry(load: Load, run: Run): void {
  load.entry = { run, outer: withoutEnded(load.entry) };
}

/** An object may live as long as the program, and must not keep the runs that are over. */
function withoutEnded(entry: Entry | undefined): Entry | undefined {
  if (entry === undefined) return undefined;
  const outer = withoutEnded(entry.outer);
  if (entry.run.isOver) return outer;
  return outer === entry.outer ? entry : { run: entry.run, outer };
}

/** A method of the original, receiver first. `input` is what its caller gave: a value, or a list of arguments. */
export type Method = (receiver: unknown, input: unknown) => unknown;

/** A generator, or an iterator made by hand, whose pulls are those of a run. */
export abstract class TracedPulls {
  /** What the program holds: the original, or an object that delegates to it. Undefined if it cannot be traced. */
  abstract readonly object: object | undefined;
  protected readonly preserve: boolean;
  protected isAttached = true;

  constructor(
    readonly original: object,
    protected run: Run,
  ) {
    this.preserve = run.tracing.plan.preserveUnhandledRejections;
  }

  /** Puts back what the object was. */
  protected abstract detach(): void;

  /** Queued pulls keep their order only if all go the same way, so they are observed until none is pending. */
  protected detachWhenIdle(): void {
    if (this.isAttached && this.run.isOver && !this.run.hasPendingPull) {
      this.isAttached = false;
      this.detach();
    }
  }

  protected start(): void {
    this.run.start();
    this.run.watch(this.object as object);
  }

  /** Calls `method` as a pull of the run, or as if nothing were traced once that is over. */
  protected pull(
    method: Method,
    receiver: unknown,
    input: unknown,
    onResult: (result: unknown) => unknown,
    onError: (error: unknown) => void,
  ): unknown {
    const { contextSwitch, openRecord: record } = this.run;
    if (record === undefined) return this.passThrough(method, receiver, input);
    if (!record.observed) return callInBody(contextSwitch, method, receiver, input);
    record.pullStarted();
    let result: unknown;
    try {
      result = callInBody(contextSwitch, method, receiver, input);
    } catch (error) {
      onError(error);
      throw error;
    }
    return this.observe(result, onResult, onError);
  }

  /** @returns what to hand to the program in place of `result` */
  protected observe(
    result: unknown,
    onResult: (result: unknown) => unknown,
    onError: (error: unknown) => void,
  ): unknown {
    try {
      return observe(result, onResult, onError, this.preserve);
    } catch (error) {
      this.run.unobservable(error);
      return result;
    }
  }

  protected rejected(error: unknown, thrownIn: unknown): void {
    this.run.rejected(error, thrownIn);
    this.detachWhenIdle();
  }

  private passThrough(method: Method, receiver: unknown, input: unknown): unknown {
    const isQueued = this.run.hasPendingPull;
    this.detachWhenIdle();
    const result = method(receiver, input);
    // Behind pulls that settle a tick later, this one has to as well.
    return isQueued && this.preserve && isPlainPromise(result) ? deriveFrom(result, identity, noop) : result;
  }
}

/** Equal to nothing that a program throws in. */
export const NOTHING = Symbol();

function identity<T>(value: T): T {
  return value;
}

function noop(): void {}
