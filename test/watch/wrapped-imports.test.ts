import { expect } from 'chai';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { pathToFileURL } from 'node:url';
import { holdsAsyncGenerator } from '../../src/source/text';
import { importInTheMiddleOptions } from '../../src/watch/wrapped-imports';
import { compileGlob } from '../../src/targets/wildcards';
import { makeFolder, writeFile } from '../support/folder';

describe('an async generator is seen in a source', () => {
  const sources = {
    'a method': 'class A { async *m() {} }',
    'a method with the asterisk at async': 'class A { async* m() {} }',
    'a method without any space': 'const a = { async*m(){} }',
    'a static method': 'class A { static async *m() {} }',
    'a method under a symbol': 'class A { async *[Symbol.asyncIterator]() {} }',
    'a private method': 'class A { async *#m() {} }',
    'a method with TypeScript modifiers': 'class A { protected override async *m<T>(this: A): AsyncIterable<T> {} }',
    'a method with a comment': 'class A { async /* pages */ *m() {} }',
    'a method on a line of its own': 'class A {\n  async *\n  m() {} }',
    'a function': 'async function* f() {}',
    'a function with the asterisk at its name': 'export async function *f() {}',
    'a function expression': 'const f = async function*(){}',
    'a function without any space': 'export default async function*(){}',
    'a function over several lines': 'async function\r\n  *\r\n  f() {}',
    'a function with comments': 'async function /* a * b */ // c\n * f() {}',
    'a function with a long comment': `async function /* ${'pages '.repeat(100)} */ * f() {}`,
    'a function with tabs': 'async\tfunction\t*\tf() {}',
    'what TypeScript makes of one': 'function f() { return __asyncGenerator(this, arguments, function* f_1() {}); }',
    'what swc makes of one': 'function f() { return _wrap_async_generator(function*() {})(); }',
    'the type of one': 'export const f = make<() => AsyncGenerator<string>>();',
  };
  for (const [title, source] of Object.entries(sources)) {
    it(title, () => {
      expect(holdsAsyncGenerator(source)).to.equal(true);
    });
  }
});

describe('no async generator is seen in a source with', () => {
  const sources = {
    nothing: '',
    'async functions': 'async function f() {} const g = async () => 2 * 3; class A { async m() {} }',
    'generators that are not async': 'function* f() {} class A { *m() {} static *n() {} }',
    'an async function and a generator after it': 'async function f() {}\nfunction* g() {}',
    'a comment whose line ends in async': '/**\n * It is async\n * and slow.\n */\nexport let n = 0;',
    'a longer word': 'const notasync = 2, x = notasync * 3;',
    'loops over them': 'for await (const item of stream()) console.log(item);',
    'an export of everything': "export * from './async.js';",
  };
  for (const [title, source] of Object.entries(sources)) {
    it(title, () => {
      expect(holdsAsyncGenerator(source)).to.equal(false);
    });
  }

  // If a run of comments could be read in several ways, these would take longer than anybody waits.
  for (const comments of ['/**/', '/* /* */ ', '// // // //\n', '//*/\n', '/*\n*//**/ ']) {
    it(`a thousand comments ${JSON.stringify(comments)} between async function and its name`, () => {
      expect(holdsAsyncGenerator(`async function ${comments.repeat(1000)} f() {}`)).to.equal(false);
      expect(holdsAsyncGenerator(`async function ${comments.repeat(1000)} * f() {}`)).to.equal(true);
    });
  }

  // The same, if each beginning of a comment were looked for its end through the whole file.
  for (const beginning of ['async /*', 'async function /*', 'async function //']) {
    it(`a hundred thousand times ${JSON.stringify(beginning)}`, () => {
      expect(holdsAsyncGenerator(beginning.repeat(100_000))).to.equal(false);
    });
  }
});

describe('which imports are wrapped', () => {
  const folder = makeFolder({}, 'include');
  const urlOf = (name: string) => pathToFileURL(path.join(folder, name)).href;
  const write = (name: string, source: string) => {
    writeFile(folder, name, source);
    return urlOf(name);
  };
  const glob = { pattern: /\/src-|include-/, onlyGenerators: true };

  it('a package by its specifier, whatever its URL', () => {
    const { shouldInclude } = importInTheMiddleOptions([{ pattern: 'it-map', onlyGenerators: false }]);
    expect(shouldInclude(urlOf('anything.js'), 'it-map')).to.equal(true);
    expect(shouldInclude(urlOf('it-map'), './it-map')).to.equal(false);
  });

  it('files with a generator in them, where only those are asked for', () => {
    const { shouldInclude } = importInTheMiddleOptions([glob]);
    expect(shouldInclude(write('with.mjs', 'export async function* f() {}'), './with.mjs')).to.equal(true);
    expect(shouldInclude(write('without.mjs', 'export let n = 0;'), './without.mjs')).to.equal(false);
  });

  it('files with a query', () => {
    const { shouldInclude } = importInTheMiddleOptions([glob]);
    expect(shouldInclude(`${write('query.mjs', 'export async function* f() {}')}?v=1#x`, './x')).to.equal(true);
    expect(shouldInclude(`${write('none.mjs', 'export let n = 0;')}?v=1`, './x')).to.equal(false);
  });

  it('a file without a generator that another target asks for', () => {
    const url = write('both.mjs', 'export let n = 0;');
    const { shouldInclude } = importInTheMiddleOptions([glob, { pattern: /both/, onlyGenerators: false }]);
    expect(shouldInclude(url, './both.mjs')).to.equal(true);
  });

  it('in doubt: a file that cannot be read, and what is not JavaScript', () => {
    const { shouldInclude } = importInTheMiddleOptions([glob]);
    expect(shouldInclude(urlOf('missing.mjs'), './missing.mjs')).to.equal(true);
    expect(shouldInclude('https://example.com/src-x.mjs', './src-x.mjs')).to.equal(true);
    expect(shouldInclude(write('script.coffee', 'export f = -> yield await x'), './script.coffee')).to.equal(true);
  });

  it('nothing else', () => {
    const { shouldInclude } = importInTheMiddleOptions([glob]);
    expect(shouldInclude('file:///elsewhere/x.mjs', './x.mjs')).to.equal(false);
  });

  it('reads a file once', () => {
    const { shouldInclude } = importInTheMiddleOptions([glob]);
    const url = write('once.mjs', 'export async function* f() {}');
    expect(shouldInclude(url, './once.mjs')).to.equal(true);
    fs.rmSync(path.join(folder, 'once.mjs'));
    write('once.mjs', 'export let n = 0;');
    expect(shouldInclude(url, './once.mjs')).to.equal(true);
  });

  it('names every pattern for an import-in-the-middle that knows no function', () => {
    const { include } = importInTheMiddleOptions([glob, { pattern: 'it-map', onlyGenerators: false }]);
    expect(include).to.deep.equal([glob.pattern, 'it-map']);
  });

  it('lists a glob as a RegExp that looks at the decoded path, for such an import-in-the-middle', () => {
    const { include } = importInTheMiddleOptions([
      { pattern: /^file:\/\/\/app\//, glob: { base: '/app/', below: compileGlob('a b.mjs') }, onlyGenerators: true },
    ]);
    const [pattern] = include as [RegExp];
    expect(pattern).to.be.instanceOf(RegExp);
    expect(pattern.test('file:///app/a%20b.mjs')).to.equal(true);
    expect(pattern.test('file:///app/c.mjs')).to.equal(false);
    expect(pattern.test('file:///elsewhere/a%20b.mjs')).to.equal(false);
  });
});

describe('a module that defines the names that are selected', () => {
  const folder = makeFolder();

  const isWrapped = (name: string, source: string) => {
    const url = pathToFileURL(writeFile(folder, name, source)).href;
    const inclusion = { pattern: /./, onlyGenerators: false, unlessDefined: ['pages', 'Client#items'] };
    return importInTheMiddleOptions([inclusion]).shouldInclude(url, url);
  };

  it('is left as it is, as an ES module, as CommonJS and as TypeScript', () => {
    const sources = {
      'a.mjs': 'export async function* pages() {}\nexport class Client { async *items() {} }',
      'a.cjs':
        'exports.pages = async function* pages() {};\nclass Client { async *items() {} }\nif (exports.off) return;',
      'a.mts': 'export async function* pages(to: number) {}\nexport class Client { async *items(): AsyncGenerator {} }',
    };
    for (const [name, source] of Object.entries(sources)) {
      // Node before 22 can't take the types out.
      if (name === 'a.mts' && !('stripTypeScriptTypes' in process.getBuiltinModule('module'))) continue;
      expect(isWrapped(name, source), name).to.equal(false);
    }
  });

  it('is wrapped if one of them is not there, or it cannot be parsed', () => {
    expect(isWrapped('b.mjs', 'export async function* pages() {}')).to.equal(true);
    expect(isWrapped('c.mjs', 'export async function* pages() {')).to.equal(true);
  });
});
