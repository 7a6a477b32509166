/**
 * Random modules: what a program can find out of their exports is the same before they are patched, while they are, and after.
 */
import { expect } from 'chai';
import fc from 'fast-check';
import * as fs from 'node:fs';
import Module = require('node:module');
import { setImmediate as macrotask } from 'node:timers/promises';
import { AsyncGeneratorInstrumentation } from '../../src';
import type { Exports } from '../install/support';
import { itHolds } from './support/holds';
import { makeFolder, writeFile } from '../support/folder';

const VALUES = {
  generator: 'async function* (n = 1) { for (let i = 0; i < n; i++) yield i; }',
  shared: 'shared',
  plain: '() => 1',
  class: 'class { async *pull() { yield 1; } static async *all() { yield 2; } get lazy() { return 3; } }',
  object: '{ deep: { async *pages() { yield 1; } }, list: [1], text: "x" }',
  frozen: 'Object.freeze({ kept: async function* () {} })',
  instance: 'new (class { async *rows() { yield 1; } })()',
  withProperty: 'Object.assign(() => 1, { paginate: async function* () { yield 1; } })',
  number: '1',
  itself: 'exports',
} as const;

const PLACES = {
  assigned: (key: string, value: string) => `exports[${key}] = ${value};`,
  hidden: (key: string, value: string) =>
    `Object.defineProperty(exports, ${key}, { value: ${value}, writable: true, configurable: true });`,
  fixed: (key: string, value: string) =>
    `Object.defineProperty(exports, ${key}, { value: ${value}, enumerable: true });`,
  getter: (key: string, value: string) =>
    `{ const value = ${value}; Object.defineProperty(exports, ${key}, { enumerable: true, configurable: true, get: () => value }); }`,
  locked: (key: string, value: string) =>
    `{ const value = ${value}; Object.defineProperty(exports, ${key}, { enumerable: true, get: () => value }); }`,
} as const;

const ROOTS = {
  'an object': '',
  'without a prototype': 'exports = module.exports = Object.create(null);',
  'a function': 'exports = module.exports = function root() { return 1; };',
  'a generator': 'exports = module.exports = shared;',
  'tagged as a module': 'Object.defineProperty(exports, Symbol.toStringTag, { value: "Module" });',
  'of a compiler': 'Object.defineProperty(exports, "__esModule", { value: true });',
} as const;

const ENDS = ['', 'Object.preventExtensions(exports);', 'Object.freeze(exports);'] as const;

interface Shape {
  readonly root: keyof typeof ROOTS;
  readonly properties: readonly { key: string; value: keyof typeof VALUES; place: keyof typeof PLACES }[];
  readonly end: (typeof ENDS)[number];
  readonly selector: string;
}

const keysOf = <T extends object>(object: T) => fc.constantFrom(...(Object.keys(object) as (keyof T)[]));

const shapes: fc.Arbitrary<Shape> = fc.record({
  root: keysOf(ROOTS),
  properties: fc.uniqueArray(
    fc.record({ key: fc.constantFrom('a', 'b', 'c', 'default'), value: keysOf(VALUES), place: keysOf(PLACES) }),
    { selector: ({ key }) => key, maxLength: 4 },
  ),
  end: fc.constantFrom(...ENDS),
  selector: fc.constantFrom('*', 'a', 'default', 'a,b', 'a.*'),
});

function sourceOf({ root, properties, end, selector }: Shape): string {
  const lines = properties.map(({ key, value, place }) => {
    // Limits: another name of a function is found where it is a property of data; exports that are a function and had to be replaced
    // are another function than what is traced under their other names. And no selector goes through exports that hold themselves.
    const isCallable = root === 'a function' || root === 'a generator';
    if (value === 'shared' || value === 'itself') {
      return isCallable || selector === 'a.*' ? '' : PLACES.assigned(JSON.stringify(key), VALUES[value]);
    }
    return PLACES[place](JSON.stringify(key), VALUES[value]);
  });
  return ['const shared = async function* shared() { yield 1; };', ROOTS[root], ...lines, end].join('\n');
}

/** What reflection says of the exports and of what they hold. Functions and objects are numbers, in the order in which they are met. */
function describeAll(exports: Exports): unknown {
  const met: object[] = [];
  const identify = (value: unknown): unknown => {
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return value;
    if (!met.includes(value)) met.push(value);
    return met.indexOf(value);
  };
  const parts: unknown[] = [];
  identify(exports);
  // As long as more is met.
  for (let index = 0; index < met.length; index++) {
    const object = met[index] as Exports;
    // A `constructor` leads from a prototype to the function itself, be there one that stands in for it.
    const keys = Reflect.ownKeys(object).filter((key) => !['caller', 'arguments', 'constructor'].includes(String(key)));
    const prototype = Reflect.getPrototypeOf(object);
    parts.push({
      type: [typeof object, Object.prototype.toString.call(object), Array.isArray(object)],
      prototype:
        prototype === null || prototype === Object.prototype || prototype === Function.prototype
          ? String(prototype)
          : 'other',
      state: [Object.isFrozen(object), Object.isSealed(object), Object.isExtensible(object)],
      keys,
      properties: keys.map((key) => {
        const descriptor = Reflect.getOwnPropertyDescriptor(object, key);
        const again = key === 'lazy' ? undefined : [object[key] === object[key], identify(object[key])];
        return [key, descriptor?.enumerable, Reflect.has(object, key), Object.hasOwn(object, key), again];
      }),
      spread: Object.keys({ ...object }),
    });
  }
  return parts;
}

describe('exports of every shape', () => {
  const folder = makeFolder();
  let count = 0;
  const { require: pristineRequire } = Module.prototype;

  itHolds(
    'look the same untraced, traced and restored',
    shapes,
    async (shape) => {
      const file = writeFile(folder, `shape-${count++}.cjs`, sourceOf(shape));
      const load = () => {
        Reflect.deleteProperty(require.cache, file);
        // eslint-disable-next-line @typescript-eslint/no-require-imports
        return require(file) as Exports;
      };
      const untraced = describeAll(load());
      const instrumentation = new AsyncGeneratorInstrumentation({ targets: [`${file}[${shape.selector}]`] });
      try {
        const exports = load();
        expect(describeAll(exports), 'traced').to.deep.equal(untraced);
        await macrotask();
        // eslint-disable-next-line @typescript-eslint/no-require-imports
        expect(require(file), 'a turn later').to.equal(exports);
        expect(describeAll(exports), 'traced, a turn later').to.deep.equal(untraced);
        instrumentation.disable();
        // eslint-disable-next-line @typescript-eslint/no-require-imports
        expect(describeAll(require(file) as Exports), 'restored').to.deep.equal(untraced);
      } finally {
        instrumentation.disable();
        Reflect.deleteProperty(require.cache, file);
        Module.prototype.require = pristineRequire;
        fs.rmSync(file);
      }
    },
    { smoke: 200, share: 0.1, show: (shape) => `[${shape.selector}] of\n${sourceOf(shape)}` },
  );
});
