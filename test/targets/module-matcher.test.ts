import { expect } from 'chai';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { drain, FIXTURES, forget, load, setUpPatching, spansOf } from '../install/support';
import { makeFolder } from '../support/folder';

describe('which modules a target selects', () => {
  const patching = setUpPatching();
  const { instrument } = patching;
  const spans = () => spansOf(patching.tracing);

  const folders: string[] = [];
  afterEach(() => {
    for (const folder of folders.splice(0)) forget(folder);
  });
  /** A folder outside of this package, with a module in each file that exports `count`. */
  const makeModules = (...files: string[]) => {
    const sourceOf = (file: string) => `exports.count = async function* count() { yield ${JSON.stringify(file)}; };`;
    const folder = makeFolder(Object.fromEntries(files.map((file) => [file, sourceOf(file)])));
    folders.push(folder);
    return folder;
  };
  /** Runs `count` of each file, and says which of them were traced. */
  const tracedOf = async (folder: string, files: readonly string[]) => {
    const traced: string[] = [];
    for (const file of files) {
      patching.tracing.reset();
      expect(await drain(load(path.join(folder, file)).count())).to.deep.equal([file]);
      if (spans().length > 0) traced.push(file);
    }
    return traced;
  };

  describe('by package', () => {
    it('the main entry and nothing else', async () => {
      instrument('no-map');
      const { count, helper } = load('no-map');
      await drain(count());
      await drain(helper.help());
      await drain(load('no-map/extra').extra());
      expect(spans()).to.deep.equal(['count completed', 'helper.help completed']);
    });

    it('a sub-path of an exports map', async () => {
      instrument('dual-package/streams');
      await drain(load('dual-package').count());
      expect(await drain(load('dual-package/streams').count())).to.deep.equal(['cjs streams']);
      expect(spans()).to.deep.equal(['count completed']);
    });

    it('a sub-path of a pattern in an exports map', async () => {
      instrument('dual-package/parts/one');
      await drain(load('dual-package/parts/one').part());
      expect(spans()).to.deep.equal(['part completed']);
    });

    it('a file that the exports map does not show', async () => {
      instrument('dual-package/internal.js');
      await drain(load('./node_modules/dual-package/internal.js').internal());
      expect(spans()).to.deep.equal(['internal completed']);
    });

    for (const subpath of ['extra', 'extra.js', 'lib/helper', 'lib/helper.js', 'folder']) {
      it(`a file without an exports map: ${subpath}`, async () => {
        instrument(`no-map/${subpath}`);
        const [fn] = Object.values(load(`no-map/${subpath}`)) as (() => AsyncIterable<string>)[];
        await drain((fn as () => AsyncIterable<string>)());
        await drain(load('no-map').count());
        expect(spans()).to.have.lengthOf(1);
      });
    }

    it('a scoped package and a file in it', async () => {
      instrument('@scope/streams;@scope/streams/extra.js');
      await drain(load('@scope/streams').count());
      await drain(load('@scope/streams/extra').extra());
      expect(spans()).to.deep.equal(['count completed', 'extra completed']);
      expect(patching.tracing.spans()[0]?.attributes).to.include({
        'async_generator.module.name': '@scope/streams',
        'async_generator.module.version': '2.0.0',
      });
    });

    it('an npm alias goes by the name that the program uses', async () => {
      instrument('aliased');
      await drain(load('aliased').count());
      expect(spans()).to.deep.equal(['count completed']);
    });

    it('an npm alias does not go by its real name', async () => {
      instrument('its-real-name');
      await drain(load('aliased').count());
      expect(spans()).to.deep.equal([]);
    });

    it('a linked package (a workspace) goes by the name in its package.json', async () => {
      const folder = makeModules('packages/linked/index.js', 'app/x.js');
      fs.writeFileSync(
        path.join(folder, 'packages/linked/package.json'),
        '{"name": "linked-package", "version": "7.8.9"}',
      );
      fs.mkdirSync(path.join(folder, 'node_modules'));
      fs.symlinkSync(
        path.join(folder, 'packages/linked'),
        path.join(folder, 'node_modules/linked-package'),
        'junction',
      );
      instrument([{ module: 'linked-package', versions: '7' }]);
      await drain(load(path.join(folder, 'node_modules/linked-package')).count());
      expect(spans()).to.deep.equal(['count completed']);
      expect(patching.tracing.onlySpan().attributes['async_generator.module.version']).to.equal('7.8.9');
    });
  });

  describe('by version', () => {
    const cases: [string, string, boolean][] = [
      ['versioned', '^2.0.0', true],
      ['versioned', '2.3.4', true],
      ['versioned', '>=3', false],
      ['versioned', '<2 || ^2.3', true],
      ['pre-release', '>=2', true],
      ['pre-release', '^2', false],
    ];
    for (const [module, versions, isTraced] of cases) {
      it(`${versions} ${isTraced ? 'takes' : 'leaves'} ${module}`, async () => {
        const instrumentation = instrument([{ module, versions }]);
        await drain(load(module).count());
        expect(spans()).to.have.lengthOf(isTraced ? 1 : 0);
        const [report] = instrumentation.getPatchReport();
        expect(report?.status).to.equal(isTraced ? 'patched' : 'not-patchable');
        if (!isTraced) expect(report?.message).to.include(versions);
      });
    }
  });

  describe('by file', () => {
    for (const target of ['./own/stream.js', './own/stream', path.join(FIXTURES, 'own/stream.js')]) {
      it(`${path.isAbsolute(target) ? 'an absolute path' : target}`, async () => {
        instrument([{ module: target }]);
        await drain(load('./own/stream.js').count(1));
        await drain(load('./own/nested/deep.js').count(1));
        expect(spans()).to.deep.equal(['count completed']);
        expect(patching.tracing.onlySpan().attributes['code.file.path']).to.equal(path.join(FIXTURES, 'own/stream.js'));
      });
    }

    const files = ['src/a.js', 'src/deep/b.js', 'src/deep/c.cjs', 'src/node_modules/inner/d.js', 'other/e.js'];
    const globs: Record<string, string[]> = {
      './src/**/*.js': ['src/a.js', 'src/deep/b.js'],
      './src/*.js': ['src/a.js'],
      './src/**': ['src/a.js', 'src/deep/b.js', 'src/deep/c.cjs'],
      './**/*.{js,cjs}': ['src/a.js', 'src/deep/b.js', 'src/deep/c.cjs', 'other/e.js'],
      './src/?.js': ['src/a.js'],
    };
    for (const [glob, matching] of Object.entries(globs)) {
      it(`the glob ${glob}, and never node_modules`, async () => {
        const folder = makeModules(...files);
        instrument([{ module: glob }], { baseDir: folder });
        expect(await tracedOf(folder, files)).to.deep.equal(matching);
      });
    }

    it('a folder that the base directory reaches through a link', async () => {
      const folder = makeModules('real/src/a.js');
      fs.symlinkSync(path.join(folder, 'real'), path.join(folder, 'link'), 'junction');
      instrument('./src/*.js', { baseDir: path.join(folder, 'link') });
      expect(await tracedOf(folder, ['real/src/a.js'])).to.deep.equal(['real/src/a.js']);
    });

    const routes = ['app/[...slug]/page.js', 'app/[id]/(group)/page.js', 'app/s/page.js'];
    it('a path with brackets, which are no wildcards', async () => {
      const folder = makeModules(...routes);
      instrument('./app/[...slug]/page.js', { baseDir: folder });
      expect(await tracedOf(folder, routes)).to.deep.equal(['app/[...slug]/page.js']);
    });

    it('a path that ends in brackets, followed by a selector list', async () => {
      const folder = makeModules('app/[...slug]/index.js', 'app/s/index.js');
      instrument('./app/[...slug][*]', { baseDir: folder });
      expect(await tracedOf(folder, ['app/[...slug]/index.js', 'app/s/index.js'])).to.deep.equal([
        'app/[...slug]/index.js',
      ]);
    });

    it('a glob with brackets and parentheses, which are no wildcards', async () => {
      const folder = makeModules(...routes);
      instrument([{ module: './app/[id]/(group)/*.js' }], { baseDir: folder });
      expect(await tracedOf(folder, routes)).to.deep.equal(['app/[id]/(group)/page.js']);
    });
  });
});
