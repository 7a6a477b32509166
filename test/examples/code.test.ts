/**
 * The programs in the documents: all of them compile or parse, and complete ones run.
 */
import { parse } from 'acorn';
import { expect } from 'chai';
import * as fs from 'node:fs';
import * as path from 'node:path';
import ts = require('typescript');
import { ROOT, runNode } from '../support/child';
import { readPage } from '../support/examples';
import { makeProject, writeFile } from '../support/folder';
import { PACKAGE_NAME } from '../../src/version';
import { BLOCKS, blocksIn, type Block } from './blocks';

const IMPORTS = `import * as api from '${PACKAGE_NAME}'; import * as testing from '${PACKAGE_NAME}/testing';`;
const RECORDER = `${IMPORTS} const { SpanRecorder, spansToJSON, createSpanSerializer } = testing;`;

/** Blocks that are a part of a program, by their first lines, and what comes before and after them in it. */
const FRAGMENTS: Record<string, readonly [before: string, after?: string]> = {
  'const sdk = new NodeSDK({': [
    `${IMPORTS} import { NodeSDK } from '@opentelemetry/sdk-node';
     import { PrometheusExporter } from '@opentelemetry/exporter-prometheus'; const { AsyncGeneratorInstrumentation } = api;`,
  ],
  'targets: [': [`${IMPORTS} new api.AsyncGeneratorInstrumentation({`, '});'],
  '[': [`${IMPORTS} export const report: api.TargetReport[] =`],
  'const recorder = new SpanRecorder({ attach: true });': [
    `${RECORDER} import { NodeSDK } from '@opentelemetry/sdk-node';`,
  ],
  'const [[run]] = spansToJSON(recorder);': [
    `${RECORDER} import assert = require('node:assert/strict'); declare const recorder: testing.SpanRecorder;`,
  ],
  "expect.addSnapshotSerializer(createSpanSerializer({ exclude: ['code.*'], redact: { 'url.path': '<path>' } }));": [
    `${RECORDER} declare const expect: { addSnapshotSerializer(serializer: object): void };`,
  ],
};

/** Complete programs that need nothing but this package and the SDK, by their first lines. */
const RUN_HERE = new Set([
  '// setup.cjs',
  '// setup.ts',
  '// targets.mjs',
  'targets: [',
  `import { traceAsyncGenerator, traced } from '${PACKAGE_NAME}';`,
  `import { AsyncGeneratorInstrumentation, definePreset } from '${PACKAGE_NAME}';`,
]);

/** Tests that run the complete programs under a heading. */
const RUN_ELSEWHERE: Record<string, string> = {
  'README.md, Quick start': 'test/examples/readme.test.ts',
  'README.md, In code': 'test/examples/setup.test.ts',
  'README.md, Tests': 'test/testing/doc.test.ts',
  'doc/testing.md, Install': 'test/testing/doc.test.ts',
  'doc/testing.md, mocha and chai': 'test/testing/doc.test.ts',
  'doc/testing.md, Vitest': 'test/runners/readme.test.mjs',
  'doc/testing.md, Jest': 'test/runners/readme.test.mjs',
  'doc/testing.md, node:test': 'test/testing/doc.test.ts',
  'doc/testing.md, ES modules, and modules that no hook sees': 'test/testing/doc.test.ts',
  'doc/testing.md, Leaks': 'test/testing/doc.test.ts',
  'doc/testing.md, Tests at the same time': 'test/testing/doc.test.ts',
};

/** They are only compiled: a bundler runs the first, and no test has one. Of the second, the pages are generated from what runs. */
const NOT_RUN = (block: Block) => block.file === 'instrumentation.ts' || block.page === 'doc/comparison.md';

const isTypeScript = ({ language, first }: Block) => language === 'ts' || first in FRAGMENTS;

function sourceOf({ first, text }: Block): string {
  const [before = '', after = ''] = FRAGMENTS[first] ?? [];
  return `${before}\n${text}\n${after}\nexport {};\n`;
}

describe('the programs in the documents', () => {
  const typed = blocksIn('ts', 'js').filter(isTypeScript);
  const plain = blocksIn('js', 'mjs', 'cjs').filter((block) => !isTypeScript(block));
  let folder: string;
  let complaints: readonly ts.Diagnostic[];
  const fileOf = (block: Block) => path.join(folder, `block-${BLOCKS.indexOf(block)}.mts`);

  before('compile all that is TypeScript in one program', () => {
    folder = makeProject({}, ['@types']);
    for (const block of typed) writeFile(folder, path.basename(fileOf(block)), sourceOf(block));
    const built = path.join(ROOT, 'build/src/testing.d.ts');
    // With coverage, the build has no types of its entries.
    const sources = { [PACKAGE_NAME]: ['src/index.ts'], [`${PACKAGE_NAME}/testing`]: ['src/testing/index.ts'] };
    const paths = Object.entries(sources).map(([name, files]) => [name, files.map((file) => path.join(ROOT, file))]);
    const program = ts.createProgram(typed.map(fileOf), {
      target: ts.ScriptTarget.ES2022,
      lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts', 'lib.esnext.decorators.d.ts'],
      module: ts.ModuleKind.Node20,
      strict: true,
      skipLibCheck: true,
      types: ['node'],
      typeRoots: [path.join(folder, 'node_modules/@types')],
      noEmit: true,
      ...(!fs.existsSync(built) && { paths: Object.fromEntries(paths) as Record<string, string[]> }),
    });
    complaints = ts.getPreEmitDiagnostics(program);
    // Each by itself: where the program has sources of this package in it, it would put what it emits somewhere else.
    const compilerOptions = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ES2022 };
    for (const block of typed) {
      const { outputText } = ts.transpileModule(sourceOf(block), { compilerOptions });
      writeFile(folder, path.basename(fileOf(block)).replace(/\.mts$/, '.mjs'), outputText);
    }
  });

  for (const block of typed) {
    it(`compiles under \`strict\`: ${block.place}`, () => {
      const own = complaints.filter(({ file }) => file?.fileName === fileOf(block));
      expect(own.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))).to.deep.equal([]);
    });
  }

  it('are compiled with options of which the compiler complains in nothing', () => {
    const others = complaints.filter(({ file }) => !file?.fileName.startsWith(folder));
    expect(others.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))).to.deep.equal([]);
  });

  for (const block of plain) {
    it(`parses: ${block.place}`, () => {
      const isModule = /^(?:import|export) /m.test(block.text) || /\.mjs$/.test(block.file ?? '');
      parse(block.text, {
        ecmaVersion: 'latest',
        sourceType: isModule ? 'module' : 'script',
        // What a contestant does is the body of a function.
        allowReturnOutsideFunction: block.page === 'doc/comparison.md',
      });
    });
  }

  for (const block of [...typed, ...plain].filter(({ first }) => RUN_HERE.has(first))) {
    it(`runs, and says nothing: ${block.place}`, async () => {
      const file = isTypeScript(block)
        ? fileOf(block).replace(/\.mts$/, '.mjs')
        : writeFile(folder, block.file ?? `block-${BLOCKS.indexOf(block)}.mjs`, block.text);
      const env = { OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none' };
      const { status, stdout, stderr } = await runNode([file], {
        cwd: folder,
        env: { ...env, OTEL_LOG_LEVEL: 'error' },
      });
      expect({ status, stdout, stderr }).to.deep.equal({ status: 0, stdout: '', stderr: '' });
    });
  }

  it('has targets in README that the instrumentation takes', async () => {
    const [block] = plain.filter(({ file }) => file === 'targets.mjs');
    writeFile(folder, 'targets.mjs', block?.text ?? '');
    const program = `
      import { AsyncGeneratorInstrumentation } from '${PACKAGE_NAME}';
      import { targets } from './targets.mjs';
      console.log(new AsyncGeneratorInstrumentation({ targets }).getPatchReport().length);
    `;
    const { status, stdout, stderr } = await runNode([writeFile(folder, 'takes.mjs', program)], { cwd: folder });
    expect({ status, stdout, stderr }).to.deep.equal({ status: 0, stdout: '5\n', stderr: '' });
  });

  for (const block of blocksIn('ts', 'js', 'mjs', 'cjs')) {
    if (RUN_HERE.has(block.first) || block.first in FRAGMENTS || NOT_RUN(block)) continue;
    it(`is run by a test: ${block.place}`, () => {
      const test = RUN_ELSEWHERE[`${block.page}, ${block.heading}`];
      expect(test, 'add it to FRAGMENTS, RUN_HERE or RUN_ELSEWHERE').to.be.a('string');
      // By the heading, and from the page: `filesOf(page, '## Install')`.
      expect(readPage(test as string))
        .to.include(`## ${block.heading}'`)
        .and.to.include(block.page);
    });
  }

  it('are all that the lists above name', () => {
    const firsts = BLOCKS.map(({ first }) => first);
    expect(firsts).to.include.members([...Object.keys(FRAGMENTS), ...RUN_HERE]);
    const headings = BLOCKS.map(({ page, heading }) => `${page}, ${heading}`);
    expect(headings).to.include.members(Object.keys(RUN_ELSEWHERE));
  });
});
