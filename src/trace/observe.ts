/**
 * Learning the outcome of a promise or thenable without changing it.
 */
import { installMembers, isInPlace, setName, type Member } from './members';
import {
  type AnyFunction,
  filtered,
  isNativePromise,
  isObjectLike,
  isPlainPromise,
  isProxy,
  joined,
  OwnWeakMap,
  promisePrototypeCatch,
  promisePrototypeFinally,
  promiseThen,
  reflectApply,
} from '../base/intrinsics';
import { read } from '../telemetry/errors';
import type { ThenableMember } from '../types';

type OnValue = (value: unknown) => unknown;
type OnError = (error: unknown) => void;

const NONE: readonly KnownMember[] = [];

/** A member that is known, beside those that targets may name. */
export interface KnownMember extends ThenableMember {
  /** It gives what the value is made of, which may be made elsewhere then. */
  readonly isUnparsed?: boolean;
}

interface ObserveOptions {
  /** If it is a thenable: further methods that give its outcome. */
  readonly further?: readonly KnownMember[];
  /** Whether it can be iterated over as well: then a promise is only observed once the program asks for its value. */
  readonly isIterable?: boolean;
  /** Whether the outcome is not needed any more. */
  isOver?(): boolean;
  /** The program has what the outcome is made of, and may never ask for the outcome itself. */
  onUnparsed?(): void;
}

const NO_OPTIONS: ObserveOptions = {};

/**
 * Calls `onValue` or `onError` with the outcome of `result`, before the program gets it.
 *
 * @param derive return a promise derived from `result` instead of `result` itself: one tick later, but a rejection that
 * is not handled stays unhandled
 * @returns what to hand to the program in place of `result`
 */
export function observe(
  result: unknown,
  onValue: OnValue,
  onError: OnError,
  derive: boolean,
  options: ObserveOptions = NO_OPTIONS,
): unknown {
  const isPlain = isPlainPromise(result);
  if (isPlain && options.isIterable !== true) {
    if (derive) return deriveFrom(result, onValue, onError);
    // The same promise goes back: a derived one would settle one tick later, and programs notice.
    promiseThen(result, onValue, onError);
    return result;
  }
  // A Proxy may answer to any name, `then` too.
  const isThenable =
    isPlain || (isObjectLike(result) && !isProxy(result) && typeof (result as { then?: unknown }).then === 'function');
  const isObserved =
    isThenable &&
    observeThenable(
      result,
      { onValue, onError, isOver: options.isOver, onUnparsed: options.onUnparsed },
      options,
      derive,
    );
  return isObserved ? result : onValue(result);
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

/** What waits for the outcome of a thenable. */
interface Observer {
  readonly onValue: OnValue;
  readonly onError: OnError;
  readonly isOver: (() => boolean) | undefined;
  readonly onUnparsed: (() => void) | undefined;
}

/** The members that observe a thenable, by thenable. One handed out a thousand times gets them once. */
const observed = new OwnWeakMap<object, ObservedThenable>();

/**
 * Observes a promise subclass or another thenable, whose `then` may be what starts the work: we must not call it, so
 * we wait until the program does.
 *
 * @returns false if it cannot be observed
 */
function observeThenable(
  thenable: object,
  observer: Observer,
  { further = NONE, isIterable = false }: ObserveOptions,
  derive: boolean,
): boolean {
  // `await` calls no `then` of a native promise, not even one of its own.
  const isNative = isNativePromise(thenable);
  const known = observed.get(thenable);
  let members = known?.isInForce() === true ? known : undefined;
  const all = members === undefined ? further : union(members.further, further);
  if (members?.further !== all) {
    members = new ObservedThenable(thenable, all, isNative && isIterable);
    observed.set(thenable, members);
  }
  const isReactedTo = isNative && !(isIterable && members.isInstalled) && (!derive || isIterable);
  if (!members.isInstalled && !isReactedTo) return false;
  members.add(observer);
  if (isReactedTo) members.react();
  return true;
}

/** With those of `members` that have other names: the very `list` if there are none. */
function union(list: readonly KnownMember[], members: readonly KnownMember[]): readonly KnownMember[] {
  if (list === members) return list;
  const others = filtered(members, ({ name }) => filtered(list, (known) => known.name === name).length === 0);
  return others.length === 0 ? list : joined(list, others);
}

class ObservedThenable {
  readonly isInstalled: boolean;
  /** Tells whether the members are in force. */
  private readonly main: Member;
  /** Those that have not heard yet. */
  private observers: Observer[] = [];
  /** Whether a call of `catch` or `finally` has come by our `then`, as those of the language do. */
  private reached = false;
  /** Whether a call of a member is under way, which may make use of a further one: `then` of `parse`, say. */
  private isInFurther = false;
  /** Whether it is us who ask for its `constructor`. */
  private isReacting = false;

  /**
   * @param thenable held by the handlers that its `then` gets from us: while they wait, its run is not over
   * @param isLate whether it is a native promise that is only to be reacted to once the program does
   */
  constructor(
    private readonly thenable: object,
    readonly further: readonly KnownMember[],
    isLate: boolean,
  ) {
    const { then, catch: originalCatch, finally: originalFinally } = thenable as Record<string, unknown>;
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- `this` of a member is the program's object.
    const observation = this;
    const own = {
      then(this: unknown, ...args: unknown[]) {
        observation.reached = true;
        args[0] = observation.fulfilled(args[0]);
        args[1] = observation.rejected(args[1]);
        return observation.callOriginal(then, this, args, observation.errorSeen);
      },
      catch(this: unknown, ...args: unknown[]) {
        // More than one argument is a filter (Bluebird), and calls `then`.
        if (args.length < 2) args[0] = observation.rejected(args[0]);
        return observation.callOverridden(originalCatch, this, args);
      },
      finally(this: unknown, ...args: unknown[]) {
        return observation.callOverridden(originalFinally, this, args);
      },
    };
    this.main = isLate ? this.constructorMember() : { key: 'then', value: own.then };
    const members: Member[] = [this.main];
    const overrides = (method: unknown, intrinsic: unknown) =>
      !isLate && typeof method === 'function' && method !== intrinsic;
    // No `push`: a program may have patched it.
    if (overrides(originalCatch, promisePrototypeCatch)) members[members.length] = { key: 'catch', value: own.catch };
    if (overrides(originalFinally, promisePrototypeFinally)) {
      members[members.length] = { key: 'finally', value: own.finally };
    }
    for (let index = 0; index < further.length; index++) {
      const member = further[index] as KnownMember;
      const original = (thenable as Record<string, unknown>)[member.name];
      if (typeof original !== 'function') continue;
      members[members.length] = { key: member.name, value: this.furtherMember(member, original) };
    }
    this.isInstalled = installMembers(thenable, members) !== undefined;
  }

  /** Whether the program has left our `then` where it was. */
  isInForce(): boolean {
    return !this.isInstalled || isInPlace(this.thenable, this.main);
  }

  /**
   * `await` and `then` of a native promise ask for its `constructor` before they react to it (PromiseResolve and
   * SpeciesConstructor in ECMA-262), and nothing else of it. So this is where we hear of it, and can react first.
   */
  private constructorMember(): Member {
    const { constructor } = this.thenable;
    return {
      key: 'constructor',
      onRead: () => {
        if (!this.isReacting && !this.isInFurther && this.observers.length > 0) this.react();
        return constructor;
      },
    };
  }

  /** Reacts to a native promise. */
  react(): void {
    this.isReacting = true;
    try {
      promiseThen(this.thenable as Promise<unknown>, this.valueSeen, this.errorSeen);
    } finally {
      this.isReacting = false;
    }
  }

  add(observer: Observer): void {
    const { observers } = this;
    // One that lives on keeps nothing of the calls that are over.
    while (observers.length > 0 && observers[observers.length - 1]?.isOver?.() === true) observers.length--;
    observers[observers.length] = observer;
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

  private unparsedSeen(): void {
    for (let index = 0; index < this.observers.length; index++) (this.observers[index] as Observer).onUnparsed?.();
  }

  private readonly rethrow = (error: unknown): never => {
    this.errorSeen(error);
    throw error;
  };

  /** A member in place of one of `further`. */
  private furtherMember({ name, property, isUnparsed = false }: KnownMember, original: unknown): object {
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- `this` of a member is the program's object.
    const observation = this;
    const own = function (this: unknown, ...args: unknown[]): unknown {
      if (observation.isInFurther) return reflectApply(original as AnyFunction, this, args);
      const result = observation.callOriginal(original, this, args, observation.errorSeen);
      const onValue = (value: unknown) => {
        if (isUnparsed) observation.unparsedSeen();
        else observation.valueSeen(property === undefined ? value : read(value, property));
        return value;
      };
      // Derived, as in `callOverridden`; another thenable may have such members as well.
      return observe(result, onValue, observation.errorSeen, true, { further: observation.further });
    };
    setName(own, name);
    return own;
  }

  /** Each is called once, however often the program asks for the outcome. */
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

  /** @param onThrow called if the method throws */
  private callOriginal(method: unknown, self: unknown, args: readonly unknown[], onThrow?: OnError): unknown {
    const { isInFurther } = this;
    this.isInFurther = true;
    try {
      return reflectApply(method as AnyFunction, self, args);
    } catch (error) {
      onThrow?.(error);
      throw error;
    } finally {
      this.isInFurther = isInFurther;
    }
  }

  /**
   * Calls an overridden `catch` or `finally`. One that does not come by our `then` gives a promise that has to be
   * observed: by deriving from it, one tick later, so that its rejection stays unhandled if the program does not handle it.
   */
  private callOverridden(method: unknown, self: unknown, args: readonly unknown[]): unknown {
    this.reached = false;
    const derived = this.callOriginal(method, self, args);
    return this.reached || !isPlainPromise(derived) ? derived : promiseThen(derived, this.valueSeen, this.rethrow);
  }
}

/** A handler of the program's, of which `seen` hears first. */
function seenBefore(seen: (outcome: unknown) => void, handler: AnyFunction): AnyFunction {
  return function (this: unknown, ...args: unknown[]) {
    seen(args[0]);
    return reflectApply(handler, this, args);
  };
}
