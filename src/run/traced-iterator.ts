/**
 * The hot path: every pull of every traced generator goes through here.
 */
import { carry } from './carrier';
import type { ContextSwitch } from './context-switch';
import { isAsyncGenerator, isPlainPromise, promiseThen } from './intrinsics';
import { methodsOf, type IteratorMethods, type Method } from './iterator-methods';
import { installMembers, type Member } from './members';
import { deriveFrom, observe } from './observe';
import type { Run } from './run';

/**
 * Makes the pulls of `iterator` those of `run`. The object is patched in place; where that is impossible because it
 * is frozen, a delegating object takes the place of an async generator. It could not take that of anything else, whose
 * members may need the object itself (private fields).
 *
 * @param others members that come and go with those of the run
 * @returns the object to hand to the program, or undefined if `iterator` cannot be traced
 */
export function traceIterator(iterator: object, run: Run, others: readonly Member[] = []): object | undefined {
  const { facade } = new TracedIterator(iterator, run, others);
  if (facade === undefined) return undefined;
  carry(facade, run);
  // A run that has not started yet is watched from its first pull.
  run.watch(facade);
  return facade;
}

class TracedIterator {
  /** What the program holds: the iterator, or an object that delegates to it; undefined if neither can be. */
  readonly facade: object | undefined;
  private readonly methods: IteratorMethods;
  private readonly preserve: boolean;
  /** Whether our reactions go on the very promises that the program gets. */
  private readonly isDirect: boolean;
  private readonly onNext: (result: unknown) => unknown;
  /** See `Run.onlySwitch`. */
  private onlySwitch: ContextSwitch | undefined;
  private uninstall: (() => void) | undefined;

  constructor(
    private readonly iterator: object,
    private readonly run: Run,
    others: readonly Member[],
  ) {
    this.methods = methodsOf(iterator);
    this.preserve = run.lifecycle.plan.preserveUnhandledRejections;
    this.isDirect = this.methods.intrinsic && !this.preserve;
    this.onNext = this.reaction('completed');
    this.onlySwitch = run.onlySwitch;
    const members = this.createMembers(others);
    this.uninstall = installMembers(iterator, members);
    if (this.uninstall !== undefined) {
      this.facade = iterator;
    } else if (isAsyncGenerator(iterator)) {
      this.facade = Object.create(iterator) as object;
      installMembers(this.facade, members);
    }
  }

  /** The methods that the program calls. Each gives way where it was called on another generator. */
  private createMembers(others: readonly Member[]): Member[] {
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- `this` of a member is the program's object.
    const traced = this;
    const { run, methods } = this;
    const own = {
      next(this: unknown, value?: unknown) {
        if (traced.onlySwitch !== undefined && this === traced.facade) {
          return traced.onlySwitch.run(methods.next, traced.iterator, value, arguments.length);
        }
        if (!traced.isMeant(this)) return methods.next(this, value, arguments.length);
        if (!run.isStarted) traced.start();
        return traced.pull(methods.next, this, value, arguments.length, traced.onNext);
      },
      return(this: unknown, value?: unknown) {
        if (!traced.isMeant(this)) return methods.return(this, value, arguments.length);
        if (!run.isStarted) run.close();
        return traced.pull(methods.return, this, value, arguments.length, traced.reaction('returned'));
      },
      throw(this: unknown, error?: unknown) {
        const method = methods.throw as Method;
        if (!traced.isMeant(this)) return method(this, error, arguments.length);
        if (!run.isStarted) run.close();
        return traced.pull(method, this, error, arguments.length, traced.onNext);
      },
    };
    const members: Member[] = [
      { key: 'next', value: own.next },
      { key: 'return', value: own.return },
    ];
    // No `push`: a program may have patched it.
    if (methods.throw !== undefined) members[members.length] = { key: 'throw', value: own.throw };
    if (methods.dispose !== undefined) members[members.length] = this.createDispose(methods.dispose);
    for (let index = 0; index < others.length; index++) members[members.length] = others[index] as Member;
    return members;
  }

  private createDispose(method: Method): Member {
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- as above
    const traced = this;
    const { run } = this;
    const own = {
      [Symbol.asyncDispose](this: unknown) {
        if (!run.isStarted) run.close();
        return traced.pull(method, this, undefined, 0, (result) => {
          traced.disposed();
          return result;
        });
      },
    };
    return { key: Symbol.asyncDispose, value: own[Symbol.asyncDispose] };
  }

  /**
   * The methods of an async generator ask for its brand, so a call on another object is another generator's. Those of
   * an iterator made by hand may well be called on a copy of it (`{ ...iterator }`), or on nothing.
   */
  private isMeant(receiver: unknown): boolean {
    return receiver === this.facade || !this.methods.intrinsic;
  }

  private start(): void {
    this.run.start();
    this.onlySwitch = this.run.onlySwitch;
    this.run.watch(this.facade as object);
  }

  private pull(
    method: Method,
    receiver: unknown,
    value: unknown,
    count: number,
    onResult: (result: unknown) => unknown,
  ): unknown {
    const { run, preserve } = this;
    // What delegates to the iterator has none of its brand.
    const self = receiver === this.facade ? this.iterator : receiver;
    const { openRecord: record } = run;
    if (record === undefined) return this.passThrough(method, self, value, count);
    if (!record.recording) return run.enter(method, self, value, count);
    run.lifecycle.pullStarted(record);
    let result: unknown;
    try {
      result = run.enter(method, self, value, count);
    } catch (error) {
      this.onError(error);
      throw error;
    }
    try {
      if (!this.isDirect) return observe(result, onResult, this.onError, preserve);
      // The very promise that the generator made goes back; ours is the first reaction on it.
      promiseThen(result as Promise<unknown>, onResult, this.onError);
    } catch (error) {
      run.unobservable(error);
    }
    return result;
  }

  private passThrough(method: Method, self: unknown, value: unknown, count: number): unknown {
    const queued = this.run.hasPendingPull;
    this.detachWhenIdle();
    const result = method(self, value, count);
    // Behind pulls that settle a tick later, this one has to as well.
    return queued && this.preserve && isPlainPromise(result) ? deriveFrom(result, identity, noop) : result;
  }

  // The reactions of every pull: made once for each run.

  /** With what a reaction returns, the engine resolves a promise, and looks for a `then` on it: nothing is best. */
  private reaction(outcome: 'completed' | 'returned'): (result: unknown) => unknown {
    if (this.isDirect) {
      return (result) => {
        this.settled(result, outcome);
      };
    }
    return (result) => {
      this.settled(result, outcome);
      return result;
    };
  }

  private readonly onError = (error: unknown): void => {
    this.run.pullSettled();
    this.run.fail(error);
    this.detachWhenIdle();
  };

  private disposed(): void {
    this.run.pullSettled();
    this.run.end('returned');
    this.detachWhenIdle();
  }

  private settled(result: unknown, outcome: 'completed' | 'returned'): void {
    const { run } = this;
    run.pullSettled();
    if (isDone(result)) {
      run.end(outcome);
      this.detachWhenIdle();
    } else {
      run.item(run.wantsItems ? valueOf(result) : undefined);
      if (run.isOver) this.detachWhenIdle();
    }
  }

  /** Queued pulls keep their order only if all of them go the same way, so our members stay until none is pending. */
  private detachWhenIdle(): void {
    if (this.uninstall === undefined || !this.run.isOver || this.run.hasPendingPull) return;
    this.uninstall();
    this.uninstall = undefined;
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

function valueOf(result: unknown): unknown {
  try {
    return (result as IteratorResult<unknown>).value;
  } catch {
    return undefined;
  }
}

function identity<T>(value: T): T {
  return value;
}

function noop(): void {}
