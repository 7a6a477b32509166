import { types } from 'node:util';
import { diag, DiagLogLevel, trace } from '@opentelemetry/api';
import { expect } from 'chai';
import { traceAsyncGenerator } from '../../src';
import { createManualPlan } from '../../src/manual/options';
import type { AnyFunction } from '../../src/base/intrinsics';
import { installMembers } from '../../src/trace/members';
import { Scope } from '../../src/trace/scope';
import { traceFunctionAlone } from '../../src/trace/traced-function';
import { Reporter } from '../../src/base/reporter';
import { useTracing } from '../support/tracing';
import { drain, microtasksDone, rejectionOf, thrownBy } from './helpers';

const AsyncGeneratorPrototype = Object.getPrototypeOf(async function* () {}.prototype) as AsyncGenerator;

describe('a traced generator', () => {
  const tracing = useTracing();

  const outcomes = () => tracing.spans().map(({ attributes }) => attributes['async_generator.outcome']);

  async function* echo(): AsyncGenerator<unknown, string, unknown> {
    let sent: unknown = 'first';
    for (;;) {
      try {
        sent = yield sent;
      } catch (error) {
        sent = { caught: error };
      }
      if (sent === 'stop') return 'stopped';
    }
  }

  describe('is the object that the function made', () => {
    it('itself, where the program holds it too', async () => {
      const generator = echo();
      expect(traceAsyncGenerator(() => generator)()).to.equal(generator);
      await generator.return('');
    });

    it('with the prototype of its function', () => {
      const traced = traceAsyncGenerator(echo);
      expect(Object.getPrototypeOf(traced())).to.equal(echo.prototype);
      expect(traced()).to.be.an.instanceOf(echo);
      expect(traced()).to.be.an.instanceOf(traced);
    });

    it('with its brand', async () => {
      const generator = traceAsyncGenerator(echo)();
      expect(types.isGeneratorObject(generator)).to.equal(true);
      expect(types.isProxy(generator)).to.equal(false);
      expect(Object.prototype.toString.call(generator)).to.equal('[object AsyncGenerator]');
      expect(await AsyncGeneratorPrototype.next.call(generator)).to.deep.equal({ value: 'first', done: false });
    });

    it('that is its own iterator', () => {
      const generator = traceAsyncGenerator(echo)();
      expect(generator[Symbol.asyncIterator]()).to.equal(generator);
    });

    it('with the members that its function gave it', () => {
      const traced = traceAsyncGenerator(() => Object.assign(echo(), { controller: 'c', tee: () => 'tee' }));
      const generator = traced();
      expect(generator.controller).to.equal('c');
      expect(generator.tee()).to.equal('tee');
      expect(Object.keys(generator)).to.deep.equal(['controller', 'tee']);
    });

    it('with a `next` that its function gave it', async () => {
      const traced = traceAsyncGenerator(() => {
        const generator = echo();
        generator.next = async () => ({ value: 'mine', done: true });
        return generator;
      });
      const generator = traced();
      expect(await generator.next()).to.deep.equal({ value: 'mine', done: true });
      expect(Object.keys(generator)).to.deep.equal(['next']);
    });
  });

  describe('inherits members from the prototype of its function', () => {
    it('and carries none itself', async () => {
      const generator = traceAsyncGenerator(echo)();
      await generator.next();
      expect(Reflect.ownKeys(generator)).to.be.empty;
      expect(Object.getPrototypeOf(generator)).to.equal(echo.prototype);
      expect(Reflect.ownKeys(echo.prototype)).to.deep.equal(['next', 'return', 'throw']);
      await generator.return('');
    });

    it('that are put there once', () => {
      async function* own(): AsyncGenerator<number> {}
      const traced = traceAsyncGenerator(own);
      const methods = Object.getOwnPropertyDescriptors(Object.getPrototypeOf(traced()));
      expect(Object.getOwnPropertyDescriptors(Object.getPrototypeOf(traced()))).to.deep.equal(methods);
    });

    it('that leave an untraced generator of the same function alone', async () => {
      async function* own(): AsyncGenerator<number, string> {
        yield 1;
        return 'end';
      }
      await traceAsyncGenerator(own)().return('');
      const untraced = own();
      expect(await untraced.next()).to.deep.equal({ value: 1, done: false });
      expect(await untraced.next()).to.deep.equal({ value: 'end', done: true });
      expect(await rejectionOf(own().throw(new Error('in')))).to.have.property('message', 'in');
      expect(await own().return('back')).to.deep.equal({ value: 'back', done: true });
      expect(tracing.spans()).to.be.empty;
    });

    it('that cannot be enumerated', () => {
      const generator = traceAsyncGenerator(echo)();
      expect(Object.keys(generator)).to.be.empty;
      expect({ ...generator }).to.be.empty;
      expect(JSON.stringify(generator)).to.equal('{}');
      const seen: string[] = [];
      for (const key in generator) seen.push(key);
      expect(seen).to.be.empty;
    });

    it('that look like those of the language', () => {
      const generator = traceAsyncGenerator(echo)();
      for (const name of ['next', 'return', 'throw'] as const) {
        const method = generator[name];
        expect(method.name).to.equal(name);
        expect(method.length).to.equal(1);
        expect(method).to.not.have.property('prototype');
        expect(thrownBy(() => Reflect.construct(method, []))).to.be.an.instanceOf(TypeError);
      }
    });

    it('that are left alone where the program has replaced them', async () => {
      async function* own(): AsyncGenerator<number> {
        yield 1;
      }
      const traced = traceAsyncGenerator(own);
      await traced().next();
      const mine = async (): Promise<IteratorResult<unknown, string>> => ({ value: 'mine', done: true });
      own.prototype.next = mine;
      expect(await traced().next()).to.deep.equal({ value: 'mine', done: true });
      expect(own.prototype.next).to.equal(mine);
    });

    it('and none are left on it when two traced functions have handed it on', async () => {
      const inner = traceAsyncGenerator(echo, { spanName: 'inner' });
      const generator = traceAsyncGenerator(() => inner(), { spanName: 'outer' })();
      await generator.next();
      await generator.return('');
      expect(Reflect.ownKeys(generator)).to.be.empty;
      expect(tracing.spans().map(({ name }) => name)).to.have.members(['inner', 'outer']);
    });

    it('that pass on calls with another receiver', async () => {
      const { next } = traceAsyncGenerator(echo)();
      expect(await rejectionOf(next.call({} as AsyncGenerator))).to.be.an.instanceOf(TypeError);
      const other = echo();
      expect(await next.call(other)).to.deep.equal({ value: 'first', done: false });
      expect(tracing.spans()).to.be.empty;
    });
  });

  describe('carries own members where it inherits from another object', () => {
    /** Its `prototype` is the program's: no generator inherits from it alone. */
    const replaced: Record<string, (fn: () => AsyncGenerator) => void> = {
      'that has been frozen': (fn) => Object.freeze(fn.prototype),
      'that has a `next` of its own': (fn) => {
        fn.prototype.next = function (this: AsyncGenerator, ...args: []) {
          return AsyncGeneratorPrototype.next.apply(this, args);
        };
      },
      'that is all generators’': (fn) => {
        fn.prototype = null;
      },
      'that has been given another prototype': (fn) => {
        Object.setPrototypeOf(fn.prototype, Object.create(AsyncGeneratorPrototype));
      },
      'that is a Proxy': (fn) => {
        fn.prototype = new Proxy(fn.prototype, {
          defineProperty() {
            throw new Error('noticed');
          },
        });
      },
    };
    for (const [which, replace] of Object.entries(replaced)) {
      const make = () => {
        const fn = async function* (): AsyncGenerator<number, string> {
          yield 1;
          return 'end';
        };
        replace(fn);
        return traceAsyncGenerator(fn, { spanName: 'own' });
      };

      it(`${which}, until it ends`, async () => {
        const generator = make()();
        expect(Reflect.ownKeys(generator)).to.include('next');
        expect(Object.keys(generator)).to.be.empty;
        expect(await drain(generator)).to.deep.equal([1]);
        expect(Reflect.ownKeys(generator)).to.be.empty;
        expect(outcomes()).to.deep.equal(['completed']);
      });

      it(`${which}, until no pull is pending behind the end`, async () => {
        const generator = make()();
        const first = generator.next();
        const end = generator.return('');
        const behind = generator.next();
        await first;
        await end;
        expect(Reflect.ownKeys(generator)).to.not.be.empty;
        await behind;
        expect(Reflect.ownKeys(generator)).to.be.empty;
      });
    }

    it('and is left with those by which the program has replaced them', async () => {
      const fn = async function* (): AsyncGenerator<number, string> {
        yield 1;
        return 'end';
      };
      Object.freeze(fn.prototype);
      const generator = traceAsyncGenerator(fn)();
      const own = async (): Promise<IteratorResult<number, string>> => ({ value: 'own', done: true });
      await generator.next();
      Object.defineProperty(generator, 'next', { value: own });
      await generator.return('');
      expect(generator.next).to.equal(own);
      expect(Reflect.ownKeys(generator)).to.deep.equal(['next']);
    });

    it('and can be frozen with them', async () => {
      const fn = async function* (): AsyncGenerator<number, string> {
        yield 1;
        return 'end';
      };
      Object.freeze(fn.prototype);
      const generator = Object.freeze(traceAsyncGenerator(fn)());
      expect(await generator.next()).to.deep.equal({ value: 1, done: false });
      expect(await generator.return('back')).to.deep.equal({ value: 'back', done: true });
      expect(await generator.next()).to.deep.equal({ value: undefined, done: true });
      expect(outcomes()).to.deep.equal(['returned']);
    });
  });

  describe('behaves as the original', () => {
    it('in what next() sends in', async () => {
      const generator = traceAsyncGenerator(echo)();
      expect(await generator.next('ignored')).to.deep.equal({ value: 'first', done: false });
      const sent = {};
      expect((await generator.next(sent)).value).to.equal(sent);
      expect(await generator.next()).to.deep.equal({ value: undefined, done: false });
      expect(await generator.next('stop')).to.deep.equal({ value: 'stopped', done: true });
    });

    it('in what throw() sends in', async () => {
      const generator = traceAsyncGenerator(echo)();
      await generator.next();
      const error = new Error('in');
      expect((await generator.throw(error)).value).to.deep.equal({ caught: error });
      await generator.return('');
    });

    it('in the result of return(), queued or not', async () => {
      const generator = traceAsyncGenerator(echo)();
      const pulls = [generator.next(), generator.next(2), generator.return('queued'), generator.next()];
      expect(await Promise.all(pulls)).to.deep.equal([
        { value: 'first', done: false },
        { value: 2, done: false },
        { value: 'queued', done: true },
        { value: undefined, done: true },
      ]);
      expect(outcomes()).to.deep.equal(['returned']);
    });

    it('under yield*, which passes everything through', async () => {
      const inner = traceAsyncGenerator(echo);
      const outer = (async function* (): AsyncGenerator<unknown, string, unknown> {
        return `outer ${yield* inner()}`;
      })();
      await outer.next();
      expect(await outer.next('sent')).to.deep.equal({ value: 'sent', done: false });
      const error = new Error('in');
      expect((await outer.throw(error)).value).to.deep.equal({ caught: error });
      expect(await outer.next('stop')).to.deep.equal({ value: 'outer stopped', done: true });
      expect(outcomes()).to.deep.equal(['completed']);
    });

    it('in the identity of errors', async () => {
      const error = new Error('the very one');
      const generator = traceAsyncGenerator(async function* () {
        throw error;
      })();
      expect(await rejectionOf(generator.next())).to.equal(error);
    });

    it('in the identity of items', async () => {
      const item = {};
      const generator = traceAsyncGenerator(async function* () {
        yield item;
      })();
      expect((await generator.next()).value).to.equal(item);
      await generator.next();
    });

    it('in that it reads nothing ahead', async () => {
      const log: string[] = [];
      const generator = traceAsyncGenerator(async function* () {
        log.push('one');
        yield 1;
        log.push('two');
        yield 2;
      })();
      expect(log).to.be.empty;
      await generator.next();
      await microtasksDone();
      expect(log).to.deep.equal(['one']);
      await generator.return(undefined);
    });

    // Ten is all that the engine keeps: what we take is missing at the end.
    it('in the stack of an error thrown before the first await, but for one frame', async () => {
      async function* failing(): AsyncGenerator<never> {
        throw new Error('with a stack');
      }
      const framesOf = async (fn: typeof failing) => {
        const { stack = '' } = (await rejectionOf(fn().next())) as Error;
        return stack.split('\n').findIndex((line) => line.includes('framesOf'));
      };
      const untraced = await framesOf(failing);
      expect((await framesOf(traceAsyncGenerator(failing))) - untraced).to.equal(1);
    });

    it('in that a body may pull its own generator', async () => {
      const pulls: Promise<unknown>[] = [];
      const traced = traceAsyncGenerator(async function* (self: () => AsyncGenerator<number>): AsyncGenerator<number> {
        pulls.push(self().next());
        yield 1;
        yield 2;
      });
      const generator: AsyncGenerator<number> = traced(() => generator);
      expect(await generator.next()).to.deep.equal({ value: 1, done: false });
      expect(await pulls[0]).to.deep.equal({ value: 2, done: false });
      await generator.return(undefined);
    });

    const { asyncDispose } = Symbol as unknown as { asyncDispose?: symbol };
    const disposable = asyncDispose !== undefined && asyncDispose in AsyncGeneratorPrototype;
    (disposable ? it : it.skip)('under Symbol.asyncDispose, which ends the run as returned', async () => {
      const generator = traceAsyncGenerator(echo)();
      await generator.next();
      const dispose = (generator as unknown as Record<symbol, () => Promise<void>>)[asyncDispose as symbol];
      expect(await dispose?.call(generator)).to.equal(undefined);
      expect(outcomes()).to.deep.equal(['returned']);
    });

    it('in that it goes untraced where a method of AsyncGenerator.prototype cannot be read', async () => {
      const traced = traceAsyncGenerator(echo);
      const descriptor = Object.getOwnPropertyDescriptor(AsyncGeneratorPrototype, 'return') as PropertyDescriptor;
      const get = () => {
        throw new Error('not to be read');
      };
      Object.defineProperty(AsyncGeneratorPrototype, 'return', { get, configurable: true });
      try {
        expect(await traced().next()).to.deep.equal({ value: 'first', done: false });
      } finally {
        Object.defineProperty(AsyncGeneratorPrototype, 'return', descriptor);
      }
    });

    it('in that AsyncGenerator.prototype.next does not see our pulls through a patched prototype', async () => {
      const { next } = AsyncGeneratorPrototype;
      const seen: unknown[] = [];
      AsyncGeneratorPrototype.next = function (this: AsyncGenerator, ...args: [] | [unknown]) {
        seen.push(this);
        return next.apply(this, args);
      };
      try {
        const original = echo();
        const traced = traceAsyncGenerator(echo)();
        await original.next();
        await traced.next();
        // The program asked to see every pull, and does.
        expect(seen).to.deep.equal([original, traced]);
        await original.return('');
        await traced.return('');
      } finally {
        AsyncGeneratorPrototype.next = next;
      }
      expect(outcomes()).to.deep.equal(['returned']);
    });
  });

  describe('that is frozen', () => {
    const frozen = () => traceAsyncGenerator(() => Object.freeze(echo()))();

    it('is traced through an object that delegates to it', async () => {
      const generator = frozen();
      expect(await generator.next()).to.deep.equal({ value: 'first', done: false });
      expect(await generator.next('stop')).to.deep.equal({ value: 'stopped', done: true });
      expect(outcomes()).to.deep.equal(['completed']);
    });

    it('can be looped over, broken out of, and delegated to', async () => {
      for await (const _ of frozen()) break;
      const outer = (async function* () {
        yield* frozen();
      })();
      await outer.next();
      await outer.return(undefined);
      expect(outcomes()).to.deep.equal(['returned', 'returned']);
    });

    it('has the prototype chain of the original', () => {
      const generator = frozen();
      expect(generator).to.be.an.instanceOf(echo);
      expect(Object.prototype.toString.call(generator)).to.equal('[object AsyncGenerator]');
      expect(generator[Symbol.asyncIterator]()).to.equal(generator);
    });
  });
});

describe('a traced function', () => {
  useTracing();

  async function* original(this: unknown, _a?: unknown, _b?: unknown, ..._rest: unknown[]): AsyncGenerator<unknown> {
    yield this;
  }

  it('has the name and length of the original', () => {
    const traced = traceAsyncGenerator(original);
    expect(traced.name).to.equal(original.name);
    expect(traced.length).to.equal(original.length);
    expect(Reflect.ownKeys(traced)).to.deep.equal(Reflect.ownKeys(original));
  });

  it('has the own properties of the original, now and later', () => {
    const marked = Object.assign(async function* () {}, { defaults: { size: 1 } }) as typeof original & {
      defaults: unknown;
      later?: string;
    };
    const traced = traceAsyncGenerator(marked);
    expect(traced.defaults).to.equal(marked.defaults);
    marked.later = 'set on the original';
    expect(traced.later).to.equal('set on the original');
    traced.later = 'set on the traced one';
    expect(marked.later).to.equal('set on the traced one');
  });

  it('has the prototype of the original', () => {
    const traced = traceAsyncGenerator(original);
    expect(traced.prototype).to.equal(original.prototype);
    expect(Object.getPrototypeOf(traced)).to.equal(Object.getPrototypeOf(original));
  });

  it('has the tag of the original', () => {
    expect(Object.prototype.toString.call(traceAsyncGenerator(original))).to.equal('[object AsyncGeneratorFunction]');
    expect(Object.prototype.toString.call(traceAsyncGenerator(() => original()))).to.equal('[object Function]');
  });

  it('is not a constructor', () => {
    const traced = traceAsyncGenerator(original);
    expect(thrownBy(() => Reflect.construct(traced, []))).to.be.an.instanceOf(TypeError);
    expect(thrownBy(() => Reflect.construct(Object, [], traced))).to.be.an.instanceOf(TypeError);
  });

  it('has the receiver and arguments of the call', async () => {
    const receiver = { method: traceAsyncGenerator(original) };
    expect((await receiver.method().next()).value).to.equal(receiver);
    expect((await receiver.method.call(7).next()).value).to.equal(7);
    const traced = traceAsyncGenerator(async function* (...args: unknown[]) {
      yield args;
    });
    expect((await traced(1, undefined).next()).value).to.deep.equal([1, undefined]);
  });

  it('returns at once', () => {
    const log: string[] = [];
    const generator = traceAsyncGenerator(async function* (): AsyncGenerator<number> {
      log.push('body');
    })();
    log.push('returned');
    expect(generator.next).to.be.a('function');
    expect(log).to.deep.equal(['returned']);
  });

  it('works as a method that is inherited and called by super', async () => {
    class Base {
      name = 'base';
      async *items(): AsyncGenerator<string> {
        yield this.name;
      }
    }
    Base.prototype.items = traceAsyncGenerator(Base.prototype.items);
    class Derived extends Base {
      override name = 'derived';
      override async *items() {
        yield* super.items();
      }
    }
    expect(await drain(new Derived().items())).to.deep.equal(['derived']);
  });
});

describe('a program that patches the language', () => {
  const tracing = useTracing();

  async function* count(): AsyncGenerator<number> {
    yield 1;
    yield 2;
  }

  /** What no pull may go through. (OpenTelemetry's own context manager spreads, so not the iteration of arrays.) */
  const patches: [owner: object, key: PropertyKey][] = [
    [Promise.prototype, 'then'],
    [Function.prototype, 'call'],
    [Function.prototype, 'apply'],
    [Function.prototype, 'bind'],
    [Array.prototype, 'push'],
    [Object.prototype, 'hasOwnProperty'],
    [WeakMap.prototype, 'get'],
    [Reflect, 'apply'],
    [Reflect, 'defineProperty'],
    [Object, 'defineProperty'],
    [Object, 'create'],
  ];

  for (const [owner, key] of patches) {
    it(`changes nothing for the pulls of a run: ${String(key)}`, async () => {
      const generator = traceAsyncGenerator(count)();
      await generator.next();
      const descriptor = Object.getOwnPropertyDescriptor(owner, key) as PropertyDescriptor;
      const { defineProperty } = Reflect;
      let result: unknown;
      let problem: unknown;
      const forbidden = () => {
        throw new Error(`${String(key)} was called`);
      };
      defineProperty(owner, key, { ...descriptor, value: forbidden });
      try {
        result = await generator.next();
      } catch (error) {
        problem = error;
      } finally {
        defineProperty(owner, key, descriptor);
      }
      expect(problem).to.equal(undefined);
      expect(result).to.deep.equal({ value: 2, done: false });
      await generator.next();
      expect(tracing.onlySpan().attributes['async_generator.item.count']).to.equal(2);
    });
  }

  /** Calls `fn` while `key` of `owner` is `descriptor`. */
  function patched<T>(owner: object, key: PropertyKey, descriptor: PropertyDescriptor, fn: () => T): T {
    const { defineProperty, deleteProperty, getOwnPropertyDescriptor } = Reflect;
    const original = getOwnPropertyDescriptor(owner, key);
    defineProperty(owner, key, descriptor);
    try {
      return fn();
    } finally {
      if (original) defineProperty(owner, key, original);
      else deleteProperty(owner, key);
    }
  }
  const iteratorByHand = () => ({
    next: async () => ({ value: 1, done: true }),
    throw: async () => ({ value: 1, done: true }),
    [Symbol.asyncIterator]() {
      return this;
    },
  });

  const hostileGetter = (what: string): PropertyDescriptor => ({
    configurable: true,
    get() {
      throw new Error(`${what} was read`);
    },
  });
  const promiseReads: [what: string, owner: object, key: PropertyKey][] = [
    ['the constructor of promises', Promise.prototype, 'constructor'],
    ['Promise[Symbol.species]', Promise, Symbol.species],
  ];
  for (const [what, owner, key] of promiseReads) {
    for (const preserveUnhandledRejections of [false, true]) {
      it(`gets its items though ${what} throws (preserveUnhandledRejections: ${preserveUnhandledRejections})`, async () => {
        const reports: unknown[][] = [];
        const report = (...args: unknown[]) => void reports.push(args);
        diag.setLogger(
          { error: report, warn: report, info() {}, debug() {}, verbose() {} },
          { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
        );
        try {
          const scope = new Scope({ tracer: () => trace.getTracer('test') }, new Reporter(() => diag));
          const plan = createManualPlan({ preserveUnhandledRejections }, 'count');
          const traceWith = <Fn>(fn: Fn): Fn =>
            traceFunctionAlone(fn as AnyFunction, { tracing: { plan, scope } }) as Fn;
          const promise = Promise.resolve('value');
          const [pull, other, promised] = patched(owner, key, hostileGetter(what), () => {
            const generator = traceWith(count)();
            return [generator.next(), generator.next(), traceWith(() => promise)()] as const;
          });
          expect(promised).to.equal(promise);
          expect([await pull, await other]).to.deep.equal([1, 2].map((value) => ({ value, done: false })));
          expect(reports.map((args) => (args.at(-1) as Error).message)).to.deep.equal([`${what} was read`]);
        } finally {
          diag.disable();
        }
      });
    }
  }

  const forbiddenDescriptor = (): PropertyDescriptor => ({
    configurable: true,
    writable: true,
    value: () => {
      throw new Error('forbidden');
    },
  });
  // The members alone: what compiles these tests defines the names of functions with descriptors of its own.
  for (const key of ['get', 'set']) {
    it(`may put a ${key} on Object.prototype: members are put on an object and taken off again`, () => {
      const object = { own: 1 };
      const members = ['own', 'new'].map((key) => ({ key, value: {} }));
      const seen = patched(Object.prototype, key, forbiddenDescriptor(), () => {
        const uninstall = installMembers(object, members) as () => void;
        const installed = Reflect.ownKeys(object);
        uninstall();
        return installed;
      });
      expect(seen).to.deep.equal(['own', 'new']);
      expect(Object.getOwnPropertyDescriptors(object)).to.deep.equal({
        own: { value: 1, writable: true, enumerable: true, configurable: true },
      });
    });
  }

  it('may patch Array.prototype.push before an iterator is traced', () => {
    const traced = traceAsyncGenerator(iteratorByHand);
    const iterator = patched(Array.prototype, 'push', forbiddenDescriptor(), () => traced());
    expect(Reflect.ownKeys(iterator)).to.include('return');
  });

  it('is traced with a Promise.prototype.then of its own', async () => {
    const { then } = Promise.prototype;
    const traced = traceAsyncGenerator(async () => count());
    Promise.prototype.then = function (this: Promise<unknown>, ...args: never[]) {
      return Reflect.apply(then, this, args) as never;
    };
    try {
      expect(await drain(await traced())).to.deep.equal([1, 2]);
    } finally {
      Promise.prototype.then = then;
    }
    expect(tracing.onlySpan().attributes['async_generator.outcome']).to.equal('completed');
  });
});
