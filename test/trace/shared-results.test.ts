/**
 * Objects that are handed out again and again (a bus, a cached query, a memoised stream): each iteration is one run, with the data of the
 * call that it belongs to.
 */
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { context, trace, type ContextManager } from '@opentelemetry/api';
import { expect } from 'chai';
import type { AnyFunction } from '../../src/base/intrinsics';
import type { RunPlan } from '../../src/trace/plan';
import { apiRegistry } from '../../src/base/registry';
import { collectUntil } from '../support/gc';
import { useTracing } from '../support/tracing';
import { drain, microtasksDone, newScope, traceWithPlan } from './helpers';

type Items = AsyncIterable<number>;
/** What a traced function of these tests returns for a user. */
type HandOut = (user: string) => unknown;

describe('an object that is handed out again', () => {
  const tracing = useTracing();

  /** Each span that ended as the user it is for, what became of it and whose request it belongs to. */
  const runs = () => {
    const spans = tracing.spans();
    const requests = new Map(spans.map((span) => [span.spanContext().spanId, span]));
    return spans
      .filter(({ attributes }) => 'async_generator.outcome' in attributes)
      .map(({ attributes, name, parentSpanContext }) => {
        const { 'async_generator.outcome': outcome, 'async_generator.item.count': items } = attributes;
        const within = requests.get(parentSpanContext?.spanId ?? '')?.name;
        return `${name} ${outcome} ${items}${within === undefined ? '' : ` in ${within}`}`;
      });
  };

  const asUser = (user: string, work: () => Promise<unknown>): Promise<unknown> =>
    trace.getTracer('app').startActiveSpan(`request of ${user}`, async (span) => {
      await work();
      span.end();
    });

  const target = {};
  /** A function of the target of all these functions, with the user in the name of its span. */
  const traced = (fn: HandOut, plan: Partial<RunPlan> = {}): HandOut =>
    traceWithPlan(fn, {
      target,
      exportPath: 'get',
      spanName: ({ args, exportPath }) => `${exportPath}(${args[0] as string})`,
      ...plan,
    });

  async function* count(): AsyncGenerator<number> {
    yield 1;
    yield 2;
  }
  const byHand = () => {
    let left = 2;
    return {
      next: async () => (left-- > 0 ? { done: false, value: left } : { done: true, value: undefined }),
    };
  };

  class Lines extends Readable {
    constructor() {
      super({ objectMode: true });
    }
    override _read() {}
    override [Symbol.asyncIterator](): ReturnType<Readable[typeof Symbol.asyncIterator]> {
      return count() as never;
    }
  }
  class Promised extends Promise<Items> {}
  class Lazy {
    constructor(private readonly bus: Items) {}
    then(onValue: (bus: Items) => void) {
      onValue(this.bus);
    }
  }

  const bus = (): Items => ({ [Symbol.asyncIterator]: count });
  const wrapped = (wrap: (items: Items) => unknown): HandOut => {
    const shared = bus();
    return () => wrap(shared);
  };
  const memoised = (make: () => unknown): HandOut => {
    let made: unknown;
    return () => (made ??= make());
  };
  /** What can be iterated again and again. */
  const shapes: Record<string, () => HandOut> = {
    'an iterable of generators': () => memoised(bus),
    'an iterable of iterators made by hand': () => memoised(() => ({ [Symbol.asyncIterator]: byHand })),
    'an iterable with a next of another protocol': () =>
      memoised(() => ({ [Symbol.asyncIterator]: count, next: () => null })),
    'a Node stream': () => memoised(() => new Lines()),
    'a promise of an iterable': () => wrapped(async (items) => items),
    'a promise of an iterable, the same each time': () => memoised(async () => bus()),
    'a promise of a Node stream': () => wrapped(async () => new Lines()),
    'a promise of a subclass': () => wrapped((items) => Promised.resolve(items)),
    'a promise of a subclass, the same each time': () => memoised(() => Promised.resolve(bus())),
    'a thenable': () => wrapped((items) => new Lazy(items)),
    'a thenable, the same each time': () => memoised(() => new Lazy(bus())),
  };

  for (const [what, create] of Object.entries(shapes)) {
    describe(`as ${what}`, () => {
      it('has the data of each call on the iteration of that call', async () => {
        const get = traced(create());
        for (const user of ['ann', 'bob', 'eve']) {
          await asUser(user, async () => drain((await get(user)) as Items));
        }
        expect(runs()).to.deep.equal([
          'get(ann) completed 2 in request of ann',
          'get(bob) completed 2 in request of bob',
          'get(eve) completed 2 in request of eve',
        ]);
      });

      it('has it where nothing else is traced', async () => {
        const get = traced(create());
        for (const user of ['ann', 'bob']) await drain((await get(user)) as Items);
        expect(runs()).to.deep.equal(['get(ann) completed 2', 'get(bob) completed 2']);
      });

      it('has it where requests overlap, in whatever order they iterate', async () => {
        const get = traced(create());
        let go = (): void => undefined;
        const bobIsDone = new Promise<void>((resolve) => (go = resolve));
        const ann = asUser('ann', async () => {
          const items = await get('ann');
          await bobIsDone;
          await drain(items as Items);
        });
        await asUser('bob', async () => drain((await get('bob')) as Items));
        go();
        await ann;
        expect(runs()).to.deep.equal([
          'get(bob) completed 2 in request of bob',
          'get(ann) completed 2 in request of ann',
        ]);
      });

      it('has the name of the function that the program called', async () => {
        const handOut = create();
        const get = traced(handOut);
        const latest = traced(handOut, { exportPath: 'latest' });
        for (const user of ['ann', 'bob']) {
          await asUser(user, async () => {
            await drain((await get(user)) as Items);
            await drain((await latest(user)) as Items);
          });
        }
        expect(runs()).to.deep.equal(
          ['ann', 'bob'].flatMap((user) => [
            `get(${user}) completed 2 in request of ${user}`,
            `latest(${user}) completed 2 in request of ${user}`,
          ]),
        );
      });

      it('leaves no span where the later call is let through', async () => {
        const get = traced(create(), { shouldTrace: [({ args }) => args[0] !== 'bob'] });
        for (const user of ['ann', 'bob', 'eve']) {
          await asUser(user, async () => drain((await get(user)) as Items));
        }
        expect(runs()).to.deep.equal([
          'get(ann) completed 2 in request of ann',
          'get(eve) completed 2 in request of eve',
        ]);
      });

      it('leaves no span where the later call is let through, while an earlier one has not iterated yet', async () => {
        const get = traced(create(), { shouldTrace: [({ args }) => args[0] !== 'bob'] });
        let go = (): void => undefined;
        const bobIsDone = new Promise<void>((resolve) => (go = resolve));
        const ann = asUser('ann', async () => {
          const items = await get('ann');
          await bobIsDone;
          await drain(items as Items);
        });
        await asUser('bob', async () => drain((await get('bob')) as Items));
        go();
        await ann;
        expect(runs()).to.deep.equal(['get(ann) completed 2 in request of ann']);
      });

      it('has a run for each target that hands it out', async () => {
        const handOut = create();
        const get = traced(handOut);
        const other = traced((user) => get(user), { exportPath: 'other', target: {} });
        for (const user of ['ann', 'bob']) await drain((await other(user)) as Items);
        expect(runs().sort()).to.deep.equal(
          ['get(ann)', 'get(bob)', 'other(ann)', 'other(bob)'].map((name) =>
            name.startsWith('get') ? `${name} completed 2 in ${name.replace('get', 'other')}` : `${name} completed 2`,
          ),
        );
      });

      it('has one run where a function of the same target handed it to another', async () => {
        const get = traced(create());
        const latest = traced((user) => get(user), { exportPath: 'latest' });
        const later = traced(async (user) => get(user), { exportPath: 'later' });
        for (const user of ['ann', 'bob']) {
          await drain((await latest(user)) as Items);
          await drain((await later(user)) as Items);
        }
        expect(runs()).to.deep.equal(
          ['ann', 'bob'].flatMap((user) => [`latest(${user}) completed 2`, `later(${user}) completed 2`]),
        );
      });
    });
  }

  describe('where there is no context manager', () => {
    let manager: ContextManager;
    before(() => {
      ({ context: manager } = apiRegistry() as { context: ContextManager });
      context.disable();
    });
    after(() => {
      context.setGlobalContextManager(manager.enable());
    });
    const letsBobThrough: Partial<RunPlan> = { shouldTrace: [({ args }) => args[0] !== 'bob'] };

    for (const [what, create] of Object.entries(shapes)) {
      describe(`as ${what}`, () => {
        it('has the data of each call that iterates at once', async () => {
          const get = traced(create());
          for (const user of ['ann', 'bob', 'eve']) await drain((await get(user)) as Items);
          expect(runs()).to.deep.equal(['get(ann) completed 2', 'get(bob) completed 2', 'get(eve) completed 2']);
        });

        it('leaves no span where the later call is let through', async () => {
          const get = traced(create(), letsBobThrough);
          for (const user of ['ann', 'bob', 'eve']) await drain((await get(user)) as Items);
          expect(runs()).to.deep.equal(['get(ann) completed 2', 'get(eve) completed 2']);
        });

        for (const order of [
          ['bob', 'ann'],
          ['ann', 'bob'],
        ] as const) {
          // Each of these is a stream of its own.
          if (what === 'a promise of a Node stream') continue;
          it(`has the data of no earlier call where the later one is let through, and they iterate as ${order.join(' and ')}`, async () => {
            const get = traced(create(), letsBobThrough);
            const items = { ann: (await get('ann')) as Items, bob: (await get('bob')) as Items };
            for (const user of order) await drain(items[user]);
            expect(runs().filter((run) => !run.endsWith(' 0'))).to.deep.equal([]);
          });
        }

        it('has the data of the next call that is traced', async () => {
          const get = traced(create(), letsBobThrough);
          await get('ann');
          await drain((await get('bob')) as Items);
          await drain((await get('eve')) as Items);
          expect(runs().filter((run) => !run.endsWith(' 0'))).to.deep.equal(['get(eve) completed 2']);
        });
      });
    }

    it('leaves it to the program to handle a rejection of a call that was let through', async () => {
      const get = traced((user) => (user === 'bob' ? Promise.reject(new Error('no')) : bus()), letsBobThrough);
      await drain(get('ann') as Items);
      const unhandled = once(process, 'unhandledRejection');
      const rejected = get('bob');
      const [, promise] = (await unhandled) as [Error, unknown];
      expect(promise).to.equal(rejected);
    });

    it('has the data of its call where one that was let through has handed out another object', async () => {
      const get = traced(async () => bus(), letsBobThrough);
      const ann = (await get('ann')) as Items;
      const bob = (await get('bob')) as Items;
      await drain(bob);
      await drain(ann);
      expect(runs()).to.deep.equal(['get(ann) completed 2']);
    });
  });

  it('has no data where an iteration belongs to none of the calls, which all are of other requests', async () => {
    const shared = bus();
    const get = traced(() => shared);
    await asUser('ann', async () => drain(get('ann') as Items));
    await asUser('bob', async () => drain(get('bob') as Items));
    tracing.reset();
    await asUser('eve', async () => drain(shared));
    expect(runs()).to.deep.equal(['get(undefined) completed 2 in request of eve']);
  });

  it('has no data of the only call where it is iterated in the trace of another request', async () => {
    const shared = bus();
    const get = traced(() => shared);
    await asUser('ann', async () => drain(get('ann') as Items));
    tracing.reset();
    await asUser('eve', async () => drain(shared));
    expect(runs()).to.deep.equal(['get(undefined) completed 2 in request of eve']);
  });

  it('has the data of its call where that is iterated a second time', async () => {
    const get = traced(memoised(bus));
    await asUser('ann', async () => drain(get('ann') as Items));
    tracing.reset();
    await asUser('bob', async () => {
      const items = get('bob') as Items;
      await drain(items);
      await drain(items);
    });
    const run = 'get(bob) completed 2 in request of bob';
    expect(runs()).to.deep.equal([run, run]);
  });

  it('has the data of the call where that is iterated in a span of its own', async () => {
    const get = traced(memoised(bus));
    await asUser('ann', async () => drain(get('ann') as Items));
    tracing.reset();
    await asUser('bob', async () => {
      const items = get('bob') as Items;
      await trace.getTracer('app').startActiveSpan('reading', async (span) => {
        await drain(items);
        span.end();
      });
    });
    expect(runs()).to.deep.equal(['get(bob) completed 2 in request of bob']);
  });

  it('has the data of the newest call where the earlier ones of the same context were not iterated', async () => {
    const get = traced(memoised(bus));
    get('ann');
    await drain(get('bob') as Items);
    await drain(get('eve') as Items);
    expect(runs()).to.deep.equal(['get(bob) completed 2', 'get(eve) completed 2']);
  });

  it('ends the runs of calls without an iteration, before there are too many of them', () => {
    const get = traced(memoised(bus));
    for (let call = 0; call < 1_000; call++) get(`user ${call}`);
    expect(runs().length).to.be.greaterThan(900);
    expect(runs()[0]).to.equal('get(user 0) completed 0');
  });

  it('leaves no span of a generator that a second call returns, whose run goes on', async () => {
    const generator = count();
    const get = traced(() => generator);
    get('ann');
    get('bob');
    await generator.next();
    get('eve');
    await drain(generator);
    expect(runs()).to.deep.equal(['get(ann) completed 2']);
  });

  it('leaves no span of a promised generator that a second call returns, whose run goes on', async () => {
    const get = traced(memoised(async () => count()));
    const [first, second] = [get('ann'), get('bob')] as Promise<AsyncGenerator<number>>[];
    expect(await first).to.equal(await second);
    await drain((await second) as Items);
    expect(runs()).to.deep.equal(['get(ann) completed 2']);
  });

  it('has one run where it is its own iterator, however many calls return it', async () => {
    const iterator = {
      ...byHand(),
      [Symbol.asyncIterator]() {
        return this;
      },
    };
    const get = traced(() => iterator);
    get('ann');
    await asUser('bob', async () => drain(get('bob') as Items));
    expect(runs()).to.deep.equal(['get(bob) completed 2 in request of bob']);
  });

  it('that can be awaited, and is its own iterator, is traced by what the program does first', async () => {
    const make = () => ({
      ...byHand(),
      then(onValue: (value: string) => void) {
        onValue('awaited');
      },
      return: async () => ({ done: true, value: undefined }),
      [Symbol.asyncIterator]() {
        return this;
      },
    });
    const get = traced(make);
    for await (const _ of get('ann') as Items);
    for await (const _ of get('bob') as Items) break;
    expect(await get('eve')).to.equal('awaited');
    expect(runs()).to.deep.equal(['get(ann) completed 2', 'get(bob) returned 1', 'get(eve) completed 0']);
  });

  describe('as a promise that is iterable, too', () => {
    const list = () => Object.assign(Promise.resolve('page'), { [Symbol.asyncIterator]: count });
    for (const preserveUnhandledRejections of [false, true]) {
      const get = traced(list, { preserveUnhandledRejections });
      const ways: Record<string, (promise: Promise<string>) => Promise<unknown>> = {
        await: async (promise) => expect(await promise).to.equal('page'),
        'then()': (promise) => promise.then((page) => expect(page).to.equal('page')),
        'Promise.all': (promise) => Promise.all([promise]),
      };

      it(`has one run if it is iterated later than it settles (preserve: ${preserveUnhandledRejections})`, async () => {
        const promise = get('ann') as Items;
        await microtasksDone();
        await drain(promise);
        expect(runs()).to.deep.equal(['get(ann) completed 2']);
      });

      for (const [way, read] of Object.entries(ways)) {
        it(`ends its run with the value had by ${way} (preserve: ${preserveUnhandledRejections})`, async () => {
          await read(get('ann') as Promise<string>);
          expect(runs()).to.deep.equal(['get(ann) completed 0']);
        });

        it(`ends it where the value is had later by ${way} (preserve: ${preserveUnhandledRejections})`, async () => {
          const box = { promise: get('ann') as Promise<string> };
          await microtasksDone();
          await read(box.promise);
          expect(runs()).to.deep.equal(['get(ann) completed 0']);
        });
      }
    }

    it('says of itself what it says untraced', () => {
      const promise = list();
      const same = traced(() => promise)('ann') as Promise<string>;
      expect(same).to.equal(promise);
      expect(same.constructor).to.equal(Promise);
      expect(Object.keys(same)).to.be.empty;
    });
  });

  describe('by a method under Symbol.asyncIterator', () => {
    const method = (fn: AnyFunction) =>
      traceWithPlan(fn, { target, exportPath: 'Feed[Symbol.asyncIterator]', spanName: 'feed' });
    /** `iterator` given by a method of a class, as a target of its own. */
    const feed = (iterator: () => unknown) => ({ [Symbol.asyncIterator]: method(iterator) }) as unknown as Items;

    it('is an iterator, also if that is not iterable in turn', async () => {
      await drain(feed(byHand));
      for await (const _ of feed(byHand)) break;
      expect(runs()).to.deep.equal(['feed completed 2', 'feed returned 1']);
    });

    it('fails where its next does', async () => {
      const failing = feed(() => ({ next: async () => Promise.reject(new Error('bad')) }));
      await drain(failing).catch(() => {});
      expect(runs()).to.deep.equal(['feed failed 0']);
    });

    const iterators: Record<string, () => unknown> = {
      'a generator': count,
      'an iterator made by hand': byHand,
      'the iterator of a ReadableStream': () =>
        (Readable.toWeb(Readable.from([1, 2])) as unknown as Items)[Symbol.asyncIterator](),
    };
    for (const [what, iterator] of Object.entries(iterators)) {
      it(`makes ${what} a run of the call that made the iterable, if that is of the same target`, async () => {
        const get = traced(() => feed(iterator));
        const later = traced(async () => feed(iterator));
        await drain(get('ann') as Items);
        await drain((await later('bob')) as Items);
        expect(runs()).to.deep.equal(['get(ann) completed 2', 'get(bob) completed 2']);
      });
    }
  });

  it('keeps nothing of calls that are over, though it lives on', async () => {
    const shared = Object.assign(new Lazy(bus()), { [Symbol.asyncIterator]: count });
    const get = traceWithPlan((_user: object): unknown => shared, { target }, newScope());
    let collected = 0;
    const registry = new FinalizationRegistry(() => collected++);
    const call = async () => {
      const user = {};
      registry.register(user, undefined);
      await drain(get(user) as Items);
    };
    for (let index = 0; index < 10; index++) await call();
    await collectUntil(() => collected >= 9);
    expect(collected).to.be.at.least(9);
  });
});
