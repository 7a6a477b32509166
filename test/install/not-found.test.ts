import { expect } from 'chai';
import { mkdirSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { whyMissing, whyNotFound } from '../../src/install/not-found';
import type { Resolution } from '../../src/cli/inspect/model';
import { parseModulePattern, type FilePattern, type PackagePattern } from '../../src/targets/module-pattern';
import { makeFolder, writeFile } from '../support/folder';

describe('why a module is not found', () => {
  const folder = makeFolder();

  before(() => {
    const write = (file: string, text = '') => writeFile(folder, file, text);
    const install = (name: string, manifest: object) =>
      write(`node_modules/${name}/package.json`, JSON.stringify({ name, ...manifest }));
    write('package.json', JSON.stringify({ name: 'self' }));
    install('found', { main: './a.js' });
    write('node_modules/found/a.js');
    write('node_modules/found/part.js');
    write('src/feed.js');
    write('src/node_modules/inner/index.js');
    write('src/node_modules/inner/package.json', '{}');
    write('lib/index.js');
    write('orders.mjs');
    write('read-orders.js');
    write('esm/orders.mjs');
    write('esm/nested/orders.js');
    write('mixed/orders.mjs');
    write('mixed/customers.ts');
    write('deep/src/orders.mjs');
    install('mapped', { exports: { '.': './a.js', './reader': './r.js', './hidden': null, './package.json': './p' } });
    install('single', { exports: './a.js' });
    install('nothing', { exports: null });
    install('plain', {});
    write('node_modules/plain/lib/reader.js');
    write('node_modules/plain/lib/notes.txt');
    write('node_modules/plain/entry.cjs');
    install('many', { exports: Object.fromEntries(Array.from({ length: 10 }, (_, n) => [`./part-${n}`, './a.js'])) });
    install('@types/typed', { types: 'index.d.ts', main: '' });
    install('declared', {});
    write('node_modules/declared/index.d.ts');
    install('typings-only', { typings: 'a.d.ts', main: 'a.d.ts' });
    install('@scope/streams', { main: 'gone.js' });
    write('node_modules/broken/package.json', 'no JSON');
    write('node_modules/.bin/mapper');
  });

  const why = (module: string, resolution?: Resolution) =>
    whyNotFound(module, folder, parseModulePattern(module, folder), resolution);
  const messageFor = (module: string, resolution?: Resolution) => {
    const { code, message } = why(module, resolution);
    expect(code).to.equal('not-found');
    return message;
  };

  describe('in a report, where a target was never loaded', () => {
    const whyTarget = (module: string, ...others: string[]) =>
      whyMissing(parseModulePattern(module, folder) as FilePattern | PackagePattern, [folder, ...others]);

    it('has nothing to say of what is there', () => {
      for (const module of [
        './orders.mjs',
        './orders',
        './*.mjs',
        'plain/lib/reader.js',
        'found',
        'found/part',
        'self',
      ]) {
        expect(whyTarget(module), module).to.equal(undefined);
      }
    });

    it('names a file that is not there, those that are called like it, and where the path starts', () => {
      expect(whyTarget('./order.mjs')).to.equal(
        `there is no file ${folder}/order.mjs; the nearest names are orders.mjs. Relative paths start at ${folder}`,
      );
    });

    it('names the first folder that is not there, of a path and of a glob, and those that are called like it', () => {
      const message = `there is no folder ${folder}/scr; the nearest names are src. Relative paths start at ${folder}`;
      expect(whyTarget('./scr/api/orders.js')).to.equal(message);
      expect(whyTarget('./scr/**/*.js')).to.equal(message);
    });

    it('names the modules below the folder of a glob that no file matches', () => {
      const message = `no file below ${folder} matches it; the modules there are `;
      expect(whyTarget('./*.jsx')).to.match(
        new RegExp(`^${message}.*orders\\.mjs.*\\. Relative paths start at ${folder}$`),
      );
      expect(whyTarget('./orders.m*')).to.equal(undefined);
    });

    it('looks at no more files than a project has, however many globs there are', () => {
      mkdirSync(path.join(folder, 'pages'));
      for (let index = 0; index < 400; index++) writeFileSync(path.join(folder, 'pages', `${index}.js`), '');
      const told = Array.from({ length: 1_000 }, (_, index) => whyTarget(`./*.none${index}`)).filter(Boolean);
      expect(told.length).to.be.within(1, 250);
    });

    it('suggests the glob where the target is a folder', () => {
      const message = `${folder}/src is a folder, which has no index file; ./src/**/*.js means the files in it`;
      expect(whyTarget('./src')).to.equal(message);
      expect(whyTarget('./src/')).to.equal(message);
      expect(whyTarget('./lib')).to.equal(
        `${folder}/lib is a folder, of which it means the index file; ./lib/**/*.js means the files in it`,
      );
    });

    it('names a package that is not installed, and those that are called like it', () => {
      expect(whyTarget('fuond')).to.match(/^no package fuond is installed in .* the nearest names are found$/);
    });

    it('looks for a package from the entry file, too', () => {
      expect(whyTarget('inner')).to.match(/^no package inner is installed/);
      expect(whyTarget('inner', path.join(folder, 'src'))).to.equal(undefined);
    });

    it('names the sub-paths of a package that has not this one', () => {
      expect(whyTarget('mapped/raeder')).to.equal('mapped has no sub-path raeder; it has mapped/reader');
    });

    it('says of a package that there are types in it, and nothing else', () => {
      expect(whyTarget('@types/typed')).to.include('has types only');
    });

    it('says of a package that it has no main entry', () => {
      expect(whyTarget('mapped')).to.equal(
        `mapped is installed in ${folder}/node_modules/mapped, but has no main entry; it has mapped/reader`,
      );
    });
  });

  describe('a file', () => {
    it('names those that are called like it', () => {
      expect(messageFor('./order.mjs')).to.equal(
        `there is no file ${folder}/order.mjs; the nearest names are orders.mjs`,
      );
    });

    it('names none if none is', () => {
      expect(messageFor('./qqqqqqqqqqqqqqqqqqqqqqq.wasm')).to.equal(
        `there is no file ${folder}/qqqqqqqqqqqqqqqqqqqqqqq.wasm`,
      );
    });

    describe('that is a directory', () => {
      it('is told so, with the glob for what is in it', () => {
        expect(messageFor('./esm')).to.equal(
          `${folder}/esm is a directory: name a file in it, or all files below it, "./esm/**/*.mjs", as in a target`,
        );
      });

      it('may end with a slash', () => {
        expect(messageFor('./esm/')).to.include('"./esm/**/*.mjs"');
      });

      it('may hold files with several extensions', () => {
        expect(messageFor('./mixed')).to.include('"./mixed/**/*.{mjs,ts}"');
      });

      it('may hold nothing but directories', () => {
        expect(messageFor('./deep')).to.include('"./deep/**/*.js"');
      });

      it('may be named as packages are', () => {
        expect(messageFor('esm')).to.match(/; esm is a directory: did you mean "\.\/esm\/\*\*\/\*\.mjs"\?$/);
      });
    });

    it('says if there is not even the folder', () => {
      expect(messageFor('./no/orders.mjs')).to.equal(`there is no folder ${folder}/no`);
    });
  });

  describe('a core module', () => {
    it('names those that are called like it', () => {
      expect(messageFor('node:tmers')).to.match(
        /^Node v\S+ has no core module node:tmers; the nearest names are timers/,
      );
    });

    it('says the same of what has no meaning at all', () => {
      expect(whyNotFound('qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq', folder).message).to.match(/has no core module q+$/);
    });
  });

  describe('a package', () => {
    it('names those that are called like it, of a scope as well, and no folder that is none', () => {
      expect(messageFor('maped')).to.include(`no package maped is installed in ${folder} or a folder above it`);
      expect(messageFor('maped'))
        .to.match(/the nearest names are mapped/)
        .and.not.include('.bin');
      expect(messageFor('@scope/stream')).to.match(/the nearest names are @scope\/streams/);
    });

    it('asks whether the file of that name was meant', () => {
      expect(messageFor('read-orders.js')).to.match(/; there is a file: did you mean \.\/read-orders\.js\?$/);
    });

    it('has nothing to load if it has types only', () => {
      for (const name of ['@types/typed', 'declared', 'typings-only']) {
        expect(why(name)).to.deep.equal({
          code: 'nothing-to-load',
          message: `${name} has types only: there is no code in it to load, and nothing to trace`,
        });
      }
    });

    it('without a main entry tells what Node says, and which sub-paths it has', () => {
      const error = { message: 'No "exports" main defined' };
      expect(messageFor('mapped', { import: error, require: '/somewhere.js' })).to.equal(
        `mapped is installed in ${folder}/node_modules/mapped, but has no main entry (${error.message}); it has mapped/reader`,
      );
      expect(messageFor('@scope/streams', { import: error, require: error })).to.match(
        /has no main entry \(No "exports" main defined; No "exports" main defined\)$/,
      );
    });

    it('is told of even if its package.json cannot be read', () => {
      expect(messageFor('broken')).to.include('broken is installed in');
    });
  });

  describe('a sub-path', () => {
    it('names those that the package exports, but those that it hides', () => {
      expect(messageFor('mapped/raeder')).to.equal('mapped has no sub-path raeder; it has mapped/reader');
    });

    it('names the nearest first, and says how many more there are', () => {
      expect(messageFor('many/part-77')).to.match(/; it has many\/part-7, .*, and 2 more$/);
    });

    it('names the modules in that folder of a package that exports no paths', () => {
      expect(messageFor('plain/lib/raeder.js')).to.equal(
        'plain has no sub-path lib/raeder.js; it has plain/lib/reader.js',
      );
      expect(messageFor('plain/entri.cjs')).to.match(/; it has plain\/entry\.cjs$/);
      expect(messageFor('plain/no/entry.cjs')).to.match(/; it has plain\/entry\.cjs$/);
    });

    it('says so if the package has none', () => {
      expect(messageFor('single/reader')).to.equal('single has no sub-path reader; it has no sub-paths');
      expect(messageFor('nothing/reader')).to.equal('nothing has no sub-path reader; it has no sub-paths');
    });
  });
});
