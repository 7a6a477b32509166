/**
 * TypeScript that is run as it is: by Node itself, or by what loaders of TypeScript hand over.
 */
import { expect } from 'chai';
import { before, describe, it } from 'mocha';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { LINES } from '../support/suites.mjs';
import { projectOf, REGISTER, useLine } from './support/suite.mjs';

/** @param extension of the copies; @param specifier what the application imports */
const FORMATS = {
  stripped: { type: 'module', extension: 'mts', specifier: './count.mts' },
  'ES modules': { type: 'module', extension: 'ts', specifier: './count.ts' },
  CommonJS: { type: 'commonjs', extension: 'ts', specifier: './count' },
};

/** A folder with the application in that format. */
function writeApplication(project, name) {
  const { type, extension, specifier } = FORMATS[name];
  const folder = path.join(project, `typescript-${name.replace(' ', '-')}`);
  const source = (file) => path.join(project, 'typescript', file);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ type }));
  // Types can't just be taken out of what is not for Node itself.
  const count = readFileSync(source('count.mts'), 'utf8');
  const compiled = count.replace('\n\n', '\nenum First { Item = 1 }\n').replace('item = 1', 'item: Item = First.Item');
  writeFileSync(path.join(folder, `count.${extension}`), extension === 'mts' ? count : compiled);
  const tsconfig = {
    compilerOptions: { module: type === 'module' ? 'nodenext' : 'commonjs', target: 'es2022', sourceMap: true },
  };
  writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify(tsconfig));
  const app = readFileSync(source('app.mts'), 'utf8').replace('./count.mts', specifier);
  writeFileSync(path.join(folder, `app.${extension}`), app);
  return { cwd: folder, app: `app.${extension}` };
}

const SWC_ESM = '@swc-node/register/esm-register';
const ESBUILD = 'esbuild-register';

const CASES = [
  { runner: 'Node, which strips the types', format: 'stripped', since: 24, args: ['--import', REGISTER] },
  { runner: 'Node, ours by --require', format: 'stripped', since: 24, args: ['--require', REGISTER] },
  { runner: 'tsx', format: 'ES modules', args: ['--import', REGISTER, '--import', 'tsx'] },
  { runner: 'tsx first', format: 'ES modules', args: ['--import', 'tsx', '--import', REGISTER] },
  { runner: 'tsx, ours by --require', format: 'ES modules', args: ['--require', REGISTER, '--import', 'tsx'] },
  { runner: 'tsx', format: 'CommonJS', args: ['--import', REGISTER, '--import', 'tsx'] },
  { runner: 'tsx first', format: 'CommonJS', args: ['--import', 'tsx', '--import', REGISTER] },
  { runner: 'tsx, ours by --require', format: 'CommonJS', args: ['--require', REGISTER, '--import', 'tsx'] },
  { runner: 'tsx/cjs', format: 'CommonJS', args: ['--require', REGISTER, '--require', 'tsx/cjs'] },
  { runner: 'ts-node', format: 'CommonJS', args: ['--require', REGISTER, '--require', 'ts-node/register'] },
  { runner: 'ts-node first', format: 'CommonJS', args: ['--require', 'ts-node/register', '--require', REGISTER] },
  { runner: '@swc-node', format: 'CommonJS', args: ['--require', REGISTER, '--require', '@swc-node/register'] },
  { runner: '@swc-node first', format: 'CommonJS', args: ['--require', '@swc-node/register', '--require', REGISTER] },
  { runner: '@swc-node', format: 'ES modules', args: ['--import', REGISTER, '--import', SWC_ESM] },
  { runner: '@swc-node first', format: 'ES modules', args: ['--import', SWC_ESM, '--import', REGISTER] },
  { runner: 'esbuild-register', format: 'CommonJS', args: ['--require', REGISTER, '--require', ESBUILD] },
  { runner: 'esbuild-register first', format: 'CommonJS', args: ['--require', ESBUILD, '--require', REGISTER] },
];

for (const line of LINES) {
  describe(`${line.title}, TypeScript`, () => {
    const suite = useLine(line);
    const applications = {};

    before(() => {
      for (const name of Object.keys(FORMATS)) applications[name] = writeApplication(projectOf(line), name);
    });

    for (const { runner, format, since = 0, args } of CASES) {
      if (line.major < since) continue;
      it(`is traced under ${runner} (${format}), in the lines where it was written`, async () => {
        const { cwd, app } = applications[format];
        const untraced = await suite.runUntraced([...args.filter((arg, index) => !isOurs(args, index)), app], { cwd });
        expect(untraced).to.include({ status: 0, stdout: `1\n2\n3\ncount.${FORMATS[format].extension}:11\n` });
        expect(await suite.run([...args, app], { cwd })).to.deep.equal(untraced);
        expect(suite.spanTree()).to.deep.equal(['count completed 3']);
        const [{ attributes }] = suite.collector.spans;
        expect(attributes['code.line.number']).to.equal(3);
      });
    }
  });
}

/** Whether an argument is our preload, or the flag before it. */
function isOurs(args, index) {
  return args[index] === REGISTER || args[index + 1] === REGISTER;
}
