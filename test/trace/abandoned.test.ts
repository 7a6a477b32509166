import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import { context, createContextKey, type HrTime, type Span } from '@opentelemetry/api';
import { expect } from 'chai';
import { traceAsyncGenerator } from '../../src';
import { setClock } from '../../src/base/clock';
import { collectUntil } from '../support/gc';
import { useTracing } from '../support/tracing';
import { drain } from './helpers';

const MANY = 50;

/** Outlives what it watches: a registry that is collected calls nothing. */
const collections = new FinalizationRegistry<() => void>((onCollected) => {
  onCollected();
});

describe('what a run holds', () => {
  useTracing();

  /** Whether `make` lets go of what it gives to `watch`, while what it returns is still held. */
  async function expectCollected(make: (watch: <T extends object>(value: T) => T) => Promise<unknown>): Promise<void> {
    let collected = false;
    const held = await make((value) => {
      collections.register(value, () => (collected = true));
      return value;
    });
    expect(await collectUntil(() => collected)).to.equal(true);
    expect(held).to.not.equal(undefined);
  }

  /** Declares no parameters: the language itself would keep what they were given. */
  async function* numbers(): AsyncGenerator<number> {
    yield 1;
    yield 2;
  }
  const count: (argument?: object) => AsyncGenerator<number> = numbers;
  const key = createContextKey('what a run holds');
  const inContextOf = <T>(value: object, fn: () => T): T => context.with(context.active().setValue(key, value), fn);

  it('are not the arguments, once it has started', () =>
    expectCollected(async (watch) => {
      const generator = traceAsyncGenerator(count)(watch({}));
      await generator.next();
      return generator;
    }));

  it('are not the arguments, once it has been closed before it started', () =>
    expectCollected(async (watch) => {
      const generator = traceAsyncGenerator(count)(watch({}));
      await generator.return(undefined);
      return generator;
    }));

  it('is not the context of the call, once it has started', () =>
    expectCollected(async (watch) => {
      const generator = inContextOf(watch({}), traceAsyncGenerator(count));
      await generator.next();
      return generator;
    }));

  it('is not the context of the call, once it has been closed before it started', () =>
    expectCollected(async (watch) => {
      const generator = inContextOf(watch({}), traceAsyncGenerator(count));
      await generator.return(undefined);
      return generator;
    }));

  it('is not the context of a pull, once it has ended', () =>
    expectCollected(async (watch) => {
      const generator = traceAsyncGenerator(count)();
      await inContextOf(watch({}), () => drain(generator));
      return generator;
    }));

  it('is not the context of a pull, once it has failed', () =>
    expectCollected(async (watch) => {
      const generator = traceAsyncGenerator(count)();
      await inContextOf(watch({}), async () => {
        await generator.next();
        await generator.throw(new Error('failed')).catch(() => {});
      });
      return generator;
    }));
});

describe('generators that are not closed', () => {
  const tracing = useTracing();

  async function* endless(..._args: unknown[]): AsyncGenerator<number> {
    for (let i = 0; ; i++) yield i;
  }

  /** Makes and drops many generators; all must be collected, and all their runs end as abandoned. */
  async function expectAllCollected(makeOne: () => Promise<object>): Promise<void> {
    let collected = 0;
    const makeAll = async () => {
      for (let i = 0; i < MANY; i++) collections.register(await makeOne(), () => collected++);
    };
    await makeAll();
    // V8 serves one registry a turn, and a test may have made one for each generator.
    await collectUntil(() => collected === MANY && tracing.spans().length === MANY, 4 * MANY);
    const abandoned = tracing.spans().filter(({ attributes }) => attributes['async_generator.outcome'] === 'abandoned');
    expect({ collected, abandoned: abandoned.length }).to.deep.equal({ collected: MANY, abandoned: MANY });
  }

  async function pulled<G extends AsyncIterator<unknown>>(generator: G): Promise<G> {
    await generator.next();
    return generator;
  }

  it('are collected, and their runs end abandoned', async () => {
    const traced = traceAsyncGenerator(endless);
    await expectAllCollected(() => pulled(traced()));
  });

  it('count their items, and are no errors', async () => {
    const traced = traceAsyncGenerator(endless);
    await expectAllCollected(() => pulled(traced()));
    const span = tracing.spans()[0];
    expect(span?.attributes['async_generator.item.count']).to.equal(1);
    expect(span?.status.code).to.equal(0);
  });

  it('are collected when the traced function itself is dropped with them', async () => {
    await expectAllCollected(() => pulled(traceAsyncGenerator(endless)()));
  });

  it('are not kept alive by the arguments of the call', async () => {
    const traced = traceAsyncGenerator(endless);
    await expectAllCollected(async () => {
      const argument: { generator?: object } = {};
      const generator = traced(argument);
      argument.generator = generator;
      return pulled(generator);
    });
  });

  it('are not kept alive by the receiver of the call', async () => {
    const traced = traceAsyncGenerator(endless);
    await expectAllCollected(async () => {
      const owner: { make: typeof traced; generator?: object } = { make: traced };
      const generator = owner.make();
      owner.generator = generator;
      return pulled(generator);
    });
  });

  it('are not kept alive by the context of the call', async () => {
    const traced = traceAsyncGenerator(endless);
    const key = createContextKey('holder');
    await expectAllCollected(() => {
      const holder: { generator?: object } = {};
      return context.with(context.active().setValue(key, holder), () => {
        const generator = traced();
        holder.generator = generator;
        return pulled(generator);
      });
    });
  });

  it('are not kept alive by the context of a pull', async () => {
    const traced = traceAsyncGenerator(endless);
    const key = createContextKey('holder');
    await expectAllCollected(() => {
      const generator = traced();
      return context.with(context.active().setValue(key, generator), () => pulled(generator));
    });
  });

  it("are not kept alive by the creation's context with `contextFrom: 'creation'`", async () => {
    const traced = traceAsyncGenerator(endless, { contextFrom: 'creation' });
    const key = createContextKey('holder');
    await expectAllCollected(() => {
      const holder: { generator?: object } = {};
      return context.with(context.active().setValue(key, holder), () => {
        const generator = traced();
        holder.generator = generator;
        return pulled(generator);
      });
    });
  });

  it('are not kept alive by the call that hooks are given', async () => {
    const traced = traceAsyncGenerator(endless, {
      spanName: (call) => call.exportPath,
      shouldTrace: (call) => call.args.length > 0,
      onStart: (_span, call) => {
        (call.args[0] as { call?: unknown }).call = call;
      },
      onItem: () => {},
      onEnd: () => {},
    });
    await expectAllCollected(() => {
      const argument: { generator?: object } = {};
      argument.generator = traced(argument);
      return pulled(argument.generator as AsyncGenerator);
    });
  });

  it('are not kept alive by an AsyncResource that the call was made in', async () => {
    const traced = traceAsyncGenerator(endless);
    await expectAllCollected(() => {
      const resource = new AsyncResource('test') as AsyncResource & { generator?: object };
      return resource.runInAsyncScope(() => {
        const generator = traced();
        resource.generator = generator;
        return pulled(generator);
      });
    });
  });

  it("are not kept alive by a value in the user's AsyncLocalStorage that holds them", async () => {
    const storage = new AsyncLocalStorage<{ generator?: object }>();
    const traced = traceAsyncGenerator(endless);
    await expectAllCollected(() =>
      storage.run({}, () => {
        const generator = traced();
        (storage.getStore() as { generator?: object }).generator = generator;
        return pulled(generator);
      }),
    );
  });

  it('are not kept alive by the context frame that is remembered for their pulls', async () => {
    const storage = new AsyncLocalStorage<{ generator?: object }>();
    const traced = traceAsyncGenerator(endless);
    await expectAllCollected(() =>
      storage.run({}, async () => {
        const generator = traced();
        (storage.getStore() as { generator?: object }).generator = generator;
        for (let pulls = 0; pulls < 5; pulls++) await generator.next();
        return generator;
      }),
    );
  });

  it('are not kept alive by closures over them', async () => {
    const traced = traceAsyncGenerator(endless);
    await expectAllCollected(() => {
      const callbacks: (() => unknown)[] = [];
      const generator = traced(callbacks);
      callbacks.push(() => generator);
      return pulled(generator);
    });
  });

  it('are not kept alive by items that hold them', async () => {
    const traced = traceAsyncGenerator(
      async function* (holder: { generator?: object }) {
        for (;;) yield holder;
      },
      { onItem: () => {} },
    );
    await expectAllCollected(() => {
      const holder: { generator?: object } = {};
      const generator = traced(holder);
      holder.generator = generator;
      return pulled(generator);
    });
  });

  it('are collected with a pull pending that will never settle', async () => {
    const traced = traceAsyncGenerator(async function* () {
      yield 1;
      await new Promise(() => {});
    });
    await expectAllCollected(async () => {
      const generator = await pulled(traced());
      void generator.next();
      return generator;
    });
  });

  it('are collected with `preserveUnhandledRejections`', async () => {
    const traced = traceAsyncGenerator(endless, { preserveUnhandledRejections: true });
    await expectAllCollected(() => pulled(traced()));
  });

  it("are collected with `startOn: 'call'`, even if never pulled", async () => {
    const traced = traceAsyncGenerator(endless, { startOn: 'call' });
    await expectAllCollected(async () => traced());
  });

  it('are collected when they are frozen', async () => {
    const traced = traceAsyncGenerator(() => Object.freeze(endless()));
    await expectAllCollected(() => pulled(traced()));
  });

  it('are collected when a plain function has promised them', async () => {
    const traced = traceAsyncGenerator(async () => endless());
    await expectAllCollected(async () => pulled(await traced()));
  });

  it('are collected when a custom iterator makes them', async () => {
    const traced = traceAsyncGenerator(() => ({ [Symbol.asyncIterator]: () => endless() }));
    await expectAllCollected(() => pulled(traced()[Symbol.asyncIterator]()));
  });

  it('end their run when an iterable is never iterated', async () => {
    const traced = traceAsyncGenerator(() => ({ [Symbol.asyncIterator]: () => endless() }));
    await expectAllCollected(async () => traced());
  });

  for (const preserveUnhandledRejections of [false, true]) {
    it(`end their run when their promise never settles (preserveUnhandledRejections: ${preserveUnhandledRejections})`, async () => {
      const traced = traceAsyncGenerator(() => new Promise<AsyncGenerator<number>>(() => {}), {
        preserveUnhandledRejections,
      });
      // In an object: an async function would wait for the promise.
      await expectAllCollected(async () => ({ promise: traced() }));
    });
  }

  it('leave the span open while they can still be pulled', async () => {
    const generator = traceAsyncGenerator(endless)();
    await generator.next();
    await collectUntil(() => tracing.spans().length > 0, 5);
    expect(tracing.spans()).to.be.empty;
    await generator.return(undefined);
  });

  it('end no run twice that is over already', async () => {
    const ends: string[] = [];
    const traced = traceAsyncGenerator(endless, { onEnd: (_, { outcome }) => ends.push(outcome) });
    let collected = false;
    const make = async () => {
      const generator = await pulled(traced());
      await generator.return(undefined);
      collections.register(generator, () => (collected = true));
    };
    await make();
    expect(await collectUntil(() => collected)).to.equal(true);
    await collectUntil(() => ends.length > 1, 3);
    expect(ends).to.deep.equal(['returned']);
  });

  it('leave nothing on an iterator that is handed out again and again', async () => {
    let collected = 0;
    const reused = {
      left: 1,
      next: async () => ({ value: 1, done: reused.left-- === 0 }),
      [Symbol.asyncIterator]() {
        return this;
      },
    };
    const traced = traceAsyncGenerator(
      () => {
        reused.left = 1;
        return reused;
      },
      {
        onStart: (span) => {
          collections.register(span, () => collected++);
        },
      },
    );
    for (let i = 0; i < 5; i++) await drain(traced());
    tracing.reset();
    // The last run may stay until the next one comes.
    expect(await collectUntil(() => collected >= 4)).to.equal(true);
    expect(reused.left).to.equal(-1);
  });

  for (const timing of [true, false]) {
    it(`end at the time of their last activity (timing: ${timing})`, async () => {
      let time = 0;
      setClock({ now: () => BigInt(time), epoch: () => 5_000 });
      try {
        const spans: Span[] = [];
        const traced = traceAsyncGenerator(endless, { timing, onStart: (span) => spans.push(span) });
        const make = async () => {
          const generator = traced();
          time = 100;
          await generator.next();
          const second = generator.next();
          time = 700;
          await second;
        };
        await make();
        time = 1e9;
        expect(await collectUntil(() => tracing.spans().length === 1)).to.equal(true);
        expect(tracing.onlySpan().startTime).to.deep.equal([5, 0] satisfies HrTime);
        expect(tracing.onlySpan().endTime).to.deep.equal([5, 600] satisfies HrTime);
      } finally {
        setClock();
      }
    });
  }
});
