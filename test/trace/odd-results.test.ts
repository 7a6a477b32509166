/**
 * What functions return in the wild beside generators, iterables and promises: cursors with a `next` of their own protocol, objects that can
 * be awaited or iterated over, thenables that are handed out again and again, and members that throw.
 */
import { expect } from 'chai';
import { traceAsyncGenerator } from '../../src';
import type { Scope } from '../../src/trace/scope';
import { collectUntil } from '../support/gc';
import { useTracing } from '../support/tracing';
import { drain, microtasksDone, newScope, rejectionOf, traceWithPlan } from './helpers';

describe('a traced function that returns', () => {
  const tracing = useTracing();
  const runs = () =>
    tracing
      .spans()
      .map(({ attributes }) => [attributes['async_generator.outcome'], attributes['async_generator.item.count']]);

  describe('a cursor, whose next() gives documents and whose iterator is a generator over it', () => {
    interface Doc {
      readonly id: number;
      readonly done?: boolean;
    }

    class Cursor {
      private readonly docs: Doc[];
      constructor(docs: readonly Doc[]) {
        this.docs = [...docs];
      }
      async next(): Promise<Doc | null> {
        return this.docs.shift() ?? null;
      }
      async *[Symbol.asyncIterator](): AsyncGenerator<Doc> {
        for (let doc = await this.next(); doc !== null; doc = await this.next()) yield doc;
      }
    }

    const DOCS: readonly Doc[] = [{ id: 1 }, { id: 2, done: true }, { id: 3 }];
    const find = traceAsyncGenerator((docs: readonly Doc[] = DOCS) => new Cursor(docs));

    it('counts each document once', async () => {
      expect(await drain(find())).to.deep.equal(DOCS);
      expect(runs()).to.deep.equal([['completed', 3]]);
    });

    it('hears of a break', async () => {
      for await (const _ of find()) break;
      expect(runs()).to.deep.equal([['returned', 1]]);
    });

    it('ends its run where it is read by next()', async () => {
      const cursor = find([{ id: 1 }]);
      expect(await cursor.next()).to.deep.equal({ id: 1 });
      expect(runs()).to.deep.equal([['completed', 0]]);
      expect(await cursor.next()).to.equal(null);
      expect(Object.getOwnPropertyNames(cursor)).to.deep.equal(['docs']);
    });

    it('counts nothing that a next() gives which was taken before it is iterated over', async () => {
      const cursor = find();
      const next = cursor.next.bind(cursor);
      for await (const _ of cursor) await next();
      expect(runs()).to.deep.equal([['completed', 2]]);
    });

    it('has a run of its own for a second iteration', async () => {
      const cursor = find();
      await drain(cursor);
      await drain(cursor);
      expect(runs()).to.deep.equal([
        ['completed', 3],
        ['completed', 0],
      ]);
    });
  });

  it('an iterator made by hand gets all that its methods are called with', async () => {
    const echo = async (...args: unknown[]) => ({ done: false, value: args });
    const open = traceAsyncGenerator(() => ({
      next: echo,
      return: echo,
      throw: echo,
      [Symbol.asyncDispose]: echo,
      [Symbol.asyncIterator]() {
        return this;
      },
    }));
    const iterator = open();
    for (const method of ['next', 'return', 'throw', Symbol.asyncDispose] as const) {
      for (const args of [[], [undefined], [1], [1, undefined, 3]]) {
        expect(await iterator[method](...args)).to.deep.equal({ done: false, value: args });
      }
    }
  });

  it('an iterable has no run for an iterator that is disposed of before its first pull', async () => {
    let starts = 0;
    const open = traceAsyncGenerator(
      () => ({
        [Symbol.asyncIterator]: () => ({
          next: async () => ({ done: false, value: 1 }),
          [Symbol.asyncDispose]: async () => {},
        }),
      }),
      { onStart: () => starts++ },
    );
    const iterable = open();
    for await (const _ of iterable) break;
    const second = iterable[Symbol.asyncIterator]();
    await second[Symbol.asyncDispose]();
    await second.next();
    expect(starts).to.equal(1);
  });

  it('a Proxy that is revoked with the last item ends as untraced', async () => {
    const rejections: unknown[] = [];
    const listener = (error: unknown) => void rejections.push(error);
    const open = traceAsyncGenerator(() => {
      const { proxy, revoke } = Proxy.revocable(
        {
          async next() {
            revoke();
            return { done: true, value: 'the end' };
          },
          [Symbol.asyncIterator](): AsyncIterator<string> {
            return proxy;
          },
        },
        {},
      );
      return proxy;
    });
    process.prependListener('unhandledRejection', listener);
    try {
      expect(await open().next()).to.deep.equal({ done: true, value: 'the end' });
      await microtasksDone();
    } finally {
      process.off('unhandledRejection', listener);
    }
    expect(rejections).to.deep.equal([]);
    expect(runs()).to.deep.equal([['completed', 0]]);
  });

  describe('a stream that is its own iterator, as those of LangChain are', () => {
    class IterableStream extends ReadableStream<number> {
      private reader: ReadableStreamDefaultReader<number> | undefined;
      async next(): Promise<IteratorResult<number, undefined>> {
        this.reader ??= this.getReader();
        const { done, value } = await this.reader.read();
        return done ? { done, value: undefined } : { done, value };
      }
      override [Symbol.asyncIterator](): never {
        return this as never;
      }
    }
    const open = async () =>
      new IterableStream({
        start(controller) {
          for (const item of [1, 2, 3]) controller.enqueue(item);
          controller.close();
        },
      });
    const stream = traceAsyncGenerator(open);
    const openIn = (scope: Scope) => traceWithPlan(open, {}, scope);

    it('counts what its next() gives', async () => {
      expect(await drain((await stream()) as unknown as AsyncIterable<number>)).to.deep.equal([1, 2, 3]);
      expect(runs()).to.deep.equal([['completed', 3]]);
    });

    it('counts it where the program calls next() itself', async () => {
      const opened = await stream();
      while ((await opened.next()).done !== true);
      expect(runs()).to.deep.equal([['completed', 3]]);
    });

    it('leaves no span where it is read in another way, also when it is collected', async () => {
      const readAndForget = async () => {
        const reader = (await stream()).getReader();
        while (!(await reader.read()).done);
      };
      await readAndForget();
      await collectUntil(() => runs().length > 0, 20);
      expect(runs()).to.deep.equal([]);
    });

    it('is abandoned if it is collected in the middle', async () => {
      const begin = async () => (await stream()).next();
      await begin();
      expect(await collectUntil(() => runs().length > 0)).to.equal(true);
      expect(runs()).to.deep.equal([['abandoned', 1]]);
    });

    it('is interrupted with the others once it has begun', async () => {
      const scope = newScope();
      const traced = openIn(scope);
      const [begun, waiting] = [await traced(), await traced()];
      await begun.next();
      scope.openRuns.interrupt();
      expect(runs()).to.deep.equal([['interrupted', 1]]);
      expect(await waiting.next()).to.deep.equal({ done: false, value: 1 });
    });

    it('has the run of the outer call where one call hands on what another has made', async () => {
      const handOn: (depth: number) => Promise<IterableStream> = traceAsyncGenerator((depth: number) =>
        depth === 0 ? open() : handOn(depth - 1),
      );
      expect(await drain((await handOn(1)) as unknown as AsyncIterable<number>)).to.deep.equal([1, 2, 3]);
      expect(runs()).to.deep.equal([['completed', 3]]);
    });

    it('leaves no span where it begins after tracing has been switched off', async () => {
      const scope = newScope();
      const opened = await openIn(scope)();
      scope.enabled = false;
      while ((await opened.next()).done !== true);
      expect(runs()).to.deep.equal([]);
    });
  });

  describe('an object that can be awaited or iterated over', () => {
    class Query {
      then(onValue: (value: number[]) => void, onError: (error: unknown) => void): void {
        void Promise.resolve([1, 2]).then(onValue, onError);
      }
      async *[Symbol.asyncIterator](): AsyncGenerator<number> {
        yield 1;
        yield 2;
      }
    }
    const query = traceAsyncGenerator(() => new Query());

    it('traces the iteration', async () => {
      const items: number[] = [];
      for await (const item of query()) items.push(item);
      expect(items).to.deep.equal([1, 2]);
      expect(runs()).to.deep.equal([['completed', 2]]);
    });

    it('ends its run with the value, where it is awaited', async () => {
      expect(await query()).to.deep.equal([1, 2]);
      expect(runs()).to.deep.equal([['completed', 0]]);
    });

    it('makes an iteration after that a run of its own', async () => {
      const both = query();
      await both;
      for await (const _ of both);
      expect(runs()).to.deep.equal([
        ['completed', 0],
        ['completed', 2],
      ]);
    });

    it('goes on with its run when a promise settles in the middle of the iteration', async () => {
      let settle = (): void => undefined;
      const start = traceAsyncGenerator(() =>
        Object.assign(new Promise<void>((resolve) => (settle = resolve)), {
          async *[Symbol.asyncIterator]() {
            yield 1;
            settle();
            await microtasksDone();
            yield 2;
          },
        }),
      );
      const items: number[] = [];
      for await (const item of start()) items.push(item);
      expect(items).to.deep.equal([1, 2]);
      expect(runs()).to.deep.equal([['completed', 2]]);
    });
  });

  describe('a thenable', () => {
    it('is one layer however often the same one is handed out', async () => {
      class Lazy extends Promise<number> {}
      const connection = Lazy.resolve(7);
      const connect = traceAsyncGenerator(() => connection);
      for (let call = 0; call < 10_000; call++) void connect();
      expect(await connection).to.equal(7);
      expect(runs()).to.have.lengthOf(10_000);
    });

    describe('that is iterable', () => {
      const handOut = () => {
        const lazy = {
          then: (onValue: (value: number[]) => void) => {
            onValue([7]);
          },
          async *[Symbol.asyncIterator]() {
            yield 7;
          },
        };
        return traceAsyncGenerator(() => lazy);
      };

      it('is one layer however often the same one is handed out', async () => {
        const connect = handOut();
        for (let call = 0; call < 20_000; call++) connect();
        expect(await drain(connect())).to.deep.equal([7]);
        expect(runs()).to.deep.equal([['completed', 1]]);
        await connect();
        expect(runs()).to.have.lengthOf(20_002);
      });

      it('has a run for each call, and then one for each further iteration', async () => {
        const connect = handOut();
        const [first, second] = [connect(), connect()];
        for (const each of [first, second, first]) await drain(each);
        await connect();
        await drain(connect());
        const item = ['completed', 1];
        expect(runs()).to.deep.equal([item, item, item, ['completed', 0], item]);
      });

      it('keeps nothing of the calls that were awaited', async () => {
        const connect = handOut();
        let collected = 0;
        const registry = new FinalizationRegistry(() => collected++);
        const call = async () => {
          const receiver = {};
          registry.register(receiver, undefined);
          await connect.call(receiver);
        };
        for (let index = 0; index < 10; index++) await call();
        await collectUntil(() => collected >= 9);
        expect(collected).to.be.at.least(9);
      });
    });

    it('is one layer however often an iterator gives it as its result', async () => {
      let left = 10_000;
      const result = {
        then(onValue: (result: IteratorResult<number>) => void) {
          onValue(left-- > 0 ? { done: false, value: left } : { done: true, value: undefined });
        },
      };
      const ticks = traceAsyncGenerator(() => ({
        next: () => result as unknown as Promise<IteratorResult<number>>,
        [Symbol.asyncIterator]() {
          return this;
        },
      }));
      let count = 0;
      for await (const _ of ticks()) count++;
      expect(count).to.equal(10_000);
      expect(runs()).to.deep.equal([['completed', 10_000]]);
    });

    it('is observed again where the program has put its own then over ours', async () => {
      const thenable = { then: (onValue: (value: string) => void): void => onValue('first') };
      const get = traceAsyncGenerator(() => thenable);
      get();
      thenable.then = (onValue) => onValue('second');
      expect(await get()).to.equal('second');
      expect(runs()).to.deep.equal([['completed', 0]]);
    });

    it('gives its handlers all arguments, and the receiver that it calls them with', async () => {
      const receiver = {};
      const get = traceAsyncGenerator(() => ({
        then(onValue: (...args: unknown[]) => void) {
          onValue.call(receiver, 1, 2, 3);
        },
      }));
      const seen = await new Promise((resolve) => {
        get().then(function (this: unknown, ...args: unknown[]) {
          resolve([this === receiver, ...args]);
        });
      });
      expect(seen).to.deep.equal([true, 1, 2, 3]);
    });

    it('ends failed where its then throws', async () => {
      const error = new Error('then threw');
      const get = traceAsyncGenerator(() => ({
        then() {
          throw error;
        },
      }));
      expect(await rejectionOf(get() as unknown as Promise<unknown>)).to.equal(error);
      expect(runs()).to.deep.equal([['failed', 0]]);
    });

    it('has an open run while it is awaited, even if nothing else holds it', async () => {
      let answer: ((value: AsyncGenerator<number>) => void) | undefined;
      let isCollected = false;
      const others = new FinalizationRegistry(() => (isCollected = true));
      class Request {
        then(onValue: (value: AsyncGenerator<number>) => void): void {
          answer = onValue;
        }
      }
      const request = traceAsyncGenerator(() => new Request());
      const items = (async () => drain((await request()) as unknown as AsyncGenerator<number>))();
      await microtasksDone();
      others.register({}, undefined);
      await collectUntil(() => isCollected);
      answer?.(
        (async function* () {
          yield 1;
        })(),
      );
      expect(await items).to.deep.equal([1]);
      expect(runs()).to.deep.equal([['completed', 1]]);
    });
  });

  describe('what another traced function returns as well', () => {
    it('is one layer for each of them, however often they are called in turn', async () => {
      const channel = {
        async *[Symbol.asyncIterator]() {
          yield 1;
        },
      };
      const current = traceAsyncGenerator(() => channel);
      const latest = traceAsyncGenerator(() => channel);
      for (let call = 0; call < 5_000; call++) {
        current();
        latest();
      }
      tracing.reset();
      expect(await drain(channel)).to.deep.equal([1]);
      expect(await drain(channel)).to.deep.equal([1]);
    });
  });

  describe('an iterator with members that throw when they are read', () => {
    const items = (trap: (iterator: AsyncIterator<number>) => AsyncIterator<number>) =>
      traceAsyncGenerator(() => ({
        [Symbol.asyncIterator]: () => {
          let left = 2;
          return trap({
            next: async () => (left-- > 0 ? { done: false, value: left } : { done: true, value: undefined }),
          });
        },
      }));

    it('is left alone if it is a Proxy that forbids unknown names', async () => {
      const strict = items(
        (iterator) =>
          new Proxy(iterator, {
            get(target, key) {
              if (!(key in target)) throw new TypeError(`no such member: ${String(key)}`);
              return Reflect.get(target, key) as unknown;
            },
          }),
      );
      expect(await drain(strict())).to.deep.equal([1, 0]);
      expect(runs()).to.deep.equal([['completed', 0]]);
    });

    it('is left alone if a getter throws', async () => {
      const throwing = items((iterator) =>
        Object.defineProperty(iterator, 'throw', {
          get() {
            throw new Error('not to be read');
          },
        }),
      );
      expect(await drain(throwing())).to.deep.equal([1, 0]);
      expect(runs()).to.deep.equal([['completed', 0]]);
    });

    it('is left alone if it is a generator whose prototype has such a getter', async () => {
      async function* body(): AsyncGenerator<number> {
        yield 1;
      }
      Object.defineProperty(body.prototype, 'throw', {
        get() {
          throw new Error('not to be read');
        },
      });
      expect(await drain(traceAsyncGenerator(body)())).to.deep.equal([1]);
      expect(runs()).to.deep.equal([]);
    });
  });
});
