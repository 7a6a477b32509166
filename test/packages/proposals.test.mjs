/**
 * Whatever `inspect` lists of a module is a target that patches something.
 */
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const here = fileURLToPath(new URL('.', import.meta.url));
const cli = fileURLToPath(new URL('../../build/src/cli.js', import.meta.url));
const program = fileURLToPath(new URL('./support/report.cjs', import.meta.url));

const MODULES = ['@aws-sdk/client-s3', 'glob', 'got', 'graphql', 'it-map', 'openai', 'tiny-async-pool'];

const { NODE_OPTIONS: _inherited, ...env } = process.env;

async function jsonOf(...args) {
  const { stdout } = await run(process.execPath, args, { cwd: here, env, maxBuffer: 64 * 1024 * 1024 });
  return JSON.parse(stdout);
}

/** The targets that `inspect` lists, of what `require` loads. */
async function targetsOf(name, ...options) {
  const { modules } = await jsonOf(cli, 'inspect', name, '--json', ...options);
  return modules.flatMap(({ module, entries }) =>
    entries
      .filter(({ loadedBy }) => loadedBy.includes('require'))
      .flatMap((entry) => entry.exports.map(({ selector }) => `${module}[${selector}]`)),
  );
}

async function expectPatched(module, targets) {
  expect(targets).to.not.be.empty;
  const report = await jsonOf(program, module, ...targets);
  expect(report.filter(({ status }) => status !== 'patched')).to.deep.equal([]);
  expect(report.map(({ target }) => target)).to.have.members(targets);
}

describe('inspect lists', () => {
  for (const module of MODULES) {
    it(`of ${module} what can be patched`, async () => {
      await expectPatched(module, await targetsOf(module));
    });
  }

  it('of all files of postgres what can be patched', async () => {
    const targets = await targetsOf('postgres', '--deep');
    expect(targets).to.include('postgres/cjs/src/query.js[Query#cursor]');
    await expectPatched('postgres', targets);
  });
});
