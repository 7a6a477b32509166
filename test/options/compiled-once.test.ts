import { expect } from 'chai';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { PRESET_NAMES, PRESETS } from '../../src/presets';
import { ROOT, runNode } from '../support/child';
import { makeFolder, writeFile } from '../support/folder';

const PREFIX = 'OTEL_INSTRUMENTATION_ASYNC_GENERATOR_';
const REGISTER = ['--require', path.join(ROOT, 'build/src/register.js')];

interface Counts {
  readonly resolveConfig: number;
  readonly compileTarget: number;
  readonly parseSelector: number;
  readonly parseModulePattern: number;
}

/** How often the package's functions are called in the main thread of a program: V8 counts them. A loader thread has to compile its targets itself. */
async function countCalls(args: string[], env: NodeJS.ProcessEnv): Promise<Counts> {
  const folder = makeFolder();
  const { status, stderr } = await runNode(args, {
    env: { NODE_V8_COVERAGE: folder, OTEL_TRACES_EXPORTER: 'none', OTEL_LOG_LEVEL: 'none', ...env },
  });
  expect(status, stderr).to.equal(0);
  const counts = { resolveConfig: 0, compileTarget: 0, parseSelector: 0, parseModulePattern: 0 };
  for (const file of fs.readdirSync(folder).filter((name) => name.endsWith('-0.json'))) {
    const { result } = JSON.parse(fs.readFileSync(path.join(folder, file), 'utf8')) as {
      result: { url: string; functions: { functionName: string; ranges: { count: number }[] }[] }[];
    };
    for (const { functionName, ranges } of result.flatMap(({ url, functions }) =>
      url.includes('/build/src/') ? functions : [],
    )) {
      if (Object.hasOwn(counts, functionName)) counts[functionName as keyof Counts] += ranges[0]?.count ?? 0;
    }
  }
  return counts;
}

describe('a configuration is compiled once', () => {
  const targets = 'it-map[default, named];./src/never.js[a,b,c]';
  const ofTargets = { resolveConfig: 1, compileTarget: 2, parseSelector: 5, parseModulePattern: 2 };
  const presets = Object.values(PRESETS).flatMap(({ targets }) => targets);
  const ofPresets = {
    resolveConfig: 1,
    compileTarget: presets.length,
    parseSelector: presets.flatMap(({ exports = [] }) => exports).length,
    parseModulePattern: presets.length,
  };

  it('under register, which gives it to the import hooks and to the instrumentation', async () => {
    const counts = await countCalls([...REGISTER, '--eval', '0'], { [`${PREFIX}TARGETS`]: targets });
    expect(counts).to.deep.include(ofTargets);
  });

  it('under register, where it is in a file', async () => {
    const file = writeFile(
      makeFolder(),
      'options.yaml',
      'targets:\n  - it-map[default, named]\n  - { module: ./src/never.js, exports: [a, b, c] }\n',
    );
    const counts = await countCalls([...REGISTER, '--eval', '0'], { [`${PREFIX}CONFIG_FILE`]: file });
    expect(counts).to.deep.include(ofTargets);
  });

  it(`under register, with all presets (${PRESET_NAMES.join(', ')})`, async () => {
    const counts = await countCalls([...REGISTER, '--eval', '0'], { [`${PREFIX}PRESETS`]: 'all' });
    expect(counts).to.deep.include(ofPresets);
  });

  it('in code', async () => {
    const code = `
      const { AsyncGeneratorInstrumentation } = require('opentelemetry-instrumentation-async-generator');
      const { registerInstrumentations } = require('@opentelemetry/instrumentation');
      const instrumentation = new AsyncGeneratorInstrumentation({ targets: '${targets}' });
      registerInstrumentations({ instrumentations: [instrumentation] });`;
    expect(await countCalls(['--eval', code], {})).to.deep.equal(ofTargets);
  });

  it('in code that leaves the targets to the environment', async () => {
    const code = `
      const { AsyncGeneratorInstrumentation, registerImportHooks } = require('opentelemetry-instrumentation-async-generator');
      registerImportHooks();
      new AsyncGeneratorInstrumentation();`;
    const counts = await countCalls(['--eval', code], { [`${PREFIX}TARGETS`]: targets, [`${PREFIX}PRESETS`]: 'node' });
    const node = PRESETS.node.targets;
    expect(counts).to.deep.include({
      compileTarget: ofTargets.compileTarget + node.length,
      parseSelector: ofTargets.parseSelector + node.flatMap(({ exports = [] }) => exports).length,
    });
  });
});
