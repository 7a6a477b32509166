import { createContext, runInContext, runInNewContext } from 'node:vm';
import { Readable } from 'node:stream';
import { expect } from 'chai';
import { diag, trace } from '@opentelemetry/api';
import * as ts from 'typescript';
import { traceAsyncGenerator } from '../../src';
import { createManualPlan } from '../../src/manual/options';
import type { AnyFunction } from '../../src/base/intrinsics';
import { Scope } from '../../src/trace/scope';
import { traceFunctionAlone } from '../../src/trace/traced-function';
import { Reporter } from '../../src/base/reporter';
import { useTracing } from '../support/tracing';
import { drain, microtasksDone, newScope, rejectionOf, traceWithPlan } from './helpers';

describe('a traced function that is not an async-generator function', () => {
  const tracing = useTracing();

  const outcomes = () => tracing.spans().map(({ attributes }) => attributes['async_generator.outcome']);
  const itemCounts = () => tracing.spans().map(({ attributes }) => attributes['async_generator.item.count']);

  async function* count(to: number): AsyncGenerator<number, string> {
    for (let i = 0; i < to; i++) yield i;
    return 'counted';
  }

  /** An iterator as people write them by hand, with only what is asked for. */
  function byHand(to: number) {
    let i = 0;
    return {
      next: (): Promise<IteratorResult<number>> =>
        Promise.resolve(i < to ? { value: i++, done: false } : { value: undefined, done: true }),
    };
  }

  const selfIterating = (to: number) => ({
    ...byHand(to),
    [Symbol.asyncIterator]() {
      return this;
    },
  });

  it('starts its run at the call, because its work does', () => {
    const started: string[] = [];
    traceAsyncGenerator(() => count(1), { onStart: () => started.push('started') })();
    expect(started).to.deep.equal(['started']);
  });

  describe('and returns a generator', () => {
    it('is traced by what it returns', async () => {
      expect(await drain(traceAsyncGenerator((to: number) => count(to))(2))).to.deep.equal([0, 1]);
      expect(outcomes()).to.deep.equal(['completed']);
      expect(itemCounts()).to.deep.equal([2]);
    });

    it('ends returned if that is closed before its first pull', async () => {
      await traceAsyncGenerator(() => count(2))().return('');
      expect(outcomes()).to.deep.equal(['returned']);
    });

    it('has one run if a second call returns the same generator', async () => {
      const generator = count(2);
      const traced = traceAsyncGenerator(() => generator);
      expect(traced()).to.equal(generator);
      expect(traced()).to.equal(generator);
      await drain(generator);
      expect(outcomes()).to.deep.equal(['completed']);
      expect(itemCounts()).to.deep.equal([2]);
    });

    describe('that another function of the same target has made', () => {
      /** Two exports of one target, of which the second calls the first. */
      const sameTarget = (create: (stream: typeof count) => () => unknown) => {
        const scope = new Scope({ tracer: () => trace.getTracer('test') }, new Reporter(() => diag));
        const plan = createManualPlan({}, '');
        const traceAs = <Fn>(spanName: string, fn: Fn): Fn =>
          traceFunctionAlone(fn as AnyFunction, {
            tracing: { plan: { ...plan, spanName }, scope },
          }) as Fn;
        const stream = traceAs('stream', count);
        return { stream, create: traceAs('create', create(stream)) };
      };
      const names = () => tracing.spans().map(({ name }) => name);

      it('has one run, which started at the call', async () => {
        const { create } = sameTarget((stream) => () => stream(2));
        expect(await drain(create() as AsyncGenerator)).to.deep.equal([0, 1]);
        expect(names()).to.deep.equal(['create']);
        expect(outcomes()).to.deep.equal(['completed']);
        expect(itemCounts()).to.deep.equal([2]);
      });

      it('has one run if it was promised', async () => {
        const { create } = sameTarget((stream) => async () => stream(2));
        for await (const _ of (await create()) as AsyncGenerator) break;
        expect(names()).to.deep.equal(['create']);
        expect(outcomes()).to.deep.equal(['returned']);
      });

      it('has one run if it was never pulled', async () => {
        const { create } = sameTarget((stream) => () => stream(2));
        await (create() as AsyncGenerator).return(undefined);
        expect(names()).to.deep.equal(['create']);
        expect(outcomes()).to.deep.equal(['returned']);
      });

      it('goes on with its run if it has been pulled', async () => {
        const { create } = sameTarget((stream) => async () => {
          const generator = stream(2);
          await generator.next();
          return generator;
        });
        expect(await drain((await create()) as AsyncGenerator)).to.deep.equal([1]);
        expect(names()).to.deep.equal(['create', 'stream']);
        expect(itemCounts()).to.deep.equal([0, 2]);
      });

      it('has one run if an iterable hands it out, and one for each further iteration', async () => {
        const { create } = sameTarget((stream) => () => ({ [Symbol.asyncIterator]: () => stream(2) }));
        const iterable = create() as AsyncIterable<number>;
        await drain(iterable);
        await drain(iterable);
        expect(names()).to.deep.equal(['create', 'stream']);
        expect(itemCounts()).to.deep.equal([2, 2]);
      });
    });
  });

  describe('and returns an async iterable', () => {
    it('hands out the same object with its own members', async () => {
      const stream = { controller: {}, tee: () => [], [Symbol.asyncIterator]: () => count(2) };
      const traced = traceAsyncGenerator(() => stream)();
      expect(traced).to.equal(stream);
      expect(Object.keys(traced)).to.deep.equal(['controller', 'tee']);
      expect(await drain(traced)).to.deep.equal([0, 1]);
      expect(itemCounts()).to.deep.equal([2]);
    });

    it('keeps a class instance what it is', async () => {
      class Stream {
        readonly #to = 2;
        [Symbol.asyncIterator]() {
          return count(this.#to);
        }
      }
      const stream = traceAsyncGenerator(() => new Stream())();
      expect(stream).to.be.an.instanceOf(Stream);
      expect(await drain(stream)).to.deep.equal([0, 1]);
      expect(Object.keys(stream)).to.be.empty;
      expect(itemCounts()).to.deep.equal([2]);
    });

    it('makes every further iteration a run of its own', async () => {
      const iterable = traceAsyncGenerator((to: number) => ({ [Symbol.asyncIterator]: () => count(to) }))(2);
      await drain(iterable);
      for await (const _ of iterable) break;
      await drain(iterable);
      expect(outcomes()).to.deep.equal(['completed', 'returned', 'completed']);
      expect(itemCounts()).to.deep.equal([2, 1, 2]);
    });

    it('is one run however often the iterable hands out the same iterator', async () => {
      const iterator = count(2);
      const iterable = traceAsyncGenerator(() => ({ [Symbol.asyncIterator]: () => iterator }))();
      expect(iterable[Symbol.asyncIterator]()).to.equal(iterator);
      expect(iterable[Symbol.asyncIterator]()).to.equal(iterator);
      expect(await drain(iterable)).to.deep.equal([0, 1]);
      expect(outcomes()).to.deep.equal(['completed']);
      expect(itemCounts()).to.deep.equal([2]);
    });

    it('makes concurrent iterations runs of their own', async () => {
      const iterable = traceAsyncGenerator((to: number) => ({ [Symbol.asyncIterator]: () => count(to) }))(2);
      await Promise.all([drain(iterable), drain(iterable)]);
      expect(itemCounts()).to.deep.equal([2, 2]);
    });

    it('adds no layer for every call that returns the same iterable', async () => {
      const shared = { [Symbol.asyncIterator]: () => count(2) };
      const traced = traceAsyncGenerator(() => shared);
      expect(traced()).to.equal(shared);
      const method = shared[Symbol.asyncIterator];
      for (let calls = 0; calls < 3; calls++) expect(traced()).to.equal(shared);
      expect(shared[Symbol.asyncIterator]).to.equal(method);
      await drain(shared);
      await drain(shared);
      expect(itemCounts()).to.deep.equal([2, 2]);
    });

    it('is a run for each target that hands it out', async () => {
      const shared = { [Symbol.asyncIterator]: () => count(2) };
      traceAsyncGenerator(() => shared)();
      traceAsyncGenerator(() => shared)();
      await drain(shared);
      expect(itemCounts()).to.deep.equal([2, 2]);
    });

    it('reads the members that tell a stream once', async () => {
      let reads = 0;
      const iterable = {
        [Symbol.asyncIterator]: () => count(1),
        get pipe() {
          reads++;
          return undefined;
        },
      };
      await drain(traceAsyncGenerator(() => iterable)());
      expect(reads).to.equal(1);
    });

    it('is one run however often a self-iterating object is asked for its iterator', async () => {
      const iterable = traceAsyncGenerator(() => selfIterating(3))();
      expect(iterable[Symbol.asyncIterator]()).to.equal(iterable);
      expect(iterable[Symbol.asyncIterator]()).to.equal(iterable);
      for await (const _ of iterable) break;
      expect(itemCounts()).to.deep.equal([1]);
    });

    it('leaves nothing on a self-iterating object once it has ended', async () => {
      const original = class {
        left = 1;
        next = () => Promise.resolve({ value: 1, done: this.left-- === 0 });
        [Symbol.asyncIterator]() {
          return this;
        }
      };
      const iterable = traceAsyncGenerator(() => new original())();
      await drain(iterable as AsyncIterable<unknown>);
      expect(Reflect.ownKeys(iterable)).to.have.members(['left', 'next']);
    });

    it('ends returned where an own Symbol.asyncDispose closes the iterator', async () => {
      const log: string[] = [];
      const iterable = traceAsyncGenerator(() => ({
        ...selfIterating(3),
        [Symbol.asyncDispose]() {
          log.push('disposed');
          return Promise.resolve();
        },
      }))();
      await iterable.next();
      await iterable[Symbol.asyncDispose]();
      expect(log).to.deep.equal(['disposed']);
      expect(outcomes()).to.deep.equal(['returned']);
    });

    const copies: Record<string, (iterator: ReturnType<typeof selfIterating>) => AsyncIterable<number>> = {
      'a copy of the iterator': (iterator) => ({ ...iterator }),
      'methods taken off the iterator': ({ next }) => ({ [Symbol.asyncIterator]: () => ({ next: () => next() }) }),
      'an object that borrows its methods': ({ next }) => ({ [Symbol.asyncIterator]: () => ({ next }) }),
    };
    for (const [what, copy] of Object.entries(copies)) {
      it(`sees the pulls of ${what}`, async () => {
        expect(await drain(copy(traceAsyncGenerator(() => selfIterating(2))()))).to.deep.equal([0, 1]);
        expect(outcomes()).to.deep.equal(['completed']);
        expect(itemCounts()).to.deep.equal([2]);
      });
    }

    it('passes on the receiver of a pull', async () => {
      const receivers: unknown[] = [];
      const { next } = traceAsyncGenerator(() => ({
        [Symbol.asyncIterator]() {
          return this;
        },
        next(this: unknown): Promise<IteratorResult<number>> {
          receivers.push(this);
          return Promise.resolve({ value: undefined, done: true });
        },
      }))();
      const receiver = {};
      await next.call(receiver as never);
      await next.call(receiver as never);
      expect(receivers).to.have.lengthOf(2);
      for (const each of receivers) expect(each).to.equal(receiver);
    });

    for (const [reads, onItem] of [
      [1, undefined],
      [2, () => {}],
    ] as const) {
      it(`has its items read ${onItem ? 'by onItem' : 'only by the consumer'}`, async () => {
        let count = 0;
        const iterator = traceAsyncGenerator(
          () => ({
            ...byHand(1),
            [Symbol.asyncIterator]() {
              return this;
            },
            next: (): Promise<IteratorResult<number>> =>
              Promise.resolve({
                done: false,
                get value() {
                  count++;
                  return 1;
                },
              }),
          }),
          { onItem },
        )();
        expect((await iterator.next()).value).to.equal(1);
        expect(count).to.equal(reads);
      });
    }

    it('hears of a break where the iterator has no return', async () => {
      const iterable = traceAsyncGenerator(() => ({ [Symbol.asyncIterator]: () => byHand(3) }))();
      for await (const _ of iterable) break;
      expect(outcomes()).to.deep.equal(['returned']);
    });

    describe('whose iterator has no return', () => {
      const open = () => traceAsyncGenerator(() => selfIterating(3))() as AsyncIterableIterator<number>;

      it('has none that could be called', async () => {
        const iterator = open();
        expect(iterator.return).to.equal(undefined);
        await iterator.next();
        expect(iterator.return).to.equal(undefined);
      });

      it('is not left by a look for one before the first item', async () => {
        const iterator = open();
        expect(typeof iterator.return).to.equal('undefined');
        expect(await drain(iterator)).to.deep.equal([0, 1, 2]);
        expect(outcomes()).to.deep.equal(['completed']);
      });

      it('is not left by a look for one while an item is pending', async () => {
        const iterator = open();
        await iterator.next();
        const pending = iterator.next();
        expect(typeof iterator.return).to.equal('undefined');
        await pending;
        await drain(iterator);
        expect(outcomes()).to.deep.equal(['completed']);
      });

      it('may be given one', async () => {
        const iterator = open();
        iterator.return = async () => ({ done: true, value: 'own' });
        expect(await iterator.return()).to.deep.equal({ done: true, value: 'own' });
        expect(Object.keys(iterator)).to.include('return');
      });

      it('leaves the property as it was, once its run is over', async () => {
        const iterator = { ...selfIterating(1), return: undefined };
        await drain(traceAsyncGenerator(() => iterator)() as unknown as AsyncIterable<number>);
        expect(Object.getOwnPropertyDescriptor(iterator, 'return')).to.deep.equal({
          value: undefined,
          writable: true,
          enumerable: true,
          configurable: true,
        });
      });
    });

    it('adds no throw', () => {
      const iterator = traceAsyncGenerator(() => selfIterating(3))();
      expect(iterator).to.not.have.property('throw');
    });

    it('delegates return to the iterator that has one', async () => {
      const log: unknown[] = [];
      const traced = traceAsyncGenerator(() => ({
        ...selfIterating(3),
        return: async (value?: unknown) => {
          log.push(value, tracing.spans().length);
          return { value: 'own', done: true };
        },
      }));
      const iterator = traced();
      await iterator.next();
      expect(await iterator.return('given')).to.deep.equal({ value: 'own', done: true });
      expect(log).to.deep.equal(['given', 0]);
      expect(outcomes()).to.deep.equal(['returned']);
    });

    const results: Record<string, unknown> = {
      '{ done: true }': { done: true },
      '{}': {},
      '{ value }': { value: undefined },
      '{ done: false }': { done: false },
      'an item, after which nobody pulls': { done: false, value: 7 },
      'no object': 5,
    };
    for (const [what, result] of Object.entries(results)) {
      const withReturn = (settle: (result: unknown) => unknown) => {
        const scope = newScope();
        const open = traceWithPlan(() => ({ ...selfIterating(3), return: () => settle(result) }), {}, scope);
        return { iterator: open() as unknown as AsyncGenerator<number>, scope };
      };

      it(`ends returned where return() gives ${what}`, async () => {
        const { iterator, scope } = withReturn(async (value) => value);
        await iterator.next();
        await iterator.next();
        expect(await iterator.return(undefined)).to.equal(result);
        scope.openRuns.interrupt();
        expect(outcomes()).to.deep.equal(['returned']);
        expect(itemCounts()).to.deep.equal([2]);
      });

      it(`ends returned where return() gives ${what}, and not a promise of it`, async () => {
        const { iterator, scope } = withReturn((value) => value);
        await iterator.next();
        expect((iterator.return as () => unknown)()).to.equal(result);
        scope.openRuns.interrupt();
        expect(outcomes()).to.deep.equal(['returned']);
        expect(itemCounts()).to.deep.equal([1]);
      });
    }

    it('stays open where return() gives an item, and the consumer goes on', async () => {
      const traced = traceAsyncGenerator(() => ({
        ...selfIterating(1),
        return: async () => ({ done: false, value: 'from finally' }),
      }));
      const iterator = traced();
      await iterator.return();
      expect(tracing.spans()).to.be.empty;
      await iterator.next();
      await iterator.next();
      expect(outcomes()).to.deep.equal(['completed']);
      expect(itemCounts()).to.deep.equal([2]);
    });

    it('passes on exactly as many arguments as it was given', async () => {
      const counts: number[] = [];
      const traced = traceAsyncGenerator(() => ({
        async next(..._args: unknown[]): Promise<IteratorResult<number>> {
          counts.push(arguments.length);
          return { value: 1, done: false };
        },
        [Symbol.asyncIterator]() {
          return this;
        },
      }));
      const iterator = traced();
      await iterator.next();
      await iterator.next(undefined);
      expect(counts).to.deep.equal([0, 1]);
    });

    it('passes results through that are no objects, and that throw when they are read', async () => {
      const hostile = {
        get done(): boolean {
          throw new Error('mine');
        },
      };
      const results: unknown[] = [5, undefined, hostile];
      const iterator = traceAsyncGenerator(() => ({
        ...selfIterating(0),
        next: async () => results.shift() as IteratorResult<number>,
      }))();
      expect(await iterator.next()).to.equal(5);
      expect(await iterator.next()).to.equal(undefined);
      expect((await iterator.next()) === (hostile as unknown)).to.equal(true);
    });

    it('hands out a frozen iterable itself, and ends the run when it is there', async () => {
      class Frozen {
        #tag = 'private';
        constructor() {
          Object.freeze(this);
        }
        tag() {
          return this.#tag;
        }
        [Symbol.asyncIterator]() {
          return count(2);
        }
      }
      const iterable = traceAsyncGenerator(() => new Frozen())();
      expect(outcomes()).to.deep.equal(['completed']);
      expect(iterable.tag()).to.equal('private');
      expect(await drain(iterable)).to.deep.equal([0, 1]);
      expect(outcomes()).to.deep.equal(['completed']);
    });

    it('hands out a frozen iterator itself, and ends the run when it is there', async () => {
      const frozen = Object.freeze(selfIterating(2));
      const iterator = traceAsyncGenerator(() => frozen)();
      expect(iterator).to.equal(frozen);
      expect(outcomes()).to.deep.equal(['completed']);
      expect(await drain(iterator)).to.deep.equal([0, 1]);
      expect(outcomes()).to.deep.equal(['completed']);
    });

    it('ends the run with the iterator of an iterable if that is frozen', async () => {
      const iterators = [0, 1].map(() => Object.freeze(byHand(2)));
      const iterable = traceAsyncGenerator(() => ({ [Symbol.asyncIterator]: () => iterators.shift() ?? byHand(0) }))();
      const [first, second] = iterators;
      expect(iterable[Symbol.asyncIterator]()).to.equal(first);
      expect(outcomes()).to.deep.equal(['completed']);
      expect(iterable[Symbol.asyncIterator]()).to.equal(second);
      expect(outcomes()).to.deep.equal(['completed']);
    });

    it('traces a generator of another realm', async () => {
      const foreign = runInNewContext('(async function* () { yield 1; yield 2; })') as () => AsyncGenerator<number>;
      expect(await drain(traceAsyncGenerator(foreign)())).to.deep.equal([1, 2]);
      expect(itemCounts()).to.deep.equal([2]);
    });

    it('traces a generator of another realm that is looped over there', async () => {
      const realm = createContext();
      const foreign = runInContext('(async function* () { yield 1; yield 2; })', realm) as () => AsyncGenerator<number>;
      const foreignDrain = runInContext(
        '(async (items) => { let n = 0; for await (const _ of items) n++; return n; })',
        realm,
      ) as (items: AsyncGenerator<number>) => Promise<number>;
      expect(await foreignDrain(traceAsyncGenerator(foreign)())).to.equal(2);
      expect(outcomes()).to.deep.equal(['completed']);
      expect(itemCounts()).to.deep.equal([2]);
    });

    it('survives members that throw when they are read', async () => {
      const hostile = (key: PropertyKey) =>
        Object.defineProperty({ [Symbol.asyncIterator]: () => count(1) } as AsyncIterable<number>, key, {
          get: () => {
            throw new Error(`${String(key)} was read`);
          },
        });
      for (const key of ['next', 'pipe', 'on', 'read']) {
        const value = hostile(key);
        expect(traceAsyncGenerator(() => value)(), key).to.equal(value);
        expect(await drain(value), key).to.deep.equal([0]);
      }
    });
  });

  describe('and returns a Proxy', () => {
    it('traces an iterable behind it', async () => {
      const proxy = new Proxy({ [Symbol.asyncIterator]: () => count(2) }, {});
      expect(traceAsyncGenerator(() => proxy)()).to.equal(proxy);
      expect(await drain(proxy)).to.deep.equal([0, 1]);
      expect(itemCounts()).to.deep.equal([2]);
    });

    it('asks it for no `then`', async () => {
      const asked: PropertyKey[] = [];
      const proxy = new Proxy(
        {},
        {
          get(target, key) {
            asked.push(key);
            return Reflect.get(target, key) as unknown;
          },
        },
      );
      traceAsyncGenerator(() => proxy)();
      expect(asked).to.not.include('then');
      expect(outcomes()).to.deep.equal(['completed']);
    });

    it('survives one that answers to every name', async () => {
      const proxy: object = new Proxy(function () {}, { get: () => proxy, apply: () => proxy });
      expect(traceAsyncGenerator(() => proxy)() === proxy).to.equal(true);
    });

    it('survives one that forbids everything', () => {
      const forbid = () => {
        throw new Error('forbidden');
      };
      const traps = Object.getOwnPropertyNames(Reflect).filter((name) => name !== 'apply' && name !== 'construct');
      const proxy = new Proxy({}, Object.fromEntries(traps.map((name) => [name, forbid])));
      expect(traceAsyncGenerator(() => proxy)() === proxy).to.equal(true);
      expect(outcomes()).to.deep.equal(['completed']);
    });

    it('survives one that lets nothing be defined', async () => {
      const proxy = new Proxy({ [Symbol.asyncIterator]: () => count(2) }, { defineProperty: () => false });
      expect(await drain(traceAsyncGenerator(() => proxy)())).to.deep.equal([0, 1]);
    });

    it('gives the items of a generator whose methods are bound by it', async () => {
      const bound = new Proxy(count(2), {
        get(target, key) {
          const value = Reflect.get(target, key) as unknown;
          return typeof value === 'function' ? (value.bind(target) as unknown) : value;
        },
      });
      expect(await drain(traceAsyncGenerator(() => bound)())).to.deep.equal([0, 1]);
      expect(outcomes()).to.deep.equal(['completed']);
      expect(itemCounts()).to.deep.equal([2]);
    });
  });

  describe('and returns a native promise', () => {
    it('hands out the same promise', async () => {
      const promise = Promise.resolve(count(2));
      expect(traceAsyncGenerator(() => promise)()).to.equal(promise);
      // Not the symbols: those of async_hooks come and go.
      expect(Object.getOwnPropertyNames(promise)).to.be.empty;
      await drain(await promise);
    });

    it('traces the very generator that it resolves to', async () => {
      const generator = count(2);
      const promised = await traceAsyncGenerator(async () => ({ generator }))();
      expect(promised.generator).to.equal(generator);
      expect(outcomes()).to.deep.equal(['completed']);
      tracing.reset();
      const traced = traceAsyncGenerator(() => Promise.resolve(generator));
      expect(await drain(await traced())).to.deep.equal([0, 1]);
      expect(itemCounts()).to.deep.equal([2]);
    });

    it('has it patched before the program gets it', async () => {
      const traced = traceAsyncGenerator(async () => count(2));
      const items = await traced().then((generator) => drain(generator));
      expect(items).to.deep.equal([0, 1]);
      expect(itemCounts()).to.deep.equal([2]);
    });

    const realm = createContext();
    const foreignCall = runInContext('(async (fulfil) => fulfil())', realm) as typeof ownCall;
    const foreignAwait = runInContext('(async (promise) => await promise)', realm) as typeof ownAwait;
    const ownCall = async (fulfil: () => AsyncGenerator<number>) => fulfil();
    const ownAwait = async (promise: object) => (await promise) as unknown;
    const withThen = <P extends Promise<unknown>>(promise: P): P =>
      Object.assign(promise, { then: promise.then.bind(promise) });
    const nativePromises: [what: string, make: typeof ownCall, awaitThere: typeof ownAwait][] = [
      ['of another realm', foreignCall, foreignAwait],
      ['with a `then` of its own', (fulfil) => withThen(ownCall(fulfil)), ownAwait],
    ];
    for (const [what, make, awaitThere] of nativePromises) {
      const ways: Record<string, (promise: object) => unknown> = {
        // Which calls no `then`.
        'await of its realm': awaitThere,
        'then()': (promise) => (promise as Promise<unknown>).then((value) => value),
      };
      for (const [way, read] of Object.entries(ways)) {
        it(`traces the generator of one ${what}, had by ${way}`, async () => {
          const promise = make(() => count(2));
          const traced = traceAsyncGenerator(() => promise);
          const box = { promise: traced() };
          expect(box.promise === promise).to.equal(true);
          expect(await drain((await read(box.promise)) as AsyncGenerator<number>)).to.deep.equal([0, 1]);
          expect(outcomes()).to.deep.equal(['completed']);
          expect(itemCounts()).to.deep.equal([2]);
        });
      }

      it(`ends failed with the rejection of one ${what}`, async () => {
        const error = new Error('no stream');
        const promise = make(() => {
          throw error;
        });
        expect(await rejectionOf(traceAsyncGenerator(() => promise)())).to.equal(error);
        expect(outcomes()).to.deep.equal(['failed']);
      });
    }

    it('ends the run when the value is there and cannot be patched', async () => {
      // The same promise has to go back, so nothing can delegate to it.
      const iterator = count(2);
      const frozen = Object.freeze({ next: () => iterator.next(), [Symbol.asyncIterator]: () => frozen });
      const traced = traceAsyncGenerator(async () => frozen);
      expect((await traced()) === frozen).to.equal(true);
      expect(outcomes()).to.deep.equal(['completed']);
      expect(await drain(frozen)).to.deep.equal([0, 1]);
    });
  });

  describe('and returns a promise that is not the plain one', () => {
    /** As OpenAI's APIPromise: the work starts when somebody asks for the result. */
    class LazyPromise<T> extends Promise<T> {
      static starts = 0;
      private work: Promise<T> | undefined;
      constructor(private readonly start: () => Promise<T>) {
        super((resolve) => resolve(undefined as T));
      }
      static override get [Symbol.species]() {
        return Promise;
      }
      private begin(): Promise<T> {
        LazyPromise.starts += this.work === undefined ? 1 : 0;
        return (this.work ??= this.start());
      }
      override then<A = T, B = never>(
        onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
        onRejected?: ((error: unknown) => B | PromiseLike<B>) | null,
      ): Promise<A | B> {
        return this.begin().then(onFulfilled, onRejected);
      }
      override catch<B = never>(onRejected?: ((error: unknown) => B | PromiseLike<B>) | null): Promise<T | B> {
        return this.begin().catch(onRejected);
      }
      override finally(onFinally?: (() => void) | null): Promise<T> {
        return this.begin().finally(onFinally);
      }
      asResponse() {
        return 'response';
      }
    }
    const lazy = () => new LazyPromise(async () => count(2));
    const lazyFailure = (error: unknown) =>
      new LazyPromise(async (): Promise<AsyncGenerator<number>> => {
        throw error;
      });

    beforeEach(() => {
      LazyPromise.starts = 0;
    });

    it('does not start its work', async () => {
      void traceAsyncGenerator(lazy)();
      await microtasksDone();
      expect(LazyPromise.starts).to.equal(0);
    });

    it('hands out the same object', () => {
      const promise = lazy();
      const traced = traceAsyncGenerator(() => promise)();
      expect(traced).to.equal(promise);
      expect(traced).to.be.an.instanceOf(LazyPromise);
      expect(traced.asResponse()).to.equal('response');
      expect(Object.keys(traced)).to.deep.equal(Object.keys(lazy()));
    });

    const ways: Record<string, (promise: Promise<AsyncGenerator<number>>) => Promise<AsyncGenerator<number>>> = {
      await: async (promise) => await promise,
      'then()': (promise) => promise.then((value) => value),
      'then() without a handler': (promise) => promise.then(),
      'then() with null': (promise) => promise.then(null, null),
      'catch()': (promise) =>
        promise.catch(() => {
          throw new Error('unexpected');
        }),
      'finally()': (promise) => promise.finally(() => {}),
    };
    for (const [way, read] of Object.entries(ways)) {
      it(`traces the generator that is had by ${way}, starting the work once`, async () => {
        const generator = await read(traceAsyncGenerator(lazy)());
        expect(LazyPromise.starts).to.equal(1);
        expect(await drain(generator)).to.deep.equal([0, 1]);
        expect(outcomes()).to.deep.equal(['completed']);
        expect(itemCounts()).to.deep.equal([2]);
      });

      if (way === 'catch()') continue;
      it(`ends failed with a rejection that is had by ${way}`, async () => {
        const error = new Error('no stream');
        expect(await rejectionOf(read(traceAsyncGenerator(lazyFailure)(error)))).to.equal(error);
        expect(outcomes()).to.deep.equal(['failed']);
      });
    }

    it('ends failed with a rejection that catch() handles', async () => {
      const error = new Error('no stream');
      expect(await traceAsyncGenerator(lazyFailure)(error).catch((caught: unknown) => caught)).to.equal(error);
      expect(outcomes()).to.deep.equal(['failed']);
    });

    it('traces one run if it is read in several ways', async () => {
      const promise = traceAsyncGenerator(lazy)();
      const [generator] = await Promise.all([promise, promise.then(), promise.finally(() => {})]);
      await drain(generator);
      expect(itemCounts()).to.deep.equal([2]);
    });

    it('traces what a thenable gives', async () => {
      const thenable = { then: (resolve: (value: AsyncGenerator<number>) => void) => resolve(count(2)) };
      const traced = traceAsyncGenerator(() => thenable)();
      expect(traced).to.equal(thenable);
      expect(await drain((await (traced as unknown)) as AsyncGenerator<number>)).to.deep.equal([0, 1]);
      expect(itemCounts()).to.deep.equal([2]);
    });

    it('passes further arguments of then() on, as progress handlers are', () => {
      const given: unknown[][] = [];
      const traced = traceAsyncGenerator(() => ({ then: (...args: unknown[]) => void given.push(args) }));
      const progress = () => {};
      void traced().then(
        () => {},
        () => {},
        progress,
      );
      expect(given[0]?.[2]).to.equal(progress);
    });

    it('ends the run when a thenable that cannot be patched is there', () => {
      const thenable = Object.freeze({ then: () => {} });
      expect(traceAsyncGenerator(() => thenable)()).to.equal(thenable);
      expect(outcomes()).to.deep.equal(['completed']);
    });
  });

  describe('and returns anything else', () => {
    for (const value of [undefined, null, 7, 'text', Symbol('s'), {}, [1], () => {}, new Map()]) {
      it(`ends its run at once with ${typeof value} ${String(value)}`, () => {
        expect(traceAsyncGenerator(() => value)()).to.equal(value);
        expect(outcomes()).to.deep.equal(['completed']);
      });
    }

    it('ends its run when a promised value is there', async () => {
      expect(await traceAsyncGenerator(async () => 'value')()).to.equal('value');
      expect(outcomes()).to.deep.equal(['completed']);
    });

    it('leaves an object with a `next` of another protocol alone', () => {
      const iterator = { next: (callback: () => void) => callback() };
      expect(Reflect.ownKeys(traceAsyncGenerator(() => iterator)())).to.deep.equal(['next']);
    });

    it('leaves a synchronous generator alone', () => {
      const traced = traceAsyncGenerator(function* () {
        yield 1;
      });
      expect([...traced()]).to.deep.equal([1]);
      expect(outcomes()).to.deep.equal(['completed']);
    });
  });

  describe('and returns a stream', () => {
    const streams: Record<string, () => AsyncIterable<unknown>> = {
      'a Node Readable': () => Readable.from([1, 2]),
      'a ReadableStream': () =>
        new ReadableStream({
          start(controller) {
            controller.enqueue(1);
            controller.enqueue(2);
            controller.close();
          },
        }) as unknown as AsyncIterable<unknown>,
    };
    for (const [name, make] of Object.entries(streams)) {
      it(`traces the iteration of ${name}`, async () => {
        expect(await drain(traceAsyncGenerator(make)())).to.deep.equal([1, 2]);
        expect(outcomes()).to.deep.equal(['completed']);
        expect(itemCounts()).to.deep.equal([2]);
      });

      it(`ends returned when the loop over ${name} breaks`, async () => {
        for await (const _ of traceAsyncGenerator(make)()) break;
        expect(outcomes()).to.deep.equal(['returned']);
      });

      it(`leaves no span of ${name} that is not iterated`, async () => {
        const stream = traceAsyncGenerator(make)();
        if (stream instanceof Readable) {
          await new Promise((resolve) => stream.on('data', () => {}).on('end', resolve));
        } else {
          const reader = (stream as unknown as ReadableStream).getReader();
          while (!(await reader.read()).done);
        }
        expect(tracing.spans()).to.be.empty;
      });
    }

    it('leaves no span of one that many calls return and that is never iterated', () => {
      const shared = Readable.from([1]);
      const traced = traceAsyncGenerator(() => shared);
      for (let calls = 0; calls < 3; calls++) expect(traced()).to.equal(shared);
      expect(tracing.spans()).to.be.empty;
    });

    it('adds no listeners to a Node Readable', () => {
      const events = (stream: Readable) => stream.eventNames().map((name) => [name, stream.listenerCount(name)]);
      const traced = traceAsyncGenerator(() => Readable.from([1]))();
      expect(events(traced)).to.deep.equal(events(Readable.from([1])));
    });

    it('lets a ReadableStream be the body of a Response', async () => {
      const traced = traceAsyncGenerator(() => new Blob(['text']).stream())();
      expect(await new Response(traced as unknown as ReadableStream).text()).to.equal('text');
      expect(tracing.spans()).to.be.empty;
    });
  });

  describe('because TypeScript has lowered it', () => {
    const source = `
      async function* count(to) {
        try {
          for (let i = 0; i < to; i++) yield i;
          return 'counted';
        } finally {
          log.push('finally');
        }
      }
      async function* delegate(to) { return yield* count(to); }
      async function* fail() { yield 1; throw new Error('lowered'); }
      ({ count, delegate, fail })`;
    const log: string[] = [];
    const compile = (target: ts.ScriptTarget) => {
      const { outputText } = ts.transpileModule(source, { compilerOptions: { target, module: ts.ModuleKind.None } });
      return new Function('log', `return eval(${JSON.stringify(outputText)})`)(log) as Record<
        'count' | 'delegate' | 'fail',
        (to?: number) => AsyncGenerator<number, string>
      >;
    };

    for (const target of [ts.ScriptTarget.ES2015, ts.ScriptTarget.ES2017]) {
      const lowered = compile(target);
      describe(`to ${ts.ScriptTarget[target]}`, () => {
        beforeEach(() => {
          log.length = 0;
        });

        it('is traced all the same', async () => {
          expect(await drain(traceAsyncGenerator(lowered.count)(2))).to.deep.equal([0, 1]);
          expect(outcomes()).to.deep.equal(['completed']);
          expect(itemCounts()).to.deep.equal([2]);
        });

        it('runs its finally when the loop breaks', async () => {
          for await (const _ of traceAsyncGenerator(lowered.delegate)(2)) break;
          expect(log).to.deep.equal(['finally']);
          expect(outcomes()).to.deep.equal(['returned']);
        });

        it('gives its return value', async () => {
          const generator = traceAsyncGenerator(lowered.delegate)(0);
          expect(await generator.next()).to.deep.equal({ value: 'counted', done: true });
        });

        it('ends failed', async () => {
          await rejectionOf(drain(traceAsyncGenerator(lowered.fail)()));
          expect(outcomes()).to.deep.equal(['failed']);
        });

        it('has the members of the original', () => {
          const original = lowered.count(1);
          const traced = traceAsyncGenerator(lowered.count)(1);
          expect(Object.keys(traced)).to.deep.equal(Object.keys(original));
        });
      });
    }
  });
});
