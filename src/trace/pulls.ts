import { isPlainPromise } from '../base/intrinsics';
import { callInBody, type ContextSwitch } from './context-switch';
import { deriveFrom, observe } from './observe';
import type { Run } from './run';

/** A method of the original, receiver first. `input` is what its caller gave: a value, or a list of arguments. */
export type Method = (receiver: unknown, input: unknown) => unknown;

/** What the generators and the iterators made by hand have in common whose pulls are those of a run. */
export abstract class TracedPulls {
  /** What the program holds: the original, or an object that delegates to it; undefined if neither can be. */
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

  /** Queued pulls keep their order only if all of them go the same way, so they are observed until none is pending. */
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
    if (!record.observed) return callInBody(contextSwitch as ContextSwitch, method, receiver, input);
    record.pullStarted();
    let result: unknown;
    try {
      result = callInBody(contextSwitch as ContextSwitch, method, receiver, input);
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
