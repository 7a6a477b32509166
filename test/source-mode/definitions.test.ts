/**
 * What is written in a file of the program's own, in this process: CommonJS. ES modules have programs of their own.
 */
import { expect } from 'chai';
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { AsyncGeneratorInstrumentationConfig, DefinitionReport } from '../../src/types';
import { drain, forget, setUpPatching, spansOf } from '../install/support';
import { makeFolder } from '../support/folder';

const FIXTURES = path.join(__dirname, 'fixtures');
const FORMS = path.join(FIXTURES, 'forms.cjs');

type Make = (...args: unknown[]) => AsyncIterable<unknown>;

describe('a target that sees its files as source', () => {
  const patching = setUpPatching();
  let folder: string;
  let file: string;

  const instrument = (
    targets: AsyncGeneratorInstrumentationConfig['targets'],
    options: AsyncGeneratorInstrumentationConfig = {},
  ) => patching.instrument(targets, { baseDir: FIXTURES, ...options });
  /* eslint-disable @typescript-eslint/no-require-imports */
  const load = () => require(FORMS) as Record<string, Make>;
  /** Loads a module with this source from a folder of its own, in which `./module.cjs` is it. */
  const loadSource = (source: string) => {
    fs.writeFileSync(file, source);
    return require(file) as Record<string, Make>;
  };
  /* eslint-enable @typescript-eslint/no-require-imports */
  const spans = () => spansOf(patching.tracing);
  const run = async (make: Make | undefined) => {
    await drain((make as Make)());
    return spans();
  };

  beforeEach(() => {
    folder = makeFolder();
    file = path.join(folder, 'module.cjs');
  });
  afterEach(() => {
    forget(FIXTURES);
    forget(folder);
  });

  describe('traces', () => {
    for (const [form, names] of [
      ['pages', ['pages']],
      ['named', ['named']],
      ['items', ['Client.#secret', 'Client.items']],
      ['from', ['Client.from']],
      ['iterate', ['Client[Symbol.asyncIterator]']],
      ['read', ['store.read']],
      ['outer', ['outer/inner']],
    ] as const) {
      it(`${names.join(' and ')}, of which nothing is exported`, async () => {
        instrument('./forms.cjs');
        expect(await run(load()[form])).to.deep.equal(names.map((name) => `${name} completed`));
      });
    }

    for (const [selector, form, names] of [
      ['pages', 'pages', ['pages']],
      ['Client#items', 'items', ['Client.items']],
      ['Client##secret', 'items', ['Client.#secret']],
      ['Client.from', 'from', ['Client.from']],
      ['Client#[Symbol.asyncIterator]', 'iterate', ['Client[Symbol.asyncIterator]']],
      ['store.read', 'read', ['store.read']],
      ['outer/inner', 'outer', ['outer/inner']],
      ['outer/*', 'outer', ['outer/inner']],
      ['**/inner', 'outer', ['outer/inner']],
      ['outer/**', 'outer', ['outer/inner']],
      ['plain', 'plain', ['plain']],
      ['outer/**', 'pages', []],
      ['**/inner', 'pages', []],
      ['pages', 'named', []],
    ] as const) {
      it(`${names.join(' and ') || 'nothing'} in ${form}() for [${selector}]`, async () => {
        instrument(`./forms.cjs[${selector}]`);
        const made = (load()[form] as Make)() as AsyncIterable<unknown> & Iterable<unknown>;
        if (Symbol.asyncIterator in made) await drain(made);
        expect(spans()).to.deep.equal(names.map((name) => `${name} completed`));
      });
    }

    it('none of what is excluded, by name or wildcard', async () => {
      instrument([{ module: './forms.cjs', exclude: ['outer/inner', 'Client#*'] }]);
      const { outer, items, pages } = load();
      for (const each of [outer, items, pages]) await run(each);
      expect(spans()).to.deep.equal(['pages completed']);
    });

    it('only exports for [*]', async () => {
      instrument('./module.cjs[*]', { baseDir: folder });
      const { items } = loadSource(`
        async function* pages() { yield 1; }
        exports.items = async function* items() { yield* pages(); };`);
      expect(await run(items)).to.deep.equal(['items completed']);
    });

    it('an export for a name that the file does not define', async () => {
      instrument('./module.cjs[setInterval]', { baseDir: folder });
      const { setInterval } = loadSource(`exports.setInterval = require('node:timers/promises').setInterval;`);
      for await (const _ of (setInterval as Make)(1)) break;
      expect(spans()).to.deep.equal(['setInterval returned']);
    });

    it('a function that is exported, too, once', async () => {
      const instrumentation = instrument('./module.cjs;./module.cjs[*]', { baseDir: folder });
      const { items, other } = loadSource(`
        exports.items = async function* () { yield 1; };
        exports.other = exports.items;`);
      expect(items).to.equal(other);
      expect(await run(items)).to.deep.equal(['items completed']);
      expect(instrumentation.getPatchReport().map(({ status }) => status)).to.deep.equal(['patched', 'patched']);
    });

    it('every function that comes of one definition', async () => {
      instrument('./module.cjs', { baseDir: folder });
      const { create } = loadSource(`exports.create = (to) => async function* count() { yield to; };`);
      for (const to of [1, 2, 3]) await drain((create as unknown as (to: number) => Make)(to)());
      expect(spans()).to.deep.equal(Array(3).fill('create/count completed'));
    });
  });

  it('says where the definition is', async () => {
    instrument('./forms.cjs');
    await run(load().items);
    expect(patching.tracing.spans()[1]?.attributes).to.include({
      'code.function.name': 'Client#items',
      'code.file.path': FORMS,
      'code.line.number': 9,
      'code.column.number': 3,
      'async_generator.module.name': './forms.cjs',
    });
  });

  it('hands its hooks the call, and heeds what they say', async () => {
    const calls: unknown[] = [];
    instrument([{ module: './module.cjs', spanName: ({ args }) => `pages of ${String(args[0])}`, startOn: 'call' }], {
      baseDir: folder,
      onStart: (_, { exportPath, args, thisArg }) => calls.push({ exportPath, args, thisArg }),
      shouldTrace: ({ args }) => args[0] !== 'nobody',
    });
    const { run: runBoth } = loadSource(`
      const books = { async *pages(who) { yield who; } };
      exports.books = books;
      exports.run = async function* () { yield* books.pages('me'); yield* books.pages('nobody'); };`);
    const { books } = loadSource(fs.readFileSync(file, 'utf8'));
    expect(await run(runBoth)).to.deep.equal(['pages of me completed', 'pages of undefined completed']);
    expect(calls[1]).to.deep.equal({ exportPath: 'books.pages', args: ['me'], thisArg: books });
  });

  it('gives a definition to the first target that takes it, but to one with a name for its spans before', async () => {
    instrument([
      './forms.cjs[outer/*]',
      './forms.cjs',
      { module: './forms.cjs', exports: ['pages'], spanName: 'mine' },
    ]);
    const { pages, outer } = load();
    await run(pages);
    expect(await run(outer)).to.deep.equal(['mine completed', 'outer/inner completed']);
  });

  describe('that is disabled', () => {
    it('lets calls through, and traces again what is enabled again', async () => {
      const instrumentation = instrument('./forms.cjs');
      const { pages } = load();
      instrumentation.disable();
      expect(await run(pages)).to.deep.equal([]);
      instrumentation.enable();
      expect(await run(pages)).to.deep.equal(['pages completed']);
    });

    it('leaves its definitions to another instrumentation', async () => {
      const instrumentation = instrument([{ module: './forms.cjs', spanName: 'first' }]);
      instrument([{ module: './forms.cjs', spanName: 'second' }]);
      const { pages } = load();
      await run(pages);
      instrumentation.disable();
      expect(await run(pages)).to.deep.equal(['first completed', 'second completed']);
    });

    it('does not change what is loaded then', async () => {
      const instrumentation = instrument('./forms.cjs');
      instrumentation.disable();
      const { pages } = load();
      instrumentation.enable();
      expect(await run(pages)).to.deep.equal([]);
      expect(instrumentation.getPatchReport()[0]).to.include({ status: 'loaded-before' });
    });
  });

  it('traces what a new configuration says, and leaves the rest alone', async () => {
    const instrumentation = instrument('./forms.cjs');
    const { pages, outer } = load();
    instrumentation.setConfig({ baseDir: FIXTURES, targets: './forms.cjs[pages]' });
    await run(pages);
    expect(await run(outer)).to.deep.equal(['pages completed']);
  });

  describe('is reported', () => {
    const definitionsOf = (report: { modules: readonly { definitions?: readonly DefinitionReport[] }[] } | undefined) =>
      report?.modules.flatMap(({ definitions = [] }) => definitions);

    it('with its definitions and their lines', () => {
      const instrumentation = instrument([{ module: './forms.cjs', exclude: ['named'] }]);
      load();
      const [report] = instrumentation.getPatchReport();
      expect(report).to.include({ target: './forms.cjs[**]', status: 'patched', message: undefined });
      const lines = definitionsOf(report)?.map(
        ({ path, line, column, isTraced, reason }) => `${path} ${line}:${column} ${isTraced} ${reason ?? ''}`,
      );
      expect(lines).to.deep.equal([
        'pages 2:1 true ',
        'named 5:15 false not selected',
        'Client#items 9:3 true ',
        'Client.from 12:3 true ',
        'Client#[Symbol.asyncIterator] 15:3 true ',
        'Client##secret 18:3 true ',
        'store.read 23:3 true ',
        'outer/inner 29:3 true ',
      ]);
    });

    it('with the nearest names where no definition matches', async () => {
      const instrumentation = instrument('./forms.cjs[outer/iner, page]');
      load();
      await new Promise(setImmediate);
      await new Promise(setImmediate);
      const [report] = instrumentation.getPatchReport();
      expect(report).to.include({ status: 'no-definition-matched' });
      expect(report?.message)
        .to.include('no definition matches outer/iner in')
        .and.include('the nearest names are outer/inner')
        .and.include('no definition or export matches page in')
        .and.include('the nearest names are pages');
      expect(patching.warnings).to.have.lengthOf(1);
    });

    it('with the reason where a definition cannot be traced', () => {
      const instrumentation = instrument('./module.cjs', { baseDir: folder });
      loadSource(`
        class Feed { async *items() { yield 1; } async *items() { yield 2; } }
        exports.Feed = Feed;`);
      const [report] = instrumentation.getPatchReport();
      expect(report).to.include({ status: 'patched' });
      expect(report?.message).to.match(/^Feed#items \(line 2\) is not traced: another definition/);
      expect(definitionsOf(report)?.map(({ isTraced }) => isTraced)).to.deep.equal([false, true]);
    });

    it('as not patchable where the file cannot be parsed, which runs as it is', async () => {
      const instrumentation = instrument('./module.cjs', { baseDir: folder });
      const source = `exports.pages = async function* () {};  %`;
      expect(() => loadSource(source)).to.throw(SyntaxError);
      const [report] = instrumentation.getPatchReport();
      expect(report).to.include({ status: 'not-patchable' });
      expect(report?.message).to.match(/module\.cjs runs untraced: Unexpected token/);
    });

    it('as loaded before where it was, with its exports traced', async () => {
      const { items } = loadSource('exports.items = async function* items() { yield 1; };');
      const instrumentation = instrument('./module.cjs', { baseDir: folder });
      expect(instrumentation.getPatchReport()[0]).to.include({ status: 'loaded-before' });
      expect(await run(items)).to.deep.equal([]);
      // eslint-disable-next-line @typescript-eslint/no-require-imports
      expect(await run((require(file) as { items: Make }).items)).to.deep.equal(['items completed']);
    });

    it('as without a definition where nothing is written in it', async () => {
      const instrumentation = instrument('./module.cjs', { baseDir: folder });
      loadSource('exports.a = 1;');
      expect(instrumentation.getPatchReport()[0]).to.include({
        status: 'no-definition-matched',
        message: `no async generator is defined in ${file}`,
      });
    });
  });

  it('traces the exports of a file whose generators a compiler has lowered', async () => {
    instrument('./module.cjs', { baseDir: folder });
    const { items } = loadSource(`
      const __asyncGenerator = (self, args, body) => {
        const inner = body.apply(self, args);
        return { next: async () => inner.next(), return: async () => ({ done: true }), [Symbol.asyncIterator]() { return this; } };
      };
      exports.items = function items() { return __asyncGenerator(this, arguments, function* () { yield 1; }); };`);
    expect(await run(items)).to.deep.equal(['items completed']);
  });

  it('traces what is written in any file of a package for [**], and no more than that', async () => {
    const root = path.join(folder, 'node_modules/books');
    fs.mkdirSync(path.join(root, 'lib'), { recursive: true });
    fs.writeFileSync(path.join(root, 'package.json'), '{ "name": "books", "version": "1.2.3" }');
    fs.writeFileSync(path.join(root, 'index.js'), "exports.read = () => require('./lib/pages.js').make();");
    fs.writeFileSync(
      path.join(root, 'lib/pages.js'),
      'async function* pages() { yield 1; } exports.make = () => pages();',
    );
    instrument('books[**]', { baseDir: folder });
    const { read, other } = loadSource(
      "exports.read = () => require('books').read(); exports.other = async function* other() { yield 1; };",
    );
    await run(other);
    expect(await run(read)).to.deep.equal(['pages completed']);
    expect(patching.tracing.onlySpan().attributes).to.include({
      'async_generator.module.name': 'books',
      'async_generator.module.version': '1.2.3',
    });
  });

  it('leaves line numbers, names and what is not traced as they were', () => {
    instrument('./module.cjs[pages]', { baseDir: folder });
    const seen = loadSource(`#!/usr/bin/env node
'use strict';
async function* pages() { yield 1; }
const other = async function* () { yield 1; };
exports.names = () => [pages.name, pages.length, other.toString(), this === exports];
exports.line = () => new Error().stack.split('\\n')[1];
exports.isStrict = () => (function () { return this === undefined; })();
`) as unknown as Record<'names' | 'line' | 'isStrict', () => unknown>;
    expect(seen.names()).to.deep.equal(['pages', 0, 'async function* () { yield 1; }', true]);
    expect(seen.line()).to.match(/module\.cjs:6:22/);
    expect(seen.isStrict()).to.equal(true);
  });
});
