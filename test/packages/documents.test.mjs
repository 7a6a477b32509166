/**
 * What doc/command-line.md says that `inspect` prints of packages that are installed here.
 */
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const page = readFileSync(new URL('../../doc/command-line.md', import.meta.url), 'utf8');
const cli = fileURLToPath(new URL('../../build/src/cli.js', import.meta.url));
const cwd = fileURLToPath(new URL('.', import.meta.url));

const inspect = (args, env) =>
  execFileSync(process.execPath, [cli, 'inspect', ...args], { cwd, env: { ...process.env, ...env }, encoding: 'utf8' });

describe('doc/command-line.md', () => {
  it('shows what `inspect` prints', () => {
    const [, variables, args, shown] = /```text\n\$ (COLUMNS=\d+) otel-async-generator inspect (.*)\n([^]*?)```/.exec(
      page,
    );
    const [name, value] = variables.split('=');
    expect(inspect(args.split(' '), { [name]: value, LANG: 'en_US.UTF-8' })).to.equal(shown);
  });

  it('shows an export as `inspect --json` prints it', () => {
    const [, shown] = /An export:\n\n```json\n([^]*?)```/.exec(page);
    const { modules } = JSON.parse(inspect(['--json', 'graphql'], {}));
    expect(modules[0].entries[0].exports).to.deep.include(JSON.parse(shown));
  });
});
