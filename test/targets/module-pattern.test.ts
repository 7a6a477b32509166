import { expect } from 'chai';
import * as path from 'node:path';
import { pathToFileURL } from 'node:url';
import { resolveConfig } from '../../src/config/validate';
import { parseModulePattern } from '../../src/targets/module-pattern';
import { setUpPatching } from '../patch/support';

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

  describe('as a glob', () => {
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
        it(`means the same files when they are required and when they are imported: ${glob} in ${base}`, () => {
          const pattern = parseModulePattern(glob, base);
          if (pattern?.kind !== 'file') throw new Error('a glob means files');
          const required = FILES.filter((file) => pattern.matches(path.posix.join(base, file)));
          const imported = FILES.filter((file) => pattern.url.test(pathToFileURL(path.posix.join(base, file)).href));
          expect(imported).to.deep.equal(required);
          expect(required).not.to.be.empty;
          for (const file of FILES_OF_OTHERS) {
            expect(pattern.matches(path.posix.join(base, file)), file).to.equal(false);
            expect(pattern.url.test(pathToFileURL(path.posix.join(base, file)).href), file).to.equal(false);
          }
        });
      }
    }
  });
});
