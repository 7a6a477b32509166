/**
 * Learning what a promise, thenable or value came to without changing it.
 */
import { types } from 'node:util';
import { installMembers, setName, type Member } from './members';
import {
  getOwnPropertyDescriptor,
  isNativePromise,
  isObjectLike,
  isPlainPromise,
  promisePrototypeCatch,
  promisePrototypeFinally,
  promiseThen,
  reflectApply,
  type AnyFunction,
} from './intrinsics';
import type { ThenableMember } from './plan';

type OnValue = (value: unknown) => unknown;
type OnError = (error: unknown) => void;

const NONE: readonly ThenableMember[] = [];

/**
 * Calls `onValue` or `onError` with what `result` comes to, before anybody else hears of it.
 *
 * @param derive return a promise derived from `result` instead of `result` itself: one tick later, but a rejection that
 * nobody handles stays one
 * @param further if it is a thenable: methods that tell what it comes to, too
 * @returns what to hand to the program in place of `result`
 */
export function observe(
  result: unknown,
  onValue: OnValue,
  onError: OnError,
  derive: boolean,
  further: readonly ThenableMember[] = NONE,
): unknown {
  if (isPlainPromise(result)) {
    if (derive) return deriveFrom(result, onValue, onError);
    // The same promise goes back: a derived one would settle one tick later, and programs notice.
    promiseThen(result, onValue, onError);
    return result;
  }
  // A Proxy may answer to any name, `then` too.
  if (isObjectLike(result) && !types.isProxy(result) && typeof (result as { then?: unknown }).then === 'function') {
    if (observeThenable(result, { onValue, onError }, !derive && isNativePromise(result), further)) return result;
  }
  return onValue(result);
}

/** A promise that settles as `result` does, one tick later, after `onValue` or `onError` has been called. */
export function deriveFrom(result: Promise<unknown>, onValue: OnValue, onError: OnError): Promise<unknown> {
  return promiseThen(
    result,
    (value) => onValue(value),
    (error) => {
      onError(error);
      throw error;
    },
  );
}

/** Who waits for what a thenable comes to. */
interface Observer {
  readonly onValue: OnValue;
  readonly onError: OnError;
}

/** The members that observe a thenable, by thenable. One handed out a thousand times gets them once. */
const observed = new WeakMap<object, ObservedThenable>();

/**
 * Observes a promise subclass or another thenable, whose `then` may be what starts the work: we must not call it, so
 * we wait until the program does.
 *
 * @param awaited a native promise with a `then` of its own, which `await` does not call: we react to it as well
 * @returns false if it cannot be observed
 */
function observeThenable(
  thenable: object,
  observer: Observer,
  awaited: boolean,
  further: readonly ThenableMember[],
): boolean {
  let members = observed.get(thenable);
  if (members === undefined || !members.isInForce() || !members.know(further)) {
    members = new ObservedThenable(thenable, further);
    observed.set(thenable, members);
  }
  if (!members.isInstalled && !awaited) return false;
  members.add(observer);
  if (awaited) promiseThen(thenable as Promise<unknown>, members.valueSeen, members.errorSeen);
  return true;
}

class ObservedThenable {
  readonly isInstalled: boolean;
  private readonly then: AnyFunction;
  /** Those that have not heard yet. */
  private observers: Observer[] = [];
  /** Whether a call of `catch` or `finally` has come by our `then`, as those of the language do. */
  private reached = false;
  /** Whether a call of a further member is under way, which may make use of another one. */
  private isInFurther = false;

  /** @param thenable held by the handlers that its `then` gets from us: while they wait, its run is not over */
  constructor(
    private readonly thenable: object,
    private readonly further: readonly ThenableMember[],
  ) {
    const { then, catch: originalCatch, finally: originalFinally } = thenable as Record<string, unknown>;
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- `this` of a member is the program's object.
    const observation = this;
    const own = {
      then(this: unknown, ...args: unknown[]) {
        observation.reached = true;
        args[0] = observation.fulfilled(args[0]);
        args[1] = observation.rejected(args[1]);
        try {
          return reflectApply(then as AnyFunction, this, args);
        } catch (error) {
          observation.errorSeen(error);
          throw error;
        }
      },
      catch(this: unknown, ...args: unknown[]) {
        // More than one argument is a filter (Bluebird), and goes by `then`.
        if (args.length < 2) args[0] = observation.rejected(args[0]);
        return observation.callOverridden(originalCatch as AnyFunction, this, args);
      },
      finally(this: unknown, ...args: unknown[]) {
        return observation.callOverridden(originalFinally as AnyFunction, this, args);
      },
    };
    this.then = own.then;
    const members: Member[] = [{ key: 'then', value: own.then }];
    const overrides = (method: unknown, intrinsic: unknown) => typeof method === 'function' && method !== intrinsic;
    // No `push`: a program may have patched it.
    if (overrides(originalCatch, promisePrototypeCatch)) members[members.length] = { key: 'catch', value: own.catch };
    if (overrides(originalFinally, promisePrototypeFinally)) {
      members[members.length] = { key: 'finally', value: own.finally };
    }
    for (let index = 0; index < further.length; index++) {
      const member = further[index] as ThenableMember;
      const original = (thenable as Record<string, unknown>)[member.name];
      if (typeof original !== 'function') continue;
      members[members.length] = { key: member.name, value: this.furtherMember(member, original as AnyFunction) };
    }
    this.isInstalled = installMembers(thenable, members) !== undefined;
  }

  /** Whether the program has left our `then` where it was. */
  isInForce(): boolean {
    return !this.isInstalled || getOwnPropertyDescriptor(this.thenable, 'then')?.value === this.then;
  }

  /** Whether `further`, if any, are among them. If not, members that have them go over these. */
  know(further: readonly ThenableMember[]): boolean {
    return further.length === 0 || further === this.further;
  }

  add(observer: Observer): void {
    this.observers[this.observers.length] = observer;
  }

  readonly valueSeen = (value: unknown): unknown => {
    const heard = this.takeObservers();
    for (let index = 0; index < heard.length; index++) (heard[index] as Observer).onValue(value);
    return value;
  };

  readonly errorSeen = (error: unknown): void => {
    const heard = this.takeObservers();
    for (let index = 0; index < heard.length; index++) (heard[index] as Observer).onError(error);
  };

  private readonly rethrow = (error: unknown): never => {
    this.errorSeen(error);
    throw error;
  };

  /** A member that stands for one of `further`. */
  private furtherMember({ name, property }: ThenableMember, original: AnyFunction): AnyFunction {
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- `this` of a member is the program's object.
    const observation = this;
    const own = function (this: unknown, ...args: unknown[]): unknown {
      if (observation.isInFurther) return reflectApply(original, this, args);
      observation.isInFurther = true;
      let result: unknown;
      try {
        result = reflectApply(original, this, args);
      } catch (error) {
        observation.errorSeen(error);
        throw error;
      } finally {
        observation.isInFurther = false;
      }
      const onValue = (value: unknown) => {
        observation.valueSeen(property === undefined ? value : propertyOf(value, property));
        return value;
      };
      // Derived, as above; another thenable may have such members as well.
      return observe(result, onValue, observation.errorSeen, true, observation.further);
    };
    setName(own, name);
    return own;
  }

  /** Each hears once, however often the program asks what the thenable came to. */
  private takeObservers(): Observer[] {
    const { observers } = this;
    this.observers = [];
    return observers;
  }

  private fulfilled(handler: unknown): unknown {
    return typeof handler === 'function' ? seenBefore(this.valueSeen, handler as AnyFunction) : this.valueSeen;
  }

  private rejected(handler: unknown): unknown {
    return typeof handler === 'function' ? seenBefore(this.errorSeen, handler as AnyFunction) : this.rethrow;
  }

  /**
   * Calls an overridden `catch` or `finally`. One that does not come by our `then` gives a promise that has to be
   * observed: by deriving from it, one tick later, so that its rejection stays unhandled if nobody handles it.
   */
  private callOverridden(method: AnyFunction, self: unknown, args: readonly unknown[]): unknown {
    this.reached = false;
    const derived = reflectApply(method, self, args);
    return this.reached || !isPlainPromise(derived) ? derived : promiseThen(derived, this.valueSeen, this.rethrow);
  }
}

/** Undefined where there is none to be had. */
function propertyOf(value: unknown, property: string): unknown {
  try {
    return isObjectLike(value) ? (value as Record<string, unknown>)[property] : undefined;
  } catch {
    return undefined;
  }
}

/** A handler of the program's, of which `seen` hears first. */
function seenBefore(seen: (outcome: unknown) => void, handler: AnyFunction): AnyFunction {
  return function (this: unknown, ...args: unknown[]) {
    seen(args[0]);
    return reflectApply(handler, this, args);
  };
}
