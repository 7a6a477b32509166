/**
 * Tools that stand between a program and the modules that it loads do what they do untraced, and what they let through is traced.
 */
import { expect } from 'chai';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { PACKAGE_NAME } from '../../src/version';
import { runNode } from '../support/child';
import { makeProject } from '../support/folder';

const FILES = {
  'pages.mjs': "export async function* pages() {\n  yield 'real';\n}\n",
  'reader.mjs': "import { pages } from './pages.mjs';\nexport async function* read() {\n  yield* pages();\n}\n",
  'items.cjs': "exports.items = async function* items() {\n  yield 'item';\n};\n",
  'app.mjs': `import { items } from './items.cjs';
import { read } from './reader.mjs';
for await (const page of read()) console.log(page);
for await (const item of items()) console.log(item);\n`,
  'mocked.mjs': `import { mock } from 'node:test';
const mocked = mock.module('./pages.mjs', { namedExports: { pages: async function* () { yield 'mock'; } } });
for (const query of ['1', '2']) {
  const { read } = await import('./reader.mjs?' + query);
  for await (const page of read()) console.log(page);
  mocked.restore();
}\n`,
};

describe('own files that are seen as source', function () {
  this.timeout(60_000);

  let folder: string;
  before(() => {
    folder = makeProject(FILES);
  });
  after(() => {
    fs.rmSync(folder, { recursive: true });
  });

  /** What the program printed, and the names of its spans. */
  const run = async (args: readonly string[], isTraced: boolean, env: NodeJS.ProcessEnv = {}) => {
    const { stdout, stderr } = await runNode([...(isTraced ? ['--import', `${PACKAGE_NAME}/register`] : []), ...args], {
      cwd: folder,
      env: {
        NODE_NO_WARNINGS: '1',
        OTEL_TRACES_EXPORTER: 'console',
        OTEL_INSTRUMENTATION_ASYNC_GENERATOR_TARGETS: './{pages,reader,items}.*',
        ...env,
      },
    });
    expect(stderr).to.equal('');
    return {
      printed: stdout.match(/^\w+$/gm),
      spans: (stdout.match(/^ {2}name: '\w+'/gm) ?? []).map((line) => line.slice("  name: '".length, -1)).sort(),
    };
  };

  it('are replaced by mock.module() of node:test, and traced when they are back', async function () {
    if (Number.parseInt(process.versions.node) < 22) this.skip();
    const args = ['--experimental-test-module-mocks', 'mocked.mjs'];
    const untraced = await run(args, false);
    expect(untraced.printed).to.deep.equal(['mock', 'real']);
    const traced = await run(args, true);
    expect(traced.printed).to.deep.equal(untraced.printed);
    expect(traced.spans).to.deep.equal(['pages', 'read', 'read']);
  });

  it('are traced with or without an entry in the compile cache of Node, and leave nothing traced in it', async () => {
    const cache = path.join(folder, 'cache');
    const printed = ['real', 'item'];
    for (const isTraced of [true, true, false, true]) {
      const spans = isTraced ? ['items', 'pages', 'read'] : [];
      expect(await run(['app.mjs'], isTraced, { NODE_COMPILE_CACHE: cache })).to.deep.equal({ printed, spans });
    }
  });
});
