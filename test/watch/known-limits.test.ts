/**
 * What wrapping ES modules under URLs of their own does to others. Each of these is a limit that README names, and the test says what happens today:
 * one that fails has been mended, and is to be turned round.
 */
import { expect } from 'chai';
import { PACKAGE_NAME } from '../../src/version';
import { runNode } from '../support/child';
import { makeProject } from '../support/folder';

const [major = 0] = process.versions.node.split('.').map(Number);

describe('known limits of wrapping ES modules', function () {
  this.timeout(30_000);

  const folder = makeProject({
    'rows.mjs': `export async function* rows() { yield 'real'; }`,
    'report.mjs': `import { rows } from './rows.mjs';
       export async function* report() { for await (const row of rows()) yield row; }`,
    'mocked.mjs': `import { mock } from 'node:test';
       mock.module('./rows.mjs', { namedExports: { rows: async function* () { yield 'mock'; } } });
       const { report } = await import('./report.mjs');
       for await (const row of report()) console.log(row);`,
    'covered.mjs': `export async function* items(n) {
        for (let i = 0; i < n; i++) yield i;
      }
      export function unused() {
        return 1;
      }`,
    'covered.test.mjs': `import test from 'node:test';
       import { items } from './covered.mjs';
       test('items', async () => { for await (const item of items(2)) void item; });`,
    'circle-a.mjs': `import { limit } from './circle-b.mjs';
       export const pageSize = 100;
       export async function* pages() { yield limit; }`,
    'circle-b.mjs': `export { pageSize as limit } from './circle-a.mjs';
       export async function* other() { yield 1; }`,
    'circle.mjs': `import { pages } from './circle-a.mjs';
       for await (const page of pages()) console.log(page);`,
  });

  const run = (args: readonly string[], targets?: string) =>
    runNode([...(targets === undefined ? [] : ['--import', `${PACKAGE_NAME}/register`]), ...args], {
      cwd: folder,
      env: {
        OTEL_TRACES_EXPORTER: 'none',
        NODE_NO_WARNINGS: '1',
        ...(targets !== undefined && { OTEL_INSTRUMENTATION_ASYNC_GENERATOR_TARGETS: targets }),
      },
    });

  it('mock.module() of node:test does not replace a target that another module imports', async function () {
    if (major < 22) this.skip();
    const args = ['--experimental-test-module-mocks', 'mocked.mjs'];
    expect((await run(args)).stdout).to.match(/^mock$/m);
    expect((await run(args, './*.mjs[*]')).stdout).to.match(/^real$/m);
  });

  it('coverage of a target says that all of it has run', async function () {
    if (major < 22) this.skip();
    const args = ['--test', '--experimental-test-coverage', '--test-reporter=tap', 'covered.test.mjs'];
    const lines = /covered\.mjs +\| +([\d.]+) /;
    expect(lines.exec((await run(args)).stdout)?.[1]).to.not.equal('100.00');
    expect(lines.exec((await run(args, './covered.mjs[*]')).stdout)?.[1]).to.equal('100.00');
  });

  it('what a module of a circle hands on from another is undefined at first, where only the circle imports it', async () => {
    expect((await run(['circle.mjs'])).stdout).to.equal('100\n');
    expect((await run(['circle.mjs'], './circle-*.mjs[*]')).stdout).to.equal('undefined\n');
  });
});
