import { expect } from 'chai';
import { packagesLoadedBy } from '../../../src/cli/run/loaded-packages';

describe('the packages that a file loads', () => {
  const cases: [how: string, text: string][] = [
    ['imports', "import OpenAI from 'openai';"],
    ['imports for its effects', 'import "openai";'],
    ['imports over several lines', "import {\n  OpenAI,\n} from 'openai';"],
    ['exports', "export * from 'openai';"],
    ['imports as it runs', "const { OpenAI } = await import('openai');"],
    ['requires', "const OpenAI = require('openai');"],
    ['loads a sub-path of', "import { Stream } from 'openai/streaming';"],
  ];
  for (const [how, text] of cases) {
    it(`are those that it ${how}`, () => {
      expect(packagesLoadedBy(text)).to.deep.equal(['openai']);
    });
  }

  it('may have a scope', () => {
    expect(packagesLoadedBy("import '@langchain/core/runnables';")).to.deep.equal(['@langchain/core']);
  });

  it('are each named once', () => {
    expect(packagesLoadedBy("import 'openai'; import 'openai/streaming';")).to.deep.equal(['openai']);
  });

  it('are no files and no core modules', () => {
    const text =
      "import './a.mjs'; import '../b.mjs'; import '/c.mjs'; import 'node:fs'; import 'timers/promises'; import '#d';";
    expect(packagesLoadedBy(text)).to.deep.equal([]);
  });
});
