import { expect } from 'chai';
import { patchedIn, runProgram } from './support';

describe('exports seen by an ES module', () => {
  describe('of an ES module', () => {
    it('are traced when they are imported by name', async () => {
      const { seen, spans, report } = await runProgram({
        targets: 'esm-only[count,VERSION]',
        code: `
          import { count, VERSION } from 'esm-only';
          seen.items = await drain(count(2));
          seen.version = VERSION;
          seen.name = count.name;`,
      });
      expect(seen).to.deep.equal({ items: [0, 1], version: '1.0.0', name: 'count' });
      expect(spans).to.deep.equal(['count completed']);
      expect(patchedIn(report)).to.deep.equal(['count: binding']);
    });

    it('are reported, if they are named and no functions', async () => {
      const { report } = await runProgram({ targets: 'esm-only[VERSION]', code: `import 'esm-only';` });
      expect(report[0]).to.include({ status: 'not-patchable', message: 'VERSION is a string, not a function' });
    });

    it('are traced as the default import', async () => {
      const { seen, spans } = await runProgram({
        targets: 'esm-only',
        code: `
          import main from 'esm-only';
          seen.items = await drain(main());
          seen.name = main.name;`,
      });
      expect(seen).to.deep.equal({ items: ['main'], name: 'main' });
      expect(spans).to.deep.equal(['main completed']);
    });

    it('are traced in a namespace, which keeps its keys', async () => {
      const { seen, spans } = await runProgram({
        targets: 'esm-only',
        code: `
          import * as ns from 'esm-only';
          import { count } from 'esm-only';
          seen.items = await drain(ns.count(1));
          seen.keys = Object.keys(ns);
          seen.spread = { ...ns }.count === ns.count;
          seen.same = ns.count === count && (await import('esm-only')).count === count;
          seen.tag = ns[Symbol.toStringTag];`,
      });
      expect(seen).to.deep.equal({
        items: [0],
        keys: ['Client', 'VERSION', 'count', 'default', 'nested', 'plain'],
        spread: true,
        same: true,
        tag: 'Module',
      });
      expect(spans).to.deep.equal(['count completed']);
    });

    it('are traced when they are imported dynamically', async () => {
      const { seen, spans } = await runProgram({
        targets: 'esm-only[default]',
        code: `const ns = await import('esm-only'); seen.items = await drain(ns.default());`,
      });
      expect(seen).to.deep.equal({ items: ['main'] });
      expect(spans).to.deep.equal(['main completed']);
    });

    it('are traced in methods, prototype and static', async () => {
      const { seen, spans } = await runProgram({
        targets: 'esm-only[Client#stream,Client.all]',
        code: `
          import { Client } from 'esm-only';
          const client = new Client();
          seen.items = [...await drain(client.stream(1)), ...await drain(Client.all())];
          seen.instance = client instanceof Client && Object.getPrototypeOf(client) === Client.prototype;
          seen.own = Object.keys(client);`,
      });
      expect(seen).to.deep.equal({ items: [0, 'all'], instance: true, own: [] });
      expect(spans).to.deep.equal(['Client.stream completed', 'Client.all completed']);
    });

    it('are one wrapper under all names, called by their name rather than by default', async () => {
      const { seen, spans } = await runProgram({
        targets: 'esm-same-twice[count,default]',
        code: `
          import main, { alias, count } from 'esm-same-twice';
          seen.same = main === count;
          seen.alias = await drain(alias(1));
          await drain(main(1));`,
      });
      expect(seen).to.deep.equal({ same: true, alias: [0] });
      expect(spans).to.deep.equal(['count completed', 'count completed']);
    });

    it('are traced where they are re-exported', async () => {
      const { seen, spans } = await runProgram({
        targets: 'esm-star[count]',
        code: `
          import * as star from 'esm-star';
          seen.items = await drain(star.count(1));
          seen.keys = Object.keys(star);`,
      });
      expect(seen).to.deep.equal({ items: [0], keys: ['bump', 'count', 'live', 'ns'] });
      expect(spans).to.deep.equal(['count completed']);
    });

    it('keep live bindings in modules that no target names', async () => {
      const { seen } = await runProgram({
        targets: 'esm-only',
        code: `import { bump, live } from 'esm-star'; bump(); seen.live = live;`,
      });
      expect(seen).to.deep.equal({ live: 1 });
    });

    it('are traced in files of the program itself', async () => {
      const { seen, spans, report } = await runProgram({
        targets: './own/**/*.mjs',
        code: `import { count } from './own/module.mjs'; seen.items = await drain(count(1));`,
      });
      expect(seen).to.deep.equal({ items: [0] });
      expect(spans).to.deep.equal(['count completed']);
      expect(report[0]?.status).to.equal('patched');
    });
  });

  describe('of an ES module that is required', () => {
    it('are traced, and the keys and values are those of the namespace', async () => {
      const { seen, spans, report } = await runProgram({
        targets: 'esm-only[count,default,Client#stream]',
        type: 'commonjs',
        code: `
          const ns = require('esm-only');
          seen.keys = Object.keys(ns);
          seen.version = ns.VERSION;
          seen.same = require('esm-only') === ns && { ...ns }.count === ns.count;
          seen.tag = Object.prototype.toString.call(ns);
          (async () => {
            seen.items = [...await drain(ns.count(1)), ...await drain(ns.default()), ...await drain(new ns.Client().stream(1))];
          })();`,
      });
      expect(seen).to.include({ version: '1.0.0', same: true, tag: '[object Module]' });
      expect(seen.items).to.deep.equal([0, 'main', 0]);
      expect(spans).to.deep.equal(['count completed', 'main completed', 'Client.stream completed']);
      expect(report[0]?.status).to.equal('patched');
    });

    it('stay live', async () => {
      const { seen, spans } = await runProgram({
        targets: 'esm-star[count]',
        type: 'commonjs',
        // Read by this program only: import-in-the-middle freezes the bindings of what it wraps.
        env: { WITHOUT_IMPORT_HOOKS: '1' },
        code: `
          const ns = require('esm-star');
          ns.bump();
          seen.live = ns.live;
          drain(ns.count(1));`,
      });
      expect(seen).to.deep.equal({ live: 1 });
      expect(spans).to.deep.equal(['count completed']);
    });

    it('are traced once when they are imported as well', async () => {
      const { seen, spans } = await runProgram({
        targets: 'esm-only[count]',
        code: `
          import { createRequire } from 'node:module';
          import { count } from 'esm-only';
          const required = createRequire(import.meta.url.startsWith('file:') ? import.meta.url : process.cwd() + '/x.js')('esm-only');
          seen.items = [await drain(count(1)), await drain(required.count(1))];`,
      });
      expect(seen).to.deep.equal({ items: [[0], [0]] });
      expect(spans).to.deep.equal(['count completed', 'count completed']);
    });
  });

  describe('of a CommonJS module', () => {
    const program = `
      import def, { count } from 'writable-data';
      import * as ns from 'writable-data';
      seen.items = [await drain(count(1)), await drain(def.count(1)), await drain(ns.count(1)), await drain(ns.default.count(1))];
      seen.same = count === def.count && ns.count === count && ns.default === def;
      seen.keys = Object.keys(ns);
      seen.version = ns.VERSION;`;

    it('are traced by name, through the default import and in the namespace', async () => {
      const { seen, spans } = await runProgram({ targets: 'writable-data[count]', code: program });
      expect(seen).to.include({ same: true, version: '1.0.0' });
      expect(spans).to.deep.equal(Array(4).fill('count completed'));
    });

    it('are traced when it was required before', async () => {
      const { spans } = await runProgram({
        targets: 'writable-data[count]',
        code: `
          import { createRequire } from 'node:module';
          const required = createRequire(process.cwd() + '/x.js')('writable-data');
          const ns = await import('writable-data');
          seen.same = required.count === ns.count;
          await drain(ns.count(1));
          await drain(required.count(1));`,
      });
      expect(spans).to.deep.equal(['count completed', 'count completed']);
    });

    it('are traced through default where no name can be seen from outside', async () => {
      const { seen, spans } = await runProgram({
        targets: 'lexer-opaque[count]',
        code: `
          import def from 'lexer-opaque';
          import * as ns from 'lexer-opaque';
          seen.keys = Object.keys(ns);
          seen.items = await drain(def.count(1));
          seen.same = ns.default === def;`,
      });
      expect(seen).to.include({ same: true });
      expect(seen.keys).to.include('default').and.not.include('count');
      expect(spans).to.deep.equal(['count completed']);
    });

    it('are traced where getters cannot be redefined, by name and by default', async () => {
      const { seen, spans } = await runProgram({
        targets: 'bundled-getters[count]',
        code: `
          import def, { count, VERSION } from 'bundled-getters';
          seen.items = [await drain(count(1)), await drain(def.count(1))];
          seen.same = def.count === count;
          seen.version = VERSION;
          seen.esModule = def.__esModule;`,
      });
      expect(seen).to.deep.equal({ items: [[0], [0]], same: true, version: '1.0.0', esModule: true });
      expect(spans).to.deep.equal(['count completed', 'count completed']);
    });

    it('are traced where they are frozen', async () => {
      const { seen, spans } = await runProgram({
        targets: 'frozen-exports[count]',
        code: `
          import def from 'frozen-exports';
          seen.items = [await drain(def.count(1)), await drain(def.nested.deep(1))];
          seen.frozen = Object.isFrozen(def);`,
      });
      expect(seen).to.deep.equal({ items: [[0], [0]], frozen: true });
      expect(spans).to.deep.equal(['count completed']);
    });

    it('are traced where they are a function', async () => {
      const { seen, spans } = await runProgram({
        targets: 'callable-exports;frozen-callable[default,extra]',
        code: `
          import callable from 'callable-exports';
          import frozen from 'frozen-callable';
          seen.items = [await drain(callable(1)), await drain(callable.extra()), await drain(frozen(1)), await drain(frozen.extra())];`,
      });
      expect(seen).to.deep.equal({ items: [[0], ['extra'], [0], ['extra']] });
      expect(spans).to.deep.equal(['callable completed', 'extra completed', 'callable completed', 'extra completed']);
    });

    it('are traced in a package that wraps it for ES modules, once', async () => {
      const { seen, spans } = await runProgram({
        targets: 'esm-cjs-wrapper[count]',
        code: `
          import def, { count } from 'esm-cjs-wrapper';
          seen.items = [await drain(count()), await drain(def.count())];`,
      });
      expect(seen).to.deep.equal({ items: [['one implementation'], ['one implementation']] });
      expect(spans).to.deep.equal(['count completed', 'count completed']);
    });

    it('are traced in files of the program itself', async () => {
      const { spans } = await runProgram({
        targets: './own/**/*.js',
        code: `import { count } from './own/nested/deep.js'; await drain(count(1));`,
      });
      expect(spans).to.deep.equal(['count completed']);
    });
  });

  describe('of a CommonJS module, with no import hooks registered,', () => {
    const env = { WITHOUT_IMPORT_HOOKS: '1' };

    it('are traced all the same', async () => {
      const { spans } = await runProgram({
        targets: 'writable-data[count]',
        env,
        code: `import def, { count } from 'writable-data'; await drain(count(1)); await drain(def.count(1));`,
      });
      expect(spans).to.deep.equal(['count completed', 'count completed']);
    });

    it('are traced where other exports had to take their place', async () => {
      const { spans } = await runProgram({
        targets: 'bundled-getters[count]',
        env,
        code: `import def, { count } from 'bundled-getters'; await drain(count(1)); await drain(def.count(1));`,
      });
      expect(spans).to.deep.equal(['count completed', 'count completed']);
    });

    it('are traced where they are a function', async () => {
      const { spans } = await runProgram({
        targets: 'frozen-callable[default,extra]',
        env,
        code: `import main from 'frozen-callable'; await drain(main(1)); await drain(main.extra());`,
      });
      expect(spans).to.deep.equal(['callable completed', 'extra completed']);
    });
  });

  describe('of a package with an exports map', () => {
    it('are traced in the file for import and in the file for require', async () => {
      const { seen, spans } = await runProgram({
        targets: 'dual-package;dual-package/streams;dual-package/parts/one',
        code: `
          import { createRequire } from 'node:module';
          import { count } from 'dual-package';
          import { count as streams } from 'dual-package/streams';
          import { part } from 'dual-package/parts/one';
          const require = createRequire(process.cwd() + '/x.js');
          const all = [count, streams, part, require('dual-package').count, require('dual-package/streams').count];
          seen.items = [];
          for (const fn of all) seen.items.push(...await drain(fn()));`,
      });
      expect(seen).to.deep.equal({ items: ['esm index', 'esm streams', 'part', 'cjs index', 'cjs streams'] });
      expect(spans).to.have.lengthOf(5);
    });

    it('are left alone in the sub-paths that no target names', async () => {
      const { spans } = await runProgram({
        targets: 'dual-package/streams',
        code: `
          import { count } from 'dual-package';
          import { part } from 'dual-package/parts/one';
          await drain(count());
          await drain(part());`,
      });
      expect(spans).to.deep.equal([]);
    });
  });

  it('of a core module are traced however they are read', async () => {
    const { seen, spans } = await runProgram({
      targets: 'timers/promises[setInterval]',
      code: `
        import { setInterval } from 'node:timers/promises';
        import timers from 'timers/promises';
        import { createRequire } from 'node:module';
        const required = createRequire(process.cwd() + '/x.js')('timers/promises');
        seen.same = setInterval === timers.setInterval && setInterval === required.setInterval;
        for await (const value of setInterval(1, 'tick')) {
          seen.value = value;
          break;
        }`,
    });
    expect(seen).to.deep.equal({ same: true, value: 'tick' });
    expect(spans).to.deep.equal(['setInterval returned']);
  });
});
