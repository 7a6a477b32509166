import { expect } from 'chai';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { pathToFileURL } from 'node:url';
import { runNode } from '../support/child';
import { hasSyncHooks } from '../../src/watch/sync-hooks';
import { FIXTURES, patchedIn, runProgram } from '../install/support';
import { makeFolder, writeFile } from '../support/folder';

describe('the import hooks', () => {
  const callTwice = `
    import { createRequire } from 'node:module';
    const api = createRequire(process.cwd() + '/x.js')('opentelemetry-instrumentation-async-generator');
    const targets = process.env.TARGETS === '[]' ? [] : ['esm-star'];
    api.registerImportHooks({ targets });
    globalThis.instrumentation = new api.AsyncGeneratorInstrumentation({ targets });
    const { count } = await import('esm-star');
    await drain(count(1));`;

  it('that need a thread are registered once, and a second call says so', async function () {
    if (hasSyncHooks(process.versions.node)) this.skip();
    const { diagnostics, spans } = await runProgram({ targets: 'esm-only[count]', code: callTwice });
    expect(diagnostics.filter((text) => text.includes('registerImportHooks was called before'))).to.have.lengthOf(1);
    expect(spans).to.deep.equal([]);
  });

  it('let a program require an ES module that imports a target', async () => {
    const { seen, spans } = await runProgram({
      targets: 'esm-only[count]',
      type: 'commonjs',
      code: `
        const { count } = require('./required-esm/imports-target.mjs');
        drain(count(1)).then((items) => (seen.items = items));`,
    });
    expect(seen).to.deep.equal({ items: [0] });
    // Asynchronous hooks are not told of what a required module imports.
    expect(spans).to.deep.equal(hasSyncHooks(process.versions.node) ? ['count completed'] : []);
  });

  it('that are synchronous take the targets of a second call as well', async function () {
    if (!hasSyncHooks(process.versions.node)) this.skip();
    const { diagnostics, spans } = await runProgram({ targets: 'esm-only[count]', code: callTwice });
    expect(diagnostics.filter((text) => text.includes('registerImportHooks'))).to.deep.equal([]);
    expect(spans).to.deep.equal(['ns.count completed']);
  });

  it('say so to a logger that is set after the second call', async function () {
    if (hasSyncHooks(process.versions.node)) this.skip();
    const { stdout } = await runNode([
      '--eval',
      `const { diag } = require('@opentelemetry/api');
      const { registerImportHooks } = require('opentelemetry-instrumentation-async-generator');
      registerImportHooks({ targets: 'esm-only' });
      registerImportHooks({ targets: 'esm-star' });
      diag.setLogger({ warn: console.log, error() {}, info() {}, debug() {}, verbose() {} });`,
    ]);
    expect(stdout).to.include('registerImportHooks was called before');
  });

  it('that are synchronous are registered by the instrumentation itself', async function () {
    if (!hasSyncHooks(process.versions.node)) this.skip();
    const folder = makeFolder({ 'own.mjs': 'export async function* own() { yield 1; }' });
    const require = JSON.stringify(path.resolve('package.json'));
    const setup = writeFile(
      folder,
      'setup.cjs',
      `const load = require('node:module').createRequire(${require});
        const { NodeSDK } = load('@opentelemetry/sdk-node');
        const { AsyncGeneratorInstrumentation } = load('opentelemetry-instrumentation-async-generator');
        const targets = ['esm-only[count]', './own.mjs[*]'];
        const instrumentation = new AsyncGeneratorInstrumentation({ targets, baseDir: __dirname });
        new NodeSDK({ instrumentations: [instrumentation] }).start();
        process.once('exit', () => console.log(instrumentation.getPatchReport().map(({ status }) => status).join()));`,
    );
    const app = writeFile(folder, 'app.mjs', "import 'esm-only'; import './own.mjs';");
    fs.symlinkSync(path.join(FIXTURES, 'node_modules'), path.join(folder, 'node_modules'));
    const { stdout, stderr } = await runNode(['--require', setup, app], {
      env: {
        ...process.env,
        OTEL_TRACES_EXPORTER: 'none',
        OTEL_METRICS_EXPORTER: 'none',
        OTEL_LOGS_EXPORTER: 'none',
      },
    });
    expect({ stdout, stderr }).to.deep.equal({ stdout: 'patched,patched\n', stderr: '' });
  });

  it('show an instrumentation the modules that were imported before it was made', async () => {
    const { spans, report } = await runProgram({
      targets: 'esm-only[count]',
      code: `
        import { createRequire } from 'node:module';
        import { count } from 'esm-only';
        const api = createRequire(process.cwd() + '/x.js')('opentelemetry-instrumentation-async-generator');
        instrumentation.disable();
        await drain(count(1));
        globalThis.instrumentation = new api.AsyncGeneratorInstrumentation({ targets: JSON.parse(process.env.TARGETS) });
        await drain(count(1));`,
    });
    expect(spans).to.deep.equal(['count completed']);
    expect(report[0]?.status).to.equal('patched');
  });

  it('take a directory from the working directory', async () => {
    const { status, stderr } = await runNode([
      '--eval',
      `const { registerImportHooks } = require('opentelemetry-instrumentation-async-generator');
      registerImportHooks({ targets: 'esm-only[count]', baseDir: 'own-modules' });`,
    ]);
    expect({ status, stderr }).to.deep.equal({ status: 0, stderr: '' });
  });

  it('are not registered for core modules alone, which need none', async () => {
    const { stdout } = await runNode([
      '--eval',
      `const Module = require('node:module');
      for (const method of ['register', 'registerHooks']) Module[method] = () => console.log(method);
      const { registerImportHooks } = require('opentelemetry-instrumentation-async-generator');
      registerImportHooks({ targets: 'timers/promises[setInterval]' });`,
    ]);
    expect(stdout).to.equal('');
  });

  it('refuse malformed targets', async () => {
    const { status, stderr } = await runNode(['--import', './setup.cjs', '--eval', ''], {
      env: { TARGETS: '[{"module": "x", "exports": []}]' },
    });
    expect(status).to.not.equal(0);
    expect(stderr).to.include('TypeError').and.include('targets[0].exports');
  });

  it('show a package that is imported by a URL with a query', async () => {
    const { spans } = await runProgram({
      targets: 'esm-only[count]',
      code: `
        const { count } = await import(import.meta.resolve('esm-only') + '?again');
        await drain(count(1));`,
    });
    expect(spans).to.deep.equal(['count completed']);
  });

  for (const query of ['?1700000000', '?a=b%20c', '?a=1&b', '?v=1', '?v=1#part']) {
    it(`show an own file that is imported with ${query}, and leave it its URL`, async () => {
      const { seen, spans } = await runProgram({
        targets: './own-modules/**/*.mjs',
        code: `
          const { count, url } = await import('./own-modules/says-its-url.mjs${query}');
          seen.url = url.replace(/.*\\//, '');
          seen.items = await drain(count(1));`,
      });
      expect(seen).to.deep.equal({ url: `says-its-url.mjs${query}`, items: [0] });
      expect(spans).to.deep.equal(['count completed']);
    });
  }

  it('leave modules alone that are no target', async () => {
    const { seen } = await runProgram({
      targets: 'esm-only',
      code: `
        import * as star from 'esm-star';
        star.bump();
        seen.live = star.live;
        seen.namespace = process.getBuiltinModule('util').types.isModuleNamespaceObject(star);`,
    });
    expect(seen).to.deep.equal({ live: 1, namespace: true });
  });

  describe('with a glob over own files', () => {
    const glob = './own-modules/**/*.mjs';
    const LIVE = `
      import { bump, value } from './own-modules/counter.mjs';
      bump();
      seen.value = value;`;

    for (const selectors of ['', '[*]', '[*, stream*, Counter#*]']) {
      it(`and the selectors ${selectors || 'left out'}: leave live bindings of modules without generators alone`, async () => {
        const { seen } = await runProgram({ targets: glob + selectors, code: LIVE });
        expect(seen.value).to.equal(1);
      });
    }

    it('trace the modules with generators', async () => {
      const { spans, seen } = await runProgram({
        targets: glob,
        code: `
          import { count, Feed } from './own-modules/stream.mjs';
          seen.items = [await drain(count(2)), await drain(new Feed().items())];`,
      });
      expect(seen.items).to.deep.equal([[0, 1], ['item']]);
      expect(spans).to.deep.equal(['count completed', 'Feed.items completed']);
    });

    it('trace what a barrel re-exports, and leave its own live bindings and those that it passes on alone', async () => {
      const { spans, seen, report } = await runProgram({
        targets: `${glob}[*]`,
        code: `
          import { bump, change, changes, count, counterValue, renamed } from './own-modules/barrel.mjs';
          await drain(count(1));
          await drain(renamed(1));
          bump();
          change();
          seen.live = [changes, counterValue];`,
      });
      expect(spans).to.deep.equal(['count completed', 'count completed']);
      expect(seen.live).to.deep.equal([1, 1]);
      expect(patchedIn(report)).to.deep.equal(['count: binding', 'Feed.items: property']);
      expect(report[0]?.modules.map(({ file }) => file?.replace(/.*[\\/]/, ''))).to.deep.equal(['stream.mjs']);
    });

    // What a named selector takes may be any function, of another module, too. That wrapping freezes live bindings is the price, as it stands in
    // the README: these tell that the module was wrapped.
    for (const [title, targets] of [
      ['a name that no function in them has', `${glob}[stream, elsewhere]`],
      ['such a name beside a wildcard', `${glob}[*, elsewhere]`],
      ['a factory', `${glob}[stream()]`],
      ['a selector further down', `${glob}[ns.*]`],
      ['the exports of a file by its path', './own-modules/counter.mjs[*]'],
      ['the exports of a file by its path beside the glob', `${glob};./own-modules/counter.mjs[*]`],
    ] as const) {
      it(`wrap modules without generators for ${title}`, async () => {
        const { status, stdout } = await runNode(['--import', './setup.cjs', '--input-type=module', '--eval', LIVE], {
          env: { TARGETS: JSON.stringify(targets) },
        });
        expect(status).to.equal(0);
        expect((JSON.parse(stdout) as { seen: unknown }).seen).to.deep.equal({ value: 0 });
      });
    }

    for (const targets of [`${glob}[stream]`, './own-modules/counter.mjs', `${glob}[**]`]) {
      it(`leave live bindings alone where the source is seen, as with ${targets}`, async () => {
        const { seen } = await runProgram({ targets, code: LIVE });
        expect(seen.value).to.equal(1);
      });
    }

    it('trace what a named selector takes: any function', async () => {
      const { spans } = await runProgram({
        targets: `${glob}[stream]`,
        code: `
          import { stream } from './own-modules/counter.mjs';
          stream();`,
      });
      expect(spans).to.deep.equal(['stream completed']);
    });

    it('trace TypeScript files, whose types Node strips', async function () {
      if (Number.parseInt(process.versions.node) < 24) this.skip();
      const { spans, seen } = await runProgram({
        targets: './own-modules/**/*.mts',
        code: `
          import { count } from './own-modules/typed.mts';
          import { bump, value } from './own-modules/typed-counter.mts';
          seen.items = await drain(count(2));
          bump();
          seen.value = value;`,
      });
      expect(seen).to.deep.equal({ items: [0, 1], value: 1 });
      expect(spans).to.deep.equal(['count completed']);
    });
  });

  describe('with files whose names a URL encodes', () => {
    let folder: string;
    beforeEach(() => {
      folder = makeFolder({}, 'encoded names');
    });

    for (const [glob, file] of [
      ['*/my gen.mjs', 'x/my gen.mjs'],
      ['**/größe.mjs', 'x/größe.mjs'],
      ['*/#h.mjs', 'x/#h.mjs'],
      ['x/a?b.mjs', 'x/a b.mjs'],
      ['{t}/*.mjs', '{t}/a.mjs'],
    ] as const) {
      it(`trace what a glob means by ${glob}`, async () => {
        const absolute = writeFile(folder, file, 'export async function* count() { yield 0; }');
        const { spans } = await runProgram({
          targets: `${folder}/${glob}`,
          code: `
            const { count } = await import(${JSON.stringify(pathToFileURL(absolute).href)});
            await drain(count());`,
        });
        expect(spans).to.deep.equal(['count completed']);
      });
    }
  });

  describe("with OpenTelemetry's own hook in the same program", () => {
    const code = `
      const { count } = await import('./own-modules/stream.mjs');
      const { count: other } = await import('esm-only');
      await drain(count(1));
      await drain(other(1));`;
    const register = `data:text/javascript,
      import { register } from 'node:module';
      register('@opentelemetry/instrumentation/hook.mjs', process.env.HERE);`;

    for (const [title, preloads] of [
      ['after ours', ['./setup.cjs', register]],
      ['before ours', [register, './setup.cjs']],
    ] as const) {
      it(`make one span, when that is registered ${title}`, async () => {
        const args = preloads.flatMap((preload) => ['--import', preload]);
        const { status, stdout, stderr } = await runNode([...args, '--input-type=module', '--eval', code], {
          env: { TARGETS: '["./own-modules/**/*.mjs", "esm-only"]', HERE: pathToFileURL(`${FIXTURES}/x.js`).href },
        });
        expect(status, stderr).to.equal(0);
        expect((JSON.parse(stdout) as { spans: unknown }).spans).to.deep.equal(['count completed', 'count completed']);
      });
    }
  });
});
