import { expect } from 'chai';
import * as timers from 'node:timers/promises';
import { requireFromInstrumentation } from '../../src/watch/esm';
import { drain, forget, load, patchedIn, runProgram, setUpPatching, spansOf, type Exports } from './support';

describe('enabling and disabling', () => {
  const patching = setUpPatching();
  const { instrument } = patching;
  const spans = () => spansOf(patching.tracing);

  describe('a CommonJS module', () => {
    for (const name of ['writable-data', 'configurable-getter', 'bundled-getters', 'typescript-star']) {
      it(`restores ${name}, traces it again, and never wraps twice`, async () => {
        const original = load(name).count as unknown;
        forget(name);
        const instrumentation = instrument(`${name}[count]`);
        const exports = () => load(name);
        const wrapper = exports().count as unknown;
        expect(wrapper).to.not.equal(original);

        instrumentation.disable();
        const restored = exports().count;
        expect(restored).to.not.equal(wrapper);
        await drain(restored(1));
        expect(spans()).to.deep.equal([]);

        instrumentation.enable();
        expect(exports().count).to.equal(wrapper);
        await drain(exports().count(1));
        expect(spans()).to.deep.equal(['count completed']);
        instrumentation.enable();
        await drain(exports().count(1));
        expect(spans()).to.deep.equal(['count completed', 'count completed']);
      });
    }

    it('puts the very descriptors back', () => {
      const names = ['writable-data', 'configurable-getter', 'class-members'];
      for (const name of names) {
        // Loaded before, so that there is something to compare with.
        const exports = load(name);
        const prototypes = Object.values<Exports>(exports).flatMap((each) => (each?.prototype ? [each.prototype] : []));
        const describeAll = () =>
          [exports, ...prototypes].map((each: object) => Object.getOwnPropertyDescriptors(each));
        const before = describeAll();
        const instrumentation = instrument(name);
        expect(describeAll()).to.not.deep.equal(before);
        instrumentation.disable();
        expect(describeAll()).to.deep.equal(before);
      }
    });

    it('puts a function back everywhere that it is exported', () => {
      const exports = load('same-twice');
      const originals = Object.values<unknown>(exports);
      const instrumentation = instrument('same-twice');
      expect(Object.values<unknown>(exports)).to.not.deep.equal(originals);
      instrumentation.disable();
      expect(Object.values<unknown>(exports)).to.deep.equal(originals);
    });

    it('puts the original exports object back where it was replaced', () => {
      const original = load('frozen-exports') as unknown;
      const instrumentation = instrument('frozen-exports');
      expect(load('frozen-exports')).to.not.equal(original);
      instrumentation.disable();
      expect(load('frozen-exports')).to.equal(original);
    });

    it('lets a wrapper that the program still holds pass straight through, and revives it', async () => {
      const instrumentation = instrument('writable-data[count]');
      const { count } = load('writable-data');
      instrumentation.disable();
      expect(await drain(count(2))).to.deep.equal([0, 1]);
      expect(spans()).to.deep.equal([]);
      instrumentation.enable();
      expect(await drain(count(2))).to.deep.equal([0, 1]);
      expect(spans()).to.deep.equal(['count completed']);
    });

    it('lets exports that were copied from a replacement pass straight through', async () => {
      const instrumentation = instrument('bundled-getters[count]');
      const exports = load('bundled-getters');
      const spread = { ...exports };
      instrumentation.disable();
      await drain(exports.count(1));
      await drain(spread.count(1));
      expect(spans()).to.deep.equal([]);
    });

    it('leaves alone what the program has put in the place of a wrapper since', () => {
      const instrumentation = instrument('writable-data[count]');
      const exports = load('writable-data');
      const mine = () => 'mine';
      exports.count = mine;
      instrumentation.disable();
      expect(exports.count).to.equal(mine);
    });

    it('traces an export that the module has set again, after it was disabled and enabled', async () => {
      const instrumentation = instrument('writable-data[count]');
      const exports = load('writable-data');
      const again = async function* count(): AsyncGenerator<string> {
        yield 'again';
      };
      exports.count = again;
      instrumentation.getPatchReport();
      instrumentation.disable();
      expect(exports.count).to.equal(again);
      instrumentation.enable();
      expect(await drain(exports.count())).to.deep.equal(['again']);
      expect(spans()).to.deep.equal(['count completed']);
    });

    it('traces nothing that is loaded while it is disabled, and all of it when it is enabled', async () => {
      const instrumentation = instrument('writable-data[count]');
      instrumentation.disable();
      const exports = load('writable-data');
      await drain(exports.count(1));
      expect(spans()).to.deep.equal([]);
      instrumentation.enable();
      await drain(exports.count(1));
      expect(spans()).to.deep.equal(['count completed']);
    });

    it('puts the very getter back that was disabled and enabled in the tick in which it was loaded', async () => {
      const instrumentation = instrument('configurable-getter[count]');
      const exports = load('configurable-getter');
      const wrapped = Object.getOwnPropertyDescriptor(exports, 'count')?.get;
      instrumentation.disable();
      const original = Object.getOwnPropertyDescriptor(exports, 'count')?.get;
      expect(original).to.not.equal(wrapped);
      instrumentation.enable();
      await new Promise(setImmediate);
      instrumentation.disable();
      expect(Object.getOwnPropertyDescriptor(exports, 'count')?.get).to.equal(original);
    });

    it('starts disabled with enabled: false', async () => {
      const instrumentation = instrument('writable-data[count]', { enabled: false });
      await drain(load('writable-data').count(1));
      expect(spans()).to.deep.equal([]);
      instrumentation.enable();
      await drain(load('writable-data').count(1));
      expect(spans()).to.deep.equal(['count completed']);
    });
  });

  describe('a core module', () => {
    it('restores it, traces it again, and never wraps twice', async () => {
      const original = timers.setInterval as unknown;
      const instrumentation = instrument('timers/promises[setInterval]');
      const tick = async () => {
        for await (const _ of (load('timers/promises') as typeof timers).setInterval(1)) break;
      };
      const wrapper = (load('node:timers/promises') as typeof timers).setInterval;
      expect(wrapper).to.not.equal(original);
      instrumentation.disable();
      expect((load('timers/promises') as typeof timers).setInterval).to.equal(original);
      await tick();
      expect(spans()).to.deep.equal([]);
      instrumentation.enable();
      expect((load('timers/promises') as typeof timers).setInterval).to.equal(wrapper);
      await tick();
      expect(spans()).to.deep.equal(['setInterval returned']);
      instrumentation.disable();
    });

    it('restores it for ES modules too', async () => {
      const { seen, spans: ended } = await runProgram({
        targets: 'node:timers/promises[setInterval]',
        code: `
          import { setInterval } from 'timers/promises';
          import * as ns from 'node:timers/promises';
          const tick = async (fn) => { for await (const _ of fn(1)) break; };
          const held = setInterval;
          await tick(setInterval);
          instrumentation.disable();
          await tick(setInterval);
          await tick(held);
          await tick(ns.setInterval);
          instrumentation.enable();
          await tick(setInterval);
          await tick(ns.default.setInterval);
          seen.same = setInterval === ns.setInterval;`,
      });
      expect(seen).to.deep.equal({ same: true });
      expect(ended).to.deep.equal(Array(3).fill('setInterval returned'));
    });
  });

  describe('an ES module', () => {
    it('restores its bindings, traces them again, and never wraps twice', async () => {
      const { spans: ended, report } = await runProgram({
        targets: 'esm-only[count]',
        code: `
          import { count } from 'esm-only';
          import * as ns from 'esm-only';
          const held = count;
          await drain(count(1));
          instrumentation.disable();
          await drain(count(1));
          await drain(ns.count(1));
          await drain(held(1));
          instrumentation.enable();
          await drain(count(1));
          await drain(held(1));`,
      });
      expect(ended).to.deep.equal(Array(3).fill('count completed'));
      expect(patchedIn(report)).to.deep.equal(['count: binding']);
    });

    it('restores a CommonJS module that was imported', async () => {
      const { spans: ended } = await runProgram({
        targets: 'writable-data[count]',
        code: `
          import def, { count } from 'writable-data';
          instrumentation.disable();
          await drain(count(1));
          await drain(def.count(1));
          instrumentation.enable();
          await drain(count(1));
          await drain(def.count(1));`,
      });
      expect(ended).to.deep.equal(['count completed', 'count completed']);
    });
  });

  describe('setConfig', () => {
    it('takes the old targets off and puts the new ones on', async () => {
      const instrumentation = instrument('writable-data[count]');
      const exports = load('writable-data');
      instrumentation.setConfig({ targets: 'writable-data[hidden]' });
      await drain(exports.count(1));
      expect(spans()).to.deep.equal([]);
      await drain(exports.hidden());
      expect(spans()).to.deep.equal(['hidden completed']);
      expect(instrumentation.getPatchReport().map(({ target }) => target)).to.deep.equal(['writable-data[hidden]']);
    });

    it('gives what stays a target its new name', async () => {
      const instrumentation = instrument('writable-data[count]');
      const { count } = load('writable-data');
      instrumentation.setConfig({ targets: [{ module: 'writable-data', exports: ['count'], spanName: 'renamed' }] });
      await drain(load('writable-data').count(1));
      await drain(count(1));
      expect(spans()).to.deep.equal(['renamed completed', 'renamed completed']);
    });

    it('lets wrappers of old targets that the program still holds pass straight through', async () => {
      const instrumentation = instrument('writable-data[count]');
      const { count } = load('writable-data');
      instrumentation.setConfig({ targets: 'writable-data[hidden]' });
      await drain(count(1));
      expect(spans()).to.deep.equal([]);
    });

    it('keeps the old targets when the new ones are malformed', async () => {
      const instrumentation = instrument('writable-data[count]');
      expect(() => {
        instrumentation.setConfig({ targets: 'writable-data[' });
      }).to.throw(TypeError);
      await drain(load('writable-data').count(1));
      expect(spans()).to.deep.equal(['count completed']);
    });

    it('patches nothing while disabled', async () => {
      const instrumentation = instrument('writable-data[hidden]');
      instrumentation.disable();
      instrumentation.setConfig({ targets: 'writable-data[count]' });
      await drain(load('writable-data').count(1));
      expect(spans()).to.deep.equal([]);
      instrumentation.enable();
      await drain(load('writable-data').count(1));
      expect(spans()).to.deep.equal(['count completed']);
    });

    it('takes ES modules that were imported before over to new targets', async () => {
      const { spans: ended } = await runProgram({
        targets: 'esm-only[count]',
        code: `
          import main, { count } from 'esm-only';
          instrumentation.setConfig({ targets: 'esm-only[default]' });
          await drain(count(1));
          await drain(main());`,
      });
      // The program without tracing sets targets too, but no import hook shows them to it.
      expect(ended).to.deep.equal(['main completed']);
    });
  });

  it('changes what require-in-the-middle remembers, which goes on to give it out', () => {
    const { Hook } = requireFromInstrumentation('require-in-the-middle') as {
      Hook: new (modules: string[], onRequire: (exports: unknown) => unknown) => { unhook(): void };
    };
    const hook = new Hook(['bundled-getters'], (exports) => exports);
    try {
      const original: unknown = load('bundled-getters');
      const instrumentation = instrument('bundled-getters[count]');
      expect(load('bundled-getters')).to.not.equal(original);
      instrumentation.disable();
      expect(load('bundled-getters')).to.equal(original);
    } finally {
      hook.unhook();
    }
  });

  describe('two instrumentations', () => {
    it('with the same target make one span', async () => {
      instrument('writable-data[count]');
      instrument('writable-data[count]');
      await drain(load('writable-data').count(1));
      expect(spans()).to.deep.equal(['count completed']);
    });

    it('make one span of a call of exports that are a function and had to be replaced', async () => {
      instrument('frozen-callable[default,extra]');
      instrument('frozen-callable[default,extra]');
      const exports = load('frozen-callable');
      await drain(exports(1));
      await drain(exports.extra(1));
      expect(spans()).to.have.lengthOf(2);
    });

    it('hand over: the second traces when the first is disabled', async () => {
      const first = instrument('writable-data[count]');
      instrument('writable-data[count]');
      const exports = load('writable-data');
      first.disable();
      await drain(exports.count(1));
      expect(spans()).to.deep.equal(['count completed']);
    });

    for (const [name, selector] of [
      ['bundled-getters', 'count'],
      ['typescript-star', 'count'],
      ['frozen-exports', 'count'],
      ['callable-exports', 'default'],
      ['frozen-callable', 'extra'],
    ] as const) {
      const countIn = (exports: Exports): Exports => (selector === 'default' ? exports : exports[selector]);

      it(`hand over where the exports were replaced: ${name}`, async () => {
        const [first, second] = [instrument(`${name}[${selector}]`), instrument(`${name}[${selector}]`)];
        load(name);
        first.disable();
        await drain(countIn(load(name))(1));
        expect(spans()).to.have.lengthOf(1);
        first.enable();
        second.disable();
        await drain(countIn(load(name))(1));
        expect(spans()).to.have.lengthOf(2);
      });

      for (const [order, indexes] of [
        ['the first comes first', [0, 1, 2]],
        ['the last comes first', [2, 1, 0]],
        ['the second comes first', [1, 2, 0]],
      ] as const) {
        it(`leave the original exports of ${name} behind when all three are disabled, and ${order}`, () => {
          const original = load(name) as unknown;
          const instrumentations = [0, 1, 2].map(() => instrument(`${name}[${selector}]`));
          expect(load(name)).to.not.equal(original);
          for (const index of indexes) instrumentations[index]?.disable();
          expect(load(name)).to.equal(original);
        });
      }
    }

    for (const [title, name, targets] of [
      ['getters', 'configurable-getter', 'configurable-getter[count]'],
      ['factories', 'factories', 'factories[createPaginator(),new Client().stream]'],
    ] as const) {
      it(`leave the very descriptors behind, first in, first out: ${title}`, () => {
        const exports: object = load(name);
        const before = Object.getOwnPropertyDescriptors(exports);
        const instrumentations = [instrument(targets), instrument(targets)];
        expect(Object.getOwnPropertyDescriptors(exports)).to.not.deep.equal(before);
        for (const instrumentation of instrumentations) instrumentation.disable();
        expect(Object.getOwnPropertyDescriptors(exports)).to.deep.equal(before);
      });
    }

    it('with different targets of one module do not disturb each other', async () => {
      const first = instrument('bundled-getters[count]');
      instrument('bundled-getters[Client#stream]');
      const exports = load('bundled-getters');
      await drain(exports.count(1));
      await drain(new exports.Client().stream(1));
      expect(spans()).to.deep.equal(['count completed', 'Client.stream completed']);
      first.disable();
      patching.tracing.reset();
      const { count, Client } = load('bundled-getters');
      await drain(count(1));
      await drain(new Client().stream(1));
      expect(spans()).to.deep.equal(['Client.stream completed']);
    });
  });

  describe('two copies of this package', () => {
    const fixtures = ['writable-data', 'configurable-getter', 'bundled-getters', 'frozen-callable'];
    for (const type of ['commonjs', 'module'] as const) {
      it(`make one span (${type})`, async () => {
        const { seen, spans: ended } = await runProgram({
          targets: fixtures.map((name) => `${name}[count,default]`).join(';'),
          type,
          code: `
            ${type === 'module' ? "import { createRequire } from 'node:module'; const require = createRequire(process.cwd() + '/x.js');" : ''}
            const api = 'opentelemetry-instrumentation-async-generator';
            const one = require(api);
            for (const file of Object.keys(require.cache)) if (/build.src/.test(file)) delete require.cache[file];
            const other = require(api);
            seen.copies = one !== other;
            const second = new other.AsyncGeneratorInstrumentation({ targets: JSON.parse(process.env.TARGETS) });
            (async () => {
              const load = async (name) => {
                const exports = ${type === 'module' ? '(await import(name)).default' : 'require(name)'};
                return exports.count ?? exports;
              };
              seen.items = [];
              for (const name of ${JSON.stringify(fixtures)}) seen.items.push(await drain((await load(name))(1)));
              instrumentation.disable();
              second.disable();
              for (const name of ${JSON.stringify(fixtures)}) await drain((await load(name))(1));
            })();`,
        });
        expect(seen).to.deep.equal({ copies: true, items: [[0], [0], [0], [0]] });
        expect(ended).to.deep.equal([...Array<string>(3).fill('count completed'), 'callable completed']);
      });
    }
  });

  describe("the program's own function", () => {
    for (const name of ['writable-data', 'configurable-getter', 'class-members']) {
      it(`of ${name}, and what is put in its place, get no marks of shimmer's`, () => {
        const exports = load(name);
        const { inherited } = (exports.Base?.prototype ?? {}) as Exports;
        const fns = [exports.count, exports.Client?.prototype.stream, exports.Client?.all, inherited].filter(Boolean);
        expect(fns).to.not.have.lengthOf(0);
        const keys = fns.map((fn: object) => Reflect.ownKeys(fn));
        const instrumentation = instrument(name);
        const marks = ['__original', '__wrapped', '__unwrap'];
        const inPlace = [exports.count, exports.Client?.prototype.stream, exports.Client?.all].filter(Boolean);
        for (const fn of [...fns, ...inPlace]) for (const mark of marks) expect(fn).to.not.have.property(mark);
        expect(fns.map((fn: object) => Reflect.ownKeys(fn))).to.deep.equal(keys);
        instrumentation.disable();
        expect(fns.map((fn: object) => Reflect.ownKeys(fn))).to.deep.equal(keys);
      });
    }

    it('keeps its own keys where the program looks at the wrapper', () => {
      instrument('callable-exports');
      const exports = load('callable-exports');
      expect(Reflect.ownKeys(exports)).to.have.members(['length', 'name', 'prototype', 'extra', 'VERSION']);
      expect(Reflect.ownKeys(exports.extra)).to.have.members(['length', 'name', 'prototype']);
    });
  });
});
