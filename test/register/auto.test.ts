/**
 * What register traces where nothing says what to trace: the presets of the packages that an application has installed.
 */
import { expect } from 'chai';
import * as path from 'node:path';
import { PACKAGE_NAME } from '../../src/version';
import { ROOT } from '../support/child';
import { makeFolder, writeFile, type Files } from '../support/folder';
import { runProgram } from '../support/program';

const REGISTER = path.join(ROOT, 'build/src/register.js');
const PREFIX = 'OTEL_INSTRUMENTATION_ASYNC_GENERATOR_';

/** A package in which a preset finds what it traces. */
const CLIENT: Files = {
  'package.json': '{ "name": "@google/genai", "version": "1.0.0", "main": "index.js" }',
  'index.js': `
    console.log('the client is loaded');
    exports.GoogleGenAI = class GoogleGenAI {
      models = { async *generateContentStream() { yield 'chunk'; } };
    };`,
};
// What it is called is a matter of the preset.
const SPAN = "'async_generator.module.name': '@google/genai'";
const APP = `
  const { GoogleGenAI } = require('@google/genai');
  (async () => {
    for await (const chunk of new GoogleGenAI().models.generateContentStream());
  })();`;

/** An application with that package, installed in a folder of `node_modules`. */
function makeApplication(files: Files = {}, place = 'node_modules/@google/genai'): string {
  const folder = makeFolder({ 'app.cjs': APP, ...files });
  for (const [name, text] of Object.entries(CLIENT)) writeFile(path.join(folder, place), name, text);
  return folder;
}

describe('register without targets and presets', function () {
  this.timeout(60_000);

  const run = (cwd: string, env: NodeJS.ProcessEnv = {}, args: readonly string[] = ['app.cjs']) =>
    runProgram(['--require', REGISTER, ...args], { cwd, env: { OTEL_TRACES_EXPORTER: 'console', ...env } });
  const LINE = `${PACKAGE_NAME}: presets of packages that are installed: google-genai (@google/genai)\n`;

  it('traces what the presets know of the packages that are installed, without a word', async () => {
    const { stdout, stderr } = await run(makeApplication());
    expect(stdout).to.include(SPAN);
    expect(stderr).to.equal('');
  });

  it('says which presets are on, and for which package, with OTEL_LOG_LEVEL=info', async () => {
    const { stderr } = await run(makeApplication(), { OTEL_LOG_LEVEL: 'info' });
    expect(stderr).to.equal(LINE);
  });

  it('loads nothing that the application does not load', async () => {
    const { stdout } = await run(makeApplication({ 'app.cjs': '' }));
    expect(stdout).to.equal('');
  });

  it('finds what only a dependency needs, where pnpm has it', async () => {
    const folder = makeApplication({ 'app.cjs': '' }, 'node_modules/.pnpm/node_modules/@google/genai');
    const { stderr } = await run(folder, { OTEL_LOG_LEVEL: 'info' });
    expect(stderr).to.equal(LINE);
  });

  it('finds what is installed for the application, wherever that is started', async () => {
    const { stdout } = await run(makeFolder(), {}, [path.join(makeApplication(), 'app.cjs')]);
    expect(stdout).to.include(SPAN);
  });

  it('warns once where no package of a preset is installed, and says what to do', async () => {
    const { status, stderr } = await run(makeFolder({ 'app.cjs': '' }), {}, ['--import', REGISTER, 'app.cjs']);
    expect(status).to.equal(0);
    expect(stderr).to.equal(
      `${PACKAGE_NAME}: no targets are configured, and no installed package has a preset: nothing is traced; ` +
        `set ${PREFIX}TARGETS (your own files: './src/**/*.js'), ${PREFIX}PRESETS or ${PREFIX}CONFIG_FILE\n`,
    );
  });

  it('leaves Node’s own functions alone, which every program has', async () => {
    const events = "require('node:events').on(new (require('node:events'))(), 'x').return();";
    const { stdout } = await run(makeApplication({ 'app.cjs': events }));
    expect(stdout).to.equal('');
  });

  it('chooses nothing where a target has a mistake: what it would have chosen is not what was asked for', async () => {
    const { stdout, stderr } = await run(makeApplication(), { [`${PREFIX}TARGETS`]: './a[b' });
    expect(stdout).not.to.include(SPAN);
    expect(stderr)
      .to.include('./a[b')
      .and.to.have.lengthOf(stderr.indexOf('\n') + 1);
  });

  it('chooses nothing where the configuration file cannot be read', async () => {
    const { stdout } = await run(makeApplication(), { [`${PREFIX}CONFIG_FILE`]: 'missing.yaml' });
    expect(stdout).not.to.include(SPAN);
  });

  it('chooses nothing where targets are named', async () => {
    const { stdout } = await run(makeApplication(), { [`${PREFIX}TARGETS`]: './app.cjs' });
    expect(stdout).not.to.include(SPAN);
  });

  for (const [where, env] of [
    ['the environment', { [`${PREFIX}PRESETS`]: 'node,auto', [`${PREFIX}TARGETS`]: './other.cjs' }],
    ['a file', { [`${PREFIX}CONFIG_FILE`]: 'own.yaml' }],
  ] as const) {
    it(`does the same beside targets for presets=auto in ${where}`, async () => {
      const folder = makeApplication({ 'own.yaml': 'presets: auto\ntargets: [./other.cjs]', 'other.cjs': '' });
      const { stdout } = await run(folder, { ...env, OTEL_LOG_LEVEL: 'error' });
      expect(stdout).to.include(SPAN);
    });
  }
});

describe("presets: 'auto' in code", () => {
  const presetsIn = async (folder: string) => {
    const code = `
      const { AsyncGeneratorInstrumentation } = require(${JSON.stringify(path.join(ROOT, 'build/src/index.js'))});
      const instrumentation = new AsyncGeneratorInstrumentation({ presets: 'auto', baseDir: ${JSON.stringify(folder)} });
      console.log(instrumentation.getPatchReport().map(({ preset }) => preset).join());`;
    const { stdout } = await runProgram(['--eval', code], { cwd: makeFolder() });
    return stdout;
  };

  it('is the presets of what is installed for `baseDir`', async () => {
    expect(await presetsIn(makeApplication())).to.equal('google-genai\n');
  });

  it('is no preset where nothing is installed', async () => {
    expect(await presetsIn(makeFolder())).to.equal('\n');
  });
});
