import { diag } from '@opentelemetry/api';
import { expect } from 'chai';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { requireFromInstrumentation } from '../../src/watch/esm';
import { createSyncHooks, hasSyncHooks } from '../../src/watch/sync-hooks';
import { runNode } from '../support/child';

const IMPORTED = { conditions: ['node', 'import'], parentURL: 'file:///app/main.mjs' };
const REQUIRED = { conditions: ['require', 'node'], parentURL: 'file:///app/main.cjs' };

describe('synchronous hooks', () => {
  describe('that load import-in-the-middle when it is needed', () => {
    let calls: string[];
    const next = (specifier: string) => ({ url: `file:///app/${specifier}` });
    const nextLoad = (url: string) => ({ source: `native ${url}` });
    const loader = {
      applyOptions: () => undefined,
      resolveSync: (specifier: string) => ({ url: `wrapped:${specifier}` }),
      loadSync: (url: string) => ({ source: `wrapper of ${url}` }),
    };
    const create = (load = () => loader) =>
      createSyncHooks(
        { shouldInclude: (url) => url.endsWith('target.mjs') },
        () => {
          calls.push('load');
          return load();
        },
        'file:///register.js',
      );

    beforeEach(() => {
      calls = [];
    });
    afterEach(() => {
      diag.disable();
    });

    it('do not load it for what no target includes', () => {
      const hooks = create();
      expect(hooks.resolve('other.mjs', IMPORTED, next)).to.deep.equal({ url: 'file:///app/other.mjs' });
      expect(hooks.load('file:///app/other.mjs', {}, nextLoad)).to.deep.equal({
        source: 'native file:///app/other.mjs',
      });
      expect(calls).to.deep.equal([]);
    });

    it('do not load it for what is required', () => {
      expect(create().resolve('target.mjs', REQUIRED, next)).to.deep.equal({ url: 'file:///app/target.mjs' });
      expect(calls).to.deep.equal([]);
    });

    it('do not load it for the file that Node was started with', () => {
      const { conditions } = IMPORTED;
      expect(create().resolve('target.mjs', { conditions, parentURL: undefined }, next)).to.deep.equal({
        url: 'file:///app/target.mjs',
      });
      expect(calls).to.deep.equal([]);
    });

    it('give it the very import that it was loaded for, and everything from then on', () => {
      const hooks = create();
      expect(hooks.resolve('target.mjs', IMPORTED, next)).to.deep.equal({ url: 'wrapped:target.mjs' });
      expect(hooks.resolve('other.mjs', IMPORTED, next)).to.deep.equal({ url: 'wrapped:other.mjs' });
      expect(hooks.load('file:///app/other.mjs', {}, nextLoad)).to.deep.equal({
        source: 'wrapper of file:///app/other.mjs',
      });
      expect(calls).to.deep.equal(['load']);
    });

    it('leave the modules alone that it imports while it is being loaded, targets or not', () => {
      const seen: unknown[] = [];
      const hooks = create(() => {
        seen.push(hooks.resolve('target.mjs', IMPORTED, next), hooks.load('file:///app/target.mjs', {}, nextLoad));
        return loader;
      });
      hooks.resolve('target.mjs', IMPORTED, next);
      expect(seen).to.deep.equal([{ url: 'file:///app/target.mjs' }, { source: 'native file:///app/target.mjs' }]);
      expect(calls).to.deep.equal(['load']);
    });

    it('load it before a program imports a part of it: what is being imported cannot be required', () => {
      create().resolve('node_modules/es-module-lexer/dist/lexer.js', IMPORTED, next);
      expect(calls).to.deep.equal(['load']);
    });

    it('let the program run untraced where it cannot be loaded, and say so once', () => {
      const errors: unknown[][] = [];
      const ignore = () => undefined;
      diag.setLogger({
        error: (...parts) => errors.push(parts),
        warn: ignore,
        info: ignore,
        debug: ignore,
        verbose: ignore,
      });
      const cause = new Error('no such file');
      const hooks = create(() => {
        throw cause;
      });
      for (const each of [1, 2]) {
        expect(hooks.resolve('target.mjs', IMPORTED, next), String(each)).to.deep.equal({
          url: 'file:///app/target.mjs',
        });
      }
      expect(calls).to.deep.equal(['load']);
      expect(errors).to.have.lengthOf(1);
      expect(errors[0]?.join(' ')).to.include(cause.message);
    });
  });

  describe('are used', () => {
    for (const [version, expected] of [
      ['20.20.2', false],
      ['22.22.2', false],
      ['22.22.3', true],
      ['22.23.0', true],
      ['23.11.1', false],
      ['24.11.0', false],
      ['24.11.1', true],
      ['24.12.0', true],
      ['25.0.0', false],
      ['25.1.0', true],
      ['26.0.0-nightly20260401', true],
      ['100.0.0', true],
    ] as const) {
      it(`${expected ? '' : 'not '}on Node ${version}`, () => {
        expect(hasSyncHooks(version)).to.equal(expected);
      });
    }

    it('where import-in-the-middle says so', async () => {
      const file = requireFromInstrumentation.resolve('import-in-the-middle/supports-sync-hooks.mjs');
      const { stdout } = await runNode([
        '--input-type=module',
        '--eval',
        `import { supportsSyncHooks } from ${JSON.stringify(pathToFileURL(file).href)};
        console.log(supportsSyncHooks());`,
      ]);
      expect(stdout.trim()).to.equal(String(hasSyncHooks(process.versions.node)));
    });
  });

  describe('in a program', () => {
    /** Node keeps what is imported by `require` among the modules that are required. */
    const LOADED = `
      import { createRequire } from 'node:module';
      const { cache } = createRequire(process.cwd() + '/x.js');
      const isLoaded = () => Object.keys(cache).some((file) => file.endsWith('create-hook.mjs'));`;

    interface Result {
      seen: unknown;
      spans: unknown;
      diagnostics: unknown;
    }

    async function run(code: string, preloads: readonly string[] = ['./setup.cjs']): Promise<Result> {
      const args = preloads.flatMap((preload) => ['--import', preload]);
      const { status, stdout, stderr } = await runNode([...args, '--input-type=module', '--eval', code], {
        env: { TARGETS: '["./own-modules/**/*.mjs", "esm-only"]' },
      });
      expect(status, stderr).to.equal(0);
      expect(stderr).to.equal('');
      return JSON.parse(stdout) as Result;
    }

    before(function () {
      if (!hasSyncHooks(process.versions.node)) this.skip();
    });

    it('leave to Node the core modules that are global variables of --eval', async () => {
      const { seen } = await run(`
        import 'esm-only';
        seen.isBuiltin = typeof globalThis.module.isBuiltin;`);
      expect(seen).to.deep.equal({ isBuiltin: 'function' });
    });

    it('do not load import-in-the-middle for modules that no target includes', async () => {
      const { seen } = await run(`
        ${LOADED}
        await import('esm-star');
        await import('./own-modules/counter.mjs');
        await import('writable-data');
        await import('node:fs');
        createRequire(process.cwd() + '/x.js')('esm-only');
        seen.loaded = isLoaded();`);
      expect(seen).to.deep.equal({ loaded: false });
    });

    it('wrap the module that they load import-in-the-middle for', async () => {
      const { spans, seen } = await run(`
        ${LOADED}
        seen.before = isLoaded();
        const { count } = await import('esm-only');
        seen.after = isLoaded();
        await drain(count(1));`);
      expect(seen).to.deep.equal({ before: false, after: true });
      expect(spans).to.deep.equal(['count completed']);
    });

    for (const part of ['import-in-the-middle/create-hook.mjs', 'es-module-lexer', 'cjs-module-lexer']) {
      it(`trace a program that imports ${part} for itself`, async () => {
        const { resolve } = createRequire(requireFromInstrumentation.resolve('import-in-the-middle'));
        const { spans } = await run(`
          import ${JSON.stringify(pathToFileURL(resolve(part)).href)};
          import { count } from 'esm-only';
          await drain(count(1));`);
        expect(spans).to.deep.equal(['count completed']);
      });
    }

    for (const [title, order] of [
      ['after ours', (own: string) => ['./setup.cjs', own]],
      ['before ours', (own: string) => [own, './setup.cjs']],
    ] as const) {
      it(`leave the program the hooks that it registers with import-in-the-middle itself, ${title}`, async () => {
        const urlOf = (specifier: string) =>
          JSON.stringify(pathToFileURL(requireFromInstrumentation.resolve(specifier)).href);
        const own = `data:text/javascript,
          import { register } from ${urlOf('import-in-the-middle/register-hooks.mjs')};
          import Hook from ${urlOf('import-in-the-middle')};
          globalThis.hooked = [];
          register({ include: ['esm-only', 'esm-star'] });
          Hook(['esm-only', 'esm-star'], (exports, name) => void globalThis.hooked.push(name));`;
        const { seen, spans } = await run(
          `
          import { count } from 'esm-only';
          import 'esm-star';
          import { count as other } from './own-modules/stream.mjs';
          await drain(count(1));
          await drain(other(1));
          seen.hooked = globalThis.hooked;`,
          order(own),
        );
        expect(seen).to.deep.equal({ hooked: ['esm-only', 'esm-star'] });
        expect(spans).to.deep.equal(['count completed', 'count completed']);
      });
    }
  });
});
