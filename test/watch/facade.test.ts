import { expect } from 'chai';
import {
  Facades,
  facadeOf,
  isOfOtherCopy,
  isWrapper,
  resolvedInFacade,
  shapeOf,
  wrapperOf,
} from '../../src/watch/facade';

const WRAPPER = 'file:///app/stream.mjs?v=1&iitm=true';
const ASKED = `data:text/javascript;async-generator-wrapper,${encodeURIComponent(WRAPPER)}`;
const wrapperSource = (exports: string) => `
  import { register } from "file:///app/node_modules/import-in-the-middle/lib/register.js"
  export { ${exports} }`;

describe('facades', () => {
  it('come before a wrapper, one for each importer', () => {
    const facades = new Facades();
    const urls = ['a', 'b', 'a'].map((importer) => facades.for({ url: WRAPPER }, importer).url);
    expect(urls[0]).to.equal(urls[2]).and.not.equal(urls[1]);
    for (const url of urls) {
      expect(url).to.not.satisfy(isWrapper);
      expect(wrapperOf(url)).to.equal(WRAPPER);
    }
  });

  it('come before nothing else', () => {
    const facades = new Facades();
    for (const url of ['file:///app/stream.mjs', 'file:///app/stream.mjs?iitm=bindings', 'node:fs?iitm=true']) {
      expect(facades.for({ url }, 'a').url).to.equal(url);
      expect(wrapperOf(url)).to.equal(undefined);
    }
    expect(facades.for({ url: WRAPPER }, undefined).url).to.equal(WRAPPER);
  });

  it('get the wrapper that they import, which no other module gets this way', () => {
    const facade = new Facades().for({ url: WRAPPER }, 'a').url;
    expect(resolvedInFacade(ASKED, facade)?.url).to.equal(WRAPPER);
    expect(resolvedInFacade('file:///app/stream.mjs?v=1', facade)).to.equal(undefined);
    expect(resolvedInFacade(ASKED, 'file:///app/main.mjs')).to.equal(undefined);
  });

  it('import the module before its wrapper', () => {
    const { source } = facadeOf(WRAPPER, shapeOf({ source: wrapperSource('$0 as "stream"') }));
    expect(source.split('\n')[0]).to.equal('import * as original from "file:///app/stream.mjs?v=1";');
    expect(source).to.include(`export * from "${ASKED}"`);
  });

  it('have a default export if the wrapper has one', () => {
    for (const exported of ['$0 as default', '$0 as "default"', '$0 as "stream", $1 as default']) {
      expect(facadeOf(WRAPPER, shapeOf({ source: wrapperSource(exported) })).source, exported).to.include(
        'export { default }',
      );
    }
    for (const exported of ['', '$0 as "stream"', '$0 as "defaults"']) {
      expect(facadeOf(WRAPPER, shapeOf({ source: wrapperSource(exported) })).source, exported).to.not.include(
        'default',
      );
    }
  });

  describe('know an import of a wrapper that another copy of import-in-the-middle has made', () => {
    const register = 'file:///app/node_modules/import-in-the-middle/lib/register.js';
    const other = 'file:///app/node_modules/x/node_modules/import-in-the-middle/lib/register.js';
    const facades = new Facades();
    facades.for({ url: WRAPPER }, 'a');
    const made = { facades, isOwn: () => true, register };
    const notMade = { facades, isOwn: () => false, register };

    it('by what it imports, where that copy was registered first', () => {
      expect(isOfOtherCopy(other, WRAPPER, made)).to.equal(true);
      expect(isOfOtherCopy(register, WRAPPER, made)).to.equal(false);
      expect(isOfOtherCopy('file:///app/stream.mjs?v=1', WRAPPER, made)).to.equal(false);
    });

    it('by a wrapper that the copy in use has not made, where that copy was registered last', () => {
      expect(isOfOtherCopy('file:///app/stream.mjs?v=1', WRAPPER, notMade)).to.equal(true);
    });

    it('and from no import of anything else', () => {
      for (const importer of [undefined, 'file:///app/main.mjs', 'file:///app/other.mjs?iitm=true']) {
        expect(isOfOtherCopy(other, importer, notMade), importer).to.equal(false);
      }
    });
  });

  it('remember no more importers and wrappers than a program has at a time', () => {
    const facades = new Facades();
    const first = facades.for({ url: WRAPPER }, 'importer');
    for (let i = 0; i < 2000; i++) facades.for({ url: `file:///app/stream.mjs?${i}&iitm=true` }, `importer ${i}`);
    expect(facades.has(WRAPPER)).to.equal(false);
    // Any facade will do, as long as no other importer has it.
    expect(facades.for({ url: WRAPPER }, 'importer').url).to.not.equal(first.url);
  });

  describe('of a module that could not be wrapped, and is at the URL of its wrapper', () => {
    const sourceFor = (text: string | undefined) =>
      facadeOf(WRAPPER, shapeOf({ source: text === undefined ? null : Buffer.from(text) })).source;

    it('do not run it twice', () => {
      expect(sourceFor('export const register = 1;')).to.equal(
        `import * as module from "${ASKED}";\nexport * from "${ASKED}";`,
      );
    });

    it('read its default export, where it may have one, and do not name it, which would fail where it has none', () => {
      for (const text of ['export default async function* main() {}', '// has no export default', undefined]) {
        const source = sourceFor(text);
        expect(source).to.include('export { value as default }');
        expect(source).to.not.include('export { default }');
      }
    });
  });
});
