import { expect } from 'chai';
import { traceAsyncGenerator, type TraceOptions } from '../../src';
import { useTracing } from '../support/tracing';
import { microtasksDone } from './helpers';

type Generator = AsyncGenerator<unknown, unknown, unknown>;
type MakeGenerator = (log: Log) => Generator;
type Log = (what: string) => void;
type Track = (label: string, promise: Promise<unknown>) => void;

const MICROTASKS = 100;

function show(value: unknown): string {
  return JSON.stringify(value, (_, it: unknown) => (it === undefined ? 'undefined' : it));
}

/** What happened and in which tick of the microtask queue, counted from the start of the scenario. */
async function recordTicks(scenario: (log: Log, track: Track) => void): Promise<string[]> {
  const events: string[] = [];
  let tick = 0;
  const log = (what: string) => void events.push(`${tick} ${what}`);
  const count = () => {
    tick++;
    if (tick < MICROTASKS) queueMicrotask(count);
  };
  scenario(log, (label, promise) => {
    promise.then(
      (value) => log(`${label} -> ${show(value)}`),
      (error: unknown) => log(`${label} rejects ${String(error)}`),
    );
  });
  queueMicrotask(count);
  await microtasksDone();
  expect(tick, 'the scenario must fit into the ticks that are counted').to.equal(MICROTASKS);
  return events;
}

const bodies: Record<string, MakeGenerator> = {
  'a body that only yields': async function* () {
    yield 1;
    yield 2;
    return 'end';
  },
  'a body that awaits': async function* (log) {
    for (let i = 0; i < 3; i++) {
      log(`body ${i}`);
      await Promise.resolve();
      const sent = yield i;
      log(`body got ${show(sent)}`);
    }
    return Promise.resolve('end');
  },
  'a body that throws at once': async function* () {
    throw new Error('at once');
  },
  'a body that throws after an await': async function* () {
    yield 1;
    await null;
    throw new Error('later');
  },
  'a body that yields promises': async function* () {
    yield Promise.resolve(1);
    try {
      yield Promise.reject(new Error('item'));
    } catch {
      yield 'caught';
    }
  },
  'a body with a finally that awaits': async function* (log) {
    try {
      yield 1;
      yield 2;
    } finally {
      log('finally');
      await null;
      log('finally is over');
    }
  },
  'a body with a finally that yields': async function* () {
    try {
      yield 1;
    } finally {
      yield 'cleaning';
      yield 'still cleaning';
    }
  },
  'a body with a finally that throws': async function* () {
    try {
      yield 1;
    } finally {
      throw new Error('from finally');
    }
  },
  'a body that catches what is thrown in': async function* () {
    for (;;) {
      try {
        yield 'on';
      } catch (error) {
        yield `caught ${String(error)}`;
      }
    }
  },
  'a body that delegates': async function* (log) {
    yield* (async function* () {
      try {
        yield 1;
        yield 2;
      } finally {
        log('inner finally');
      }
    })();
    yield 3;
  },
};

const scenarios: Record<string, (generator: Generator, log: Log, track: Track) => void> = {
  'one next()': (generator, _, track) => {
    track('next', generator.next());
  },
  'concurrent next()s': (generator, _, track) => {
    for (let i = 0; i < 6; i++) track(`next ${i}`, generator.next(`sent ${i}`));
  },
  'next() after next()': (generator, log, track) => {
    void (async () => {
      for (let i = 0; i < 5; i++) {
        const pull = generator.next(`sent ${i}`);
        track(`next ${i}`, pull);
        await pull.catch(() => log('goes on'));
      }
    })();
  },
  'return() behind next()s': (generator, _, track) => {
    track('next 0', generator.next());
    track('next 1', generator.next());
    track('return', generator.return('returned'));
    track('next 2', generator.next());
    track('return 2', generator.return('again'));
  },
  'return() before the first next()': (generator, _, track) => {
    track('return', generator.return('early'));
    track('next', generator.next());
  },
  'throw() before the first next()': (generator, _, track) => {
    track('throw', generator.throw(new Error('early')));
    track('next', generator.next());
  },
  'throw() behind next()s': (generator, _, track) => {
    track('next 0', generator.next());
    track('throw', generator.throw(new Error('thrown in')));
    track('next 1', generator.next());
    track('throw 2', generator.throw(new Error('thrown in again')));
    track('return', generator.return('returned'));
  },
  'return() of a promise': (generator, _, track) => {
    track('next 0', generator.next());
    track('return', generator.return(Promise.resolve('promised')));
    track('next 1', generator.next());
  },
  'return() of a promise that rejects': (generator, _, track) => {
    track('next 0', generator.next());
    track('return', generator.return(Promise.reject(new Error('returned'))));
    track('next 1', generator.next());
  },
  'pulls made when another settles': (generator, _, track) => {
    const first = generator.next();
    track('first', first);
    const more = () => {
      track('second', generator.next());
      track('return', generator.return('returned'));
    };
    first.then(more, more);
    track('third', generator.next());
  },
  'pulls after the end': (generator, _, track) => {
    void (async () => {
      const end = generator.return('returned');
      await end.catch(() => {});
      track('next', generator.next());
      track('return', generator.return('again'));
      track('throw', generator.throw(new Error('late')));
    })();
  },
  'pulls queued while the last one is pending': (generator, _, track) => {
    void (async () => {
      let done = false;
      for (let i = 0; i < 8 && !done; i++) {
        const pull = generator.next();
        const behind = generator.next();
        track(`next ${i}`, pull);
        track(`behind ${i}`, behind);
        done = await pull.then(
          ({ done }) => done === true,
          () => true,
        );
        if (done) track('last', generator.next());
      }
    })();
  },
  'for await to the end': (generator, log) => {
    void (async () => {
      try {
        let count = 0;
        for await (const item of generator) {
          log(`item ${show(item)}`);
          if (++count === 6) break;
        }
        log('loop is over');
      } catch (error) {
        log(`loop throws ${String(error)}`);
      }
    })();
  },
  'for await with a break': (generator, log) => {
    void (async () => {
      try {
        for await (const item of generator) {
          log(`item ${show(item)}`);
          break;
        }
        log('loop is over');
      } catch (error) {
        log(`loop throws ${String(error)}`);
      }
    })();
  },
  'yield* of it': (generator, _, track) => {
    const outer = (async function* () {
      const result: unknown = yield* generator;
      return `result ${show(result)}`;
    })();
    track('next 0', outer.next('a'));
    track('next 1', outer.next('b'));
    track('throw', outer.throw(new Error('through yield*')));
    track('return', outer.return('returned'));
    track('next 2', outer.next('c'));
  },
  'a race with other promises': (generator, log, track) => {
    track('race', Promise.race([generator.next(), Promise.resolve('other')]));
    track('all', Promise.allSettled([generator.next(), generator.next()]));
    void Promise.resolve()
      .then(() => log('one tick'))
      .then(() => log('two ticks'))
      .then(() => log('three ticks'));
  },
};

describe('the order and the ticks in which pulls settle', () => {
  const tracing = useTracing();

  const optionSets: Record<string, TraceOptions> = {
    'by default': {},
    "with `startOn: 'call'`": { startOn: 'call' },
    'with `timing: false`': { timing: false },
    "with `contextFrom: 'creation'`": { contextFrom: 'creation' },
    'with hooks': { onStart() {}, onItem() {}, onEnd() {}, shouldTrace: () => true, classifyError: () => 'failed' },
  };

  for (const [when, options] of Object.entries(optionSets)) {
    describe(when, () => {
      for (const [scenarioName, scenario] of Object.entries(scenarios)) {
        it(`are those of the original: ${scenarioName}`, async () => {
          for (const [bodyName, body] of Object.entries(bodies)) {
            const run = (make: MakeGenerator) => recordTicks((log, track) => scenario(make(log), log, track));
            const expected = await run(body);
            tracing.reset();
            expect(await run(traceAsyncGenerator(body, options)), bodyName).to.deep.equal(expected);
          }
        });
      }
    });
  }

  it('were compared with something: the traced ones make spans', async () => {
    tracing.reset();
    const body = bodies['a body that awaits'] as MakeGenerator;
    await recordTicks((log, track) => scenarios['for await to the end']?.(traceAsyncGenerator(body)(log), log, track));
    expect(tracing.spans()).to.have.lengthOf(1);
  });

  it('would show one tick more', async () => {
    const body = bodies['a body that only yields'] as MakeGenerator;
    const late = (log: Log): Generator => {
      const generator = body(log);
      const next = generator.next.bind(generator);
      generator.next = (...args) => next(...args).then((result) => result);
      return generator;
    };
    const run = (make: MakeGenerator) => recordTicks((log, track) => scenarios['one next()']?.(make(log), log, track));
    expect(await run(late)).to.not.deep.equal(await run(body));
  });

  describe('of what plain functions return', () => {
    const shapes: Record<string, (make: () => Generator) => (log: Log) => AsyncIterable<unknown>> = {
      'a generator': (make) => () => make(),
      'an iterable': (make) => () => ({ [Symbol.asyncIterator]: () => make() }),
      'an iterator without return': () => () => {
        let i = 0;
        return {
          next: () => Promise.resolve({ value: i++, done: i > 3 }),
          [Symbol.asyncIterator](): any {
            return this;
          },
        };
      },
      'an iterator whose return is undefined': () => () => {
        let i = 0;
        return {
          next: () => Promise.resolve({ value: i++, done: i > 3 }),
          return: undefined,
          [Symbol.asyncIterator](): any {
            return this;
          },
        };
      },
      'a generator whose return is null': (make) => () => Object.assign(make(), { return: null }) as never,
      'an iterator with results that are no promises': () => () => {
        let i = 0;
        return {
          next: () => ({ value: i++, done: i > 3 }) as unknown as Promise<IteratorResult<number>>,
          [Symbol.asyncIterator](): any {
            return this;
          },
        };
      },
    };
    for (const [name, shape] of Object.entries(shapes)) {
      for (const end of ['to its end', 'with a break']) {
        it(`are those of the original: ${name}, read ${end}`, async () => {
          const original = shape(() => (bodies['a body that only yields'] as MakeGenerator)(() => {}));
          const run = (make: (log: Log) => AsyncIterable<unknown>) =>
            recordTicks((log) => {
              void (async () => {
                for await (const item of make(log)) {
                  log(`item ${show(item)}`);
                  if (end === 'with a break') break;
                }
                log('over');
              })();
            });
          expect(await run(traceAsyncGenerator(original))).to.deep.equal(await run(original));
          expect(tracing.spans().at(-1)?.attributes['async_generator.outcome']).to.equal(
            end === 'to its end' ? 'completed' : 'returned',
          );
        });
      }
    }

    it('are those of the original: the promise of a generator', async () => {
      const original = async () => (bodies['a body that only yields'] as MakeGenerator)(() => {});
      const run = (make: () => Promise<Generator>) =>
        recordTicks((log) => {
          void (async () => {
            const generator = await make();
            log('there');
            for await (const item of generator) log(`item ${show(item)}`);
            log('over');
          })();
        });
      expect(await run(traceAsyncGenerator(original))).to.deep.equal(await run(original));
    });
  });

  describe('with `preserveUnhandledRejections`', () => {
    for (const [scenarioName, scenario] of Object.entries(scenarios)) {
      if (scenarioName === 'a race with other promises') continue;
      it(`keep their order: ${scenarioName}`, async () => {
        for (const [bodyName, body] of Object.entries(bodies)) {
          // One tick a pull is the price; the order of what the consumer sees must stay.
          const run = async (make: MakeGenerator) => {
            const events = await recordTicks((log, track) =>
              scenario(
                make(() => {}),
                log,
                track,
              ),
            );
            return events.map((event) => event.replace(/^\d+ /, ''));
          };
          const expected = await run(body);
          expect(await run(traceAsyncGenerator(body, { preserveUnhandledRejections: true })), bodyName).to.deep.equal(
            expected,
          );
        }
      });
    }

    it('keep their order when one comes between the end of the run and a pull that was pending then', async () => {
      const order: string[] = [];
      const note = (promise: Promise<unknown>, label: string) => void promise.then(() => order.push(label));
      const generator: AsyncGenerator = traceAsyncGenerator(async function* () {}, {
        preserveUnhandledRejections: true,
        onEnd() {
          note(generator.next(), 'third');
        },
      })();
      note(generator.next(), 'first');
      note(generator.next(), 'second');
      await microtasksDone();
      expect(order).to.deep.equal(['first', 'second', 'third']);
    });
  });
});
