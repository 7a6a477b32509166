import { expect } from 'chai';
import { findDefinitions } from '../../src/source/definitions';
import { mayHoldAsyncGenerators } from '../../src/source/text';

function pathsOf(source: string, sourceType: 'module' | 'commonjs' = 'module'): string[] {
  return findDefinitions(source, sourceType).map(({ path }) => path);
}

describe('the definitions of a source', () => {
  for (const [what, source, ...paths] of [
    ['a declaration', 'async function* pages() {}', 'pages'],
    ['the variable of an expression', 'const pages = async function* () {}', 'pages'],
    ['the variable rather than its own name', 'const pages = async function* own() {}', 'pages'],
    ['the function around it', 'function outer() { async function* inner() {} }', 'outer', 'outer/inner'],
    ['a callback around it', 'run(() => { async function* inner() {} })', 'function/inner'],
    ['no function that is called where it is written', '(() => { async function* inner() {} })()', 'inner'],
    [
      'its place in an object literal',
      'const store = { async *read() {}, deep: { w: async function* () {} } }',
      'store.read',
      'store.deep.w',
    ],
    ['its key, in an object literal without a name', 'run({ async *read() {} })', 'read'],
    ['its class', 'class Client { async *pages() {} static async *from() {} }', 'Client#pages', 'Client.from'],
    ['the variable of its class', 'const Client = class Own { async *pages() {} }', 'Client#pages'],
    ['its class, which has no name', 'run(class { async *pages() {} })', 'class#pages'],
    ['its private name', 'class Client { async *#pages() {} static async *#all() {} }', 'Client##pages', 'Client.#all'],
    [
      'its private name, which another copy of this package has lengthened',
      'class Client { async *#pages__opentelemetryInstrumentationAsyncGenerator_k7q3v9_() {} }',
      'Client##pages',
    ],
    ['a well-known symbol', 'class Client { async *[Symbol.asyncIterator]() {} }', 'Client#[Symbol.asyncIterator]'],
    [
      'a well-known symbol, static',
      'class Client { static async *[Symbol.asyncIterator]() {} }',
      'Client.[Symbol.asyncIterator]',
    ],
    [
      'a computed key',
      'const store = { async *[a.b]() {}, async *[a + b]() {}, async *["c"]() {} }',
      'store.[a.b]',
      'store.[computed]',
      'store.c',
    ],
    [
      'a class field',
      'class Client { pages = async function* () {}; static all = () => 1 }',
      'Client#pages',
      'Client.all',
    ],
    [
      'the method around it',
      'class Client { pages() { async function* inner() {} } }',
      'Client#pages',
      'Client#pages/inner',
    ],
    ['the accessor that returns it', 'class Client { get pages() { return async function* () {} } }', 'Client#pages'],
    [
      'the accessor that returns it, in an object literal',
      'const store = { get read() { return async function* () {} } }',
      'store.read',
    ],
    [
      'the property that it is assigned to',
      'exports.pages = async function* () {}; store.deep.read = () => 1',
      'pages',
      'store.deep.read',
    ],
    ['the prototype that it is assigned to', 'Client.prototype.pages = async function* () {}', 'Client#pages'],
    [
      'what it passes through',
      'const f = memo(async function* () {}), g = a ? async function* () {} : await b(() => 1)',
      'f',
      'g',
      'g',
    ],
    ['its own name, where it passes through something', 'const f = memo(async function* own() {})', 'own'],
    ['a default', 'const { a = async function* () {} } = {}', 'a'],
    ['the default export', 'export default async function* () {}', 'default'],
    ['its own name, as the default export', 'export default async function* pages() {}', 'pages'],
    ['a member of the default export', 'export default { async *read() {} }', 'default.read'],
    ['nothing', 'run(async function* () {})', 'function'],
  ] as const) {
    it(`are named after ${what}`, () => {
      expect(pathsOf(source)).to.deep.equal(paths);
    });
  }

  it('are named after the exports of CommonJS', () => {
    expect(pathsOf('module.exports = { async *read() {} }', 'commonjs')).to.deep.equal(['read']);
    expect(pathsOf('exports = module.exports = async function* () {}', 'commonjs')).to.deep.equal(['default']);
    expect(pathsOf('module.exports.pages = async function* () {}', 'commonjs')).to.deep.equal(['pages']);
  });

  it('are async generators, and all functions with a name', () => {
    const source =
      'list.map((x) => x); const f = () => 1; list.forEach(async function* () {}); class A { m() {} constructor() {} get x() {} }';
    const found = findDefinitions(source, 'module').map(({ path, isAsyncGenerator }) => [path, isAsyncGenerator]);
    expect(found).to.deep.equal([
      ['f', false],
      ['function', true],
      ['A#m', false],
    ]);
  });

  it('have line and column of where they start, from 1', () => {
    const source = '#!/usr/bin/env node\r\n\u2028  class A { static async *m() {} }\n\tconst f = async function* () {}';
    const places = findDefinitions(source, 'module').map(({ line, column }) => [line, column]);
    expect(places).to.deep.equal([
      [3, 13],
      [4, 12],
    ]);
  });

  for (const [reason, source] of [
    ['the computed key of a class field is its name', 'class A { [key] = async function* () {} }'],
    [
      'another definition of the same name replaces it',
      'function outer() { async function* f() {} async function* f() {} }',
    ],
    ['another definition of the same name replaces it', 'class A { async *m() {} get m() {} }'],
    ['a computed key of its class waits for something', 'class A { async *[key]() {} [await 1]() {} }'],
    ['it uses super, and its key is computed', 'const a = { async *[key]() { super.x } }'],
    ['it uses super, and a spread follows in its object literal', 'const a = { async *m() { super.x }, ...b }'],
    ['it uses super, and a computed key follows in its object literal', 'const a = { async *m() { super.x }, [b]: 1 }'],
  ] as const) {
    it(`are not traceable where ${reason}: ${source}`, () => {
      const [definition] = findDefinitions(source, 'module').filter(({ isTraceable }) => !isTraceable);
      expect(definition?.reason).to.equal(reason);
    });
  }

  it('are not found in what cannot be parsed', () => {
    expect(() => findDefinitions('async function* (', 'module')).to.throw(SyntaxError);
  });
});

describe('a fast test for async generators', () => {
  for (const source of [
    'async function* f() {}',
    'async function *f() {}',
    'async function\n*f() {}',
    'x={async*m(){}}',
    'async /* * // */ function // a\n /* b */ * f() {}',
    'async function f() {} async\t*m',
  ]) {
    it(`takes ${JSON.stringify(source)}`, () => {
      expect(mayHoldAsyncGenerators(source)).to.equal(true);
    });
  }

  for (const source of [
    'async function f() {}',
    'function* f() {}',
    'myasync * 2',
    'async',
    'async /*',
    'async () => a * b',
    'async // *',
  ]) {
    it(`does not take ${JSON.stringify(source)}`, () => {
      expect(mayHoldAsyncGenerators(source)).to.equal(false);
    });
  }

  it('is linear', () => {
    const started = process.cpuUsage().user;
    expect(mayHoldAsyncGenerators('async/*'.repeat(300_000))).to.equal(false);
    expect(mayHoldAsyncGenerators('async//'.repeat(300_000))).to.equal(false);
    expect(process.cpuUsage().user - started).to.be.below(2_000_000);
  });
});
