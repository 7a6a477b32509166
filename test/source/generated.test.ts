/**
 * Random programs out of every form of function: each tells the same, line numbers included, untransformed and with all of its functions registered.
 */
import { expect } from 'chai';
import fc from 'fast-check';
import { execFileSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import * as vm from 'node:vm';
import { parse } from '../../src/source/parse';
import { createRegistrar } from '../../src/source/registrar';
import { transform, type SourceType } from '../../src/source/transform';
import { itHolds } from '../fuzz/support/holds';
import { programs, render } from './support/forms';
import { makeFolder, writeFile } from '../support/folder';

const { createHarness } = require('./support/harness.cjs') as {
  createHarness(): { globals: Record<string, unknown>; finish(): Promise<string> };
};

const host = globalThis as unknown as Record<string, unknown>;
const RUN_MODULES = require.resolve('./support/run-modules.cjs');
const MODULE_PROGRAMS = 60;

function transformAll(source: string, sourceType: SourceType): string {
  return transform(source, { sourceType, registrar: '$registrar', file: 0, select: () => true }).code;
}

async function tellScript(code: string): Promise<string> {
  const { globals, finish } = createHarness();
  vm.compileFunction(code, Object.keys(globals), { filename: '/program.cjs' }).apply(undefined, Object.values(globals));
  return finish();
}

function tellModules(codes: readonly string[]): string[] {
  const folder = makeFolder();
  const urls = codes.map((code, index) => pathToFileURL(writeFile(folder, `${index}/program.mjs`, code)).href);
  return JSON.parse(execFileSync(process.execPath, [RUN_MODULES, ...urls], { encoding: 'utf8' })) as string[];
}

describe('a program in source mode', () => {
  let formCount = 0;
  let calls = 0;
  before(() => {
    host.$registrar = createRegistrar(
      (fn) =>
        new Proxy(fn, {
          apply: (target, self, args) => {
            calls++;
            return Reflect.apply(target, self, args);
          },
        }),
    );
  });
  after(() => {
    delete host.$registrar;
  });

  itHolds(
    'prints what it prints untransformed, as CommonJS, sloppy and strict',
    programs(['sloppy', 'strict']),
    async (program) => {
      const { source, count } = render(program);
      formCount += count;
      expect(await tellScript(transformAll(source, 'commonjs'))).to.equal(await tellScript(source));
    },
    { smoke: 200, show: (program) => render(program).source },
  );

  // Nothing checks that where a module is loaded, as it would cost as much as all the rest.
  itHolds(
    'is one that can be parsed, as an ES module',
    programs(['module']),
    (program) => {
      const code = transformAll(render(program).source, 'module');
      expect(code).to.include('$registrar');
      parse(code, 'module');
    },
    { smoke: 200, show: (program) => render(program).source },
  );

  it('prints what it prints untransformed, as an ES module', () => {
    const samples = fc.sample(programs(['module']), { numRuns: MODULE_PROGRAMS, seed: 1 }).map(render);
    for (const { count } of samples) formCount += count;
    const sources = samples.map(({ source }) => source);
    const untransformed = tellModules(sources);
    const transformed = tellModules(sources.map((source) => transformAll(source, 'module')));
    for (const [index, source] of sources.entries()) expect(transformed[index], source).to.equal(untransformed[index]);
  });

  it('had 1,000 forms, and called their traced functions', () => {
    expect(formCount).to.be.at.least(1000);
    expect(calls).to.be.at.least(1000);
  });
});
