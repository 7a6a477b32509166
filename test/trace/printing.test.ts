import { expect } from 'chai';
import { format, inspect } from 'node:util';
import { traceAsyncGenerator } from '../../src';

type Fn = (...args: never[]) => unknown;

/** Made again for each test: what is asked of a function may change it. */
const functions: Record<string, () => Fn> = {
  'an async-generator function': () =>
    async function* rows(): AsyncGenerator<number> {
      yield 1;
    },
  'a generator function': () =>
    function* rows(): Generator<number> {
      yield 1;
    },
  'an async function': () => async function rows() {},
  'a plain function': () => function rows() {},
  'an arrow function': () => {
    const rows = () => undefined;
    return rows;
  },
  'a method': () => ({ rows() {} }).rows,
  'a class': () => class Rows {} as unknown as Fn,
  'a subclass': () => class Rows extends Map {} as unknown as Fn,
  'a bound function': () => function rows() {}.bind(undefined),
  'a function of the language': () => Array.from as Fn,
  'a function with properties': () =>
    Object.assign(() => undefined, { own: 1, [Symbol('key')]: { deep: { deeper: {} } } }),
  'a function without a prototype': () => Object.setPrototypeOf(() => undefined, null) as Fn,
  'a function that is its own property': () => {
    const rows = Object.assign(() => undefined, { self: undefined as unknown });
    return Object.assign(rows, { self: rows });
  },
  'a frozen function': () => Object.freeze(async function* rows(): AsyncGenerator<number> {}),
  'a sealed class': () => Object.seal(class Rows {} as unknown as Fn),
  'a function that cannot be extended': () => Object.preventExtensions(function rows() {}),
  'a function with a locked property': () => Object.defineProperty(() => undefined, 'locked', { value: 1 }),
  'a function with a locked getter': () => Object.defineProperty(() => undefined, 'locked', { get: () => 1 }),
  'a function whose name is gone': () => {
    const rows = () => undefined;
    Reflect.deleteProperty(rows, 'name');
    return rows;
  },
};

/** A function that cannot be extended any more shows whether it has something that prints it. */
const isPrintedAsProxy = (fn: object) => !Object.isExtensible(fn) && inspect(new Proxy({}, {})).startsWith('Proxy(');

const prints: Record<string, (value: unknown) => string> = {
  'by itself': (value) => inspect(value),
  'with hidden properties': (value) => inspect(value, { showHidden: true }),
  'in colors, in an object': (value) => inspect({ in: { an: [value] } }, { colors: true, compact: false }),
  'as console.log does': (value) => format('%O', value, { value }),
};

/** Everything that can be asked of a function without calling it. */
const questions: Record<string, (fn: Fn) => unknown> = {
  'its keys': (fn) => Reflect.ownKeys(fn),
  'its properties': (fn) => Object.getOwnPropertyDescriptors(fn),
  'its prototype': (fn) => Object.getPrototypeOf(fn) as unknown,
  'what is in it': (fn) => ['name', 'prototype', 'call', 'own', inspect.custom].map((key) => key in fn),
  'whether it is extensible': (fn) => Object.isExtensible(fn),
  'whether it is sealed': (fn) => Object.isSealed(fn),
  'whether it is frozen': (fn) => Object.isFrozen(fn),
  'to be frozen': (fn) => Object.isFrozen(Object.freeze(fn)) && Reflect.ownKeys(fn),
  'to be extended no more, and then for its properties': (fn) => [
    Reflect.preventExtensions(fn),
    Object.getOwnPropertyDescriptors(fn),
    Reflect.defineProperty(fn, 'another', { value: 1 }),
    Reflect.setPrototypeOf(fn, {}),
  ],
  'to take a property': (fn) => [Reflect.set(fn, 'own', 2), Object.getOwnPropertyDescriptor(fn, 'own')],
  'to take a locked property': (fn) => [
    Reflect.defineProperty(fn, 'own', { value: 2 }),
    Object.getOwnPropertyDescriptor(fn, 'own'),
    Reflect.deleteProperty(fn, 'own'),
  ],
  'to lose its name': (fn) => [Reflect.deleteProperty(fn, 'name'), Object.hasOwn(fn, 'name')],
  'to have another prototype': (fn) => [Reflect.setPrototypeOf(fn, null), Object.getPrototypeOf(fn)],
  'to have another prototype property': (fn) => [
    Reflect.set(fn, 'prototype', null),
    Object.getOwnPropertyDescriptor(fn, 'prototype'),
  ],
};

describe('a traced function is told from the original', () => {
  for (const [what, create] of Object.entries(functions)) {
    for (const [how, print] of Object.entries(prints)) {
      it(`by nothing that is printed of ${what}, ${how}`, function () {
        const original = create();
        if (isPrintedAsProxy(original)) this.skip();
        expect(print(traceAsyncGenerator(original as never))).to.equal(print(original));
      });
    }

    for (const [question, ask] of Object.entries(questions)) {
      it(`by nothing if ${what} is asked ${question}`, () => {
        const expected = ask(create());
        const original = create();
        const asked = ask(traceAsyncGenerator(original as never));
        expect(inspect(asked, { showHidden: true })).to.equal(inspect(expected, { showHidden: true }));
      });
    }

    it(`by nothing once ${what} has been changed itself`, () => {
      const original = create();
      const traced: object = traceAsyncGenerator(original as never);
      Reflect.defineProperty(original, 'later', { value: 1 });
      expect(Object.getOwnPropertyDescriptors(traced)).to.deep.equal(Object.getOwnPropertyDescriptors(original));
      Object.freeze(original);
      expect(Object.isFrozen(traced)).to.equal(true);
      expect(Reflect.ownKeys(traced)).to.deep.equal(Reflect.ownKeys(original));
      expect(Object.getPrototypeOf(traced)).to.equal(Object.getPrototypeOf(original));
    });
  }

  it('by nothing once a function that cannot be extended has lost a property', () => {
    const original = Object.preventExtensions(Object.assign(() => undefined, { own: 1, other: 2 })) as Partial<
      Record<'own' | 'other', number>
    >;
    const traced: typeof original = traceAsyncGenerator(original as never);
    expect(Reflect.ownKeys(traced)).to.include('own');
    delete original.own;
    expect('own' in traced).to.equal(false);
    delete original.other;
    expect(Reflect.ownKeys(traced)).to.deep.equal(['length', 'name']);
  });

  it('in that a class is constructed with the same new.target', () => {
    const seen: unknown[] = [];
    class Rows {
      constructor() {
        seen.push(new.target.name);
      }
    }
    const Traced = traceAsyncGenerator(Rows as never) as unknown as typeof Rows;
    expect(new Traced()).to.be.an.instanceOf(Rows);
    expect(new (class Sub extends Traced {})()).to.be.an.instanceOf(Rows);
    expect(seen).to.deep.equal(['Rows', 'Sub']);
  });
});
