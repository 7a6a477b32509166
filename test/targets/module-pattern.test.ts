import { expect } from 'chai';
import * as path from 'node:path';
import { pathToFileURL } from 'node:url';
import { resolveConfig } from '../../src/options/resolve';
import { importInTheMiddleOptions } from '../../src/watch/wrapped-imports';
import { isUrlInGlob, parseModulePattern } from '../../src/targets/module-pattern';
import { setUpPatching } from '../install/support';

describe('the module of a target', () => {
  const parse = (text: string) => parseModulePattern(text, process.cwd());

  for (const text of [
    'https://example.com/x.js',
    'data:text/javascript,export{}',
    'npm:it-map',
    'C:x.js',
    'lib\\x.js',
    '@scope\\name',
    'package/lib\\x.js',
    'package/a:b',
    'node:',
    'node:*',
  ]) {
    it(`is not ${text}, and the error names the place`, () => {
      expect(parse(text)).to.equal(undefined);
      expect(() => resolveConfig({ targets: [{ module: text }] })).to.throw(TypeError, 'targets[0].module');
    });
  }

  it('is not a path with a drive, except on Windows', function () {
    if (process.platform === 'win32') this.skip();
    expect(parse('C:\\x\\y.js')).to.equal(undefined);
    expect(parse('C:/x/y.js')).to.equal(undefined);
  });

  it('is a core module without node:, where it has that name', () => {
    expect(parse('node:timers/promises')).to.deep.equal({
      kind: 'builtin',
      text: 'node:timers/promises',
      name: 'timers/promises',
    });
    expect(parse('timers/promises')).to.include({ kind: 'builtin', name: 'timers/promises' });
    expect(parse('node:test')).to.include({ kind: 'builtin', name: 'node:test' });
  });

  it('is a core module, as written, that this version of Node does not have', () => {
    const text = 'node:no-such/module';
    expect(parse(text)).to.deep.equal({ kind: 'builtin', text, name: text });
  });

  it('is a package and a sub-path of it', () => {
    expect(parse('@scope/name/lib/x.js')).to.include({ kind: 'package', name: '@scope/name', subpath: 'lib/x.js' });
    expect(parse('it-map')).to.include({ kind: 'package', name: 'it-map', subpath: '' });
  });

  describe('a core module that this version of Node does not have', () => {
    const { instrument } = setUpPatching();

    it('does not keep other targets from being patched', () => {
      const instrumentation = instrument('node:no-such-module;node:timers/promises[setInterval]');
      const statuses = instrumentation.getPatchReport().map(({ status }) => status);
      expect(statuses[0]).to.not.equal('patched');
      expect(statuses[1]).to.equal('patched');
    });
  });

  it('is one file in a base directory whose name looks like a pattern', () => {
    const pattern = parseModulePattern('./m', '/br/{a}');
    expect(pattern).to.include({ kind: 'file', isGlob: false, base: '/br/{a}/m' });
    expect(pattern?.kind === 'file' && pattern.matches('/br/{a}/m.cjs')).to.equal(true);
  });

  describe('as a glob', () => {
    const filesIn = (glob: string, base: string, files: readonly string[]) => {
      const pattern = parseModulePattern(glob, base);
      if (pattern?.kind !== 'file' || pattern.glob === undefined) throw new Error('not a glob');
      const { url, glob: ofPaths } = pattern;
      const { shouldInclude } = importInTheMiddleOptions([{ pattern: url, glob: ofPaths, onlyGenerators: false }]);
      return {
        required: files.filter((file) => pattern.matches(path.posix.join(base, file))),
        imported: files.filter((file) => shouldInclude(pathToFileURL(path.posix.join(base, file)).href, file)),
      };
    };

    const FILES = [
      'a.js',
      'a.mjs',
      'a.ts',
      '.a.js',
      'lib/a.js',
      'lib/a.mjs',
      'lib/deep/b.js',
      'src/a.js',
      'src/lib/b.cjs',
    ];
    const FILES_OF_OTHERS = ['node_modules/x/a.js', 'lib/node_modules/x/a.js'];

    for (const glob of [
      './*.js',
      './**',
      './**/*.js',
      './**/*.{js,mjs}',
      './**/*.{js,cjs,mjs,ts}',
      './{lib,src}/**/*.js',
      './{lib,src}/**',
      './**/{lib,src}/*.js',
      './**/lib/**/*.{js,cjs}',
      './lib/**/b.*',
      './?.{js,mjs}',
      './a.*',
      './a*.mjs',
      './lib/a*.{js,mjs}',
      './src/../**/*.{js,mjs}',
    ]) {
      for (const base of ['/app', '/app+x (1)/[slug]', '/with space/ä']) {
        it(`selects the same files when they are required and when they are imported: ${glob} in ${base}`, () => {
          const { required, imported } = filesIn(glob, base, FILES);
          expect(imported).to.deep.equal(required);
          expect(required).not.to.be.empty;
          expect(filesIn(glob, base, FILES_OF_OTHERS)).to.deep.equal({ required: [], imported: [] });
        });
      }
    }

    for (const [glob, file] of [
      ['./*/a b.mjs', 'x/a b.mjs'],
      ['./**/größe.mjs', 'x/größe.mjs'],
      ['./*/#h.mjs', 'x/#h.mjs'],
      ['./*/100%.mjs', 'x/100%.mjs'],
      ['./x/a?b.mjs', 'x/a b.mjs'],
      ['./?.mjs', 'ä.mjs'],
      ['./{ä b,c}/*.mjs', 'ä b/x.mjs'],
      ['./{x}/*.mjs', '{x}/a.mjs'],
    ] as const) {
      it(`selects a file whose URL is encoded behind the first wildcard: ${glob}`, () => {
        expect(filesIn(glob, '/app', [file, 'y/y/y.mjs'])).to.deep.equal({ required: [file], imported: [file] });
      });
    }

    for (const [glob, base] of [
      ['./**/*.mjs', '/br/{a}'],
      ['./x/*.mjs', '/work/{{proj}}'],
      ['./x/*.mjs', '/br/{a,b}/what?/2*3'],
      ['../{a,b}/x/*.mjs', '/br/{a,b}'],
      ['/br/{a,b}/x/*.mjs', '/br/{a,b}'],
      [pathToFileURL('/br/{a,b}/x/*.mjs').href, '/br/{a,b}'],
    ] as const) {
      it(`takes no wildcards from the base directory: ${glob} in ${base}`, () => {
        expect(filesIn(glob, base, ['x/a.mjs', 'y.cjs'])).to.deep.equal({
          required: ['x/a.mjs'],
          imported: ['x/a.mjs'],
        });
      });
    }

    it('may have wildcards in an absolute path outside the base directory', () => {
      expect(filesIn('/other/{a,b}/*.mjs', '/app', ['../other/a/x.mjs', '../other/c/x.mjs']).required).to.have.length(
        1,
      );
    });

    it('has no URLs that are of no file', () => {
      const pattern = parseModulePattern('/**/*.mjs', '/');
      if (pattern?.kind !== 'file' || pattern.glob === undefined) throw new Error('not a glob');
      expect(isUrlInGlob(pattern.glob, 'https://example.com/x.mjs')).to.equal(false);
      expect(isUrlInGlob(pattern.glob, 'file:///a%2Fb.mjs')).to.equal(false);
      expect(isUrlInGlob(pattern.glob, 'file:///a/b.mjs?v=1#x')).to.equal(true);
    });
  });
});
