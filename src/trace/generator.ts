/**
 * Real generators. The hot path: every pull of every traced one is a call of `next` below.
 */
import {
  asyncGeneratorNext,
  AsyncGeneratorPrototype,
  asyncGeneratorReturn,
  asyncGeneratorThrow,
  getPrototypeOf,
  isAsyncGenerator,
  isProxy,
  joined,
  promiseThen,
  reflectApply,
  type AnyFunction,
} from '../base/intrinsics';
import type { ContextSwitch } from './context-switch';
import { addMembers, installMembers, NO_MEMBERS, type Member } from './members';
import { carry, loadOf, NOTHING, TracedPulls, tracedOf, type Load } from './pulls';
import type { RunRecord } from './record';
import type { Run } from './run';

/** The methods of all traced generators, put once on the object that a function's generators inherit from. Each finds the run by its generator. */
const methods = {
  // One small frame: bodies that recurse by `yield*` have one of these for each level.
  next(this: unknown, value?: unknown): unknown {
    const traced = tracedOf(this);
    if (traced === undefined) return inheritedNext(this, value);
    const entered = traced.enter();
    if (entered === undefined) return traced.next(value);
    let promise: unknown;
    try {
      promise = asyncGeneratorNext(traced.original, value);
    } catch (error) {
      // The stack is full.
      traced.nextThrew(entered, error);
      throw error;
    }
    return traced.nextCalled(entered, promise);
  },
  return(this: unknown, value?: unknown): unknown {
    const traced = tracedOf(this);
    return traced === undefined ? inheritedReturn(this, value) : traced.return(value);
  },
  throw(this: unknown, error?: unknown): unknown {
    const traced = tracedOf(this);
    return traced === undefined ? inheritedThrow(this, error) : traced.throw(error);
  },
};

export class TracedGenerator extends TracedPulls {
  readonly object: object;
  // Copies of what the run has, since every pull reads them. The switch stays after the run's end: a pull may be under way then.
  private record: RunRecord | undefined;
  private contextSwitch: ContextSwitch | undefined;
  private thrownIn: unknown = NOTHING;
  private readonly load: Load;
  private readonly takeMembersOff: (() => void) | undefined;
  // The reactions of every pull: made once for each run.
  private readonly onNext = this.reaction('completed');
  private readonly onError = (error: unknown): void => {
    this.rejected(error, this.thrownIn);
  };

  constructor(generator: object, run: Run, members: readonly Member[]) {
    super(generator, run);
    let object = generator;
    if (members.length > 0) {
      this.takeMembersOff = installMembers(generator, members);
      if (this.takeMembersOff === undefined) {
        object = Object.create(generator) as object;
        installMembers(object, members);
      }
    }
    this.object = object;
    // Looked up once: that takes longer where every generator has a function of its own.
    this.load = loadOf(object);
    this.load.traced = this;
    carry(this.load, run);
    // One that has not started yet is watched from its first pull.
    run.watch(object);
  }

  protected detach(): void {
    this.load.traced = undefined;
    this.takeMembersOff?.();
  }

  /** Begins a pull in the body's context. Undefined if the run is over, or the context manager has to enter it: by `next`, then. */
  enter(): object | undefined {
    const record = this.record ?? this.begin();
    if (record === undefined || record.ended) return undefined;
    const entered = (this.contextSwitch as ContextSwitch).enter();
    if (entered !== undefined && record.observed) record.pullStarted();
    return entered;
  }

  nextCalled(entered: object, promise: unknown): unknown {
    (this.contextSwitch as ContextSwitch).leave(entered);
    return (this.record as RunRecord).observed ? this.observe(promise, this.onNext, this.onError) : promise;
  }

  nextThrew(entered: object, error: unknown): void {
    (this.contextSwitch as ContextSwitch).leave(entered);
    if ((this.record as RunRecord).observed) this.onError(error);
  }

  private begin(): RunRecord | undefined {
    const { run } = this;
    if (!run.isStarted) this.start();
    this.contextSwitch = run.contextSwitch;
    this.record = run.openRecord;
    return this.record;
  }

  next(value: unknown): unknown {
    return this.pull(asyncGeneratorNext, this.original, value, this.onNext, this.onError);
  }

  return(value: unknown): unknown {
    if (!this.run.isStarted) this.run.close();
    return this.pull(asyncGeneratorReturn, this.original, value, this.reaction('returned'), this.onError);
  }

  throw(error: unknown): unknown {
    const { run } = this;
    if (!run.isStarted) run.close();
    this.thrownIn = error;
    return this.pull(asyncGeneratorThrow, this.original, error, this.onNext, (rejection) => {
      // By then another one may have been thrown in.
      this.rejected(rejection, error);
    });
  }

  private reaction(outcome: 'completed' | 'returned'): (result: unknown) => unknown {
    return (result) => {
      this.run.settled(result, outcome);
      this.detachWhenIdle();
      // The engine looks for a `then` on what a reaction returns: undefined costs least.
      return this.preserve ? result : undefined;
    };
  }

  protected override observe(
    promise: unknown,
    onResult: (result: unknown) => unknown,
    onError: (error: unknown) => void,
  ): unknown {
    if (this.preserve) return super.observe(promise, onResult, onError);
    try {
      // The very promise that the generator made goes back; ours is the first reaction on it.
      promiseThen(promise as Promise<unknown>, onResult, onError);
    } catch (error) {
      this.run.unobservable(error);
    }
    return promise;
  }
}

const generatorMembers: readonly Member[] = [
  { key: 'next', value: methods.next },
  { key: 'return', value: methods.return },
  { key: 'throw', value: methods.throw },
];

/**
 * Traces a generator that an async-generator function has just made, which is what almost always happens.
 *
 * It does not look at the generator itself: where every call makes a function, each generator is of a kind of its own to the engine, and to read
 * three properties of it takes a tenth of the time that the run takes.
 *
 * @returns false if the program has methods of its own where the generator inherits from: see `traceIterator`
 */
export function traceFreshGenerator(generator: object, run: Run): boolean {
  const prototype = ownPrototypeOf(generator);
  if (prototype === undefined || !areInherited(prototype)) return false;
  new TracedGenerator(generator, run, NO_MEMBERS);
  return true;
}

/**
 * Traces a generator whose methods are the language's own, and whose pulls no other run has.
 *
 * @param others members that come and go with the run
 */
export function traceGenerator(generator: object, run: Run, others: readonly Member[]): object {
  const members = inheritsMethods(generator) ? others : joined(generatorMembers, others);
  return new TracedGenerator(generator, run, members).object;
}

function inheritsMethods(generator: object): boolean {
  if (hasMethods(generator)) return true;
  const prototype = ownPrototypeOf(generator);
  return prototype !== undefined && installMembers(prototype, generatorMembers) !== undefined;
}

function hasMethods(object: object): boolean {
  const { next, return: returnMethod, throw: throwMethod } = object as Record<string, unknown>;
  return next === methods.next && returnMethod === methods.return && throwMethod === methods.throw;
}

/** The object that the function of `generator` has as `prototype`. Undefined if the program has put another kind of object there, or none. */
function ownPrototypeOf(generator: object): object | undefined {
  const prototype = getPrototypeOf(generator);
  return prototype !== null && !isProxy(prototype) && getPrototypeOf(prototype) === AsyncGeneratorPrototype
    ? prototype
    : undefined;
}

/** As they are now: a program may have replaced them. */
const intrinsics = AsyncGeneratorPrototype as unknown as Record<'next' | 'return' | 'throw', AnyFunction>;
const { next: intrinsicNext, return: intrinsicReturn, throw: intrinsicThrow } = intrinsics;

/** Whether generators inherit our methods from `prototype`, and the program has left those of all async generators as they are. */
function areInherited(prototype: object): boolean {
  try {
    return (
      intrinsics.next === intrinsicNext &&
      intrinsics.return === intrinsicReturn &&
      intrinsics.throw === intrinsicThrow &&
      (addMembers(prototype, generatorMembers) || hasMethods(prototype))
    );
  } catch {
    // A getter of the program's threw.
    return false;
  }
}

/** Whether `iterator` is a generator with the language's methods, or ours, and no run has its pulls. */
export function isPlainGenerator(iterator: object): boolean {
  const { next, return: returnMethod, throw: throwMethod } = iterator as Record<string, unknown>;
  return (
    (next === methods.next ? intrinsics.next : next) === intrinsicNext &&
    (returnMethod === methods.return ? intrinsics.return : returnMethod) === intrinsicReturn &&
    (throwMethod === methods.throw ? intrinsics.throw : throwMethod) === intrinsicThrow &&
    isAsyncGenerator(iterator) &&
    tracedOf(iterator) === undefined
  );
}

// For a generator whose pulls are not traced: what it would inherit without our methods.

function inheritedNext(self: unknown, value: unknown): unknown {
  const { next } = intrinsics;
  return next === intrinsicNext ? asyncGeneratorNext(self, value) : callInherited(next, self, value);
}

function inheritedReturn(self: unknown, value: unknown): unknown {
  const { return: method } = intrinsics;
  return method === intrinsicReturn ? asyncGeneratorReturn(self, value) : callInherited(method, self, value);
}

function inheritedThrow(self: unknown, error: unknown): unknown {
  const { throw: method } = intrinsics;
  return method === intrinsicThrow ? asyncGeneratorThrow(self, error) : callInherited(method, self, error);
}

function callInherited(method: AnyFunction, self: unknown, value: unknown): unknown {
  return reflectApply(method, self, value === undefined ? [] : [value]);
}
