/**
 * What the random programs are made of, as `w` in their text: values that they can be known by, promises of so many ticks, iterators made by
 * hand, and a record of all that they see.
 */
import { once } from 'node:events';
import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setImmediate as macrotask } from 'node:timers/promises';
import { types } from 'node:util';
import { context, trace } from '@opentelemetry/api';
import { Ticks } from './ticks';

export type AnyFunction = (...args: never[]) => unknown;

/** Puts the function that a program is to call in the place of one that it has written. */
export type Trace = (fn: AnyFunction, name: string) => AnyFunction;

export type See = (where: number, ...values: unknown[]) => void;

/** What `given` says of an object made by hand: how the function returns it. */
type Given = 'at once' | 'promised' | 'thenable';

/** What a method of it returns. */
type Result = (see: See, given: unknown) => unknown;

interface HandMade {
  given: Given;
  /** Whether it is what it iterates with, or makes an iterator for each iteration. */
  iterates: 'with itself' | 'with new iterators';
  /** The results of one pull after another; then it is done. */
  next: Result[];
  return?: Result;
  throw?: Result;
  dispose?: Result;
}

const AsyncGeneratorPrototype = Object.getPrototypeOf(async function* () {}).prototype as AsyncGenerator;

type Pull = 'next' | 'return' | 'throw';
type PullOfBatch = readonly [name: Pull, given: unknown, isLookedAt: boolean];

export class World {
  /** All that the program saw, in order, each with turn and tick. */
  readonly events: string[] = [];
  /** The same without turns and ticks. */
  readonly order: string[] = [];
  /** How many wait for a macrotask. */
  waiting = 0;
  private readonly ticksPassed = new Ticks();
  private readonly values = new Map<string, object>();
  private readonly names = new Map<unknown, string>();
  private readonly called = new Map<AnyFunction, string>();
  private readonly objects = new Map<string, unknown>();
  private readonly counts = new Map<string, number>();
  private readonly root = trace.getSpan(context.active());

  constructor(
    private readonly traced: Trace,
    private readonly hooks: {
      disable(): void;
      /** The program pulls without calling a method of `object`. */
      borrowed(object: unknown): void;
      /** `call`'s body runs in the context that is active now. */
      inBody(call: string): void;
    },
  ) {}

  // What programs see.

  private record(who: string, where: number, values: readonly unknown[]): void {
    const text = `${who}, ${where}: ${values.map((value) => this.print(value)).join(' ')}`;
    this.order.push(text);
    this.events.push(`${this.ticksPassed.now()} ${text}`);
  }

  /** Of a consumer: no context of a body reaches it. */
  flow(name: string): See {
    return (where, ...values) => {
      this.record(name, where, values);
      if (trace.getSpan(context.active()) !== this.root) this.record(name, where, ['has lost its context']);
    };
  }

  /** Of a body. */
  private body(call: string): See {
    return (where, ...values) => {
      this.record(call, where, values);
      this.hooks.inBody(call);
    };
  }

  private print(value: unknown, depth = 0): string {
    const name = this.names.get(value);
    if (name !== undefined) return name;
    if (value instanceof Error) return `${value.name}: ${value.message}`;
    if (typeof value !== 'object' || value === null || depth > 2) return String(value);
    if (types.isPromise(value)) return 'a promise';
    if (Array.isArray(value)) return `[${value.map((item) => this.print(item, depth + 1)).join(', ')}]`;
    const members = Object.getOwnPropertyNames(value).map((key) => {
      return `${key}: ${this.print((value as Record<string, unknown>)[key], depth + 1)}`;
    });
    return `{ ${members.join(', ')} }`;
  }

  // Values.

  private known<T extends object>(name: string, make: () => T): T {
    let value = this.values.get(name);
    if (value === undefined) {
      value = make();
      this.values.set(name, value);
      this.names.set(value, name);
    }
    return value as T;
  }

  value(name: string): object {
    return this.known(name, () => ({}));
  }

  error(name: string): Error {
    return this.known(name, () => new Error(name));
  }

  abort(name: string): Error {
    return this.known(name, () => Object.assign(new Error(name), { name: 'AbortError' }));
  }

  raise(error: unknown): never {
    throw error;
  }

  nameOf(value: unknown): string {
    return this.print(value);
  }

  // Time.

  async ticks(count: number): Promise<void> {
    for (let tick = 0; tick < count; tick++) await undefined;
  }

  async macrotask(): Promise<void> {
    this.waiting++;
    await macrotask();
    this.waiting--;
  }

  nextTick(): Promise<void> {
    return new Promise((resolve) => process.nextTick(resolve));
  }

  async after<T>(ticks: number, value: T): Promise<T> {
    await this.ticks(ticks);
    return value;
  }

  async failing(ticks: number, error: unknown): Promise<never> {
    await this.ticks(ticks);
    throw error;
  }

  thenable(ticks: number, value: unknown): PromiseLike<unknown> {
    return {
      then: (onValue: (value: unknown) => void) => void this.ticks(ticks).then(() => onValue(value)),
    } as unknown as PromiseLike<unknown>;
  }

  failingThenable(ticks: number, error: unknown): PromiseLike<unknown> {
    return {
      then: (_onValue: unknown, onError: (error: unknown) => void) => void this.ticks(ticks).then(() => onError(error)),
    } as unknown as PromiseLike<unknown>;
  }

  // Functions and what they return.

  /** `fn`, as the program calls it. */
  trace(name: string, fn: AnyFunction): AnyFunction {
    const traced = this.traced(fn, name);
    this.called.set(traced, name);
    return traced;
  }

  call(fn: AnyFunction): unknown {
    const id = this.count(this.called.get(fn) ?? 'inner');
    return this.created(id, (fn as (call: string, see: See) => unknown)(id, this.body(id)));
  }

  private count(name: string): string {
    const number = (this.counts.get(name) ?? 0) + 1;
    this.counts.set(name, number);
    return `${name}#${number}`;
  }

  private created(id: string, object: unknown): unknown {
    this.objects.set(id, object);
    if (typeof object === 'object' && object !== null) this.names.set(object, id);
    return object;
  }

  /** What the call `id` has returned. */
  self(id: string): unknown {
    return this.objects.get(id);
  }

  /** A function that returns an object made by hand, which says how it is called. */
  hand(made: HandMade): AnyFunction {
    return (id: string, see: See) => {
      const iterable = made.iterates === 'with itself' ? this.iterator(made, id, see) : this.iterable(made, id);
      this.names.set(iterable, `${id}, made by hand`);
      if (made.given === 'promised') return this.after(1, iterable);
      return made.given === 'thenable' ? this.thenable(1, iterable) : iterable;
    };
  }

  /** Each iteration is another run, and nothing here says which of them an iterator belongs to. */
  private iterable(made: HandMade, id: string): object {
    const see: See = (where, ...values) => this.record(id, where, values);
    return {
      [Symbol.asyncIterator]: () => {
        this.record(id, 0, ['makes an iterator']);
        const iterator = this.iterator(made, id, see);
        this.names.set(iterator, this.count(`iterator of ${id}`));
        return iterator;
      },
    };
  }

  private iterator(made: HandMade, id: string, see: See): object {
    const results = [...made.next];
    const method = (name: string, result: Result) =>
      function (this: unknown, ...args: unknown[]) {
        see(0, `${name} of`, this, 'called with', args);
        return result(see, args[0]);
      };
    const done = () => Promise.resolve({ value: undefined, done: true });
    const iterator: Record<PropertyKey, unknown> = {
      next: method('next', () => (results.shift() ?? done)(see, undefined)),
      [Symbol.asyncIterator]: () => {
        this.record(id, 0, ['asked for an iterator']);
        return iterator;
      },
    };
    if (made.return !== undefined) iterator.return = method('return', made.return);
    if (made.throw !== undefined) iterator.throw = method('throw', made.throw);
    if (made.dispose !== undefined) iterator[Symbol.asyncDispose] = method('dispose', made.dispose);
    return iterator;
  }

  /** A result of an iterator made by hand, whose value only the program reads. */
  lazy(where: number, value: unknown): object {
    const read = () => this.record('lazy', where, ['value read']);
    return {
      done: false,
      get value() {
        read();
        return value;
      },
    };
  }

  // What consumers do.

  /** Calls and does not wait. */
  float(see: See, where: number, call: () => unknown): void {
    try {
      const result = call();
      if (typeof (result as PromiseLike<unknown> | undefined)?.then !== 'function') see(where, 'at once', result);
      else {
        (result as PromiseLike<unknown>).then(
          (value) => see(where, 'later', value),
          (error: unknown) => see(where, 'later rejected', error),
        );
      }
    } catch (error) {
      see(where, 'at once threw', error);
    }
  }

  /** Calls and never looks what came of it. */
  drop(call: () => unknown): void {
    try {
      call();
    } catch {}
  }

  /**
   * Pulls several times at once, and some more times as soon as the first of these has settled; then waits for all that is looked at. Only
   * of generators: they queue pulls, so that nothing depends on how many ticks each takes.
   */
  async together(
    see: See,
    where: number,
    object: Partial<Record<Pull, (given: unknown) => unknown>>,
    pulls: readonly PullOfBatch[],
    more: readonly PullOfBatch[],
  ): Promise<void> {
    const settled: string[] = [];
    if (!types.isGeneratorObject(object)) return;
    const waiting: Promise<unknown>[] = [];
    const pullAll = (all: readonly PullOfBatch[], which: string, then?: () => void) => {
      for (const [index, [name, given, isLookedAt]] of all.entries()) {
        const result = object[name]?.(given) as unknown as Promise<unknown>;
        if (!isLookedAt && index > 0) continue;
        const see = (text: string) => {
          settled.push(`${which} ${index} ${text}`);
          if (index === 0) then?.();
        };
        waiting.push(
          result.then(
            (value) => see(this.print(value)),
            (error: unknown) => see(`rejected: ${this.print(error)}`),
          ),
        );
      }
    };
    pullAll(pulls, 'first', () => pullAll(more, 'then'));
    for (let index = 0; index < waiting.length; index++) await waiting[index];
    await this.macrotask();
    see(where, ...settled);
  }

  borrowed(object: object, name: Pull, ...args: unknown[]): unknown {
    this.hooks.borrowed(object);
    return (AsyncGeneratorPrototype[name] as AnyFunction).apply(object, args as never);
  }

  /** A method of one object, called on another. */
  swapped(object: Record<string, AnyFunction>, receiver: object, name: Pull, ...args: unknown[]): unknown {
    this.hooks.borrowed(object);
    this.hooks.borrowed(receiver);
    return (object[name] as AnyFunction).apply(receiver, args as never);
  }

  dispose(object: Partial<AsyncDisposable>): unknown {
    return Symbol.asyncDispose === undefined ? undefined : object[Symbol.asyncDispose]?.();
  }

  look(object: AsyncIterable<unknown>): unknown[] {
    const { toStringTag } = Symbol as unknown as Record<string, symbol>;
    return [
      Object.keys(object).length,
      (object as unknown as Record<symbol, unknown>)[toStringTag as symbol],
      Object.getPrototypeOf(object) === Object.prototype,
      this.nameOf(object),
    ];
  }

  async fromAsync(object: AsyncIterable<unknown>): Promise<unknown> {
    const { fromAsync } = Array as unknown as { fromAsync?(items: AsyncIterable<unknown>): Promise<unknown[]> };
    // V8 calls `return` after an error of `next`, and never comes to an end if that fails, too: generators do not.
    if (fromAsync !== undefined && types.isGeneratorObject(object)) return fromAsync.call(Array, object);
    const items = [];
    for await (const item of object) items.push(item);
    return items;
  }

  async *through(object: AsyncIterable<unknown>): AsyncGenerator {
    return yield* object;
  }

  /** Reads `object` by way of a stream, up to `items`, and leaves it as `exit` says. */
  async readable(see: See, where: number, object: AsyncIterable<unknown>, items: number, exit: string): Promise<void> {
    const stream = Readable.from(object);
    const closed = once(stream, 'close').catch(() => undefined);
    stream.on('error', (error) => see(where, 'stream failed', error));
    let left = items;
    try {
      for await (const item of stream) {
        see(where, 'read', item);
        if (--left > 0) continue;
        if (exit === 'break') break;
        if (exit === 'throw') throw this.error('thrown at the stream');
        if (exit === 'destroy') stream.destroy(this.error('destroyed'));
      }
    } catch (error) {
      see(where, 'caught', error);
    }
    await closed;
    see(where, 'closed');
  }

  /** Pipes `object` into a sink that fails after so many items. */
  async pipe(see: See, where: number, object: AsyncIterable<unknown>, items: number): Promise<void> {
    let left = items;
    const sink = new Writable({
      objectMode: true,
      write: (item, _encoding, written) => {
        see(where, 'written', item);
        written(--left === 0 ? this.error('sink') : null);
      },
    });
    try {
      await pipeline(object, sink);
      see(where, 'piped');
    } catch (error) {
      see(where, 'caught', error);
    }
  }

  disable(): void {
    this.hooks.disable();
  }
}
