/**
 * What wrapping ES modules under URLs of their own does to others. Each of these is a limit that README names, and the test says what happens today:
 * one that fails has been mended, and is to be turned round.
 */
import { expect } from 'chai';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { PACKAGE_NAME } from '../../src/version';
import { ROOT, runNode } from '../support/child';

const [major = 0] = process.versions.node.split('.').map(Number);

describe('known limits of wrapping ES modules', function () {
  this.timeout(30_000);

  let folder: string;
  const write = (name: string, text: string) => {
    fs.writeFileSync(path.join(folder, name), text);
  };

  before(() => {
    folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'known-limits-')));
    fs.mkdirSync(path.join(folder, 'node_modules'));
    fs.symlinkSync(ROOT, path.join(folder, 'node_modules', PACKAGE_NAME));
    fs.symlinkSync(path.join(ROOT, 'node_modules/@opentelemetry'), path.join(folder, 'node_modules/@opentelemetry'));
    write('rows.mjs', `export async function* rows() { yield 'real'; }`);
    write(
      'report.mjs',
      `import { rows } from './rows.mjs';
       export async function* report() { for await (const row of rows()) yield row; }`,
    );
    write(
      'mocked.mjs',
      `import { mock } from 'node:test';
       mock.module('./rows.mjs', { namedExports: { rows: async function* () { yield 'mock'; } } });
       const { report } = await import('./report.mjs');
       for await (const row of report()) console.log(row);`,
    );
    write(
      'covered.mjs',
      `export async function* items(n) {
        for (let i = 0; i < n; i++) yield i;
      }
      export function unused() {
        return 1;
      }`,
    );
    write(
      'covered.test.mjs',
      `import test from 'node:test';
       import { items } from './covered.mjs';
       test('items', async () => { for await (const item of items(2)) void item; });`,
    );
    write(
      'circle-a.mjs',
      `import { limit } from './circle-b.mjs';
       export const pageSize = 100;
       export async function* pages() { yield limit; }`,
    );
    write(
      'circle-b.mjs',
      `export { pageSize as limit } from './circle-a.mjs';
       export async function* other() { yield 1; }`,
    );
    write(
      'circle.mjs',
      `import { pages } from './circle-a.mjs';
       for await (const page of pages()) console.log(page);`,
    );
  });

  after(() => {
    fs.rmSync(folder, { recursive: true });
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
