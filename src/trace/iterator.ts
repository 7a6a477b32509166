/**
 * Iterators made by hand, and generators whose methods the program has replaced, or whose pulls another run has already: they get own members.
 */
import {
  AsyncGeneratorPrototype,
  isAsyncGenerator,
  isObjectLike,
  joined,
  reflectApply,
  type AnyFunction,
} from '../base/intrinsics';
import { isPlainGenerator, traceGenerator } from './generator';
import { installMembers, NO_MEMBERS, type Member } from './members';
import { carry, loadOf, NOTHING, TracedPulls, type Method } from './pulls';
import type { Run } from './run';

/**
 * Makes the pulls of `iterator` those of `run`. The object is patched in place; where that is impossible because it
 * is frozen, a delegating object takes the place of an async generator. It could not take that of anything else, whose
 * members may need the object itself (private fields).
 *
 * @param others members that come and go with those of the run
 * @returns what to hand to the program; undefined if `iterator` cannot be traced
 */
export function traceIterator(iterator: object, run: Run, others: readonly Member[] = NO_MEMBERS): object | undefined {
  try {
    return isPlainGenerator(iterator)
      ? traceGenerator(iterator, run, others)
      : new TracedIterator(iterator, run, others).object;
  } catch {
    // A getter or a Proxy of the program's threw, for a member that the program may never read.
    return undefined;
  }
}

/** The same for what may be an iterator: `claim` is asked with the first pull which run the pulls are of, and gives none if they go untraced. */
export function traceOwnIterator(
  iterable: object,
  run: Run,
  others: readonly Member[],
  claim: () => Run | undefined,
): TracedIterator | undefined {
  try {
    const traced = new TracedIterator(iterable, run, others, claim);
    return traced.object === undefined ? undefined : traced;
  } catch {
    return undefined;
  }
}

type MethodName = 'next' | 'return' | 'throw' | typeof Symbol.asyncDispose;
type Arguments = readonly unknown[];

/** What `for await` and most others give to `next`: a list of arguments that need not be made for each pull. */
const NO_ARGUMENTS: Arguments = [];

export class TracedIterator extends TracedPulls {
  readonly object: object | undefined;
  private isReleased = false;
  private takeMembersOff: (() => void) | undefined;
  /** What the consumer has thrown in. */
  private thrownIn: unknown = NOTHING;

  constructor(
    iterator: object,
    run: Run,
    others: readonly Member[],
    private claim?: () => Run | undefined,
  ) {
    super(iterator, run);
    const members = joined(this.createMembers(iterator), others);
    this.takeMembersOff = installMembers(iterator, members);
    let object: object | undefined = iterator;
    if (this.takeMembersOff === undefined) {
      object = isAsyncGenerator(iterator) ? (Object.create(iterator) as object) : undefined;
      if (object !== undefined) installMembers(object, members);
    }
    this.object = object;
    if (object !== undefined && claim === undefined) this.take(run);
  }

  /** From now on the pulls are those of `run`. */
  private take(run: Run): void {
    this.run = run;
    carry(loadOf(this.object as object), run);
    // A run that has not started yet is watched from its first pull.
    run.watch(this.object as object);
  }

  protected detach(): void {
    this.takeMembersOff?.();
    this.takeMembersOff = undefined;
  }

  /** Leaves the object to itself: the run goes on with another. Pulls that are pending still count. */
  release(): void {
    this.isReleased = true;
    this.detach();
  }

  /** The run of its pulls, if there has been one and it is not over. */
  get begunRun(): Run | undefined {
    return this.claim !== undefined || this.isReleased || this.run.isOver ? undefined : this.run;
  }

  private createMembers(iterator: object): Member[] {
    const methods = iterator as Readonly<Record<MethodName, unknown>>;
    const { next, return: returnMethod, throw: throwMethod } = methods;
    const dispose = methods[Symbol.asyncDispose];
    const members = [this.pulling('next', next)];
    // No `push`: a program may have patched it.
    const add = (member: Member) => (members[members.length] = member);
    add(typeof returnMethod === 'function' ? this.pulling('return', returnMethod) : this.missingReturn(returnMethod));
    if (typeof throwMethod === 'function') add(this.pulling('throw', throwMethod));
    // The language's own calls `return`.
    if (typeof dispose === 'function' && dispose !== intrinsicDispose) add(this.pulling(Symbol.asyncDispose, dispose));
    return members;
  }

  /** A method in place of one of the iterator's. */
  private pulling(key: MethodName, original: unknown): Member {
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- `this` of a member is the program's object.
    const traced = this;
    const method: Method = (receiver, args) => reflectApply(original as AnyFunction, receiver, args as Arguments);
    /* eslint-disable prefer-rest-params -- a list of them would be made for every pull */
    const own = {
      [key](this: unknown, value?: unknown) {
        // An async generator cannot tell no value from undefined, an iterator made by hand may.
        const count = arguments.length;
        return traced.called(key, method, this, count === 0 ? NO_ARGUMENTS : count === 1 ? [value] : listOf(arguments));
      },
    };
    /* eslint-enable prefer-rest-params */
    return { key, value: (own as Record<PropertyKey, AnyFunction>)[key] };
  }

  /**
   * Without a `return`, a `break` cannot be seen. A function in its place would be called and awaited, so `break` would take longer. But the
   * language looks for one only to close the iterator (https://tc39.es/ecma262/#sec-asynciteratorclose), and so do those who loop by hand.
   */
  private missingReturn(missing: unknown): Member {
    return {
      key: 'return',
      onRead: () => {
        if (!this.isReleased && this.claim === undefined) {
          this.run.lookedForReturn();
          this.detachWhenIdle();
        }
        return missing;
      },
    };
  }

  /** @param receiver may well be a copy of the iterator (`{ ...iterator }`), or nothing */
  private called(key: MethodName, method: Method, receiver: unknown, args: Arguments): unknown {
    if (!this.isTraced()) return method(receiver, args);
    const { run } = this;
    if (!run.isStarted) {
      if (key === 'next') this.start();
      else run.close();
    }
    let onResult = this.onNext;
    let { onError } = this;
    if (key === 'return') onResult = this.onReturn;
    else if (key === 'throw') {
      const thrownIn = (this.thrownIn = args[0]);
      // By the time that it is called, another one may have been thrown in.
      onError = (error) => {
        this.rejected(error, thrownIn);
      };
    } else if (key === Symbol.asyncDispose) {
      run.closing();
      onResult = this.onDisposed;
    }
    // What delegates to a generator does not have its brand.
    return this.pull(method, receiver === this.object ? this.original : receiver, args, onResult, onError);
  }

  /** Whether the pulls are those of a run, which the first may show. */
  private isTraced(): boolean {
    if (this.claim !== undefined && !this.isReleased) {
      const run = this.claim();
      this.claim = undefined;
      if (run === undefined) this.release();
      else this.take(run);
    }
    return !this.isReleased;
  }

  // The reactions of every pull: made once for each run.

  private readonly onNext = (result: unknown): unknown => {
    // What has a `next` of another protocol (a cursor's) was handed out, and that was all.
    if (isIteratorResult(result)) this.run.settled(result, 'completed');
    else this.run.settledAtEnd('completed');
    this.detachWhenIdle();
    return result;
  };

  /** After a `break` the language asks for no more than an object: https://tc39.es/ecma262/#sec-asynciteratorclose */
  private readonly onReturn = (result: unknown): unknown => {
    if (!isYielded(result)) return this.onDisposed(result);
    this.run.settled(result, 'returned');
    // A generator's `finally` has yielded, and waits for the next pull.
    if (!isAsyncGenerator(this.original)) this.run.yieldedAtReturn();
    this.detachWhenIdle();
    return result;
  };

  private readonly onDisposed = (result: unknown): unknown => {
    this.run.settledAtEnd('returned');
    this.detachWhenIdle();
    return result;
  };

  private readonly onError = (error: unknown): void => {
    this.rejected(error, this.thrownIn);
  };
}

const intrinsicDispose = (AsyncGeneratorPrototype as unknown as Record<symbol, unknown>)[Symbol.asyncDispose];

/**
 * What a method was called with, where that is more than the language's protocol gives. A function of its own: as long as it is not called, the
 * engine need not make the object of all arguments.
 */
function listOf(args: ArrayLike<unknown>): Arguments {
  const list: unknown[] = [];
  for (let index = 0; index < args.length; index++) list[index] = args[index];
  return list;
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
