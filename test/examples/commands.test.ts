/**
 * The command lines in the documents, in blocks and within sentences: the commands, scripts, options, variables and files that they
 * name are there.
 */
import { CommanderError } from 'commander';
import { expect } from 'chai';
import * as fs from 'node:fs';
import * as path from 'node:path';
import semver = require('semver');
import { createProgram } from '../../src/cli/program';
import type { CommandContext } from '../../src/cli/terminal';
import { PREFIX, readZeroCodeConfig } from '../../src/options/sources';
import { namesIn, toSnakeCase } from '../../src/options/table';
import { PACKAGE_NAME } from '../../src/version';
import { ROOT } from '../support/child';
import { readPage } from '../support/examples';
import { makeFolder } from '../support/folder';
import { blocksIn, PAGES } from './blocks';
import { parseShell, type ShellCommand } from './shell';

interface Manifest {
  readonly scripts: Record<string, string>;
  readonly bin: Record<string, string>;
  readonly exports: Record<string, unknown>;
  readonly peerDependencies: Record<string, string>;
}
const MANIFEST = JSON.parse(readPage('package.json')) as Manifest;

const OWN_VARIABLES = namesIn('environment').map((name) => PREFIX + toSnakeCase(name).toUpperCase());
/** Of the scripts of this repository, and of OpenTelemetry's other packages, which are not installed here. */
const OTHER_VARIABLES = ['OTEL_ASYNC_GENERATOR_TEST_SERVICES', 'OTEL_NODE_ENABLED_INSTRUMENTATIONS'];

/** Files that a reader's project has. */
const OF_THE_READER =
  /^(?:\.\/)?(?:app\.m?js|broken\.yaml|runs\.json|orders\.csv|(?:dist|src)\/(?:app|main)\.[jt]s|test\/.*\*.*)$/;

/** Commands that are not checked further: those of the system, and runners that only `npm run test:runners` installs. */
const OTHERS = new Set([
  'cd',
  'curl',
  'docker',
  'jq',
  'kill',
  'sleep',
  'wait',
  'echo',
  'npx vitest',
  'npx jest',
  'tsx',
]);

/** Node's, where this Node does not say that it has them: it only lists those that NODE_OPTIONS takes. */
const OPTIONS_OF_NODE = ['--test', '--test-update-snapshots', '--experimental-test-coverage'];

interface Example extends ShellCommand {
  readonly title: string;
}

/** A command, or a variable with its value. */
const IS_COMMAND = /^(?:(?:npx|npm|node|otel-async-generator) \S|(?:OTEL|NODE)_\w+=[^.])/;

/** What sentences show as code. */
const inlineCode = (page: string) =>
  Array.from(
    readPage(page)
      .replace(/^```[^]*?^```$/gm, '')
      .matchAll(/`([^`]+)`/g),
    ([, text = '']) => text.replace(/\s+/g, ' '),
  );

/** A form, or the name of a command: not a line to type. */
const isForm = (text: string) => /\[options\]|\.\.\.$|^otel-async-generator \w+$/.test(text);

function exampleOf(page: string, command: ShellCommand): Example {
  const assignments = Object.entries(command.variables).map(([name, value]) => `${name}=${value}`);
  return { ...command, title: `${page}: ${[...assignments, ...command.words].join(' ')}` };
}

const EXAMPLES: readonly Example[] = [
  ...blocksIn('sh', 'bash').flatMap(({ page, text }) => parseShell(text).map((each) => exampleOf(page, each))),
  ...PAGES.flatMap((page) =>
    inlineCode(page)
      .filter((text) => IS_COMMAND.test(text) && !isForm(text))
      .flatMap((text) => parseShell(text).map((each) => exampleOf(page, each))),
  ),
];

/** The option parser of the command line itself; commands do nothing. */
async function parseOptions(args: readonly string[], cwd: string): Promise<void> {
  const nowhere = { write: () => true, columns: 80, isTTY: false } as unknown as NodeJS.WriteStream;
  const context = { cwd, env: {}, stdout: nowhere, stderr: nowhere } as CommandContext;
  const program = createProgram(context, () => undefined);
  for (const command of program.commands) command.action(() => undefined);
  try {
    await program.parseAsync([...args], { from: 'user' });
  } catch (error) {
    // Help and version.
    if (!(error instanceof CommanderError) || error.exitCode !== 0) throw error;
  }
}

describe('the command lines in the documents', () => {
  const folder = makeFolder({ 'broken.yaml': '' });

  /** Where commands are typed. */
  const folders = ['.', 'examples/zero-code', 'examples/demo'].map((name) => path.join(ROOT, name));
  const shown = new Set(blocksIn('js', 'ts').map(({ file }) => file));

  function expectFile(file: string): void {
    const isThere = folders.some((each) => fs.existsSync(path.join(each, file)));
    const isShown = shown.has(file.replace(/^\.\//, ''));
    expect(isThere || isShown || OF_THE_READER.test(file), `there is no file ${file}`).to.equal(true);
  }

  function expectModule(name: string): void {
    if (/^\.{0,2}\//.test(name)) expectFile(name.replace(/^\/app\/node_modules\/[^/]+/, '.'));
    else if (name.startsWith(PACKAGE_NAME))
      expect(MANIFEST.exports).to.have.property(`.${name.slice(PACKAGE_NAME.length)}`);
    else expect(['tsx', 'tsx/cjs', '@opentelemetry/auto-instrumentations-node/register']).to.include(name);
  }

  function checkNode(args: readonly string[]): void {
    let index = 0;
    for (; args[index]?.startsWith('-'); index++) {
      const [option = '', value] = (args[index] ?? '').split('=');
      if (/^(?:--import|--require|-r)$/.test(option)) expectModule(value ?? args[++index] ?? '');
      else
        expect(OPTIONS_OF_NODE.includes(option) || process.allowedNodeEnvironmentFlags.has(option), option).to.equal(
          true,
        );
    }
    const [file] = args.slice(index);
    if (file !== undefined) expectFile(file);
  }

  function checkNpm(args: readonly string[]): void {
    const [command = '', ...rest] = args;
    if (/^(?:test|start)$/.test(command)) expect(MANIFEST.scripts).to.have.property(command);
    else if (command === 'run') expect(MANIFEST.scripts).to.have.property(rest[0] ?? '');
    else if (/^(?:install|i)$/.test(command)) for (const each of rest) checkInstalled(each);
    else expect(command).to.equal('ls');
  }

  /** A version that is asked for is one that this package takes. */
  function checkInstalled(spec: string): void {
    const [, name = '', version] = /^((?:@[^/@]+\/)?[^@]+)(?:@(.+))?$/.exec(spec) ?? [];
    if (spec.startsWith('-')) return void expect(spec).to.equal('--save-dev');
    if (name === PACKAGE_NAME) return void expect(version).to.equal(undefined);
    const accepted = MANIFEST.peerDependencies[name] ?? '';
    expect(accepted, `${name} is no peer`).not.to.equal('');
    if (version !== undefined) expect(semver.intersects(version, accepted), `${spec}: ${accepted}`).to.equal(true);
  }

  async function check({ words: [command = '', ...args] }: Example): Promise<void> {
    const isNpx = command === 'npx' && !OTHERS.has(`npx ${args[0]}`);
    const [tool = '', ...rest] = isNpx ? args : [path.basename(command), ...args];
    if (tool in MANIFEST.bin) return parseOptions(rest, folder);
    if (tool === 'node') return checkNode(rest);
    if (tool === 'npm') return checkNpm(rest);
    if (tool === 'mocha') return expectModule(rest[rest.indexOf('--require') + 1] ?? '');
    if (isNpx) {
      // The name of a command, or of a package.
      const isInstalled = ['.bin', '.'].some((each) => fs.existsSync(path.join(ROOT, 'node_modules', each, tool)));
      return void expect(isInstalled, tool).to.equal(true);
    }
    expect(OTHERS.has(command) || OTHERS.has(`npx ${args[0]}`), `what is ${command}?`).to.equal(true);
    if (command === 'cd') expectFile(args[0] ?? '');
  }

  it('are many', () => {
    expect(EXAMPLES).to.have.length.above(80);
  });

  for (const title of new Set(EXAMPLES.map((example) => example.title))) {
    const example = EXAMPLES.find((each) => each.title === title) as Example;
    it(`can be typed: ${title}`, async () => {
      if (example.words.length > 0) await check(example);
      const { NODE_OPTIONS, ...variables } = example.variables;
      if (NODE_OPTIONS !== undefined) checkNode(NODE_OPTIONS.split(' '));
      const { problems, warnings } = readZeroCodeConfig(variables, folder);
      expect([...problems, ...warnings]).to.deep.equal([]);
    });
  }
});

describe('the environment variables in the documents', () => {
  /** All that OpenTelemetry's packages and this one read. */
  let known: Set<string>;

  before(() => {
    const read = (folder: string): string[] =>
      fs.readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
        const name = path.join(folder, entry.name);
        if (entry.isDirectory()) return /^(?:esm|esnext|test|__snapshots__)$/.test(entry.name) ? [] : read(name);
        return /\.[jt]s$/.test(name) && !name.endsWith('.d.ts')
          ? (fs.readFileSync(name, 'utf8').match(/\bOTEL_[A-Z_]+/g) ?? [])
          : [];
      });
    const packages = ['api', 'core', 'sdk-node', 'sdk-trace', 'sdk-metrics', 'configuration', 'otlp-exporter-base'];
    const folders = packages.map((name) => path.join(ROOT, 'node_modules/@opentelemetry', name, 'build/src'));
    known = new Set([...folders, path.join(ROOT, 'src')].filter((each) => fs.existsSync(each)).flatMap(read));
    expect(known).to.include('OTEL_SERVICE_NAME');
  });

  for (const page of PAGES) {
    it(`of ${page} are read by somebody`, () => {
      const named = Array.from(readPage(page).matchAll(/(?<![\w$])OTEL_[A-Z_]+/g), ([name]) => name);
      const isPrefix = (name: string) => name.endsWith('_');
      const unknown = named
        .filter((name) => !isPrefix(name))
        .filter((name) =>
          name.startsWith(PREFIX) ? !OWN_VARIABLES.includes(name) : !known.has(name) && !OTHER_VARIABLES.includes(name),
        );
      expect(unknown).to.deep.equal([]);
    });
  }
});
