/**
 * The hot path: every pull of every traced generator goes through here.
 */
import { types } from 'node:util';
import {
  asyncGeneratorNext,
  AsyncGeneratorPrototype,
  asyncGeneratorReturn,
  asyncGeneratorThrow,
  isAsyncGenerator,
  isPlainPromise,
  promiseThen,
  reflectApply,
  type AnyFunction,
} from './intrinsics';
import { installMembers, type Member } from './members';
import { deriveFrom, observe } from './observe';
import type { Run } from './run';

/** A method of the original iterator, receiver first. `count` is how many arguments the caller gave: 0 or 1. */
type Method = (receiver: unknown, value: unknown, count: number) => unknown;

interface Methods {
  readonly next: Method;
  readonly return: Method;
  readonly throw: Method | undefined;
  /** `Symbol.asyncDispose`, where it does something else than the language's own, which calls `return`. */
  readonly dispose: Method | undefined;
  /** The intrinsics of an async generator: what they return is always a plain promise of a plain result. */
  readonly intrinsic: boolean;
}

interface AnyIterator {
  next: AnyFunction;
  return?: AnyFunction;
  throw?: AnyFunction;
  [Symbol.asyncDispose]?: AnyFunction;
}

const INTRINSIC: Methods = {
  next: asyncGeneratorNext,
  return: asyncGeneratorReturn,
  throw: asyncGeneratorThrow,
  dispose: undefined,
  intrinsic: true,
};

const { next: intrinsicNext, return: intrinsicReturn, throw: intrinsicThrow } = AsyncGeneratorPrototype;
const intrinsicDispose = (AsyncGeneratorPrototype as Partial<AsyncDisposable>)[Symbol.asyncDispose] as
  AnyFunction | undefined;

/** The runs that an object carries, the latest first: one for each target that it went through. */
const carried = new WeakMap<object, { run: Run; outer: unknown }>();

/** Whether `object` carries a run of this target that is not over. */
export function carriesRunOf(object: object, target: object): boolean {
  let entry = carried.get(object);
  while (entry !== undefined) {
    if (entry.run.lifecycle.plan.target === target && !entry.run.isOver) return true;
    entry = entry.outer as typeof entry;
  }
  return false;
}

/**
 * Makes the pulls of `iterator` those of `run`. The object is patched in place; where that is impossible because it
 * is frozen, a delegating object takes its place.
 *
 * @param others members that come and go with those of the run
 * @returns the object to hand to the program
 */
export function traceIterator(iterator: object, run: Run, others: readonly Member[] = []): object {
  const methods = methodsOf(iterator as AnyIterator);
  const { preserveUnhandledRejections: preserve } = run.lifecycle.plan;
  let facade = iterator;
  let uninstall: (() => void) | undefined;

  // A Proxy may bind its methods to its target, which we have no way to know.
  const isBound = types.isProxy(iterator);
  const isOurs = (self: unknown) => self === facade || isBound;

  // Queued pulls keep their order only if all of them go the same way, so our members stay until none is pending.
  const detachWhenIdle = () => {
    if (uninstall === undefined || !run.isOver || run.hasPendingPull) return;
    uninstall();
    uninstall = undefined;
  };
  const onNext = (result: unknown) => {
    run.pullSettled();
    if (isDone(result)) run.end('completed');
    else run.item(valueOf(result));
    detachWhenIdle();
    return result;
  };
  const onReturn = (result: unknown) => {
    run.pullSettled();
    if (isDone(result)) run.end('returned');
    else run.item(valueOf(result));
    detachWhenIdle();
    return result;
  };
  const onDisposed = (result: unknown) => {
    run.pullSettled();
    run.end('returned');
    detachWhenIdle();
    return result;
  };
  const onError = (error: unknown) => {
    run.pullSettled();
    run.fail(error);
    detachWhenIdle();
  };

  const pull = (method: Method, value: unknown, count: number, onResult: (result: unknown) => unknown): unknown => {
    if (run.isOver) return passThrough(method, value, count);
    if (!run.isRecording) return run.enter(method, iterator, value, count);
    run.pullStarted();
    let result: unknown;
    try {
      result = run.enter(method, iterator, value, count);
    } catch (error) {
      onError(error);
      throw error;
    }
    if (!methods.intrinsic || preserve) return observe(result, onResult, onError, preserve);
    // The very promise that the generator made goes back; ours is the first reaction on it.
    promiseThen(result as Promise<unknown>, onResult, onError);
    return result;
  };

  const passThrough = (method: Method, value: unknown, count: number): unknown => {
    const queued = run.hasPendingPull;
    detachWhenIdle();
    const result = method(iterator, value, count);
    // Behind pulls that settle a tick later, this one has to as well.
    return queued && preserve && isPlainPromise(result) ? deriveFrom(result, identity, noop) : result;
  };

  const own = {
    next(this: unknown, value?: unknown) {
      if (!isOurs(this)) return methods.next(this, value, arguments.length);
      if (!run.isStarted) {
        run.start();
        run.watch(facade);
      }
      return pull(methods.next, value, arguments.length, onNext);
    },
    return(this: unknown, value?: unknown) {
      if (!isOurs(this)) return methods.return(this, value, arguments.length);
      if (!run.isStarted) run.close();
      return pull(methods.return, value, arguments.length, onReturn);
    },
    throw(this: unknown, error?: unknown) {
      const method = methods.throw as Method;
      if (!isOurs(this)) return method(this, error, arguments.length);
      if (!run.isStarted) run.close();
      return pull(method, error, arguments.length, onNext);
    },
    dispose(this: unknown) {
      const method = methods.dispose as Method;
      if (!isOurs(this)) return method(this, undefined, 0);
      if (!run.isStarted) run.close();
      return pull(method, undefined, 0, onDisposed);
    },
  };
  const members: Member[] = [
    { key: 'next', value: own.next },
    { key: 'return', value: own.return },
  ];
  if (methods.throw !== undefined) members.push({ key: 'throw', value: own.throw });
  if (methods.dispose !== undefined) members.push({ key: Symbol.asyncDispose, value: own.dispose });
  for (let index = 0; index < others.length; index++) members.push(others[index] as Member);

  uninstall = installMembers(iterator, members);
  if (uninstall === undefined) {
    facade = Object.create(iterator) as object;
    installMembers(facade, members);
  }
  carried.set(facade, { run, outer: carried.get(iterator) });
  // A run that has not started yet is watched from its first pull.
  run.watch(facade);
  return facade;
}

/** The methods that the program would reach, so that a `next` of its own making stays in force. */
function methodsOf(iterator: AnyIterator): Methods {
  const { next, return: returnMethod, throw: throwMethod } = iterator;
  if (
    next === (intrinsicNext as unknown) &&
    returnMethod === (intrinsicReturn as unknown) &&
    throwMethod === (intrinsicThrow as unknown) &&
    isAsyncGenerator(iterator)
  ) {
    return INTRINSIC;
  }
  const dispose = iterator[Symbol.asyncDispose];
  return {
    next: methodOf(next),
    // Without a `return`, nobody hears of a `break`.
    return: typeof returnMethod === 'function' ? methodOf(returnMethod) : closeNothing,
    throw: typeof throwMethod === 'function' ? methodOf(throwMethod) : undefined,
    dispose: typeof dispose === 'function' && dispose !== intrinsicDispose ? methodOf(dispose) : undefined,
    intrinsic: false,
  };
}

function methodOf(method: AnyFunction): Method {
  return (receiver, value, count) => reflectApply(method, receiver, count === 0 ? [] : [value]);
}

async function closeNothing(_receiver: unknown, value: unknown): Promise<IteratorReturnResult<unknown>> {
  return { done: true, value: await value };
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
