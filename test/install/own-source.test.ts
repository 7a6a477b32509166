/** Modules that a few lines describe best: written into a folder of their own, one for each test. */
import { expect } from 'chai';
import * as fs from 'node:fs';
import { EventEmitter } from 'node:events';
import * as path from 'node:path';
import { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { collectUntil } from '../support/gc';
import { drain, setUpPatching, spansOf, type Exports } from './support';
import { makeFolder } from '../support/folder';

const BY_HAND = 'an object, not a function: to trace that, wrap a function that returns it with traceAsyncGenerator';
const COUNT = 'async function* count(to = 1) { for (let i = 0; i < to; i++) yield i; }';

describe('a module of the program', () => {
  const patching = setUpPatching();
  const spans = () => spansOf(patching.tracing);
  let folder: string;
  let file: string;

  beforeEach(() => {
    folder = makeFolder();
    file = path.join(folder, 'module.cjs');
  });
  afterEach(() => {
    Reflect.deleteProperty(require.cache, file);
  });

  const instrument = (...targets: string[]) => patching.instrument(targets, { baseDir: folder });
  const load = (source: string): Exports => {
    fs.writeFileSync(file, `${COUNT}\n${source}`);
    return require(file);
  };
  const reportOf = async (instrumentation: ReturnType<typeof instrument>, index = 0) => {
    await nextTurn();
    return instrumentation.getPatchReport()[index];
  };

  describe('whose exports are a frozen instance of a class', () => {
    it('keeps its private fields, and is reported as not patchable', async () => {
      const instrumentation = instrument('./module.cjs[items]');
      const exports = load(`module.exports = new (class {
        #secret = 1;
        constructor() { this.items = count; Object.freeze(this); }
        secret() { return this.#secret; }
      })();`);
      expect(exports.secret()).to.equal(1);
      const report = await reportOf(instrumentation);
      expect(report).to.include({ status: 'not-patchable' });
      expect(report?.message).to.include('items cannot be replaced');
    });
  });

  describe('with a class that inherits a method from the language or Node', () => {
    it('is traced without a trace on other generators', async () => {
      instrument('./module.cjs[Cursor#[Symbol.asyncIterator]]');
      const { Cursor, count } = load(`
        const AsyncIteratorPrototype = Object.getPrototypeOf(Object.getPrototypeOf(async function* () {}.prototype));
        class Cursor { next() { return Promise.resolve({ value: undefined, done: true }); } }
        Object.setPrototypeOf(Cursor.prototype, AsyncIteratorPrototype);
        module.exports = { Cursor, count };`);
      await drain(count());
      expect(spans()).to.deep.equal([]);
      await drain(new Cursor());
      expect(spans()).to.deep.equal(['Cursor[Symbol.asyncIterator] completed']);
    });

    it('leaves the streams of everybody else alone', async () => {
      instrument('./module.cjs[Feed#[Symbol.asyncIterator]]');
      const { Feed } = load(`module.exports = { Feed: class Feed extends require('node:stream').Readable {
        _read() { this.push(null); }
      } };`);
      expect(Object.hasOwn(Feed.prototype, Symbol.asyncIterator)).to.equal(true);
      await drain(Readable.from(['other']));
      expect(spans()).to.deep.equal([]);
      await drain(new Feed());
      expect(spans()).to.deep.equal(['Feed[Symbol.asyncIterator] completed']);
      expect(EventEmitter.prototype).to.not.have.own.property('then');
    });

    it('gets back what it was', () => {
      const instrumentation = instrument('./module.cjs[Feed#[Symbol.asyncIterator]]');
      const { Feed } = load(`module.exports = { Feed: class Feed extends require('node:stream').Readable {} };`);
      instrumentation.disable();
      expect(Object.hasOwn(Feed.prototype, Symbol.asyncIterator)).to.equal(false);
    });
  });

  it('is traced where its exports are called name or length', async () => {
    instrument('./module.cjs[*]');
    const exports = load('exports.name = count; exports.length = async function* length() {};');
    await drain(exports.name());
    await drain(exports.length());
    expect(spans()).to.have.members(['name completed', 'length completed']);
  });

  it('is traced where a method is called name', async () => {
    instrument('./module.cjs[Client#name]');
    const { Client } = load('exports.Client = class Client { async *name() {} };');
    await drain(new Client().name());
    expect(spans()).to.deep.equal(['Client.name completed']);
  });

  it('makes one span where somebody has wrapped the wrapper while it was disabled and enabled', async () => {
    const instrumentation = instrument('./module.cjs[count]');
    const exports = load('exports.count = count;');
    const wrapper = exports.count;
    exports.count = (...args: unknown[]) => wrapper(...args);
    instrumentation.disable();
    instrumentation.enable();
    await drain(exports.count(2));
    expect(spans()).to.deep.equal(['count completed']);
  });

  it('can be collected once the program has dropped it', async () => {
    instrument('./module.cjs[count]');
    let collected = 0;
    const registry = new FinalizationRegistry(() => collected++);
    for (let round = 0; round < 20; round++) {
      registry.register(load('exports.count = count;'), undefined);
      Reflect.deleteProperty(require.cache, file);
      module.children.length = 0;
    }
    expect(await collectUntil(() => collected >= 18)).to.equal(true);
  });

  describe('is reported', () => {
    it('by selector: what was found does not hide what was not', async () => {
      const instrumentation = instrument('./module.cjs[count, coutn, Client#nope]');
      load('exports.count = count; exports.Client = class Client { async *items() {} };');
      const report = await reportOf(instrumentation);
      expect(report).to.include({ status: 'patched' });
      expect(report?.message)
        .to.include('no definition or export matches coutn')
        .and.include('the nearest names are count');
      expect(report?.message).to.include('no definition or export matches Client#nope');
      expect(patching.diagnostics).to.have.lengthOf(1);
    });

    it('as traced by another target where that comes first', async () => {
      const instrumentation = instrument('./module.cjs[**]', './module.cjs[count]');
      load('exports.count = count;');
      const report = await reportOf(instrumentation, 1);
      expect(report?.message).to.equal('all that it selects is traced by ./module.cjs[**]');
    });

    it('as no definition matched, not as loaded before, where it was both', async () => {
      load('exports.count = count;');
      const report = await reportOf(instrument('./module.cjs[coutn]'));
      expect(report).to.include({ status: 'no-definition-matched' });
    });

    it('as loaded before in part, where a glob matches files of both kinds', async () => {
      load('exports.count = count;');
      const instrumentation = instrument('./*.cjs');
      const late = path.join(folder, 'late.cjs');
      fs.writeFileSync(late, `${COUNT}\nexports.count = count;`);
      require(late);
      const report = await reportOf(instrumentation);
      expect(report).to.include({ status: 'patched' });
      expect(report?.message).to.include(`loaded before the instrumentation: ${file}.`);
    });

    it('with the getters that nothing has read yet, and without a warning before the end', async () => {
      const instrumentation = instrument('./module.cjs[*]');
      const exports = load(
        `Object.defineProperty(exports, 'count', { get: () => count, enumerable: true, configurable: true });`,
      );
      const before = await reportOf(instrumentation);
      expect(before).to.include({ status: 'no-export-matched' });
      expect(before?.modules[0]?.unread).to.deep.equal(['count']);
      expect(patching.diagnostics).to.deep.equal([]);
      await drain(exports.count());
      const after = await reportOf(instrumentation);
      expect(after).to.deep.include({ status: 'patched', message: undefined });
      expect(after?.modules[0]).to.deep.include({ unread: [], exports: [{ path: 'count', method: 'getter' }] });
    });

    it('with a factory whose result is not a function, as soon as that is known', async () => {
      const instrumentation = instrument('./module.cjs[create()]');
      load('exports.create = () => 42;').create();
      const report = await reportOf(instrumentation);
      expect(report?.message).to.include('create(): what it returned is not a function');
      expect(patching.diagnostics).to.have.lengthOf(1);
    });

    for (const [member, what] of [
      ['stream: [count()]', 'an object'],
      ['get stream() { return [count()]; }', 'an object'],
      ['__proto__: { get stream() { return [count()]; } }', 'an object'],
      ['stream: undefined', 'undefined'],
    ] as const) {
      it(`with a factory whose product has a member that cannot be traced, as soon as that is known: ${member}`, async () => {
        const instrumentation = instrument('./module.cjs[create().stream]');
        const { create } = load(`exports.create = () => ({ ${member} });`);
        for (let i = 0; i < 3; i++) void create().stream;
        const report = await reportOf(instrumentation);
        expect(report?.message).to.equal(`create().stream: what it names is ${what}, neither a function nor a stream`);
        expect(patching.diagnostics).to.have.lengthOf(1);
      });
    }

    it('with a method that is a getter of no function, as soon as that is known', async () => {
      const instrumentation = instrument('./module.cjs[Client#stream]');
      const { Client } = load('exports.Client = class { get stream() { return count(); } };');
      expect((await reportOf(instrumentation))?.message).to.equal(undefined);
      for (let i = 0; i < 3; i++) expect(new Client().stream).to.respondTo('next');
      expect((await reportOf(instrumentation))?.message).to.equal(`Client#stream: what it names is ${BY_HAND}`);
      expect(patching.diagnostics).to.have.lengthOf(1);
    });

    for (const [selector, value, message] of [
      ['a', '1', 'a is a number, not a function'],
      ['a', 'null', 'a is null, not a function'],
      ['a', 'undefined', 'a is undefined, not a function'],
      ['a', '"text"', 'a is a string, not a function'],
      ['a', '{}', 'a is an object, not a function: select what it holds, with a.name or a.*'],
      ['a()', '1', 'a is a number, not a function'],
      ['new a().stream', '1', 'a is a number, not a function'],
      ['a#stream', '1', 'a is a number, not a function'],
      ['a.b', '1', 'a is a number, not an object'],
      ['a.b', '{ b: 1 }', 'a.b is a number, not a function'],
    ] as const) {
      it(`as not patchable, where ${selector} names what is not a function: ${value}`, async () => {
        const instrumentation = instrument(`./module.cjs[${selector}]`);
        load(`exports.a = ${value};`);
        expect(await reportOf(instrumentation)).to.include({ status: 'not-patchable', message });
        expect(patching.diagnostics).to.have.lengthOf(1);
      });
    }

    it('as not patchable, where a getter that is named gives no function', async () => {
      const instrumentation = instrument('./module.cjs[a]');
      load(`Object.defineProperty(exports, 'a', { get: () => 1, enumerable: true, configurable: true });`);
      const report = await reportOf(instrumentation);
      expect(report).to.include({ status: 'not-patchable', message: 'a is a number, not a function' });
    });

    it('as patched, where what was no function at first has become one', async () => {
      const instrumentation = instrument('./module.cjs[late]');
      load('exports.late = undefined; queueMicrotask(() => { exports.late = count; });');
      expect(await reportOf(instrumentation)).to.include({ status: 'patched', message: undefined });
      expect(patching.diagnostics).to.deep.equal([]);
    });

    it('as patched, with the export beside it that is not a function', async () => {
      const instrumentation = instrument('./module.cjs[count,a,nope]');
      load('exports.count = count; exports.a = 1;');
      const report = await reportOf(instrumentation);
      expect(report).to.include({ status: 'patched' });
      expect(report?.message).to.match(/^a is a number, not a function; no definition or export matches nope in /);
    });

    it('without what a wildcard has found that is not a function', async () => {
      const instrumentation = instrument('./module.cjs[*]');
      load('exports.count = count; exports.a = 1;');
      expect(await reportOf(instrumentation)).to.include({ status: 'patched', message: undefined });
    });

    it('once more, where it was not loaded for long and then matches nothing', async () => {
      const instrumentation = instrument('./module.cjs[coutn]');
      instrumentation.disable();
      instrumentation.enable();
      load('exports.count = count;');
      await nextTurn();
      expect(patching.diagnostics).to.have.lengthOf(2);
      expect(patching.diagnostics[0]).to.include('there is no file');
      expect(patching.diagnostics[1]).to.include('no definition or export matches coutn');
    });

    it('with the file that the user had in mind, where the target lacks ./', async () => {
      const instrumentation = instrument('module.cjs');
      load('exports.count = count;');
      const report = await reportOf(instrumentation);
      expect(report?.message).to.include('did you mean ./module.cjs?');
    });

    it('without accessors and values that a wildcard could never mean', async () => {
      const instrumentation = instrument('node:events[*]');
      const report = await reportOf(instrumentation);
      expect(report).to.include({ status: 'no-export-matched' });
      expect(report?.message).to.not.include('read-only');
      expect(report?.message).to.include('* takes async-generator functions only');
    });
  });
});
