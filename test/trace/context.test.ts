import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import { setImmediate as timer } from 'node:timers/promises';
import { context, createContextKey, propagation, trace, type Baggage } from '@opentelemetry/api';
import { core } from '@opentelemetry/sdk-node';
import { expect } from 'chai';
import { traceAsyncGenerator, type TraceOptions } from '../../src';
import { switchContextsByApi } from '../../src/trace/context-switch';
import { useTracing } from '../support/tracing';
import { drain, microtasksDone } from './helpers';

type Body = (...args: never[]) => AsyncGenerator<unknown>;
type Trace = <Fn extends Body>(fn: Fn) => Fn;
type See = (where: string) => void;

interface Scene {
  /** The program's own storage, and another. */
  a: AsyncLocalStorage<string>;
  b: AsyncLocalStorage<string>;
  /** Notes what both hold here. */
  see: See;
  traced: Trace;
}

/** Whether contexts are kept in async context frames (Node 24 and newer), rather than on resources. */
const FRAMES = !('_enable' in AsyncLocalStorage.prototype);

const tick = () => Promise.resolve();

/** Programs with AsyncLocalStorage, each played once as it is and once with its generators traced. */
const scenes: Record<string, (scene: Scene) => Promise<void>> = {
  'run() around the whole loop': async ({ a, see, traced }) => {
    const body = traced(async function* () {
      see('body, synchronous part');
      await tick();
      see('body after await');
      yield 1;
      see('body after yield');
      await timer();
      see('body after timer');
      yield 2;
    });
    await a.run('loop', async () => {
      for await (const item of body()) see(`consumer at ${String(item)}`);
      see('consumer after the loop');
    });
    see('outside');
  },
  'run() around single pulls': async ({ a, see, traced }) => {
    const generator = traced(async function* () {
      for (let i = 0; i < 4; i++) {
        see(`body ${i}`);
        await tick();
        see(`body ${i} after await`);
        yield i;
      }
    })();
    await a.run('first', () => generator.next());
    await a.run('second', () => generator.next());
    see('between');
    await generator.next();
    await a.run('last', () => generator.return(undefined));
  },
  'run() around the call': async ({ a, see, traced }) => {
    const body = traced(async function* () {
      see('body');
      yield 1;
      see('body again');
    });
    const generator = a.run('call', () => body());
    await a.run('pull', () => generator.next());
    await generator.next();
  },
  'run() in the body': async ({ a, b, see, traced }) => {
    const body = traced(async function* () {
      a.run('synchronous', () => see('in run'));
      see('after run');
      await a.run('asynchronous', async () => {
        await tick();
        see('in run after await');
        b.enterWith('entered in run');
        see('in run after enterWith');
      });
      see('after asynchronous run');
      yield 1;
      see('after yield');
    });
    await a.run('consumer', async () => {
      for await (const _ of body()) see('consumer');
    });
  },
  'enterWith() in the synchronous part of the body': async ({ a, see, traced }) => {
    const generator = traced(async function* () {
      a.enterWith('body 1');
      see('body after enterWith');
      yield 1;
      see('body after yield');
      a.enterWith('body 2');
      await tick();
      see('body after await');
      yield 2;
    })();
    const pull = generator.next();
    see('consumer, same turn');
    await pull;
    see('consumer after await');
    const second = generator.next();
    see('consumer, same turn again');
    await second;
    see('consumer after second await');
    await generator.next();
    see('consumer at the end');
  },
  'enterWith() in the body after an await': async ({ a, see, traced }) => {
    const generator = traced(async function* () {
      await tick();
      a.enterWith('body');
      see('body after enterWith');
      yield 1;
      see('body after yield');
      await tick();
      see('body after await');
    })();
    await generator.next();
    see('consumer after first');
    await generator.next();
    see('consumer after second');
  },
  'enterWith() in the consumer between pulls': async ({ a, see, traced }) => {
    const generator = traced(async function* () {
      for (let i = 0; i < 4; i++) {
        see(`body ${i}`);
        await tick();
        see(`body ${i} after await`);
        yield i;
      }
    })();
    for (let i = 0; i < 4; i++) {
      a.enterWith(`pull ${i}`);
      await generator.next();
      see(`consumer ${i}`);
    }
    await generator.next();
  },
  'enterWith() in body and consumer in turn': async ({ a, see, traced }) => {
    const generator = traced(async function* () {
      for (let i = 0; i < 4; i++) {
        see(`body ${i}`);
        a.enterWith(`body ${i}`);
        see(`body ${i} after enterWith`);
        yield i;
      }
    })();
    for (let i = 0; i < 4; i++) {
      const pull = generator.next();
      see(`consumer ${i}, same turn`);
      await pull;
      see(`consumer ${i}`);
      a.enterWith(`consumer ${i}`);
    }
    await generator.return(undefined);
  },
  'enterWith() of the same value again': async ({ a, see, traced }) => {
    a.enterWith('same');
    const generator = traced(async function* () {
      for (;;) {
        a.enterWith('same');
        see('body');
        yield 1;
      }
    })();
    for (let i = 0; i < 3; i++) {
      await generator.next();
      see('consumer');
      a.enterWith('same');
    }
    await generator.return(undefined as never);
  },
  'enterWith(undefined) in the body': async ({ a, see, traced }) => {
    a.enterWith('set');
    const generator = traced(async function* () {
      a.enterWith(undefined as unknown as string);
      see('body');
      yield 1;
    })();
    const pull = generator.next();
    see('same turn');
    await pull;
    see('later');
    await generator.next();
  },
  'disable() in the synchronous part of the body': async ({ a, b, see, traced }) => {
    a.enterWith('set');
    b.enterWith('kept');
    const generator = traced(async function* () {
      see('body before');
      a.disable();
      see('body after disable');
      yield 1;
      see('body after yield');
      a.enterWith('enabled again');
      see('body after enterWith');
      yield 2;
    })();
    const pull = generator.next();
    see('consumer, same turn');
    await pull;
    see('consumer');
    await generator.next();
    see('consumer after second');
    await generator.next();
  },
  'disable() in the body after an await': async ({ a, see, traced }) => {
    a.enterWith('set');
    const generator = traced(async function* () {
      await tick();
      a.disable();
      see('body');
      yield 1;
      see('body again');
    })();
    await generator.next();
    see('consumer');
    a.enterWith('set again');
    await generator.next();
    see('consumer at the end');
  },
  'disable() in the consumer between pulls': async ({ a, see, traced }) => {
    const generator = traced(async function* () {
      for (;;) {
        see('body');
        await tick();
        see('body after await');
        yield 1;
      }
    })();
    a.enterWith('first');
    await generator.next();
    a.disable();
    see('consumer disabled');
    await generator.next();
    see('consumer');
    a.enterWith('second');
    await generator.next();
    see('consumer enabled');
    await a.run('third', () => generator.next());
    await generator.return(undefined as never);
  },
  'disable() in the body, while others share the frame of the consumer': async ({ a, b, see, traced }) => {
    const changes = [
      () => a.disable(),
      () => {
        a.disable();
        a.enterWith('entered again');
      },
      () => {
        b.enterWith('entered before');
        a.disable();
      },
    ];
    for (const change of changes) {
      a.enterWith('a');
      b.enterWith('b');
      const generator = traced(async function* () {
        yield 1;
        change();
        yield 2;
      })();
      await generator.next();
      let open = (): void => undefined;
      const gate = new Promise<void>((resolve) => (open = resolve));
      const other = (async () => {
        await gate;
        see('other');
      })();
      const pull = generator.next();
      see('consumer, same turn');
      open();
      await other;
      await pull;
      see('consumer');
      await generator.return(undefined as never);
    }
  },
  'exit() in the body': async ({ a, see, traced }) => {
    const body = traced(async function* () {
      a.exit(() => see('in exit'));
      see('after exit');
      yield 1;
    });
    await a.run('consumer', () => drain(body()));
  },
  'snapshot() and bind()': async ({ a, see, traced }) => {
    const restore = a.run('snapshot', () => AsyncLocalStorage.snapshot());
    const generator = traced(async function* () {
      const bound = AsyncResource.bind(() => see('bound in the body'));
      yield 1;
      restore(() => see('restored in the body'));
      bound();
      yield 2;
    })();
    await a.run('first', () => generator.next());
    await restore(() => generator.next());
    await generator.next();
  },
  'pulls queued from different contexts': async ({ a, see, traced }) => {
    const generator = traced(async function* () {
      for (let i = 0; i < 3; i++) {
        see(`body ${i}`);
        await timer();
        see(`body ${i} after timer`);
        yield i;
      }
    })();
    await Promise.all(['one', 'two', 'three', 'four'].map((name) => a.run(name, () => generator.next())));
  },
  'consumers that take turns': async ({ a, see, traced }) => {
    const generator = traced(async function* () {
      for (let i = 0; ; i++) {
        see(`body ${i}`);
        yield i;
      }
    })();
    const consume = (name: string) =>
      a.run(name, async () => {
        for (let i = 0; i < 3; i++) {
          await generator.next();
          see(`consumer ${name}`);
        }
      });
    await Promise.all([consume('one'), consume('two')]);
    await generator.return(undefined as never);
  },
  'two generators pulled in turn': async ({ a, b, see, traced }) => {
    const body = traced(async function* (name: string) {
      for (let i = 0; i < 3; i++) {
        see(`body ${name} ${i}`);
        a.enterWith(`${name} ${i}`);
        await tick();
        see(`body ${name} ${i} after await`);
        yield i;
      }
    } as Body) as (name: string) => AsyncGenerator<unknown>;
    const one = body('one');
    const two = body('two');
    for (let i = 0; i < 4; i++) {
      b.enterWith(`round ${i}`);
      await one.next();
      see('after one');
      await two.next();
      see('after two');
    }
  },
  'a generator in a generator': async ({ a, see, traced }) => {
    const inner = traced(async function* () {
      see('inner');
      a.enterWith('inner');
      yield 1;
      see('inner again');
      yield 2;
    });
    const outer = traced(async function* () {
      for await (const item of inner()) {
        see('outer');
        yield item;
        see('outer after yield');
      }
    });
    await a.run('consumer', async () => {
      for await (const _ of outer()) see('consumer');
    });
  },
  'return() and throw() from other contexts': async ({ a, see, traced }) => {
    const body = traced(async function* () {
      try {
        yield 1;
        yield 2;
      } catch {
        see('catch');
        yield 3;
      } finally {
        see('finally');
        await tick();
        see('finally after await');
        a.enterWith('finally');
      }
    });
    const returned = body();
    await returned.next();
    await a.run('return', () => returned.return(undefined));
    see('after return');
    const thrown = body();
    await thrown.next();
    await a.run('throw', () => thrown.throw(new Error('in')));
    await a.run('next', () => thrown.next());
    see('after throw');
  },
  'callbacks that the body leaves behind': async ({ a, see, traced }) => {
    const seen: Promise<void>[] = [];
    const later = (how: (callback: () => void) => void, name: string) =>
      seen.push(new Promise((resolve) => how(() => resolve(see(name)))));
    const body = traced(async function* () {
      later(queueMicrotask, 'microtask');
      later(setImmediate, 'immediate');
      later((callback) => process.nextTick(callback), 'nextTick');
      yield 1;
    });
    await a.run('consumer', () => drain(body()));
    await Promise.all(seen);
  },
  'a body that throws': async ({ a, see, traced }) => {
    const generator = traced(async function* () {
      a.enterWith('before the throw');
      throw new Error('boom');
    })();
    const pull = generator.next();
    see('same turn');
    await pull.catch(() => see('catch'));
    see('later');
  },
  'pulls after the end': async ({ a, see, traced }) => {
    const generator = traced(async function* () {
      a.enterWith('body');
      yield 1;
    })();
    await drain(generator);
    see('at the end');
    await a.run('late', () => generator.next());
    see('after a late pull');
  },
};

describe("the program's own AsyncLocalStorage", () => {
  const tracing = useTracing();

  async function play(scene: (scene: Scene) => Promise<void>, traced: Trace): Promise<string[]> {
    // Each from a turn of its own, so that queues stand alike.
    await timer();
    const a = new AsyncLocalStorage<string>();
    const b = new AsyncLocalStorage<string>();
    const seen: string[] = [];
    const see = (where: string) => void seen.push(`${where}: ${a.getStore()} ${b.getStore()}`);
    await new AsyncResource('scene').runInAsyncScope(() => scene({ a, b, see, traced }));
    await microtasksDone();
    a.disable();
    b.disable();
    return seen;
  }

  const variants: Record<string, Trace> = {
    'by default': (fn) => traceAsyncGenerator(fn),
    "with `startOn: 'call'`": (fn) => traceAsyncGenerator(fn, { startOn: 'call' }),
    'with `timing: false`': (fn) => traceAsyncGenerator(fn, { timing: false }),
    "with `contextFrom: 'creation'`": (fn) => traceAsyncGenerator(fn, { contextFrom: 'creation' }),
    'with `preserveUnhandledRejections`': (fn) => traceAsyncGenerator(fn, { preserveUnhandledRejections: true }),
    'returned by a plain function': (fn) => traceAsyncGenerator(((...args: never[]) => fn(...args)) as typeof fn),
    'traced twice': (fn) => {
      const inner = traceAsyncGenerator(fn);
      return traceAsyncGenerator(((...args: never[]) => inner(...args)) as typeof fn);
    },
  };

  /** How the body's context is entered: the fast way that this version of Node has, or through the API. */
  const switches: Record<string, boolean> = { '': false, ', with every context switch by the API': true };
  const matrix = Object.entries(variants).flatMap(([variant, traced]) =>
    Object.entries(switches).map(([by, onlyApi]) => ({ variant, traced, by, onlyApi })),
  );

  for (const { variant, traced, by, onlyApi } of matrix) {
    describe(variant + by, () => {
      before(() => {
        switchContextsByApi(onlyApi);
      });
      after(() => {
        switchContextsByApi(false);
      });

      for (const [name, scene] of Object.entries(scenes)) {
        // The tick that this option costs changes who pulls first, and so in whose context queued pulls run.
        if (variant === 'with `preserveUnhandledRejections`' && name === 'consumers that take turns') continue;
        // Where contexts are frames, `disable()` changes the one it is called in, which the body of an untraced
        // generator shares with its consumer. A body with a span of its own has a frame of its own.
        if (FRAMES && name === 'disable() in the body after an await') continue;
        // By the API a frame is made before every pull, too, and another one after it.
        if (FRAMES && onlyApi && name.includes('while others share')) continue;
        it(`is as in the untraced program: ${name}`, async () => {
          const expected = await play(scene, (fn) => fn);
          expect(expected).to.not.be.empty;
          expect(await play(scene, traced)).to.deep.equal(expected);
          expect(tracing.spans()).to.not.be.empty;
        });

        it(`is as in the untraced program where a span is active: ${name}`, async () => {
          const tracer = trace.getTracer('test');
          const within = (traced: Trace) => tracer.startActiveSpan('active', () => play(scene, traced));
          expect(await within(traced)).to.deep.equal(await within((fn) => fn));
        });
      }
    });
  }

  it('reaches the caller when a plain function sets it', async () => {
    const fn = (a: AsyncLocalStorage<string>) => {
      a.enterWith('by the function');
      return (async function* () {
        yield a.getStore();
      })();
    };
    const observe = (fn_: typeof fn) =>
      new AsyncResource('scene').runInAsyncScope(async () => {
        const a = new AsyncLocalStorage<string>();
        const generator = fn_(a);
        const seen = [a.getStore()];
        seen.push((await generator.next()).value as string, a.getStore());
        await generator.return(undefined);
        return seen;
      });
    expect(await observe(traceAsyncGenerator(fn))).to.deep.equal(await observe(fn));
  });
});

describe("OpenTelemetry's context", () => {
  const tracing = useTracing();

  // Asked for again: a tracer of the API keeps to the first SDK that it meets.
  const tracer = () => trace.getTracer('test');
  const key = createContextKey('test');
  const spanId = () => trace.getActiveSpan()?.spanContext().spanId;
  const spanNamed = (name: string) => {
    const span = tracing.spans().find((it) => it.name === name);
    if (span === undefined) throw new Error(`no span ${name}`);
    return span;
  };
  const parentOf = (name: string) => spanNamed(name).parentSpanContext?.spanId;

  async function* work(): AsyncGenerator<number> {
    tracer().startSpan('at once').end();
    await tick();
    tracer().startSpan('after await').end();
    yield 1;
    tracer().startSpan('after yield').end();
  }

  it('makes what the body does children of the run', async () => {
    await drain(traceAsyncGenerator(work)());
    const run = spanNamed('work').spanContext().spanId;
    for (const name of ['at once', 'after await', 'after yield']) expect(parentOf(name), name).to.equal(run);
  });

  it('makes what a plain function does before it returns children of the run', async () => {
    const load = async () => {
      tracer().startSpan('at once').end();
      await tick();
      tracer().startSpan('after await').end();
      return work();
    };
    await (await traceAsyncGenerator(load)()).return(undefined);
    const run = spanNamed('load').spanContext().spanId;
    for (const name of ['at once', 'after await']) expect(parentOf(name), name).to.equal(run);
  });

  it("leaves the consumer's active span its own throughout", async () => {
    await tracer().startActiveSpan('consumer', async (consumer) => {
      const own = consumer.spanContext().spanId;
      const generator = traceAsyncGenerator(work)();
      expect(spanId()).to.equal(own);
      const pull = generator.next();
      expect(spanId()).to.equal(own);
      await pull;
      expect(spanId()).to.equal(own);
      for await (const _ of generator) expect(spanId()).to.equal(own);
      expect(spanId()).to.equal(own);
      consumer.end();
    });
  });

  it('leaves a consumer without a span without one', async () => {
    for await (const _ of traceAsyncGenerator(work)()) expect(spanId()).to.equal(undefined);
    expect(spanId()).to.equal(undefined);
  });

  it('makes the run a child of what is active at the call, not at the first pull', async () => {
    const generator = tracer().startActiveSpan('call', (span) => {
      span.end();
      return traceAsyncGenerator(work)();
    });
    await tracer().startActiveSpan('pull', (span) => {
      span.end();
      return drain(generator);
    });
    expect(parentOf('work')).to.equal(spanNamed('call').spanContext().spanId);
  });

  it('passes the baggage of each pull to the body', async () => {
    const generator = traceAsyncGenerator(async function* () {
      for (;;) yield propagation.getActiveBaggage()?.getEntry('user')?.value;
    })();
    const pullAs = (user: string) => {
      const baggage: Baggage = propagation.createBaggage({ user: { value: user } });
      return context.with(propagation.setBaggage(context.active(), baggage), () => generator.next());
    };
    expect((await pullAs('ann')).value).to.equal('ann');
    expect((await pullAs('ben')).value).to.equal('ben');
    expect((await generator.next()).value).to.equal(undefined);
    await generator.return(undefined as never);
  });

  const readKey = async function* () {
    for (;;) yield context.active().getValue(key);
  };
  const valuesWith = async (options: TraceOptions) => {
    const withValue = <T>(value: string, fn: () => T) => context.with(context.active().setValue(key, value), fn);
    const generator = withValue('call', () => traceAsyncGenerator(readKey, options)());
    const values = [(await withValue('pull', () => generator.next())).value, (await generator.next()).value];
    await generator.return(undefined as never);
    return values;
  };

  it('of the body is that of each pull', async () => {
    expect(await valuesWith({})).to.deep.equal(['pull', undefined]);
  });

  it("of the body is that of the call with `contextFrom: 'creation'`", async () => {
    expect(await valuesWith({ contextFrom: 'creation' })).to.deep.equal(['call', 'call']);
  });

  it("makes what the body does children of the run with `contextFrom: 'creation'`", async () => {
    await drain(traceAsyncGenerator(work, { contextFrom: 'creation' })());
    expect(parentOf('after yield')).to.equal(spanNamed('work').spanContext().spanId);
  });

  it('lets the spans of two generators pulled in turn not mix', async () => {
    const body = async function* (name: string) {
      for (let i = 0; i < 2; i++) {
        tracer().startSpan(`${name} ${i}`).end();
        yield i;
      }
    };
    const one = traceAsyncGenerator(body, { spanName: 'one' })('in one');
    const two = traceAsyncGenerator(body, { spanName: 'two' })('in two');
    for (let i = 0; i < 3; i++) {
      await one.next();
      await two.next();
    }
    for (const name of ['one', 'two']) {
      const run = spanNamed(name).spanContext().spanId;
      expect([parentOf(`in ${name} 0`), parentOf(`in ${name} 1`)]).to.deep.equal([run, run]);
    }
  });

  it('passes calls straight through where tracing is suppressed', async () => {
    const generator = context.with(core.suppressTracing(context.active()), () => traceAsyncGenerator(work)());
    expect(Reflect.ownKeys(generator)).to.be.empty;
    await drain(generator);
    expect(tracing.spans().map(({ name }) => name)).to.not.include('work');
  });

  it('suppresses in the body what is suppressed at the pull', async () => {
    const generator = traceAsyncGenerator(work)();
    await context.with(core.suppressTracing(context.active()), () => drain(generator));
    expect(tracing.spans().map(({ name }) => name)).to.not.include('at once');
  });
});
