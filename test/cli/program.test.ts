import { expect } from 'chai';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { spawnSync } from 'node:child_process';
import { ROOT } from '../support/child';
import { main } from '../../src/cli/program';
import type { CommandContext } from '../../src/cli/terminal';
import { CLI, FIXTURES, runCli } from './support';
import { PRESET_LIST } from '../support/presets';
import { installPackage, makeFolder, writeFile } from '../support/folder';

const { version, bin } = JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {
  version: string;
  bin: Record<string, string>;
};

const TARGETS = '-t, --targets <targets>';
const PRESETS = '-p, --presets <names>';
const LIMIT = '-n, --limit <number>';
const OUTPUT = '-o, --output <file>';

describe('the command line', () => {
  it('goes by the name of the package and a short one, both the same file', () => {
    const file = path.relative(ROOT, CLI);
    expect(bin).to.deep.equal({
      'opentelemetry-instrumentation-async-generator': file,
      'otel-async-generator': file,
    });
    expect(fs.readFileSync(CLI, 'utf8')).to.match(/^#!\/usr\/bin\/env node\n/);
  });

  for (const option of ['--version', '-v']) {
    it(`prints its version for ${option}`, async () => {
      const { stdout, report, status } = await runCli([option]);
      expect([stdout.toString(), report, status]).to.deep.equal([`${version}\n`, '', 0]);
    });
  }

  for (const args of [['--help'], ['-h'], ['help'], ['--help', '--json']]) {
    it(`prints its help for ${args.join(' ')}`, async () => {
      const { stdout, report, status } = await runCli(args);
      expect(stdout.toString()).to.contain('Usage: otel-async-generator [options] [command]\n');
      expect(stdout.toString())
        .to.match(/ {2}run .* run an application/)
        .and.to.match(/ {2}inspect .* list/);
      expect([report, status]).to.deep.equal(['', 0]);
    });
  }

  it('prints its help on stderr if there is no command: that is a mistake', async () => {
    const { stdout, report, status } = await runCli([]);
    expect(report).to.contain('Usage:');
    expect([stdout.toString(), status]).to.deep.equal(['', 2]);
  });

  for (const args of [
    ['run', '--help'],
    ['run', '-h'],
    ['--help', 'run'],
    ['help', 'run'],
    ['run', '--json', '-h'],
  ]) {
    it(`prints the help of a command for ${args.join(' ')}`, async () => {
      const { stdout, status } = await runCli(args);
      expect(stdout.toString()).to.contain('otel-async-generator run [options] <app.mjs> [args...]');
      expect(status).to.equal(0);
    });
  }

  for (const columns of [60, 80, 200]) {
    it(`breaks the lines of its help for ${columns} columns, but for commands to paste`, async () => {
      const { stdout } = await runCli(['run', '--help'], { env: { COLUMNS: String(columns) } });
      const lines = stdout.toString().split('\n');
      const prose = lines.filter((line) => !/^(?:Usage:)? +otel-async-generator/.test(line));
      expect(Math.max(...prose.map((line) => line.length))).to.be.at.most(Math.min(columns, 100));
      expect(lines.join('\n')).not.to.match(/ \n/);
    });
  }

  const invalid = (option: string, value: string, why: string) =>
    `option '${option}' argument '${value}' is invalid. ${why}\n`;
  const MISTAKES: [string[], string][] = [
    [['rnu'], "unknown command 'rnu'\n(Did you mean run?)\n"],
    [['xyzzy'], "unknown command 'xyzzy'\nSee "],
    [['app.mjs', 'x'], "unknown command 'app.mjs'\nTo run an application: otel-async-generator run app.mjs x\n"],
    [['help', 'rnu'], "unknown command 'rnu'\n(Did you mean run?)\n"],
    [['--help', 'xyzzy'], "unknown command 'xyzzy'\nSee "],
    [['--hlep'], "unknown option '--hlep'\n(Did you mean --help?)\n"],
    [['run'], "missing required argument 'app.mjs'\n"],
    [['run', '--jsn', 'app.mjs'], "unknown option '--jsn'\n(Did you mean --json?)\n"],
    [['run', '--json=yes', 'app.mjs'], "unknown option '--json=yes'\n"],
    [['run', '--constructor', 'app.mjs'], "unknown option '--constructor'\n"],
    [
      ['run', '--port', '80', 'app.mjs'],
      "unknown option '--port'\nOptions of the application follow its file; those of Node.js are given in --node-option.\n",
    ],
    [['run', '-t'], "option '-t, --targets <targets>' argument missing\n"],
    [['run', 'ap.mjs'], 'there is no file ap.mjs; did you mean app.mjs?\n'],
    [['run', '.'], '. is a folder that has no main file: give the file that Node is to start with\n'],
    [['run', 'quite-another.mjs'], 'there is no file quite-another.mjs\n'],
    [
      ['run', 'quite-another'],
      'there is no file quite-another, and no command of that name in node_modules/.bin or PATH\n',
    ],
    [['run', 'nowhere/app.mjs'], 'there is no file nowhere/app.mjs\n'],
    [['run', '--', '-o.mjs'], 'there is no file -o.mjs\n'],
    [['run', '-'], 'an application that comes on stdin cannot be traced: give a file\n'],
    [
      ['run', '--otlp', 'localhost:4318', 'app.mjs'],
      invalid('--otlp <url>', 'localhost:4318', 'Expected a URL such as http://localhost:4318.'),
    ],
    [
      ['run', '-p', 'aws-sdkk', 'app.mjs'],
      invalid(PRESETS, 'aws-sdkk', `'aws-sdkk' is not allowed; expected ${PRESET_LIST}; did you mean "aws-sdk"?`),
    ],
    [
      ['run', '-p', 'node,zzzzzzz', 'app.mjs'],
      invalid(PRESETS, 'node,zzzzzzz', `'zzzzzzz' is not allowed; expected ${PRESET_LIST}`),
    ],
    [
      ['run', '-t', 'x[', 'app.mjs'],
      invalid(TARGETS, 'x[', `'x[' is not allowed; expected a closing "]" for every "["`),
    ],
    [['run', '-t', '*', 'app.mjs'], `option '${TARGETS}' argument '*' is invalid. '*' is not allowed`],
    [['run', '-t', 'x[a b]', 'app.mjs'], `option '${TARGETS}' argument 'x[a b]' is invalid. 'a b' is not allowed`],
    [['run', '--targets=', 'app.mjs'], invalid(TARGETS, '', 'it is empty')],
    [['run', '--limit', '-1', 'app.mjs'], invalid(LIMIT, '-1', 'Expected a whole number, 0 for all runs.')],
    [['run', '--limit=', 'app.mjs'], invalid(LIMIT, '', 'Expected a whole number, 0 for all runs.')],
    [['run', '--node-option=', 'app.mjs'], "option '--node-option <option>' argument '' is invalid. "],
    [['run', '-c', 'otel.yml', 'app.mjs'], invalid('-c, --config <file>', 'otel.yml', 'There is no file otel.yml')],
    [
      ['run', '-o', 'nowhere/x', 'app.mjs'],
      invalid(OUTPUT, 'nowhere/x', `There is no folder ${path.join(FIXTURES, 'nowhere')}`),
    ],
    [['run', '--output=', 'app.mjs'], invalid(OUTPUT, '', 'Expected the path of a file.')],
    [['run', '--config=', 'app.mjs'], invalid('-c, --config <file>', '', 'Expected the path of a file.')],
    [['run', '-o', '.', 'app.mjs'], invalid(OUTPUT, '.', 'It is a folder.')],
    [['run', '-o', '--json', 'app.mjs'], invalid(OUTPUT, '--json', 'If it is a file, write ./--json')],
    [['inspect'], "missing required argument 'module'\n"],
    [['inspect', '--timeout', 'soon', 'x'], invalid('--timeout <seconds>', 'soon', 'Expected a number of seconds.')],
  ];
  for (const [args, message] of MISTAKES) {
    it(`says what is wrong with: ${args.join(' ')}`, async () => {
      const { stdout, report, status } = await runCli(args);
      expect(report).to.satisfy((text: string) => text.startsWith(`otel-async-generator: ${message}`));
      const command = ['run', 'inspect'].includes(args[0] as string) ? `${args[0]} ` : '';
      expect(report).to.satisfy((text: string) => text.endsWith(`\nSee otel-async-generator ${command}--help\n`));
      expect([stdout.toString(), status]).to.deep.equal(['', 2]);
    });
  }

  it('breaks the line that says what is wrong between words, where a person reads it', async () => {
    let text = '';
    const stderr = { isTTY: true, columns: 40, write: (part: string) => (text += part) };
    const context = { env: {}, cwd: FIXTURES, stdout: process.stdout, stderr } as unknown as CommandContext;
    expect(await main(['run', '--limit', 'many', 'app.mjs'], context)).to.equal(2);
    expect(text.split('\n')).to.deep.equal([
      "otel-async-generator: option '-n,",
      "--limit <number>' argument 'many' is",
      'invalid. Expected a whole number, 0 for',
      'all runs.',
      'See otel-async-generator run --help',
      '',
    ]);
  });

  for (const args of [
    ['\u001b[31m\u202e'],
    ['--\u001b[31m\u202e'],
    ['run', '--\u009b31m'],
    ['run', '\u001b[31m\u202e.mjs'],
    ['run', '-t', '\u009b\u202e[', 'app.mjs'],
    ['run', '-p', '\u009b\u202e', 'app.mjs'],
    ['run', '-n', '\u009b\u202e', 'app.mjs'],
    ['inspect', '*\u001b\u202e'],
    ['inspect', '--timeout', '\u009b\u202e', 'x'],
  ]) {
    it(`shows what is invisible in a mistake: ${JSON.stringify(args)}`, async () => {
      const { report, status } = await runCli(args);
      expect(report).to.match(/\\u00|\\x/);
      expect(report.replaceAll('\n', '')).not.to.match(/[\p{Cc}\p{Cf}]/u);
      expect(status).to.equal(2);
    });
  }

  it('hands its options and operands to inspect', async () => {
    const { stdout, report, status } = await runCli(['inspect', '--json', 'node:timers/promises', '--timeout', '20']);
    const { modules } = JSON.parse(stdout.toString()) as { modules: { module: string }[] };
    expect(modules.map(({ module }) => module)).to.deep.equal(['node:timers/promises']);
    expect([report, status]).to.deep.equal(['', 0]);
  });

  it('does not mind a reader that stops early', () => {
    const { status, stderr } = spawnSync('sh', ['-c', `"${process.execPath}" "${CLI}" run --help | head -1`], {
      encoding: 'utf8',
    });
    expect([status, stderr]).to.deep.equal([0, '']);
  });

  describe('in a project that has no SDK', () => {
    const folder = makeFolder();
    const runHere = (...args: string[]) =>
      spawnSync(process.execPath, [path.join(ours, 'build/src/cli.js'), 'run', ...args], {
        cwd: folder,
        encoding: 'utf8',
      });
    let ours: string;
    before(() => {
      ours = installPackage(folder);
      const inner = 'async function* inner() { yield 1; }\n';
      const outer = 'async function* outer() { await 0; yield* inner(); throw new Error("no more"); }\n';
      writeFile(
        folder,
        'app.mjs',
        `${inner}${outer}try { for await (const _ of outer()); } catch { console.log("ran"); }`,
      );
    });

    it('draws the timeline all the same', () => {
      const { status, stdout, stderr } = runHere('app.mjs');
      expect(stderr).to.match(/\nouter .* failed\n│ {2}Error: no more\n└─ inner .* completed\n/);
      expect([status, stdout]).to.deep.equal([0, 'ran\n']);
    });

    it('says in a line what to install, before it starts anything, where spans are to be sent', () => {
      const { status, stdout, stderr } = runHere('--otlp', 'http://localhost:4318', 'app.mjs');
      expect(stderr).to.match(
        /^otel-async-generator: sending spans needs .* SDK: npm install @opentelemetry\/api.*\n$/,
      );
      expect([status, stdout]).to.deep.equal([2, '']);
    });
  });
});
