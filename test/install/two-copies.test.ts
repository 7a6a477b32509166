/**
 * Two copies of this package in one process, as nested node_modules bring them, in every order in which both are enabled and disabled.
 */
import { expect } from 'chai';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { ROOT, runNode } from '../support/child';
import { makeFolder } from '../support/folder';

/** How a program gets at a function, and loads its module again. */
const MODULES = {
  'a CommonJS module': `
    const load = async (name) => {
      for (const file of Object.keys(require.cache)) if (/fixtures.(?!setup)/.test(file)) delete require.cache[file];
      return () => require(name);
    };`,
  'a CommonJS module that is imported': `
    const load = async (name) => {
      for (const file of Object.keys(require.cache)) if (/fixtures.(?!setup)/.test(file)) delete require.cache[file];
      const { default: exports } = await import(pathToFileURL(require.resolve(name)) + '?' + loads++);
      return () => exports;
    };`,
  'an ES module': `
    const load = async (name) => {
      const namespace = await import(pathToFileURL(require.resolve(name)) + '?' + loads++);
      return () => namespace;
    };`,
};

/**
 * Goes through all ways of four steps, each of which switches one of the copies on or off, and calls the function after each: as the exports have
 * it now, and as it was at first. Collects each way on which a call had no span or too many, or which left something in the exports.
 */
const PROGRAM = `
  const { pathToFileURL } = require('node:url');
  const { isProxy } = require('node:util').types;
  const other = require(process.env.OTHER_COPY);
  const targets = JSON.parse(process.env.TARGETS);
  other.registerImportHooks({ targets });
  const copies = [instrumentation, new other.AsyncGeneratorInstrumentation({ targets })];
  const isOn = [true, true];
  let loads = 0;
  const step = (index, on = !isOn[index]) => {
    isOn[index] = on;
    if (on) copies[index].enable();
    else copies[index].disable();
  };
  const check = async (where, makers) => {
    for (const [how, make] of makers) {
      const before = spans().length;
      for (const iterable of [make()].flat()) await drain(iterable);
      const count = spans().length - before;
      const expected = isOn.includes(true) ? SPANS : 0;
      if (count !== expected) seen.wrong.push(where + ', ' + how + ': ' + count);
    }
  };
  seen.wrong = [];
  seen.checks = 0;
  (async () => {
    for (const start of [[true, true], [true, false], [false, true], [false, false]]) {
      for (let way = 0; way < 16; way++) {
        for (const index of [0, 1]) step(index, false);
        for (const index of [0, 1]) if (start[index]) step(index);
        const current = await load(NAME);
        const held = start.includes(true) ? [['held', hold(current())]] : [];
        const path = [start.map(Number).join('')];
        await check(path.join(' '), [['exported', () => call(current())], ...held]);
        for (let bit = 0; bit < 4; bit++) {
          step((way >> bit) & 1);
          path.push(isOn.map(Number).join(''));
          await check(path.join(' '), [['exported', () => call(current())], ...held]);
          seen.checks++;
        }
        for (const index of [0, 1]) step(index, false);
        const { count, Client } = current();
        for (const fn of [current(), count, Client?.prototype.stream]) {
          if (isProxy(fn)) seen.wrong.push(path.join(' ') + ' 00: something stays');
        }
      }
    }
  })();`;

interface Subject {
  readonly target: string;
  readonly name: string;
  /** An expression for a call, by way of the exports \`e\`. */
  readonly call?: string;
  /** ... and for a function that makes one, which is kept. */
  readonly hold?: string;
  /** Of a call. */
  readonly spans?: number;
}

describe('two copies of this package', function () {
  this.timeout(60_000);

  const folder = makeFolder();
  before(() => {
    for (const name of ['package.json', 'build/src']) {
      fs.cpSync(path.join(ROOT, name), path.join(folder, name), { recursive: true });
    }
    fs.symlinkSync(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'));
  });

  const wrongOnes = async (modules: keyof typeof MODULES, { target, name, call, hold, spans = 1 }: Subject) => {
    const code = `${MODULES[modules]}
      const NAME = ${JSON.stringify(name)};
      const SPANS = ${spans};
      const call = (e) => ${call ?? 'e.count(1)'};
      const hold = (e) => ${hold ?? '((count) => () => count(1))(e.count)'};
      ${PROGRAM}`;
    const { status, stdout, stderr } = await runNode(
      ['--import', './setup.cjs', '--input-type=commonjs', '--eval', code],
      {
        env: { TARGETS: JSON.stringify(target), OTHER_COPY: folder, NODE_NO_WARNINGS: '1' },
      },
    );
    expect({ status, stderr }).to.deep.equal({ status: 0, stderr: '' });
    const { seen } = JSON.parse(stdout) as { seen: { wrong: string[]; checks: number } };
    expect(seen.checks).to.equal(256);
    return seen.wrong;
  };

  for (const [modules, what, subject] of [
    ['a CommonJS module', 'a property', { name: 'writable-data', target: 'writable-data[count]' }],
    ['a CommonJS module', 'a getter', { name: 'configurable-getter', target: 'configurable-getter[count]' }],
    ['a CommonJS module', 'replaced exports', { name: 'bundled-getters', target: 'bundled-getters[count]' }],
    ['a CommonJS module', 'frozen exports', { name: 'frozen-exports', target: 'frozen-exports[count]' }],
    [
      'a CommonJS module',
      'a callable',
      {
        name: 'callable-exports',
        target: 'callable-exports[default]',
        call: 'e(1)',
        hold: '() => e(1)',
      },
    ],
    [
      'a CommonJS module',
      'a method',
      {
        name: 'class-members',
        target: 'class-members[Client#stream]',
        call: 'new e.Client().stream(1)',
        hold: '((client) => () => client.stream(1))(new e.Client())',
      },
    ],
    ['an ES module', 'a binding', { name: 'esm-only', target: 'esm-only[count]' }],
    [
      'a CommonJS module that is imported',
      'its default export',
      { name: 'writable-data', target: 'writable-data[count]' },
    ],
    [
      'a CommonJS module',
      'what is written in a file',
      {
        name: '../source-mode/fixtures/forms.cjs',
        target: '../source-mode/fixtures/forms.cjs',
        call: '[e.pages(), e.named(), e.items(), e.from(), e.iterate(), e.read(), e.outer()]',
        hold: '() => call(e)',
        spans: 8,
      },
    ],
    [
      'an ES module',
      'what is written in a file',
      {
        name: '../source-mode/fixtures/forms.mjs',
        target: '../source-mode/fixtures/forms.mjs',
        call: 'e.makers.map((make) => make())',
        hold: '() => call(e)',
        spans: 5,
      },
    ],
  ] as const) {
    it(`make one span of a call while either is enabled, in every order: ${what} of ${modules}`, async () => {
      expect(await wrongOnes(modules, subject)).to.deep.equal([]);
    });
  }
});
