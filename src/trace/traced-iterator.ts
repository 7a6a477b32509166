/**
 * The hot path: every pull of every traced generator goes through here.
 */
import { carry, loadOf, tracedOf, type Load } from './carrier';
import { callInBody, type ContextSwitch } from './context-switch';
import {
  asyncGeneratorNext,
  AsyncGeneratorPrototype,
  getPrototypeOf,
  isAsyncGenerator,
  isObjectLike,
  isPlainPromise,
  isProxy,
  promiseThen,
} from '../base/intrinsics';
import {
  areIntrinsicsIntact,
  inheritedNext,
  inheritedReturn,
  inheritedThrow,
  INTRINSIC,
  methodsOf,
  type IteratorMethods,
  type Method,
} from './iterator-methods';
import { addMembers, installMembers, type Member } from './members';
import { deriveFrom, observe } from './observe';
import type { RunRecord } from './record';
import type { Run } from './run';

/**
 * Makes the pulls of `iterator` those of `run`. The object is patched in place; where that is impossible because it
 * is frozen, a delegating object takes the place of an async generator. It could not take that of anything else, whose
 * members may need the object itself (private fields).
 *
 * @returns undefined if `iterator` cannot be traced
 */
export function traceIterator(
  iterator: object,
  run: Run,
  options: TracedIteratorOptions = {},
): TracedIterator | undefined {
  let traced: TracedIterator;
  try {
    traced = new TracedIterator(iterator, run, options);
  } catch {
    // A getter or a Proxy of the program's threw, for a member that the program may never read.
    return undefined;
  }
  const { facade } = traced;
  if (facade === undefined) return undefined;
  if (options.claim === undefined) traced.carryRun();
  return traced;
}

interface TracedIteratorOptions {
  /** Members that come and go with those of the run. */
  readonly others?: readonly Member[];
  /** Whether it is the generator of an async-generator function, just made. */
  readonly isFresh?: boolean;
  /** Which run the pulls are of, asked with the first, if that is not known before. Undefined if they go untraced. */
  readonly claim?: () => Run | undefined;
}

const NO_MEMBERS: readonly Member[] = [];

/** Without iterating: a program may have patched that. */
function joined(members: readonly Member[], others: readonly Member[]): Member[] {
  const all: Member[] = [];
  for (let index = 0; index < members.length; index++) all[index] = members[index] as Member;
  for (let index = 0; index < others.length; index++) all[all.length] = others[index] as Member;
  return all;
}

/** Equal to nothing that a program throws. */
const NOTHING = Symbol();

/** What `for await` and most others give to `next`: a list of arguments that need not be made for each pull. */
const NO_ARGUMENTS: readonly unknown[] = [];

/**
 * What a method of an iterator made by hand was called with, where that is more than the language's protocol gives. A function
 * of its own: as long as nobody calls it, the engine need not make the object of all arguments.
 */
function listOf(args: ArrayLike<unknown>): readonly unknown[] {
  const list: unknown[] = [];
  for (let index = 0; index < args.length; index++) list[index] = args[index];
  return list;
}

/**
 * The methods of all traced async generators. They find out by the generator who has its pulls, so one set of them serves all: on the object
 * that a function's generators inherit from, once for each function.
 */
const generatorMethods = {
  // As `pull`, in one frame, and a small one: where bodies recurse by `yield*`, each has one of these below it.
  next(this: unknown, value?: unknown): unknown {
    const traced = tracedOf(this) as TracedIterator | undefined;
    if (traced === undefined) return inheritedNext(this, value);
    const entered = traced.enterNext();
    if (entered === undefined) return traced.next(this, value);
    let result: unknown;
    try {
      result = asyncGeneratorNext(traced.iterator, value);
    } catch (error) {
      // There was no room left on the stack.
      traced.nextThrew(entered, error);
      throw error;
    }
    return traced.nextCalled(entered, result);
  },
  return(this: unknown, value?: unknown): unknown {
    const traced = tracedOf(this) as TracedIterator | undefined;
    return traced === undefined ? inheritedReturn(this, value) : traced.return(this, value);
  },
  throw(this: unknown, error?: unknown): unknown {
    const traced = tracedOf(this) as TracedIterator | undefined;
    return traced === undefined ? inheritedThrow(this, error) : traced.throw(this, error);
  },
};

const generatorMembers: readonly Member[] = [
  { key: 'next', value: generatorMethods.next },
  { key: 'return', value: generatorMethods.return },
  { key: 'throw', value: generatorMethods.throw },
];

/** @returns whether `generator` inherits our methods, from the object that its function has as `prototype` */
function inheritsMethods(generator: object): boolean {
  const { next, return: returnMethod, throw: throwMethod } = generator as Record<string, unknown>;
  if (
    next === generatorMethods.next &&
    returnMethod === generatorMethods.return &&
    throwMethod === generatorMethods.throw
  ) {
    return true;
  }
  const prototype = ownPrototypeOf(generator);
  return prototype !== undefined && installMembers(prototype, generatorMembers) !== undefined;
}

/**
 * The object that the function of `generator` has as `prototype`. A program may have put any object there, or none: then the generators inherit
 * from what all generators do.
 */
function ownPrototypeOf(generator: object): object | undefined {
  const prototype = getPrototypeOf(generator);
  return prototype !== null && !isProxy(prototype) && getPrototypeOf(prototype) === AsyncGeneratorPrototype
    ? prototype
    : undefined;
}

/**
 * Puts our methods where a generator inherits from that is the first one of its function, and still as the call has made it.
 *
 * Without a look at the generator itself: where every call makes a function, each generator is of a kind of its own to the engine, and to read
 * three properties of it takes a tenth of the time that the run takes.
 *
 * @returns false if it is not the first one, or the program has put methods of its own there
 */
function preparePrototypeOf(generator: object): boolean {
  const prototype = ownPrototypeOf(generator);
  return prototype !== undefined && areIntrinsicsIntact() && addMembers(prototype, generatorMembers);
}

export class TracedIterator {
  /** What the program holds: the iterator, or an object that delegates to it; undefined if neither can be. */
  readonly facade: object | undefined;
  private isReleased = false;
  private readonly methods: IteratorMethods;
  private readonly preserve: boolean;
  /** Whether our reactions go on the very promises that the program gets. */
  private readonly isDirect: boolean;
  private readonly onNext: (result: unknown) => unknown;
  /** Of the run of a generator. Stays after its end: a pull may be under way then. */
  private way: ContextSwitch | undefined;
  /** Of the run of a generator, from its first pull by `next` on. Here, since every pull looks at it. */
  private record: RunRecord | undefined;
  /** Whether the pulls of the object are observed. */
  private isAttached: boolean;
  private takeMembersOff: (() => void) | undefined;
  /** What a generator carries: looked up once, since that takes longer where every generator has a function of its own. */
  private load: Load | undefined;
  /** What the consumer has thrown in: the body may let it out at once, or after a `finally` that yields. */
  private thrownIn: unknown = NOTHING;

  private claim: (() => Run | undefined) | undefined;

  constructor(
    readonly iterator: object,
    private run: Run,
    { others = NO_MEMBERS, isFresh = false, claim }: TracedIteratorOptions,
  ) {
    this.claim = claim;
    const isPrepared = isFresh && preparePrototypeOf(iterator);
    this.methods = isPrepared ? INTRINSIC : methodsOf(iterator, generatorMethods);
    this.preserve = run.lifecycle.plan.preserveUnhandledRejections;
    this.isDirect = this.methods.intrinsic && !this.preserve;
    this.onNext = this.reaction('completed');
    this.way = run.bodySwitch;
    this.facade = this.methods.intrinsic ? this.attachToGenerator(others, isPrepared) : this.attachToIterator(others);
    this.isAttached = this.facade !== undefined;
  }

  private attachToGenerator(others: readonly Member[], isPrepared: boolean): object {
    const { iterator } = this;
    const members = isPrepared || inheritsMethods(iterator) ? others : joined(generatorMembers, others);
    let facade = iterator;
    if (members.length > 0) {
      this.takeMembersOff = installMembers(iterator, members);
      if (this.takeMembersOff === undefined) {
        facade = Object.create(iterator) as object;
        installMembers(facade, members);
      }
    }
    this.load = loadOf(facade);
    this.load.traced = this;
    return facade;
  }

  private attachToIterator(others: readonly Member[]): object | undefined {
    const { iterator } = this;
    const members = joined(this.createMembers(), others);
    this.takeMembersOff = installMembers(iterator, members);
    if (this.takeMembersOff !== undefined) return iterator;
    if (!isAsyncGenerator(iterator)) return undefined;
    const facade = Object.create(iterator) as object;
    installMembers(facade, members);
    return facade;
  }

  private detach(): void {
    this.isAttached = false;
    this.takeMembersOff?.();
    this.takeMembersOff = undefined;
    if (this.load !== undefined) this.load.traced = undefined;
  }
  /** The run of its pulls, if there has been one and it is not over. */
  get begunRun(): Run | undefined {
    return this.claim !== undefined || this.run.isOver ? undefined : this.run;
  }

  private isUnclaimed(): boolean {
    return this.claim !== undefined && !this.isReleased;
  }

  carryRun(): void {
    const { facade, run } = this;
    carry(this.load ?? loadOf(facade as object), run);
    // A run that has not started yet is watched from its first pull.
    run.watch(facade as object);
  }

  /** The first pull shows which run the pulls are of. */
  private begin(): void {
    const run = (this.claim as () => Run | undefined)();
    this.claim = undefined;
    if (run === undefined) {
      this.release();
      return;
    }
    this.run = run;
    this.way = run.bodySwitch;
    this.carryRun();
  }

  /** Leaves the object to itself: the run goes on with another. Pulls that are pending still count. */
  release(): void {
    this.isReleased = true;
    if (this.isAttached) this.detach();
  }

  /** The methods of an iterator made by hand, as the program calls them. */
  private createMembers(): Member[] {
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- `this` of a member is the program's object.
    const traced = this;
    const { methods } = this;
    /* eslint-disable prefer-rest-params -- a list of them would be made for every pull */
    // An async generator cannot tell no value from undefined, an iterator made by hand may.
    const own = {
      next(this: unknown, value?: unknown) {
        const count = arguments.length;
        if (traced.isUnclaimed()) traced.begin();
        return traced.next(this, count === 0 ? NO_ARGUMENTS : count === 1 ? [value] : listOf(arguments));
      },
      return(this: unknown, value?: unknown) {
        const count = arguments.length;
        if (traced.isUnclaimed()) traced.begin();
        return traced.return(this, count === 0 ? NO_ARGUMENTS : count === 1 ? [value] : listOf(arguments));
      },
      throw(this: unknown, value?: unknown) {
        const count = arguments.length;
        if (traced.isUnclaimed()) traced.begin();
        return traced.throw(this, count === 0 ? NO_ARGUMENTS : count === 1 ? [value] : listOf(arguments));
      },
      [Symbol.asyncDispose](this: unknown, value?: unknown) {
        const count = arguments.length;
        if (traced.isUnclaimed()) traced.begin();
        return traced.dispose(this, count === 0 ? NO_ARGUMENTS : count === 1 ? [value] : listOf(arguments));
      },
    };
    /* eslint-enable prefer-rest-params */
    const members: Member[] = [
      { key: 'next', value: own.next },
      methods.return === undefined ? this.missingReturn() : { key: 'return', value: own.return },
    ];
    // No `push`: a program may have patched it.
    if (methods.throw !== undefined) members[members.length] = { key: 'throw', value: own.throw };
    if (methods.dispose !== undefined) {
      members[members.length] = { key: Symbol.asyncDispose, value: own[Symbol.asyncDispose] };
    }
    return members;
  }

  /**
   * Without a `return`, nobody hears of a `break`. A function in its place would be called and awaited, so `break` would take longer. But the
   * language looks for one only to close the iterator (AsyncIteratorClose in ECMA-262), and so do those who loop by hand.
   */
  private missingReturn(): Member {
    const missing = (this.iterator as { return?: unknown }).return;
    return {
      key: 'return',
      onRead: () => {
        if (!this.isReleased && this.claim === undefined && this.run.hasGivenItems) this.left();
        return missing;
      },
    };
  }

  // What they do. Those of an iterator made by hand may well be called on a copy of it (`{ ...iterator }`), or on nothing.

  next(receiver: unknown, input: unknown): unknown {
    const { methods, run } = this;
    if (this.isReleased) return methods.next(receiver, input);
    if (!run.isStarted) this.start();
    return this.pull(methods.next, receiver, input, this.onNext);
  }

  /** @returns undefined if the pull goes by `next`: it passes straight through, or the context manager has to be asked */
  enterNext(): object | undefined {
    const record = this.record ?? this.startedRecord();
    if (record === undefined || record.ended) return undefined;
    const entered = (this.way as ContextSwitch).enter();
    if (entered !== undefined && record.recording) this.run.lifecycle.pullStarted(record);
    return entered;
  }

  private startedRecord(): RunRecord | undefined {
    if (!this.run.isStarted) this.start();
    this.record = this.run.openRecord;
    return this.record;
  }

  nextThrew(entered: object, error: unknown): void {
    (this.way as ContextSwitch).leave(entered);
    if (this.run.isRecorded) this.onError(error);
  }

  nextCalled(entered: object, result: unknown): unknown {
    (this.way as ContextSwitch).leave(entered);
    return (this.record as RunRecord).recording ? this.observe(result, this.onNext, this.onError) : result;
  }

  return(receiver: unknown, input: unknown): unknown {
    const { methods, run } = this;
    const method = methods.return as Method;
    if (this.isReleased) return method(receiver, input);
    if (!run.isStarted) run.close();
    return this.pull(method, receiver, input, this.reaction('returned'));
  }

  throw(receiver: unknown, input: unknown): unknown {
    const { run } = this;
    const method = this.methods.throw as Method;
    if (this.isReleased) return method(receiver, input);
    if (!run.isStarted) run.close();
    const given = this.methods.intrinsic ? input : (input as readonly unknown[])[0];
    this.thrownIn = given;
    // By then another one may have been thrown in.
    return this.pull(method, receiver, input, this.onNext, (error) => {
      this.rejected(error, given);
    });
  }

  private dispose(receiver: unknown, input: unknown): unknown {
    const { run } = this;
    if (!run.isStarted) run.close();
    run.closing();
    return this.pull(this.methods.dispose as Method, receiver, input, (result) => {
      this.disposed();
      return result;
    });
  }

  private start(): void {
    this.run.start();
    this.way = this.run.bodySwitch;
    this.run.watch(this.facade as object);
  }

  private pull(
    method: Method,
    receiver: unknown,
    input: unknown,
    onResult: (result: unknown) => unknown,
    onError = this.onError,
  ): unknown {
    const { run } = this;
    // What delegates to the iterator has none of its brand.
    const self = receiver === this.facade ? this.iterator : receiver;
    const { openRecord: record } = run;
    if (record === undefined) return this.passThrough(method, self, input);
    if (!record.recording) return callInBody(run.bodySwitch as ContextSwitch, method, self, input);
    run.lifecycle.pullStarted(record);
    let result: unknown;
    try {
      result = callInBody(run.bodySwitch as ContextSwitch, method, self, input);
    } catch (error) {
      onError(error);
      throw error;
    }
    return this.observe(result, onResult, onError);
  }

  private observe(result: unknown, onResult: (result: unknown) => unknown, onError: (error: unknown) => void): unknown {
    try {
      if (!this.isDirect) return observe(result, onResult, onError, this.preserve);
      // The very promise that the generator made goes back; ours is the first reaction on it.
      promiseThen(result as Promise<unknown>, onResult, onError);
    } catch (error) {
      this.run.unobservable(error);
    }
    return result;
  }

  private passThrough(method: Method, self: unknown, input: unknown): unknown {
    const queued = this.run.hasPendingPull;
    this.detachWhenIdle();
    const result = method(self, input);
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
    if (this.methods.intrinsic) {
      return (result) => {
        this.settled(result, outcome);
        return result;
      };
    }
    return outcome === 'returned'
      ? (result) => {
          this.returnSettled(result);
          return result;
        }
      : (result) => {
          if (isIteratorResult(result)) this.settled(result, outcome);
          else this.notAnIterator();
          return result;
        };
  }

  private readonly onError = (error: unknown): void => {
    this.rejected(error, this.thrownIn);
  };

  private rejected(error: unknown, thrownIn: unknown): void {
    this.run.pullSettled();
    if (error === thrownIn) this.run.stop(error);
    else this.run.fail(error);
    this.detachWhenIdle();
  }

  /** The consumer has left, and there is nothing to close. */
  private left(): void {
    this.run.settleClosing(undefined, false);
    this.detachWhenIdle();
  }

  private disposed(): void {
    this.run.pullSettled();
    this.run.end('returned');
    this.detachWhenIdle();
  }

  /** After a `break` the language asks of the `return` of an iterator made by hand for no more than an object. */
  private returnSettled(result: unknown): void {
    if (isYielded(result)) {
      this.settled(result, 'returned');
      // A generator's `finally` has yielded, and waits for the next pull.
      if (!isAsyncGenerator(this.iterator)) this.run.yieldedAtReturn();
    } else this.disposed();
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

  /** What has a `next` of another protocol (a cursor's) was handed out, and that was all. */
  private notAnIterator(): void {
    this.run.pullSettled();
    this.run.end('completed');
    this.detachWhenIdle();
  }

  /** Queued pulls keep their order only if all of them go the same way, so they are observed until none is pending. */
  private detachWhenIdle(): void {
    if (!this.isAttached || !this.run.isOver || this.run.hasPendingPull) return;
    this.detach();
  }
}

/** Whether a foreign iterator's result is one of the language's protocol, as far as that can be told. */
function isIteratorResult(result: unknown): boolean {
  try {
    return isObjectLike(result) && ('done' in result || 'value' in result);
  } catch {
    return true;
  }
}

/** Whether what a `return` gave says that the iterator goes on, as a generator does whose `finally` yields. */
function isYielded(result: unknown): boolean {
  try {
    return isObjectLike(result) && (result as IteratorResult<unknown>).done === false && 'value' in result;
  } catch {
    return false;
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
