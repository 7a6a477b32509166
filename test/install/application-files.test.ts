import { expect } from 'chai';
import { buildSync } from 'esbuild';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { filesOfApplication, packagesInBundle } from '../../src/install/application-files';
import { makeFolder, writeFile } from '../support/folder';

describe('the files of an application', () => {
  let folder = '';

  beforeEach(() => {
    folder = makeFolder();
  });

  const write = (name: string, text: string) => writeFile(folder, name, text);

  describe('name the packages that they load', () => {
    const CASES: [how: string, text: string][] = [
      ['import', "import OpenAI from 'openai';"],
      ['import for its effects', 'import "openai";'],
      ['import over several lines', "import {\n  OpenAI,\n} from 'openai';"],
      ['export', "export * from 'openai';"],
      ['import as they run', "const { OpenAI } = await import('openai');"],
      ['require', "const OpenAI = require('openai');"],
      ['load a sub-path of', "import { Stream } from 'openai/streaming';"],
      ['load twice', "import 'openai'; import 'openai/streaming';"],
    ];
    for (const [how, text] of CASES) {
      it(`that they ${how}`, () => {
        expect(filesOfApplication(write('app.mjs', text)).packages).to.deep.equal(['openai']);
      });
    }

    it('with their scopes', () => {
      const file = write('app.mjs', "import '@langchain/core/runnables';");
      expect(filesOfApplication(file).packages).to.deep.equal(['@langchain/core']);
    });

    it('and no files, no core modules', () => {
      const text = "import './a.mjs'; import '/c.mjs'; import 'node:fs'; import 'timers/promises'; import '#d';";
      expect(filesOfApplication(write('app.mjs', text)).packages).to.deep.equal([]);
    });

    it('in whichever of them', () => {
      write('lib/b.cjs', "require('openai'); require('../app.cjs');");
      const file = write('app.cjs', "require('./lib/b.cjs');");
      expect(filesOfApplication(file).packages).to.deep.equal(['openai']);
    });
  });

  describe('that esbuild has bundled', () => {
    const bundle = (format: 'esm' | 'cjs', source: string) => {
      write('node_modules/@scope/pages/package.json', '{ "name": "@scope/pages", "main": "index.js" }');
      write('node_modules/@scope/pages/index.js', 'exports.pages = async function* () { yield 1; };');
      write('node_modules/.store/items/node_modules/items/package.json', '{ "name": "items", "type": "module" }');
      write('node_modules/.store/items/node_modules/items/index.js', 'export async function* items() { yield 1; }');
      fs.symlinkSync('.store/items/node_modules/items', path.join(folder, 'node_modules/items'));
      const outfile = path.join(folder, format === 'esm' ? 'out.mjs' : 'out.cjs');
      buildSync({ entryPoints: [write('src.mjs', source)], bundle: true, format, platform: 'node', outfile });
      return outfile;
    };
    const SOURCE =
      "import { pages } from '@scope/pages'; import { items } from 'items'; for await (const _ of pages()); items();";

    it('name the packages in them', () => {
      const file = bundle('esm', SOURCE);
      const [found] = filesOfApplication(file).bundles;
      expect(found).to.deep.include({ file, holdsGenerators: true });
      expect(found?.packages).to.have.members(['@scope/pages', 'items']);
    });

    it('are found where another file loads them', () => {
      const file = bundle('cjs', SOURCE.replace(/for await.*/, 'pages(); items();'));
      const entry = write('server.cjs', "require('./out.cjs');");
      expect(filesOfApplication(entry).bundles.map((each) => each.file)).to.deep.equal([file]);
    });
  });

  const BUNDLES: [by: string, text: string, packages: string[]][] = [
    ['webpack', 'var __webpack_modules__ = ({\n"./node_modules/openai/index.js": ((m) => {})});', ['openai']],
    [
      'webpack, with modules put together',
      ';// ./node_modules/@a/b/index.js\nvar x;\n__webpack_require__.d();',
      ['@a/b'],
    ],
    ['ncc', '/***/ 1234:\n__nccwpck_require__(5);', []],
    ['a bundler that minifies', `${'const a=1;'.repeat(10_000)}\n`, []],
  ];
  for (const [by, text, packages] of BUNDLES) {
    it(`are known as a bundle by ${by}`, () => {
      expect(packagesInBundle(text)).to.deep.equal(packages);
    });
  }

  const OWN: [what: string, text: string][] = [
    ['that loads a file of a package', "require('./node_modules/openai/index.js');"],
    ['that speaks of one', '// See node_modules/openai/index.js, which streams.\nexport {};'],
    ['that a compiler has made of one file', 'var __toESM = (mod) => mod;\nvar x = __toESM(require("openai"));'],
    ['that is long', 'const a = 1;\n'.repeat(10_000)],
  ];
  for (const [what, text] of OWN) {
    it(`are not a bundle: one ${what}`, () => {
      expect(packagesInBundle(text)).to.equal(undefined);
    });
  }
});
