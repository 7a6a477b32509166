import { expect } from 'chai';
import { madeBy } from '../../../src/cli/inspect/made-by';

describe('what a factory makes', () => {
  const cases: [what: string, source: string, expected: string[]][] = [
    ['a function', 'function make(size) { return async function* pages() { yield size; }; }', ['()']],
    ['a function of an arrow function', '(size) => async function* () { yield size; }', ['()']],
    ['a function that has a name', 'function make() { async function* pages() {}\n return pages;\n}', ['()']],
    ['an object with a method', "function make() { return { name: 'x', async *list() {}, other() {} }; }", ['().list']],
    [
      'an object of an arrow function',
      '() => ({ async *list() {}, scan: async function* () {} })',
      ['().list', '().scan'],
    ],
    ['an object in a promise', 'async function make() { return { async *list() {} }; }', ['().list']],
    ['an object behind options', 'make({ a = {} } = {}) { return { async *list({ b } = {}) {} }; }', ['().list']],
    ['nothing: it calls the generator', 'function read() { async function* inner() {} return inner(); }', []],
    ['nothing: it calls it at once', 'function read() { return async function* () {}.call(this); }', []],
    ['nothing: it calls it at once, in parentheses', 'function read() { return (async function* () {})(); }', []],
    ['nothing that can be replaced: a function in a promise', 'async () => async function* () {}', []],
    ['nothing: a function within it does', 'function f() { const g = () => async function* () {}; return g()(); }', []],
    ['nothing that has a name: it lies deeper', 'function f() { return { inner: { async *list() {} } }; }', []],
    ['nothing: that is a string', 'function f() { return "return async function* () {}"; }', []],
    ['nothing at all', 'function f() { return 1; }', []],
    ['a function of an arrow function with a body', '() => { return async function* () {}; }', ['()']],
  ];
  for (const [what, source, expected] of cases) {
    it(`is ${what}: ${source}`, () => {
      expect(madeBy(source)).to.deep.equal(expected);
    });
  }
});
