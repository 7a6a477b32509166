import { expect } from 'chai';
import Module = require('node:module');
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { loadedModules, onModuleLoaded } from '../../src/hooks/require-hook';

describe('the hook on loaded CommonJS modules', () => {
  let folder: string;
  let require: NodeJS.Require;
  beforeEach(() => {
    folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'require-hook-')));
    require = Module.createRequire(path.join(folder, 'x.js'));
  });
  afterEach(() => {
    for (const file of Object.keys(require.cache)) {
      if (file.startsWith(folder)) Reflect.deleteProperty(require.cache, file);
    }
    fs.rmSync(folder, { recursive: true });
  });
  const write = (name: string, code: string) => {
    fs.writeFileSync(path.join(folder, name), code);
    return path.join(folder, name);
  };
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

  it('tells once of every module, when it has run, the inner ones first', () => {
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

  it('tells of modules that are not compiled', () => {
    write('data.json', '{"json": true}');
    expect(loadedDuring(() => require('./data.json') as unknown)).to.deep.equal([['data.json', { json: true }]]);
  });

  it('tells nothing of a module that throws, and lets it throw', () => {
    write('broken.js', 'exports.half = 1; throw new RangeError("broken");');
    expect(
      loadedDuring(() => {
        expect(() => require('./broken.js') as unknown).to.throw(RangeError, 'broken');
      }),
    ).to.deep.equal([]);
  });

  it('tells nothing of code that a program compiles by hand', () => {
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

  it('is gone when nobody listens any more', () => {
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
      throw new Error('nobody should be told');
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
