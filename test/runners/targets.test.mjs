import { expect } from 'chai';
import { afterEach, describe, it } from 'mocha';
import { LINES } from '../support/suites.mjs';
import { PACKAGE, useProjects } from './support/project.mjs';

const TESTING = `${PACKAGE}/testing`;

/** Real folders: npm's links would not be hooked. */
const FILES = {
  'src/stream.js': 'exports.stream = async function* stream() { yield 1; };',
  'src/module.mjs': 'export async function* stream() { yield 1; }',
  'node_modules/feed-cjs/package.json': '{ "name": "feed-cjs", "version": "1.0.0", "main": "index.js" }',
  'node_modules/feed-cjs/index.js': 'exports.feed = async function* feed() { yield 1; };',
  'node_modules/feed-esm/package.json':
    '{ "name": "feed-esm", "version": "1.0.0", "type": "module", "exports": "./index.js" }',
  'node_modules/feed-esm/index.js': 'export async function* feed() { yield 1; }',
};
const SETUP = `
import { AsyncGeneratorInstrumentation, registerImportHooks } from '${PACKAGE}';
const targets = ['feed-esm', './src/module.mjs'];
registerImportHooks({ targets });
new AsyncGeneratorInstrumentation({ targets });
`;
const NODE_OPTIONS = '--import ./setup.mjs';

const LINES_OF_A_TEST = `
const noted = { exclude: ['code.*', 'async_generator.module.*'] };
async function spansOf(recorder, items) {
  for await (const item of items) break;
  await recorder.settled();
  recorder.shutdown();
  return formatSpans(recorder, noted);
}
`;
const inVitest = (imports, title, body) => `
import { expect, test } from 'vitest';
import { traceAsyncGenerator } from '${PACKAGE}';
import { formatSpans, SpanRecorder } from '${TESTING}';
${imports}${LINES_OF_A_TEST}
test('${title}', async () => {
  ${body}
});
`;
const inJest = (requires, title, body) => `
const { traceAsyncGenerator } = require('${PACKAGE}');
const { formatSpans, SpanRecorder } = require('${TESTING}');
${requires}${LINES_OF_A_TEST}
test('${title}', async () => {
  ${body}
});
`;
const PATCH = `const recorder = new SpanRecorder();
  recorder.patch(source, ['stream']);
  expect(await spansOf(recorder, source.stream())).toBe('- stream [returned, 1 item]');`;
const BY_HAND = `const recorder = new SpanRecorder();
  expect(await spansOf(recorder, traceAsyncGenerator(source.stream)())).toBe('- stream [returned, 1 item]');`;
const traces = (target, items, span) => `const recorder = new SpanRecorder({ targets: ['${target}'] });
  expect(await spansOf(recorder, ${items})).toBe('${span}');`;
const CORE = traces('timers/promises[setInterval]', 'timers.setInterval(1)', '- setInterval [returned, 1 item]');
const refuses = (target) => `new SpanRecorder({ targets: ['${target}'] });`;

/** As it is named where it was given no selector: own files are seen as source. */
const withSelector = (target) => `${target}${target.startsWith('./') ? '[**]' : '[*]'}`;

for (const line of LINES) {
  describe(`targets that no hook reaches, ${line.title}`, () => {
    const projects = useProjects();
    afterEach(projects.dispose);

    async function vitest(test, { args = [], env = {}, files = {} } = {}) {
      const project = projects.create(line, { ...FILES, ...files, 'test/spans.test.mjs': test });
      return project.run('vitest', ['run', ...args], env);
    }
    async function jest(test) {
      const project = projects.create(line, { ...FILES, 'test/spans.test.js': test });
      return project.run('jest', []);
    }
    const expectPassed = ({ status, output }) => expect(status, output).to.equal(0);

    describe('with Jest', () => {
      for (const target of ['./src/*.js', 'feed-cjs']) {
        it(`${target} is refused, with what to do`, async () => {
          const { status, output } = await jest(inJest('', 'refused', refuses(target)));
          expect(status).to.equal(1);
          expect(output).to.contain(
            `targets: ${withSelector(target)} cannot be hooked under Jest: Jest loads modules itself`,
          );
          expect(output).to.contain('recorder.patch(').and.to.contain('traceAsyncGenerator(');
        });
      }

      it('core modules are hooked', async () => {
        expectPassed(await jest(inJest("const timers = require('timers/promises');", 'core', CORE)));
      });

      it('modules are patched in the test, and functions traced by hand', async () => {
        const requires = "const source = require('../src/stream');";
        expectPassed(await jest(inJest(requires, 'patched', PATCH)));
        expectPassed(await jest(inJest(requires, 'by hand', BY_HAND)));
      });

      it('exports of ES modules as Jest loads them are refused by `patch`, with what to do', async () => {
        const project = projects.create(line, {
          ...FILES,
          'jest.config.json': '{ "testMatch": ["**/*.test.mjs"] }',
          'test/spans.test.mjs': `import { test } from '@jest/globals';
import { SpanRecorder } from '${TESTING}';
import * as source from '../src/module.mjs';
test('refused', () => { new SpanRecorder().patch(source, ['stream']); });`,
        });
        const { status, output } = await project.run('jest', [], { NODE_OPTIONS: '--experimental-vm-modules' });
        expect(status).to.equal(1);
        expect(output).to.contain('recorder.patch: stream cannot be replaced: ').and.to.contain('traceAsyncGenerator');
        // There is no way to hook them.
        expect(output).not.to.contain('NODE_OPTIONS');
      });
    });

    describe('with Vitest', () => {
      for (const target of ['./src/*.js', 'feed-esm']) {
        it(`${target} is refused, with what to do`, async () => {
          const { status, output } = await vitest(inVitest('', 'refused', refuses(target)));
          expect(status).to.equal(1);
          expect(output).to.contain(`targets: ${withSelector(target)} cannot be hooked under Vitest: `);
          expect(output).to.contain('recorder.patch(').and.to.contain('traceAsyncGenerator(');
          expect(output).to.contain('NODE_OPTIONS="--import ./setup.mjs"');
        });
      }

      it('core modules are hooked, and packages in CommonJS', async () => {
        expectPassed(await vitest(inVitest("import timers from 'node:timers/promises';", 'core', CORE)));
        const feed = traces('feed-cjs', "(await import('feed-cjs')).feed()", '- feed [returned, 1 item]');
        expectPassed(await vitest(inVitest('', 'package', feed)));
      });

      for (const pool of ['forks', 'threads', 'vmThreads', 'vmForks']) {
        it(`modules are patched in the test, and functions traced by hand (${pool})`, async () => {
          const imports = "import * as source from '../src/module.mjs';";
          expectPassed(await vitest(inVitest(imports, 'patched', PATCH), { args: [`--pool=${pool}`] }));
          expectPassed(await vitest(inVitest(imports, 'by hand', BY_HAND), { args: [`--pool=${pool}`] }));
        });
      }

      for (const pool of ['vmThreads', 'vmForks']) {
        it(`nothing is hooked in ${pool}: core modules are refused as well`, async () => {
          const test = inVitest('', 'refused', refuses('timers/promises'));
          const { status, output } = await vitest(test, { args: [`--pool=${pool}`] });
          expect(status).to.equal(1);
          expect(output).to.contain("targets: timers/promises[*] cannot be hooked under Vitest's vm pools");
          expect(output).to.contain('pool: "forks"');
        });
      }

      for (const pool of ['forks', 'threads']) {
        it(`ES modules are traced with a set-up in NODE_OPTIONS: packages, and what is external (${pool})`, async () => {
          const config = `export default { test: { server: { deps: { external: [/module\\.mjs/] } } } };`;
          const files = { 'setup.mjs': SETUP, 'vitest.config.mjs': config };
          const body = `const [recorder, other] = [new SpanRecorder(), new SpanRecorder()];
  expect(await spansOf(recorder, feed())).toBe('- feed [returned, 1 item]');
  other.reset();
  expect(await spansOf(other, source.stream())).toBe('- stream [returned, 1 item]');`;
          const imports = "import { feed } from 'feed-esm';\nimport * as source from '../src/module.mjs';";
          expectPassed(
            await vitest(inVitest(imports, 'set up', body), { args: [`--pool=${pool}`], env: { NODE_OPTIONS }, files }),
          );
        });
      }
    });
  });
}
