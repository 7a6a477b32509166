/**
 * The targets that the documents show for packages trace something: a scenario of test/packages runs each with the real package.
 */
import { expect } from 'chai';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { readTargets } from '../../src/options/resolve';
import { ROOT } from '../support/child';
import { readPage } from '../support/examples';
import { PAGES } from './blocks';

const SCENARIOS = path.join(ROOT, 'test/packages/scenarios');

/** `module[selectors]`, of a package or a core module. */
const SHORTHAND = /(?<![\w./-])((?:node:)?@?[a-z][\w-]*(?:\/[\w.-]+)*)\[([^\]\s"<]+(?:, [^\]"<]+)?)\](?=[`';\s,}])/g;

/** Targets that no scenario has, and why not. */
const ELSEWHERE = new Map([
  ['some-package[**]', 'stands for any package'],
  ['@aws-sdk/client-s3[paginateListB*]', 'a narrower form of paginate*'],
  ['@redis/client/dist/lib/client/index.js[default#*]', 'compared by test/packages/documents.test.mjs'],
  ['@redis/client/dist/lib/client/index.js[default#SUBSCRIBE]', 'compared by test/packages/documents.test.mjs'],
  ['graphql[createSourceEventStream]', 'compared by test/packages/documents.test.mjs'],
  ['postgres/src/query.js[Query#cursor]', 'patched by test/packages/proposals.test.mjs'],
]);

function selectorsIn(page: string): string[] {
  return Array.from(readPage(page).matchAll(SHORTHAND), ([, module = '', selectors = '']) =>
    selectors.split(',').map((selector) => `${module}[${selector.trim()}]`),
  ).flat();
}

describe('the targets of packages in the documents', () => {
  const traced = new Set(
    fs.readdirSync(SCENARIOS).flatMap((file) => {
      // Not loaded: that would take the packages.
      const source = fs.readFileSync(path.join(SCENARIOS, file), 'utf8');
      return Array.from(source.matchAll(SHORTHAND), ([, module = '', selectors = '']) =>
        selectors.split(',').map((selector) => `${module}[${selector.trim()}]`),
      ).flat();
    }),
  );
  const shown = new Set(PAGES.flatMap(selectorsIn));

  it('are many', () => {
    expect(shown).to.have.property('size').above(10);
    expect([...shown]).to.include.members([...ELSEWHERE.keys(), 'it-map[default]']);
  });

  for (const target of shown) {
    it(`are right, and traced in a scenario: ${target}`, () => {
      const problems: string[] = [];
      readTargets('targets', target, { baseDir: ROOT, problems });
      expect(problems).to.deep.equal([]);
      if (!ELSEWHERE.has(target)) expect([...traced]).to.include(target);
    });
  }
});
