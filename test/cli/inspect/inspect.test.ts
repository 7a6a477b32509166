import { expect } from 'chai';
import * as fs from 'node:fs';
import Module = require('node:module');
import * as path from 'node:path';
import type { EntryInspection, InspectReport, ModuleInspection } from '../../../src/cli/inspect/model';
import type { TargetReport } from '../../../src/types';
import { runNode } from '../../support/child';
import { FIXTURES, runProgram } from '../../install/support';
import { CLI } from '../support';
import { makeFolder } from '../../support/folder';

interface Options {
  json?: boolean;
  deep?: boolean;
  timeout?: number;
  cwd?: string;
  columns?: number;
}

function run(
  modules: string[],
  { json = false, deep = false, timeout = 60, cwd, columns = 100 }: Options = {},
  env: NodeJS.ProcessEnv = {},
) {
  const options = [`--timeout=${timeout}`, '--no-color', ...(json ? ['--json'] : []), ...(deep ? ['--deep'] : [])];
  const shown = { COLUMNS: String(columns), LANG: 'en_US.UTF-8' };
  return runNode([CLI, 'inspect', ...modules, ...options], { cwd, env: { ...shown, ...env } });
}

async function inspect(modules: string[], options: Options = {}, env?: NodeJS.ProcessEnv) {
  const { status, stdout, stderr } = await run(modules, { ...options, json: true }, env);
  if (stdout === '') throw new Error(`inspect exited with ${status}:\n${stderr}`);
  const report = JSON.parse(stdout) as InspectReport;
  return { status, stderr, ...report };
}

async function inspectOne(module: string, options: Options = {}, env?: NodeJS.ProcessEnv) {
  const { status, stderr, modules } = await inspect([module], options, env);
  expect(modules).to.have.lengthOf(1);
  return { status, stderr, ...(modules[0] as ModuleInspection) };
}

const patchesIn = ({ exports }: EntryInspection) =>
  exports.map(({ selector, definition, patch }) => `${selector}: ${definition}, ${patch.method ?? 'not patchable'}`);

/** Packages that export in all ways that there are, but one that throws when it is looked at. */
const SHAPES = fs
  .readdirSync(path.join(FIXTURES, 'node_modules'))
  .filter((name) => !name.startsWith('@') && !name.startsWith('.'))
  .filter((name) => !['hostile-exports', 'types-only', 'lazy-locked', 'lazy-getters', 'odd-names'].includes(name));

/** What becomes of targets in a program that loads modules in every way. */
async function paste(targets: readonly string[], modules: readonly string[]): Promise<TargetReport[]> {
  const { status, stdout, stderr } = await runNode(['./inspect/paste.cjs', JSON.stringify({ targets, modules })]);
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as TargetReport[];
}

/** Module, how it is loaded, and what is in it. */
async function patchesOf(module: string) {
  const { entries } = await inspectOne(module);
  return Object.fromEntries(
    entries.map((entry) => [`${entry.loadedBy.join(', ')}: ${entry.format}`, patchesIn(entry)]),
  );
}

describe('inspect', () => {
  describe('shows of', () => {
    it('a CommonJS package what the patch can do with each shape of exports', async () => {
      const { modules } = await inspect([
        ...['writable-data', 'bundled-getters', 'configurable-getter', 'frozen-exports', 'callable-exports'],
      ]);
      const first = modules.map(({ entries: [entry] }) => patchesIn(entry as EntryInspection)[0]);
      expect(first).to.deep.equal([
        'count: data property, property',
        'count: locked getter, exports',
        'count: getter, getter',
        'count: read-only property, exports',
        'extra: data property, property',
      ]);
      for (const { entries } of modules)
        expect(entries[0]).to.deep.include({ loadedBy: ['require', 'import'], format: 'commonjs' });
    });

    it('an ES module its bindings', async () => {
      expect(await patchesOf('esm-only'))
        .to.have.property('require, import: module')
        .that.includes.members(['count: ES module binding, binding', 'default: ES module binding, binding']);
    });

    it('a dual package both files, and one target for the two', async () => {
      const { entries, targets, version } = await inspectOne('dual-package');
      expect(entries.map(({ loadedBy, format }) => [...loadedBy, format])).to.deep.equal([
        ['require', 'commonjs'],
        ['import', 'module'],
      ]);
      expect(targets.generators).to.equal('dual-package[count]');
      expect(version).to.equal('3.1.0');
    });

    it('a sub-path of a package what is in that', async () => {
      const { entries } = await inspectOne('dual-package/streams');
      expect(entries.map(({ file }) => path.basename(file, path.extname(file)))).to.deep.equal(['streams', 'streams']);
    });

    it('a file that the package hides what is in it: a target may name it', async () => {
      expect(await patchesOf('hides-files/lib/query.js')).to.deep.equal({
        'require: commonjs': ['Query#cursor: prototype method, property'],
      });
      expect(await patchesOf('hides-files/lib/query.mjs')).to.deep.equal({
        'import: module': ['Query#cursor: prototype method, property'],
      });
    });

    it('a package, if it is asked to look deep, what the files in it have that hold async generators', async () => {
      const { modules } = await inspect(['hides-files'], { deep: true });
      expect(modules.map(({ module, targets }) => [module, targets.generators ?? targets.possible])).to.deep.equal([
        ['hides-files', undefined],
        ['hides-files/lib/query.js', 'hides-files/lib/query.js[Query#cursor]'],
        ['hides-files/lib/query.mjs', 'hides-files/lib/query.mjs[Query#cursor]'],
        ['hides-files/lib/plain.mjs', 'hides-files/lib/plain.mjs[Plain#cursor]'],
      ]);
    });

    it('a core module what is in it, under either name', async () => {
      const { modules } = await inspect(['node:timers/promises', 'timers/promises']);
      for (const { module, entries, targets } of modules) {
        expect(entries.map(patchesIn)).to.deep.equal([['setInterval: data property, property']]);
        expect(targets.generators).to.equal(`${module}[setInterval]`);
      }
      expect(modules).to.have.lengthOf(2);
    });

    it('files of the program what is written in them, without running them', async () => {
      const { modules, status } = await inspect(['./inspect/files/stream', './inspect/files/written.mjs']);
      expect(modules.map(({ targets, entries }) => ({ targets, entries }))).to.deep.equal([
        { targets: { generators: './inspect/files/stream' }, entries: [] },
        { targets: { generators: './inspect/files/written.mjs' }, entries: [] },
      ]);
      expect(modules[1]?.file).to.equal(path.join(FIXTURES, 'inspect/files/written.mjs'));
      expect(modules[1]?.definitions).to.deep.equal([
        { path: 'pages', line: 1, column: 1, isTraceable: true },
        {
          path: 'Client#items',
          line: 5,
          column: 3,
          isTraceable: false,
          reason: 'another definition of the same name replaces it',
        },
        { path: 'Client#items', line: 6, column: 3, isTraceable: true },
      ]);
      expect(status).to.equal(0);
    });

    it('a file of the program that cannot be parsed the reason', async () => {
      const { problem, status } = await inspectOne('./inspect/files/unparsable.txt');
      expect(problem?.message).to.match(/^it cannot be parsed: /);
      expect(status).to.equal(1);
    });

    it('a glob the files in which an async generator stands', async () => {
      const { modules } = await inspect(['./inspect/files/**/*.{js,mjs}', './inspect/files/stream.js']);
      expect(modules.map(({ module }) => module)).to.deep.equal([
        './inspect/files/detected.js',
        './inspect/files/nested/module.mjs',
        './inspect/files/stream.js',
        './inspect/files/written.mjs',
      ]);
    });

    it('TypeScript what is written in it, where Node can take the types out, or else says so', async () => {
      const { definitions, problem, status } = await inspectOne('./inspect/files/typed.ts');
      if ('stripTypeScriptTypes' in Module) {
        expect(definitions?.map((each) => each.path)).to.deep.equal(['count']);
        expect(status).to.equal(0);
      } else {
        expect(problem?.message).to.include("can't take types out of TypeScript");
        expect(status).to.equal(1);
      }
    });

    it('an export that cannot be patched the reason that the instrumentation has', async () => {
      const { entries, targets } = await inspectOne('nested-namespaces');
      const sealed = entries[0]?.exports.find(({ selector }) => selector === 'sealed.fn');
      expect(sealed?.patch).to.deep.equal({
        reason: 'sealed.fn cannot be replaced: it is read-only; trace it with traceAsyncGenerator instead',
      });
      expect(targets.generators).to.equal('nested-namespaces[ns.inner.fn]');
    });

    it('lazy getters their names, and reads none of them', async () => {
      const { entries } = await inspectOne('lazy-getters');
      expect(entries[0]?.unread).to.deep.equal(['heavy', 'broken', 'count']);
    });

    it('a method that is inherited from a hidden class that it can be patched', async () => {
      expect(await patchesOf('inherits-hidden')).to.deep.equal({
        'require, import: commonjs': [
          'First#stream: inherited method, property',
          'First.all: inherited method, property',
        ],
      });
    });
  });

  describe('proposes a target that', () => {
    it('means every generator that it shows, and all that a wildcard takes, of every shape of exports', async function () {
      // Loads some forty modules, twice where they come in two files.
      this.timeout(300_000);
      const { modules } = await inspect(SHAPES);
      for (const proposal of ['generators', 'possible'] as const) {
        const targets = modules.flatMap((each) => each.targets[proposal] ?? []);
        expect(targets).not.to.deep.equal([]);
        const reports = await paste(targets, SHAPES);
        expect(reports.filter(({ status, message }) => status !== 'patched' || message !== undefined)).to.deep.equal(
          [],
        );
      }
      const stars = await paste(
        modules.map(({ module }) => `${module}[*]`),
        SHAPES,
      );
      modules.forEach(({ module, entries }, index) => {
        const shown = entries.flatMap(({ exports }) =>
          exports.filter(({ isAsyncGenerator, sameAs, patch }) => isAsyncGenerator && !sameAs && patch.method),
        );
        const paths = shown.map(({ selector }) => selector.replace('#', '.')).filter((path) => !path.includes('['));
        const taken =
          stars[index]?.modules.flatMap(({ exports, unread }) => [
            ...exports.map(({ path: each }) => each),
            ...unread,
          ]) ?? [];
        expect(taken, module).to.include.members(paths);
      });
    });

    it('has a wildcard where that takes the generators and nothing else', async () => {
      const { targets } = await inspectOne('many-pages');
      expect(targets.generators).to.equal('many-pages[paginate*]');
    });

    it('traces what it was shown for, when it is pasted', async () => {
      const { targets } = await inspectOne('many-pages');
      const { spans, diagnostics } = await runProgram({
        targets: targets.generators as string,
        code: `
          import { paginateBuckets, paginateNothing, paginateParts } from 'many-pages';
          await drain(paginateBuckets());
          await drain(paginateParts());
          seen.nothing = paginateNothing();`,
      });
      expect(spans).to.deep.equal(['paginateBuckets completed', 'paginateParts completed']);
      expect(diagnostics).to.deep.equal([]);
    });

    it('names functions that may return an async iterable, when it is pasted, too', async () => {
      const { targets } = await inspectOne('plain-functions');
      expect(targets).to.deep.equal({ possible: 'plain-functions[list]' });
      const { spans } = await runProgram({
        targets: targets.possible as string,
        code: `import { list } from 'plain-functions'; seen.items = await drain(list(2));`,
      });
      expect(spans).to.deep.equal(['list completed']);
    });
  });

  describe('says why, goes on with the others, and exits with 1 when a module', () => {
    const cases: [what: string, module: string, code: string, message: RegExp][] = [
      ['throws', '@inspect/odd/throws.cjs', 'threw', /RangeError: no configuration.*throws\.cjs:3\)$/],
      ['ends the process', '@inspect/odd/exits.cjs', 'exited', /with status 3/],
      ['crashes in the background', '@inspect/odd/crashes.mjs', 'exited', /status 1 .*: TypeError: a timer went off$/],
      ['waits for ever', '@inspect/odd/waits.mjs', 'unsettled', /an await at its top level/],
      [
        'needs another that is not there',
        '@inspect/odd/missing-dependency.mjs',
        'threw',
        /'a-package-that-nobody-installed'/,
      ],
      [
        'throws when its exports are looked at',
        'hostile-exports',
        'threw',
        /while its exports were looked at: Error: hands off/,
      ],
    ];
    let result: Awaited<ReturnType<typeof inspect>>;
    before(async () => {
      result = await inspect([...cases.map(([, module]) => module), 'writable-data']);
    });
    for (const [what, module, code, message] of cases) {
      it(what, () => {
        const problem = result.modules.find((each) => each.module === module)?.entries[0]?.problem;
        expect(problem?.code).to.equal(code);
        expect(problem?.message).to.match(message);
      });
    }

    it('is one of these, and the next is not', () => {
      expect(result.modules.at(-1)?.targets.generators).to.be.a('string');
      expect(result.status).to.equal(1);
    });

    it('does not come to an end in time', async () => {
      const { entries, status } = await inspectOne('@inspect/odd/hangs.mjs', { timeout: 1.5 });
      expect(entries[0]?.problem).to.deep.equal({
        code: 'timed-out',
        message: 'it was not loaded within 1.5 s; allow more with --timeout',
      });
      expect(status).to.equal(1);
    });
  });

  describe('says of what is not there', () => {
    const cases: [what: string, module: string, message: RegExp][] = [
      [
        'what it may have been',
        'writable-dat',
        /no package writable-dat is installed.*; the nearest names are writable-data/,
      ],
      ['with a scope what it may have been', '@scope/pkgs', /the nearest names are @scope\//],
      [
        'that there is a file of this name',
        'inspect/files/stream.js',
        /did you mean \.\/inspect\/files\/stream\.js\?$/,
      ],
      [
        'which sub-paths a package has',
        'dual-package/stream',
        /dual-package has no sub-path stream; it has dual-package\/streams/,
      ],
      [
        'which files a package without exports has',
        'no-map/lib/nope.js',
        /no-map has no sub-path lib\/nope\.js; it has no-map\//,
      ],
      [
        'which files there are',
        './inspect/files/straem.js',
        /there is no file .*straem\.js; the nearest names are stream\.js/,
      ],
      [
        'which core modules there are',
        'node:timer/promises',
        /has no core module node:timer\/promises; the nearest names are timers\/promises/,
      ],
      ['that a glob matches nothing', './inspect/nothing/*.js', /no file below .* matches$/],
      ['that no file of a glob holds a generator', './inspect/files/pl*.js', /none of the 1 files that match holds/],
      ['that a package has only types', 'types-only', /has types only/],
    ];
    let result: Awaited<ReturnType<typeof inspect>>;
    before(async () => {
      result = await inspect(cases.map(([, module]) => module));
    });
    for (const [what, module, message] of cases) {
      it(what, () => {
        const { problem, entries } = result.modules.find((each) => each.module === module) as ModuleInspection;
        expect(problem?.message).to.match(message);
        expect(entries).to.deep.equal([]);
        expect(result.status).to.equal(1);
      });
    }
  });

  describe('answers misuse with status 2 and nothing on stdout:', () => {
    const cases: [what: string, modules: string[], message: RegExp][] = [
      ['no module', [], /missing required argument 'module'/],
      ['a target', ['openai[create]'], /"openai\[create\]" is a target; name the module alone: openai/],
      ['a glob without "./"', ['src/*.js'], /"src\/\*\.js" is not a module; did you mean "\.\/src\/\*\.js"\?/],
      ['something else', ['not a module'], /"not a module" is not a module: a package/],
    ];
    for (const [what, modules, message] of cases) {
      it(what, async () => {
        const { status, stdout, stderr } = await run(modules);
        expect({ status, stdout }).to.deep.equal({ status: 2, stdout: '' });
        expect(stderr).to.match(message);
      });
    }
  });

  it('is not disturbed by what a module prints, nor by what it does to the process', async () => {
    const { status, stdout, stderr } = await run(['@inspect/odd/noisy.cjs'], { json: true });
    expect({ status, stderr }).to.deep.equal({ status: 0, stderr: '' });
    expect((JSON.parse(stdout) as InspectReport).modules[0]?.targets.generators).to.equal(
      '@inspect/odd/noisy.cjs[count]',
    );
  });

  it('starts at the directory that it is given', async () => {
    const folder = makeFolder({ 'node_modules/here/index.js': 'exports.count = async function* () {};' });
    const { entries } = await inspectOne('here', { cwd: folder });
    expect(entries[0]?.file).to.equal(path.join(folder, 'node_modules/here/index.js'));
    const { problem } = await inspectOne('writable-data', { cwd: folder });
    expect(problem?.code).to.equal('not-found');
  });

  it('does not depend on how the environment configures tracing', async () => {
    const env = {
      OTEL_INSTRUMENTATION_ASYNC_GENERATOR_ENABLED: 'false',
      OTEL_INSTRUMENTATION_ASYNC_GENERATOR_TARGETS: 'writable-data[nothing]',
      OTEL_CONFIG_FILE: './there-is-none.yaml',
    };
    const { targets } = await inspectOne('writable-data', {}, env);
    expect(targets).to.deep.equal((await inspectOne('writable-data')).targets);
  });

  it('looks at modules as they are, even if NODE_OPTIONS sets tracing up', async () => {
    const register = path.join(FIXTURES, '../../build/src/register.js');
    const env = {
      NODE_OPTIONS: `--import ${register}`,
      OTEL_INSTRUMENTATION_ASYNC_GENERATOR_TARGETS: 'esm-only',
      OTEL_LOG_LEVEL: 'none',
    };
    expect(await inspectOne('esm-only', {}, env)).to.deep.equal(await inspectOne('esm-only'));
  });

  for (const timeout of [20.0001, 1e9]) {
    it(`takes any number of seconds for a time limit: ${timeout}`, async () => {
      const { status, stderr } = await inspectOne('writable-data', { timeout });
      expect({ status, stderr }).to.deep.equal({ status: 0, stderr: '' });
    });
  }

  it('leaves nothing behind in the temporary folder', async () => {
    const folder = makeFolder();
    await inspect(['writable-data', '@inspect/odd/throws.cjs'], {}, { TMPDIR: folder, TMP: folder, TEMP: folder });
    expect(fs.readdirSync(folder)).to.deep.equal([]);
  });

  it('prints a text that says it has run code, what it found, and what to paste', async () => {
    const { stdout, status } = await run(['many-pages'], { timeout: 10 });
    expect(stdout).to.equal(
      [
        'Each module was loaded in a process of its own, for at most 10 s: its code has run there. Its',
        '  output was dropped.',
        '',
        'many-pages 2.3.4',
        '  require, import: CommonJS node_modules/many-pages/index.js',
        '',
        '  ASYNC GENERATOR  IT IS A   REQUIRE, IMPORT',
        '  paginateBuckets  function  property → property',
        '  paginateObjects  function  property → property',
        '  paginateParts    function  property → property',
        '',
        '  MAY RETURN ONE   BECAUSE OF      REQUIRE, IMPORT',
        '  paginateNothing  name: paginate  property → property',
        '',
        '  It has 5 exports.',
        '  target: many-pages[paginate*]',
        '  or, reduced to those that you use: many-pages[paginateNothing]',
        '',
        'To trace them',
        "  OTEL_INSTRUMENTATION_ASYNC_GENERATOR_TARGETS='many-pages[paginate*]'",
        "  targets: ['many-pages[paginate*]']",
        '',
        'x → y: how an export is defined, and what of it a target replaces.',
        '',
      ].join('\n'),
    );
    expect(status).to.equal(0);
  });

  it('prints what is written in a file with its lines', async () => {
    const { stdout } = await run(['./inspect/files/written.mjs']);
    expect(stdout).to.equal(
      [
        './inspect/files/written.mjs',
        '',
        '  ASYNC GENERATOR  LINE',
        '  pages            1:1',
        '  Client#items     5:3   not traceable (1)',
        '  Client#items     6:3',
        '',
        '  (1) another definition of the same name replaces it',
        '  target: ./inspect/files/written.mjs',
        '',
        'To trace them',
        "  OTEL_INSTRUMENTATION_ASYNC_GENERATOR_TARGETS='./inspect/files/written.mjs'",
        "  targets: ['./inspect/files/written.mjs']",
        '',
      ].join('\n'),
    );
  });

  it('prints JSON of the documented shape', async () => {
    const { modules, type, version, node } = await inspect(['esm-only']);
    expect({ type, version, node }).to.deep.equal({ type: 'inspection', version: 1, node: process.version });
    const [module] = modules as [ModuleInspection];
    expect(module).to.have.all.keys('module', 'version', 'entries', 'targets');
    const [entry] = module.entries as [EntryInspection];
    expect(entry).to.have.all.keys(
      'file',
      'format',
      'loadedBy',
      'exports',
      'unread',
      'unspellable',
      'factories',
      'exportCount',
    );
    expect(entry.exports.find(({ selector }) => selector === 'count')).to.deep.equal({
      selector: 'count',
      kind: 'function',
      isAsyncGenerator: true,
      evidence: [],
      definition: 'ES module binding',
      patch: { method: 'binding' },
    });
  });
});
