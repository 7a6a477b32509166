/**
 * Which runs a program has by section 4 of the design, told apart from how they are traced: every call is watched by
 * members of the simplest kind, and a run is a state that hears of pulls and of what they come to.
 */
import { types } from 'node:util';

type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;
type Pull = 'next' | 'return' | 'throw' | 'dispose';

export interface ExpectedRun {
  /** The call that it belongs to. */
  readonly call: string;
  readonly outcome: string | undefined;
  readonly items: number;
  /** Whether the design says nothing of how it goes on. */
  readonly isUnclear: boolean;
}

class WatchedRun implements ExpectedRun {
  outcome: string | undefined;
  items = 0;
  isUnclear = false;
  private isClosed = false;
  /** What the consumer has thrown in last. */
  thrownIn: unknown = {};
  /** ... and all of it. */
  private readonly thrown = new Set<unknown>();
  private pending = 0;
  /** Whether the program has begun to dispose of it: what comes to an end meanwhile has been stopped. */
  private isClosing = false;
  /** Whether the last that came was an item that `return` of an iterator made by hand gave: after `break` nobody looks at it. */
  private isLeft = false;

  constructor(
    readonly call: string,
    private readonly started: (run: WatchedRun) => void,
    private readonly mayStart: () => boolean,
  ) {}

  private isStarted = false;

  private get isOpen(): boolean {
    return this.isStarted && this.outcome === undefined;
  }

  start(): void {
    if (this.isStarted || this.isClosed) return;
    if (!this.mayStart()) {
      this.isClosed = true;
      return;
    }
    this.isStarted = true;
    this.started(this);
  }

  pulled(pull: Pull, given: unknown): void {
    if (pull === 'throw') this.thrown.add((this.thrownIn = given));
    if (!this.isStarted && pull === 'next') this.start();
    if (!this.isStarted) this.isClosed = true;
    this.pending++;
    this.isLeft = false;
    if (pull === 'dispose') this.isClosing = true;
  }

  end(outcome: string): void {
    if (this.isOpen) this.outcome = this.isClosing && outcome !== 'failed' ? 'returned' : outcome;
  }

  /** Nobody is left to end it. */
  interrupt(): void {
    if (this.isLeft && this.isOpen) {
      this.items--;
      this.end('returned');
    }
    this.end('interrupted');
  }

  /** What a call or a pull came to is an error. */
  fail(error: unknown): void {
    this.end(error instanceof Error && error.name === 'AbortError' ? 'aborted' : 'failed');
  }

  /** @param thrownIn what the consumer had thrown in last when it pulled */
  rejected(pull: Pull, given: unknown, error: unknown, thrownIn: unknown): void {
    this.pending--;
    if (!this.isOpen) return;
    // Whose error that is, the body's own or the consumer's, is not said.
    if (pull === 'return' && types.isPromise(given)) this.isUnclear = true;
    if (this.thrown.has(error) && !(pull === 'throw' && error === given) && this.thrown.size > 1) this.isUnclear = true;
    if (this.thrown.has(error) && error !== thrownIn) this.isUnclear = true;
    const isAbort = error instanceof Error && error.name === 'AbortError';
    if (error === thrownIn && !isAbort) this.end('returned');
    else this.fail(error);
  }

  settled(pull: Pull, result: unknown, isGenerator: boolean): void {
    this.pending--;
    if (!this.isOpen) return;
    if (pull === 'dispose') {
      this.end('returned');
      return;
    }
    if (typeof result !== 'object' || result === null || !('done' in result || 'value' in result)) {
      // No result of the protocol. Of `return` an object is enough.
      if (pull === 'return' && typeof result === 'object' && result !== null) this.end('returned');
      else this.isUnclear = true;
      return;
    }
    const isDone = Boolean((result as { done?: unknown }).done);
    if (isDone) this.end(pull === 'return' ? 'returned' : 'completed');
    else if (pull !== 'return' || isGenerator) this.items++;
    else if (!('done' in result)) this.end('returned');
    else {
      this.items++;
      this.isLeft = this.pending === 0;
    }
  }
}

function isObject(value: unknown): value is Record<PropertyKey, unknown> {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

/** Calls one of the two with what `result` comes to, before the program hears of it. */
function hear(result: unknown, onValue: (value: unknown) => void, onError: (error: unknown) => void): void {
  if (types.isPromise(result)) {
    result.then(onValue, onError);
  } else if (isObject(result) && typeof result.then === 'function') {
    const { then } = result as { then: AnyFunction };
    const own = function (this: unknown, ...[onFulfilled, onRejected]: AnyFunction[]): unknown {
      const both = [
        (value: unknown) => {
          onValue(value);
          return onFulfilled?.(value);
        },
        (error: unknown) => {
          onError(error);
          return onRejected?.(error);
        },
      ];
      return then.apply(this, both);
    };
    Object.defineProperty(result, 'then', { value: own });
  } else {
    onValue(result);
  }
}

export interface ExpectationOptions {
  startOn: 'pull' | 'call';
  /** Whether spans are recorded at all. */
  isRecording: boolean;
}

export class Expectation {
  readonly runs: ExpectedRun[] = [];
  /** Calls whose runs may or may not have begun: a method of another object was called on what they returned. */
  readonly unclearCalls = new Set<string>();
  private isEnabled = true;
  private readonly open = new Set<WatchedRun>();
  private readonly runsOf = new Map<object, WatchedRun[]>();
  /** Objects that were pulled from behind the back of their members. */
  private readonly borrowedObjects = new Set<object>();

  constructor(private readonly options: ExpectationOptions) {}

  disable(): void {
    this.isEnabled = false;
    this.interrupt();
  }

  /** Ends the runs that are open. */
  interrupt(): void {
    for (const run of this.open) run.interrupt();
  }

  borrowed(object: unknown): void {
    if (!isObject(object)) return;
    this.borrowedObjects.add(object);
    for (const run of this.runsOf.get(object) ?? []) this.markUnclear(run);
  }

  private markUnclear(run: WatchedRun): void {
    run.isUnclear = true;
    this.unclearCalls.add(run.call);
  }

  /** `fn`, watched. */
  watch(fn: AnyFunction): AnyFunction {
    const isGeneratorFunction = types.isGeneratorFunction(fn);
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- `this` of the function is the program's
    const expectation = this;
    return function (this: unknown, ...args: unknown[]): unknown {
      if (!expectation.isEnabled || !expectation.options.isRecording) return fn.apply(this, args);
      const run = expectation.run(args[0] as string);
      if (!isGeneratorFunction || expectation.options.startOn === 'call') run.start();
      let result: unknown;
      try {
        result = fn.apply(this, args);
      } catch (error) {
        run.start();
        run.fail(error);
        throw error;
      }
      hear(
        result,
        (value) => expectation.adopt(run, value),
        (error) => run.fail(error),
      );
      return result;
    };
  }

  private run(call: string): WatchedRun {
    const started = (run: WatchedRun) => {
      this.runs.push(run);
      this.open.add(run);
    };
    return new WatchedRun(call, started, () => this.isEnabled);
  }

  private adopt(run: WatchedRun, value: unknown): void {
    if (!isObject(value) || typeof value[Symbol.asyncIterator] !== 'function') {
      run.end('completed');
    } else if (typeof value.next === 'function') {
      this.watchIterator(value, run);
    } else {
      this.watchIterable(value as AsyncIterable<unknown> & Record<PropertyKey, unknown>, run);
    }
  }

  private watchIterable(iterable: AsyncIterable<unknown> & Record<PropertyKey, unknown>, first: WatchedRun): void {
    const original = iterable[Symbol.asyncIterator] as AnyFunction;
    let next: WatchedRun | undefined = first;
    iterable[Symbol.asyncIterator] = (...args: unknown[]) => {
      const iterator = original.apply(iterable, args) as Record<PropertyKey, unknown>;
      const run = next ?? this.run(first.call);
      next = undefined;
      this.watchIterator(iterator, run);
      return iterator as unknown as AsyncIterator<unknown>;
    };
  }

  private watchIterator(iterator: Record<PropertyKey, unknown>, run: WatchedRun): void {
    this.runsOf.set(iterator, [...(this.runsOf.get(iterator) ?? []), run]);
    if (this.borrowedObjects.has(iterator)) this.markUnclear(run);
    // Else nobody could see that a consumer has left.
    iterator.return ??= async (value: unknown) => ({ value: await value, done: true });
    for (const pull of ['next', 'return', 'throw'] as const) this.watchMethod(iterator, pull, pull, run);
    if (Symbol.asyncDispose !== undefined && Object.hasOwn(iterator, Symbol.asyncDispose)) {
      this.watchMethod(iterator, Symbol.asyncDispose, 'dispose', run);
    }
  }

  private watchMethod(iterator: Record<PropertyKey, unknown>, key: PropertyKey, pull: Pull, run: WatchedRun): void {
    const original = iterator[key];
    if (typeof original !== 'function') return;
    const isGenerator = types.isGeneratorObject(iterator);
    const value = function (this: unknown, ...args: unknown[]): unknown {
      // Called on another object: that has members of its own.
      if (this !== iterator) return (original as AnyFunction).apply(this, args);
      run.pulled(pull, args[0]);
      const { thrownIn } = run;
      const rejected = (error: unknown) => run.rejected(pull, args[0], error, thrownIn);
      let result: unknown;
      try {
        result = (original as AnyFunction).apply(this, args);
      } catch (error) {
        rejected(error);
        throw error;
      }
      hear(result, (settled) => run.settled(pull, settled, isGenerator), rejected);
      return result;
    };
    Object.defineProperty(iterator, key, {
      value,
      writable: true,
      configurable: true,
      enumerable: Object.getOwnPropertyDescriptor(iterator, key)?.enumerable ?? false,
    });
  }
}
