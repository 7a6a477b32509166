import { expect } from 'chai';
import Module = require('node:module');
import * as path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { loadedModules, onModuleLoaded } from '../../src/watch/commonjs';
import { makeFolder, writeFile } from '../support/folder';

describe('the hook on loaded CommonJS modules', () => {
  let folder: string;
  let require: NodeJS.Require;
  beforeEach(() => {
    folder = makeFolder();
    require = Module.createRequire(path.join(folder, 'x.js'));
  });
  afterEach(() => {
    for (const file of Object.keys(require.cache)) {
      if (file.startsWith(folder)) Reflect.deleteProperty(require.cache, file);
    }
  });
  const write = (name: string, code: string) => writeFile(folder, name, code);
  /** What was loaded while `work` ran, and whether it had run by then. */
  const loadedDuring = (work: () => void) => {
    const seen: [string, unknown][] = [];
    const end = onModuleLoaded((module, file) => {
      if (file.startsWith(folder)) seen.push([path.basename(file), structuredClone(module.exports)]);
    });
    try {
      work();
    } finally {
      end();
    }
    return seen;
  };

  it('calls its listener once for every module, when that has run, the inner ones first', () => {
    write('inner.js', 'exports.inner = 1;');
    write('outer.js', "exports.outer = require('./inner.js').inner;");
    expect(
      loadedDuring(() => {
        require('./outer.js');
        require('./outer.js');
      }),
    ).to.deep.equal([
      ['inner.js', { inner: 1 }],
      ['outer.js', { outer: 1 }],
    ]);
  });

  it('calls it for modules that are not compiled', () => {
    write('data.json', '{"json": true}');
    expect(loadedDuring(() => require('./data.json') as unknown)).to.deep.equal([['data.json', { json: true }]]);
  });

  it('does not call it for a module that throws, and lets that throw', () => {
    write('broken.js', 'exports.half = 1; throw new RangeError("broken");');
    expect(
      loadedDuring(() => {
        expect(() => require('./broken.js') as unknown).to.throw(RangeError, 'broken');
      }),
    ).to.deep.equal([]);
  });

  it('does not call it for code that a program compiles by hand', () => {
    const module = new Module(path.join(folder, 'by-hand.js')) as Module & {
      _compile(code: string, file: string): void;
    };
    module.filename = path.join(folder, 'by-hand.js');
    expect(
      loadedDuring(() => {
        module._compile('exports.made = 1', module.filename);
      }),
    ).to.deep.equal([]);
    expect(module.exports).to.deep.equal({ made: 1 });
  });

  it('shows a listener the module before anything that requires it sees its exports', () => {
    write('replaced.js', "exports.who = 'original';");
    write('user.js', "exports.who = require('./replaced.js').who;");
    const end = onModuleLoaded((module, file) => {
      if (file.endsWith('replaced.js')) module.exports = { who: 'replacement' };
    });
    expect(require('./user.js')).to.deep.equal({ who: 'replacement' });
    end();
  });

  it('is gone when there is no listener any more', () => {
    const prototype = Module.prototype as unknown as Record<string, unknown>;
    const before = [prototype.load, prototype._compile];
    const ends = [onModuleLoaded(() => {}), onModuleLoaded(() => {})];
    ends[0]?.();
    expect(prototype.load).to.not.equal(before[0]);
    ends[1]?.();
    expect([prototype.load, prototype._compile]).to.deep.equal(before);
  });

  it('stays out of the way of a hook that was put on top of it', () => {
    write('module.js', 'exports.ok = true;');
    const prototype = Module.prototype as unknown as { load(file: string): unknown };
    const end = onModuleLoaded(() => {
      throw new Error('no listener should be called');
    });
    const ours = prototype.load;
    const theirs = function (this: unknown, file: string) {
      return ours.call(this as never, file);
    };
    prototype.load = theirs;
    end();
    expect(prototype.load).to.equal(theirs);
    expect(require('./module.js')).to.deep.equal({ ok: true });
    prototype.load = ours;
    onModuleLoaded(() => {})();
  });

  describe('with another hook that comes and goes', () => {
    const prototype = Module.prototype as unknown as Record<string, (this: unknown, ...args: unknown[]) => unknown>;
    const original = { load: prototype.load, _compile: prototype._compile };
    afterEach(() => {
      Object.assign(prototype, original);
    });
    /** Puts a hook of somebody else's on top. */
    const wrap = (name: string) => {
      const inner = prototype[name] as (...args: unknown[]) => unknown;
      const outer = function (this: unknown, ...args: unknown[]) {
        return inner.apply(this, args);
      };
      prototype[name] = outer;
      return outer;
    };

    for (const name of ['load', '_compile'] as const) {
      it(`is back after the other had been taken off ${name} together with it`, () => {
        const end = onModuleLoaded(() => {});
        wrap(name);
        end();
        prototype[name] = original[name] as never;
        write('module.js', 'exports.ok = true;');
        const told: unknown[] = [];
        const endAgain = onModuleLoaded((module) => {
          told.push(module.exports);
          module.exports = { ok: 'replaced' };
        });
        expect(prototype[name]).to.not.equal(original[name]);
        expect(require('./module.js')).to.deep.equal({ ok: 'replaced' });
        endAgain();
        expect(told).to.deep.equal([{ ok: true }]);
        expect(prototype[name]).to.equal(original[name]);
      });
    }

    it('calls its listener once for a module, although it is both above and below the other', () => {
      const end = onModuleLoaded(() => {});
      const others = [wrap('load'), wrap('_compile')];
      end();
      write('module.js', 'exports.ok = true;');
      expect(loadedDuring(() => require('./module.js') as unknown)).to.deep.equal([['module.js', { ok: true }]]);
      expect([prototype.load, prototype._compile]).to.deep.equal(others);
    });

    it('calls a listener for modules when the other has taken it off while there is another listener', () => {
      const end = onModuleLoaded(() => {});
      Object.assign(prototype, original);
      write('module.js', 'exports.ok = true;');
      expect(loadedDuring(() => require('./module.js') as unknown)).to.deep.equal([['module.js', { ok: true }]]);
      end();
      expect([prototype.load, prototype._compile]).to.deep.equal([original.load, original._compile]);
    });
  });

  describe('that is put on while a module is loading', () => {
    const shared = globalThis as { whileLoading?: () => void };
    let end = () => {};
    let told: [string, unknown, boolean][] = [];
    beforeEach(() => {
      told = [];
      shared.whileLoading = () => {
        end = onModuleLoaded((module, file, before) => {
          if (file.startsWith(folder)) told.push([path.basename(file), structuredClone(module.exports), before]);
        });
      };
    });
    afterEach(() => {
      end();
      delete shared.whileLoading;
    });
    const SOURCE = 'whileLoading(); exports.early = 1;';

    it('calls its listener for it before the next module runs', () => {
      write('loading.js', SOURCE);
      require('./loading.js');
      const seenByNext: unknown[] = [];
      shared.whileLoading = () => seenByNext.push(...told);
      write('next.js', 'whileLoading(); exports.next = 1;');
      require('./next.js');
      expect(seenByNext).to.deep.equal([['loading.js', { early: 1 }, true]]);
      expect(told).to.deep.equal([
        ['loading.js', { early: 1 }, true],
        ['next.js', { next: 1 }, false],
      ]);
    });

    it('calls it once the program has paused, when nothing else is loaded', async () => {
      write('outer.js', "exports.inner = require('./loading.js');");
      write('loading.js', SOURCE);
      require('./outer.js');
      expect(told).to.deep.equal([]);
      await nextTurn();
      expect(told).to.have.deep.members([
        ['loading.js', { early: 1 }, true],
        ['outer.js', { inner: { early: 1 } }, true],
      ]);
    });

    it('calls it where the program has timers of its own', async () => {
      write(
        'loading.js',
        `const timers = require('node:timers');
        const { setImmediate } = timers;
        timers.setImmediate = () => ({ unref() {} });
        ${SOURCE}
        timers.setImmediate = setImmediate;`,
      );
      require('./loading.js');
      await nextTurn();
      expect(told).to.deep.equal([['loading.js', { early: 1 }, true]]);
    });

    it('calls it once, as for any other module, if there was a listener when the loading began', async () => {
      write('loading.js', SOURCE);
      const endOther = onModuleLoaded(() => {});
      require('./loading.js');
      endOther();
      await nextTurn();
      expect(told).to.deep.equal([['loading.js', { early: 1 }, false]]);
    });

    it('does not call it if the module throws', async () => {
      write('loading.js', `${SOURCE} throw new RangeError('broken');`);
      expect(() => require('./loading.js') as unknown).to.throw(RangeError);
      await nextTurn();
      expect(told).to.deep.equal([]);
    });

    it('does not call a listener that has gone', async () => {
      write('loading.js', SOURCE);
      require('./loading.js');
      end();
      await nextTurn();
      expect(told).to.deep.equal([]);
    });
  });

  it('finds the modules that are loaded already, and no objects that were only put into the cache', () => {
    const file = write('loaded.js', 'exports.ok = true;');
    require('./loaded.js');
    const fake = path.join(folder, 'fake.js');
    require.cache[fake] = { exports: {}, loaded: true } as never;
    const found = loadedModules().map(({ filename }) => filename);
    expect(found).to.include(file);
    expect(found).to.not.include(undefined);
  });
});
