/**
 * Others that register import-in-the-middle, or get into its way.
 */
import { expect } from 'chai';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { pathToFileURL } from 'node:url';
import { requireFromInstrumentation } from '../../src/watch/esm';
import { PACKAGE_NAME } from '../../src/version';
import { runNode } from '../support/child';
import { makeProject, writeFile } from '../support/folder';

const REGISTER = `${PACKAGE_NAME}/register`;
const OTHER_COPY = /No ES module is traced that another copy of import-in-the-middle wraps/g;
const [major = 0] = process.versions.node.split('.').map(Number);

describe('import hooks', function () {
  this.timeout(30_000);

  let folder: string;
  const write = (name: string, text: string) => writeFile(folder, name, text);

  before(() => {
    folder = makeProject({});
    const own = path.dirname(requireFromInstrumentation.resolve('import-in-the-middle/package.json'));
    const others = path.join(folder, 'node_modules/other/node_modules');
    fs.cpSync(own, path.join(others, 'import-in-the-middle'), { recursive: true });
    for (const name of ['es-module-lexer', 'cjs-module-lexer', 'module-details-from-path']) {
      fs.symlinkSync(path.join(path.dirname(own), name), path.join(others, name));
    }
    write('node_modules/other/register.mjs', REGISTRATION);
    write(
      'node_modules/other/register-one.mjs',
      `import { register } from 'node:module';
       register('import-in-the-middle/hook.mjs', import.meta.url, { data: { include: [/accepted/, /other-feed/] } });`,
    );
    write('other-feed.mjs', 'export async function* items() { yield 1; }');
    write('same-copy.mjs', `import { register } from 'node:module'; register('${OWN_HOOK}', import.meta.url);`);
    write('feed.mjs', 'export async function* items() { yield 1; }');
    write(
      'main.mjs',
      `import './other-feed.mjs'; import { items } from './feed.mjs'; for await (const item of items()) console.log(item);`,
    );
    write('broken.mjs', `export async function* items() { yield 'unterminated; }`);
    write('accepted.mjs', 'export async function* items() { for await (const x of []) /`/.test(x); yield 1; }');
    write(
      'unreadable.mjs',
      `process.on('warning', ({ message }) => console.log('warning', message));
       await import('./broken.mjs').catch(({ name }) => console.log(name));
       const { items } = await import('./accepted.mjs');
       for await (const item of items()) console.log(item);`,
    );
  });

  const REGISTRATION = `
    import { register } from 'node:module';
    register('import-in-the-middle/hook.mjs', import.meta.url);`;
  const OWN_HOOK = pathToFileURL(requireFromInstrumentation.resolve('import-in-the-middle/hook.mjs')).href;

  const run = (args: readonly string[], env?: NodeJS.ProcessEnv) =>
    runNode(args, {
      cwd: folder,
      env: {
        OTEL_TRACES_EXPORTER: 'console',
        OTEL_INSTRUMENTATION_ASYNC_GENERATOR_TARGETS: './*.mjs[*]',
        NODE_NO_WARNINGS: '1',
        ...env,
      },
    });
  const count = (text: string) => text.match(OTHER_COPY)?.length ?? 0;

  it('say once that another copy of import-in-the-middle has been registered before', async () => {
    const { stdout, stderr } = await run([
      ...['--import', './node_modules/other/register.mjs'],
      ...['--import', REGISTER, 'main.mjs'],
    ]);
    expect(count(stderr), stderr).to.equal(1);
    expect(stdout).to.match(/^1$/m);
  });

  it('say so through diag, where that has a logger', async () => {
    const { stdout, stderr } = await run(
      ['--import', './node_modules/other/register.mjs', '--import', REGISTER, 'main.mjs'],
      { OTEL_LOG_LEVEL: 'warn' },
    );
    expect(count(stdout + stderr), stdout + stderr).to.equal(1);
  });

  it('say nothing of another copy that wraps none of the targets', async () => {
    const { stdout, stderr } = await run(
      ['--import', './node_modules/other/register-one.mjs', '--import', REGISTER, 'main.mjs'],
      { OTEL_INSTRUMENTATION_ASYNC_GENERATOR_TARGETS: './feed.mjs' },
    );
    expect(count(stderr), stderr).to.equal(0);
    expect(stdout).to.contain("name: 'items'");
  });

  for (const [order, ...preloads] of [
    ['before', './same-copy.mjs', REGISTER],
    ['after', REGISTER, './same-copy.mjs'],
  ] as const) {
    it(`say nothing of the same copy, registered ${order}`, async () => {
      const { stdout, stderr } = await run([...preloads.flatMap((preload) => ['--import', preload]), 'main.mjs']);
      expect(count(stderr), stderr).to.equal(0);
      expect(stdout).to.contain("name: 'items'");
    });
  }

  it('trace ES modules where require() takes none', async function () {
    if (major < 22) this.skip();
    const { stdout } = await run(['--no-experimental-require-module', '--import', REGISTER, 'main.mjs']);
    expect(stdout).to.contain("name: 'items'");
  });

  describe('of modules whose exports import-in-the-middle cannot read', () => {
    it('keep its warning from the program', async () => {
      const { status, stdout, stderr } = await run(['--import', REGISTER, 'unreadable.mjs'], { NODE_NO_WARNINGS: '' });
      expect(stderr).to.not.contain('failed to wrap');
      expect({ status, stdout }).to.deep.equal({ status: 0, stdout: 'SyntaxError\n1\n' });
    });

    it('are each reported in one line', async () => {
      const { stderr } = await run(['--import', REGISTER, 'unreadable.mjs']);
      const told = stderr.match(/(?:broken|accepted)\.mjs is not traced: import-in-the-middle cannot read/g);
      expect(told).to.have.lengthOf(2);
    });
  });
});
