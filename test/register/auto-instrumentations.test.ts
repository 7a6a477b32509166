/**
 * What register makes of `@opentelemetry/auto-instrumentations-node` where the application has it. A small one replaces
 * it here; `npm run test:zero-code` has the real ones.
 */
import { expect } from 'chai';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { ROOT } from '../support/child';
import { describeTree, startOtlpReceiver, type OtlpReceiver } from '../support/otlp';
import { runProgram } from '../support/program';
import { PACKAGE_NAME } from '../../src/version';
import { makeFolder } from '../support/folder';

const REGISTER = `${PACKAGE_NAME}/register`;
const AUTO_INSTRUMENTATIONS = '@opentelemetry/auto-instrumentations-node';
const STOCK_REGISTER = `${AUTO_INSTRUMENTATIONS}/register`;
const TARGETS = { OTEL_INSTRUMENTATION_ASYNC_GENERATOR_TARGETS: './streams.cjs' };

/** Notes what its environment variable is when it is asked; not in the thread of import hooks, which preloads it again. */
const INDEX = `
const { appendFileSync } = require('node:fs');
const { join } = require('node:path');
const { isMainThread } = require('node:worker_threads');
const { HttpInstrumentation } = require('@opentelemetry/instrumentation-http');

exports.getNodeAutoInstrumentations = () => {
  const names = process.env.OTEL_NODE_DISABLED_INSTRUMENTATIONS;
  if (isMainThread) appendFileSync(join(__dirname, 'disabled.txt'), \`\${names}\\n\`);
  return [new HttpInstrumentation()];
};
`;

const STOCK = `
const { NodeSDK } = require('@opentelemetry/sdk-node');
const { getNodeAutoInstrumentations } = require('.');

const sdk = new NodeSDK({ serviceName: 'stock', instrumentations: getNodeAutoInstrumentations() });
sdk.start();
process.once('beforeExit', () => sdk.shutdown());
`;

/** An application that has everything: the packages of this one, and the small one. */
function makeApplication(): string {
  const folder = makeFolder();
  cpSync(path.join(ROOT, 'test/fixtures/zero-code/sdks'), folder, { recursive: true });
  const packages = path.join(folder, 'node_modules');
  mkdirSync(path.join(packages, '@opentelemetry'), { recursive: true });
  symlinkSync(ROOT, path.join(packages, PACKAGE_NAME), 'junction');
  for (const name of readdirSync(path.join(ROOT, 'node_modules/@opentelemetry'))) {
    if (`@opentelemetry/${name}` === AUTO_INSTRUMENTATIONS) continue;
    const place = path.join(packages, '@opentelemetry', name);
    symlinkSync(path.join(ROOT, 'node_modules/@opentelemetry', name), place, 'junction');
  }
  const fake = path.join(packages, AUTO_INSTRUMENTATIONS);
  mkdirSync(fake);
  writeFileSync(path.join(fake, 'index.js'), INDEX);
  writeFileSync(path.join(fake, 'register.js'), STOCK);
  return folder;
}

const PAGES = ['readPages INTERNAL', '  GET CLIENT', '    GET SERVER', '  GET CLIENT', '    GET SERVER'];

describe('register, with the instrumentations of OpenTelemetry installed', () => {
  let receiver: OtlpReceiver;
  let folder: string;
  let notes: string;

  before(async () => {
    receiver = await startOtlpReceiver();
    folder = makeApplication();
    notes = path.join(folder, 'node_modules', AUTO_INSTRUMENTATIONS, 'disabled.txt');
  });

  afterEach(async () => {
    rmSync(notes, { force: true });
    await receiver.reset();
  });

  after(async () => {
    await receiver.close();
  });

  async function trace(args: readonly string[], env?: NodeJS.ProcessEnv) {
    const { status, stdout, stderr } = await runProgram(args, {
      cwd: folder,
      env: { ...TARGETS, ...receiver.env(), OTEL_LOG_LEVEL: 'error', ...env },
    });
    expect({ status, stdout, stderr }).to.deep.equal({ status: 0, stdout: 'done\n', stderr: '' });
    const spans = await receiver.spans();
    return { tree: describeTree(spans), services: [...new Set(spans.map(({ resource }) => resource['service.name']))] };
  }

  for (const [preload, app] of [
    ['--require', 'app.cjs'],
    ['--import', 'app.mjs'],
  ] as const) {
    it(`makes what they trace part of the run, once: ${preload}, ${app}`, async () => {
      const { tree } = await trace([preload, REGISTER, app], { OTEL_SERVICE_NAME: 'pages' });
      expect(tree).to.deep.equal(PAGES);
    });
  }

  it('hides its own name from them, and none of the others, where they are told which to leave out', async () => {
    const { tree } = await trace(['--require', REGISTER, 'app.cjs'], {
      OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'fs, async-generator,net',
    });
    expect(readFileSync(notes, 'utf8')).to.equal('fs,net\n');
    // It is left out itself, and they are not.
    expect([...tree].sort()).to.deep.equal(['  GET SERVER', '  GET SERVER', 'GET CLIENT', 'GET CLIENT']);
  });

  it('hides its own name in full, too', async () => {
    await trace(['--require', REGISTER, 'app.cjs'], { OTEL_NODE_DISABLED_INSTRUMENTATIONS: `fs,${PACKAGE_NAME}` });
    expect(readFileSync(notes, 'utf8')).to.equal('fs\n');
  });

  it('gives the application the variable back as it was', async () => {
    const names = 'fs, async-generator,net';
    const file = path.join(folder, 'variable.cjs');
    writeFileSync(
      file,
      "if (process.env.OTEL_NODE_DISABLED_INSTRUMENTATIONS === process.argv[2]) console.log('done');\n",
    );
    await trace(['--require', REGISTER, file, names], { OTEL_NODE_DISABLED_INSTRUMENTATIONS: names });
  });

  for (const [first, second] of [
    [REGISTER, STOCK_REGISTER],
    [STOCK_REGISTER, REGISTER],
  ] as const) {
    it(`leaves the SDK to their own register: ${first} before ${second}`, async () => {
      const { tree, services } = await trace(['--require', first, '--require', second, 'app.cjs']);
      expect(tree).to.deep.equal(PAGES);
      expect(services).to.deep.equal(['stock']);
      expect(readFileSync(notes, 'utf8'), 'made once').to.equal('undefined\n');
    });
  }

  it('recognizes their own register in NODE_OPTIONS, too', async () => {
    const { tree, services } = await trace(['--require', REGISTER, 'app.cjs'], {
      NODE_OPTIONS: `--require ${REGISTER} --require ${STOCK_REGISTER}`,
    });
    expect(tree).to.deep.equal(PAGES);
    expect(services).to.deep.equal(['stock']);
  });

  it('lets an SDK that the application sets up itself take over, with its own', async () => {
    const { tree, services } = await trace(['--require', REGISTER, 'app.cjs', 'own SDK']);
    expect(tree).to.deep.equal(PAGES);
    expect(services).to.deep.equal(['own']);
  });
});
