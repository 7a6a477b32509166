import { expect } from 'chai';
import timers = require('node:timers');
import * as path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { drain, FIXTURES, forget, load, patchedIn, runProgram, setUpPatching, spansOf, type Exports } from './support';

interface Interop {
  importStar(mod: unknown): Exports;
  importDefault(mod: unknown): { default: Exports };
  exportStar(mod: unknown, target: object): Exports;
  toESM(mod: unknown, isNodeMode?: boolean): Exports;
  toCommonJS(mod: unknown): Exports;
}

describe('exports of a CommonJS module', () => {
  const patching = setUpPatching();
  const { instrument } = patching;
  const spans = () => spansOf(patching.tracing);

  /** Keys, attributes and values but for functions: what a program can see of the exports without calling them. */
  const shapeOf = (exports: object) =>
    Reflect.ownKeys(exports).map((key) => {
      const { enumerable } = Object.getOwnPropertyDescriptor(exports, key) as PropertyDescriptor;
      const value = (exports as Record<PropertyKey, unknown>)[key];
      return [key, enumerable, typeof value === 'function' || typeof value === 'object' ? typeof value : value];
    });

  /** The shape of the same module without the instrumentation. */
  const untraced = (specifier: string) => {
    const shape = shapeOf(load(specifier));
    forget(specifier);
    return shape;
  };

  describe('that are writable data', () => {
    it('are replaced in place, and the program sees the same object', async () => {
      const shape = untraced('writable-data');
      const instrumentation = instrument('writable-data');
      const exports = load('writable-data');
      expect(await drain(exports.count(3))).to.deep.equal([0, 1, 2]);
      expect(spans()).to.deep.equal(['count completed']);
      expect(shapeOf(exports)).to.deep.equal(shape);
      expect(load('writable-data')).to.equal(exports);
      expect({ ...exports }.count).to.equal(exports.count);
      expect(exports.plain()).to.equal('plain');
      expect(patchedIn(instrumentation.getPatchReport())).to.deep.equal([
        'count: property',
        'failing: property',
        'hidden: property',
        'writableOnly: property',
        'configurableOnly: property',
      ]);
    });

    it('give a failed span when the generator throws', async () => {
      instrument('writable-data[failing]');
      let error: unknown;
      await drain(load('writable-data').failing()).catch((thrown: unknown) => (error = thrown));
      expect(error).to.be.instanceOf(RangeError);
      expect(spans()).to.deep.equal(['failing failed']);
    });

    it('are replaced whether the property is not enumerable, not configurable or not writable', async () => {
      instrument('writable-data');
      const { hidden, writableOnly, configurableOnly } = load('writable-data');
      expect([
        ...(await drain(hidden())),
        ...(await drain(writableOnly())),
        ...(await drain(configurableOnly())),
      ]).to.deep.equal(['hidden', 'w', 'c']);
      expect(spans()).to.deep.equal(['hidden completed', 'writableOnly completed', 'configurableOnly completed']);
    });

    it('keep the attributes of the property', () => {
      const attributesOf = (exports: object) =>
        ['count', 'hidden', 'writableOnly', 'configurableOnly'].map((key) => {
          const { value: _value, ...attributes } = Object.getOwnPropertyDescriptor(exports, key) as PropertyDescriptor;
          return attributes;
        });
      const original = attributesOf(load('writable-data'));
      instrument('writable-data');
      expect(attributesOf(load('writable-data'))).to.deep.equal(original);
    });
  });

  describe('behind a configurable getter', () => {
    it('are replaced by a getter of the same attributes', async () => {
      const shape = untraced('configurable-getter');
      const instrumentation = instrument('configurable-getter[count]');
      const exports = load('configurable-getter');
      expect(await drain(exports.count(2))).to.deep.equal([0, 1]);
      expect(spans()).to.deep.equal(['count completed']);
      expect(shapeOf(exports)).to.deep.equal(shape);
      expect(exports.count).to.equal(exports.count);
      expect(Object.keys(exports)).to.deep.equal(['count']);
      expect(patchedIn(instrumentation.getPatchReport())).to.deep.equal(['count: getter']);
    });

    it('are found by a wildcard when the program reads them', async () => {
      instrument('configurable-getter');
      expect(await drain(load('configurable-getter').count(1))).to.deep.equal([0]);
      expect(spans()).to.deep.equal(['count completed']);
    });
  });

  describe('behind getters that cannot be redefined', () => {
    it('are served by another exports object of the same shape', async () => {
      const shape = untraced('bundled-getters');
      const instrumentation = instrument('bundled-getters[count]');
      const exports = load('bundled-getters');
      expect(await drain(exports.count(2))).to.deep.equal([0, 1]);
      expect(spans()).to.deep.equal(['count completed']);
      expect(shapeOf(exports).filter(([key]) => key !== 'calls')).to.deep.equal(
        shape.filter(([key]) => key !== 'calls'),
      );
      expect(load('bundled-getters')).to.equal(exports);
      expect(exports.__esModule).to.equal(true);
      expect(new exports.Client()).to.be.instanceOf(exports.Client);
      expect(patchedIn(instrumentation.getPatchReport())).to.deep.equal(['count: exports']);
    });

    it('stay live: a value that the module changes is seen', async () => {
      instrument('bundled-getters[count]');
      const exports = load('bundled-getters');
      await drain(exports.count(1));
      expect(exports.calls).to.equal(1);
      await drain(exports.count(1));
      expect(exports.calls).to.equal(2);
    });

    it('leave nothing but getters that a program cannot set', () => {
      instrument('bundled-getters[count]');
      const exports = load('bundled-getters');
      expect(() => {
        'use strict';
        exports.count = 1;
      }).to.throw(TypeError);
    });

    it('are found where TypeScript re-exports them', async () => {
      const shape = untraced('typescript-star');
      instrument('typescript-star');
      const exports = load('typescript-star');
      expect(await drain(exports.count(1))).to.deep.equal([0]);
      expect(await drain(exports.own())).to.deep.equal(['own']);
      expect(spans()).to.deep.equal(['count completed', 'own completed']);
      expect(shapeOf(exports)).to.deep.equal(shape);
    });
  });

  describe('that are frozen', () => {
    it('are served by another exports object of the same shape', async () => {
      const shape = untraced('frozen-exports');
      const instrumentation = instrument('frozen-exports');
      const exports = load('frozen-exports');
      expect(await drain(exports.count(1))).to.deep.equal([0]);
      expect(await drain(new exports.Client().stream())).to.deep.equal(['s']);
      expect(spans()).to.deep.equal(['count completed', 'Client.stream completed']);
      expect(shapeOf(exports)).to.deep.equal(shape);
      expect(load('frozen-exports')).to.equal(exports);
      expect(patchedIn(instrumentation.getPatchReport())).to.deep.equal([
        'Client.stream: property',
        'nested.deep: property',
        'count: exports',
      ]);
    });

    it('stay frozen to a program that asks', () => {
      instrument('frozen-exports');
      const exports = load('frozen-exports');
      expect(Object.isFrozen(exports)).to.equal(true);
      expect(() => {
        'use strict';
        exports.VERSION = '2';
      }).to.throw(TypeError);
      expect(() => {
        'use strict';
        exports.more = '2';
      }).to.throw(TypeError);
    });

    it('can be functions: a frozen function is traced in a writable property', async () => {
      instrument('frozen-functions');
      const { count, sealed } = load('frozen-functions');
      expect(await drain(count(1))).to.deep.equal([0]);
      expect(await drain(sealed())).to.deep.equal(['sealed']);
      expect(spans()).to.deep.equal(['count completed', 'sealed completed']);
      expect(Object.isFrozen(count)).to.equal(true);
    });
  });

  describe('that are a function', () => {
    it('are its own default export', async () => {
      const instrumentation = instrument('callable-exports');
      const exports = load('callable-exports');
      expect(await drain(exports(2))).to.deep.equal([0, 1]);
      expect(await drain(exports.extra())).to.deep.equal(['extra']);
      expect(spans()).to.deep.equal(['callable completed', 'extra completed']);
      expect(exports.name).to.equal('callable');
      expect(exports.length).to.equal(1);
      expect(exports.VERSION).to.equal('1.0.0');
      expect(Object.keys(exports)).to.deep.equal(['extra', 'VERSION']);
      expect(load('callable-exports')).to.equal(exports);
      expect(patchedIn(instrumentation.getPatchReport())).to.deep.equal(['extra: property', 'default: exports']);
    });

    it('keep their members untraced when only default is named', async () => {
      instrument('callable-exports[default]');
      const exports = load('callable-exports');
      await drain(exports.extra());
      expect(spans()).to.deep.equal([]);
      await drain(exports(1));
      expect(spans()).to.deep.equal(['callable completed']);
    });

    it('may be frozen, with frozen members', async () => {
      instrument('frozen-callable');
      const exports = load('frozen-callable');
      expect(await drain(exports(2))).to.deep.equal([0, 1]);
      expect(await drain(exports.extra())).to.deep.equal(['extra']);
      expect(spans()).to.deep.equal(['callable completed', 'extra completed']);
      expect(exports.name).to.equal('callable');
      expect(exports.length).to.equal(1);
      expect(exports.VERSION).to.equal('1.0.0');
      expect(Object.keys(exports)).to.deep.equal(['extra', 'VERSION']);
      expect(Object.prototype.toString.call(exports)).to.equal('[object AsyncGeneratorFunction]');
      expect(() => new (exports as new () => unknown)()).to.throw(TypeError);
    });

    for (const selectors of ['*', 'default', 'default,pages']) {
      it(`may hold itself as \`default\` beside what is locked: [${selectors}]`, async () => {
        const instrumentation = instrument(`locked-callable[${selectors}]`);
        const exports = load('locked-callable');
        expect(exports.default).to.equal(exports);
        await drain(exports());
        await drain(exports.default());
        expect(spans()).to.deep.equal(['count completed', 'count completed']);
        expect(instrumentation.getPatchReport()[0]).to.deep.include({ status: 'patched', message: undefined });
      });
    }

    it('may be a frozen class', async () => {
      instrument('frozen-class[all,default#stream]');
      const Client = load('frozen-class');
      const client = new Client('c');
      expect(await drain(Client.all())).to.deep.equal(['all']);
      expect(await drain(client.stream())).to.deep.equal(['c']);
      expect(client).to.be.instanceOf(Client);
      expect(client.constructor.name).to.equal('Client');
      expect(client.target.name).to.equal('Client');
      class Sub extends (Client as new (name: string) => object) {}
      expect(new Sub('s')).to.be.instanceOf(Sub).and.instanceOf(Client);
      expect(() => Client('c')).to.throw(TypeError);
      expect(spans()).to.deep.equal(['all completed', 'Client.stream completed']);
    });
  });

  it('that are only tagged as a namespace are an ordinary object', async () => {
    const instrumentation = instrument('tagged-module');
    const exports = load('tagged-module');
    expect(await drain(exports.count(1))).to.deep.equal([0]);
    expect(spans()).to.deep.equal(['count completed']);
    expect(Object.prototype.toString.call(exports)).to.equal('[object Module]');
    expect(patchedIn(instrumentation.getPatchReport())).to.deep.equal(['count: property']);
  });

  it('can be nested in objects that they hold', async () => {
    instrument('nested-namespaces[ns.inner.fn]');
    expect(await drain(load('nested-namespaces').ns.inner.fn())).to.deep.equal(['fn']);
    expect(spans()).to.deep.equal(['ns.inner.fn completed']);
  });

  describe('that are plain functions', () => {
    it('are traced where they are named, and their result decides', async () => {
      instrument('plain-functions[list,sum]');
      const { list, sum } = load('plain-functions');
      expect(await drain(list(2))).to.deep.equal([0, 1]);
      expect(sum(1, 2)).to.equal(3);
      expect(spans()).to.deep.equal(['list completed', 'sum completed']);
    });

    it('are left alone by a wildcard', () => {
      const { sum } = load('plain-functions');
      instrument('plain-functions');
      expect(load('plain-functions').sum).to.equal(sum);
    });
  });

  describe('behind lazy or throwing getters', () => {
    for (const name of ['lazy-getters', 'lazy-locked']) {
      it(`of ${name} are read when the program reads them, not before`, async () => {
        instrument(name);
        const exports = load(name);
        expect(exports.reads).to.deep.equal([]);
        expect(await drain(exports.heavy())).to.deep.equal([1]);
        expect(() => exports.broken as unknown).to.throw('not in this build');
        expect(exports.reads).to.deep.equal(['heavy', 'broken']);
        expect(spans()).to.deep.equal(['heavy completed']);
      });

      it(`of ${name} that no selector names are never read`, async () => {
        instrument(`${name}[count]`);
        const exports = load(name);
        await drain(exports.count());
        expect(exports.reads).to.not.include('heavy').and.not.include('broken');
        expect(spans()).to.deep.equal(['count completed']);
      });

      it(`of ${name} that were named and throw, throw at the program's read only`, () => {
        const instrumentation = instrument(`${name}[broken]`);
        const exports = load(name);
        expect(() => exports.broken as unknown).to.throw('not in this build');
        expect(instrumentation.getPatchReport()[0]).to.include({ target: `${name}[broken]` });
      });
    }
  });

  describe('of a circular require', () => {
    it('are traced, early ones and late ones', async () => {
      instrument('circular-exports');
      const exports = load('circular-exports');
      expect(exports.seenByPeer).to.deep.equal(['early']);
      await drain(exports.early());
      await drain(exports.late());
      expect(spans()).to.deep.equal(['early completed', 'late completed']);
    });

    it('are traced through the partial exports that the other module holds', async () => {
      instrument('circular-exports');
      const exports = load('circular-exports');
      const { callLate, main } = load('circular-exports/peer.js');
      expect(main).to.equal(exports);
      expect(await drain(callLate())).to.deep.equal(['late']);
      expect(spans()).to.deep.equal(['late completed']);
    });
  });

  it('that a program has put in the place of its own are left alone', async () => {
    instrument('writable-data[count]');
    load('writable-data');
    const stub = { count: async function* count() {} };
    const { count } = stub;
    const file = path.join(FIXTURES, 'node_modules/writable-data/index.js');
    const module = require.cache[file] as NodeJS.Module;
    module.exports = stub;
    // By now it has been looked at again.
    await nextTurn();
    expect(module.exports).to.equal(stub);
    expect(stub.count).to.equal(count);
  });

  it('that are added after loading are traced where a program has timers of its own', async () => {
    const { setImmediate: realOne } = timers;
    const fake = { setImmediate: () => ({ unref() {} }) as NodeJS.Immediate };
    let exports: Exports;
    Object.assign(globalThis, fake);
    Object.assign(timers, fake);
    try {
      instrument('late-exports');
      exports = load('late-exports');
    } finally {
      globalThis.setImmediate = timers.setImmediate = realOne;
    }
    await nextTurn();
    await drain(exports.nextTick());
    expect(spans()).to.deep.equal(['nextTick completed']);
  });

  it('that are added in the tick after loading are traced', async () => {
    const instrumentation = instrument('late-exports');
    const exports = load('late-exports');
    await nextTurn();
    await drain(exports.now());
    await drain(exports.nextTick());
    await drain(exports.microtask());
    expect(spans()).to.deep.equal(['now completed', 'nextTick completed', 'microtask completed']);
    expect(patchedIn(instrumentation.getPatchReport())).to.deep.equal([
      'now: property',
      'nextTick: property',
      'microtask: property',
    ]);
  });

  describe('that are the same function', () => {
    it('share one wrapper and stay identical', async () => {
      instrument('same-twice');
      const exports = load('same-twice');
      expect(exports.count).to.equal(exports.default).and.equal(exports.alias);
      expect(exports.seenInside()).to.equal(true);
      await drain(exports.count(1));
      await drain(exports.default(1));
      expect(spans()).to.deep.equal(['count completed', 'count completed']);
    });

    it('are called by the name that comes first in the configuration', async () => {
      instrument('same-twice[alias,count,default]');
      await drain(load('same-twice').default(1));
      expect(spans()).to.deep.equal(['alias completed']);
    });

    it('are called as the target with a span name of its own says, wherever it is in the list', async () => {
      instrument(['same-twice[count]', { module: 'same-twice', exports: ['alias'], spanName: 'my stream' }]);
      await drain(load('same-twice').count(1));
      expect(spans()).to.deep.equal(['my stream completed']);
    });
  });

  describe('read through what compilers put around imports', () => {
    const interop = () => load('./interop.cjs') as Interop;
    const packages = ['writable-data', 'configurable-getter', 'bundled-getters', 'typescript-star', 'frozen-exports'];
    const helpers: Record<string, (mod: unknown) => Exports> = {
      __importStar: (mod) => interop().importStar(mod),
      __exportStar: (mod) => interop().exportStar(mod, {}),
      'esbuild __toESM': (mod) => interop().toESM(mod),
      'esbuild __toESM in node mode': (mod) => interop().toESM(mod, true),
      'esbuild __toCommonJS': (mod) => interop().toCommonJS(mod),
      'the spread syntax': (mod) => ({ ...(mod as Exports) }),
      'Object.assign': (mod) => Object.assign({}, mod) as Exports,
    };
    for (const [helper, apply] of Object.entries(helpers)) {
      it(`${helper} gives traced functions and the keys of the original`, async () => {
        for (const name of packages) {
          const keys = Object.keys(apply(load(name)));
          forget(name);
          patching.tracing.reset();
          const instrumentation = instrument(`${name}[count]`);
          const copy = apply(load(name));
          expect(Object.keys(copy), name).to.deep.equal(keys);
          expect(await drain(copy.count(2)), name).to.deep.equal([0, 1]);
          expect(spans(), name).to.deep.equal(['count completed']);
          instrumentation.disable();
        }
      });
    }

    it('__importDefault gives the traced function', async () => {
      instrument('callable-exports;frozen-callable');
      for (const name of ['callable-exports', 'frozen-callable']) {
        const { default: main } = interop().importDefault(load(name));
        await drain(main(1));
      }
      expect(spans()).to.deep.equal(['callable completed', 'callable completed']);
    });
  });

  it('that refuse to be looked at do not break the require of the program', async () => {
    // In a process of its own, since the test runner looks at what is required too.
    const { seen, diagnostics } = await runProgram({
      targets: 'hostile-exports',
      type: 'commonjs',
      code: "seen.value = require('hostile-exports').value",
    });
    expect(seen).to.deep.equal({ value: 42 });
    expect(diagnostics).to.have.lengthOf(1);
    expect(diagnostics[0]).to.include('hostile-exports').and.include('hands off');
  });
});
