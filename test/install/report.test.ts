import { expect } from 'chai';
import * as path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { PresetName } from '../../src/types';
import { runNode } from '../support/child';
import { collectUntil } from '../support/gc';
import { drain, FIXTURES, forget, load, runProgram, setUpPatching, spansOf } from './support';

describe('the patch report', () => {
  const patching = setUpPatching();
  const { instrument } = patching;
  /** Late exports have been looked at, and what matched nothing has been reported. */

  it('says patched, and which exports, in which file and how', async () => {
    const instrumentation = instrument('writable-data[count]');
    load('writable-data');
    await nextTurn();
    expect(instrumentation.getPatchReport()).to.deep.equal([
      {
        target: 'writable-data[count]',
        status: 'patched',
        modules: [
          {
            file: path.join(FIXTURES, 'node_modules/writable-data/index.js'),
            version: '1.0.0',
            format: 'commonjs',
            exports: [{ path: 'count', method: 'property' }],
            unread: [],
          },
        ],
        message: undefined,
      },
    ]);
    expect(patching.diagnostics).to.deep.equal([]);
  });

  it('says not-loaded, with a warning when the instrumentation is disabled', () => {
    const instrumentation = instrument('never-required');
    const [report] = instrumentation.getPatchReport();
    expect(report).to.include({ status: 'not-loaded' });
    expect(report?.modules).to.deep.equal([]);
    expect(patching.diagnostics).to.deep.equal([]);
    instrumentation.disable();
    instrumentation.enable();
    instrumentation.disable();
    expect(patching.diagnostics).to.have.lengthOf(1);
    expect(patching.diagnostics[0]).to.include('never-required[*]').and.include('no package never-required');
  });

  describe('of a preset that is asked for by name', () => {
    const warningsOf = (presets: 'all' | PresetName[]) => {
      patching.instrument([], { presets, baseDir: FIXTURES }).disable();
      return patching.diagnostics;
    };

    it('warns once if none of its packages is installed', () => {
      expect(warningsOf(['stripe', 'mongodb'])).to.have.lengthOf(2);
      expect(patching.diagnostics[0]).to.include('preset stripe: no package stripe is installed');
    });

    it('says nothing if its package is installed, and not loaded', () => {
      expect(warningsOf(['aws-sdk'])).to.deep.equal([]);
    });

    it('says nothing of core modules', () => {
      expect(warningsOf(['node'])).to.deep.equal([]);
    });

    it('says nothing if all presets are asked for', () => {
      expect(warningsOf('all')).to.deep.equal([]);
    });
  });

  it('says not-loaded with a warning when the process exits', async () => {
    const { diagnostics, report } = await runProgram({ targets: 'never-required', code: '' });
    expect(report[0]?.status).to.equal('not-loaded');
    expect(diagnostics.filter((text) => text.includes('never-required'))).to.have.lengthOf(1);
  });

  it('says of a path that the file system refuses that it could not be looked up, and lets the program end', async () => {
    const { status, stdout, stderr } = await runNode([
      '--eval',
      `const { diag } = require('@opentelemetry/api');
      const { AsyncGeneratorInstrumentation } = require('opentelemetry-instrumentation-async-generator');
      diag.setLogger({ warn: console.log, error() {}, info() {}, debug() {}, verbose() {} });
      new AsyncGeneratorInstrumentation({ targets: './' + 'x'.repeat(300) + '.js' });`,
    ]);
    expect(stdout).to.include('it was not loaded, and could not be looked up: ENAMETOOLONG');
    expect({ status, stderr }).to.deep.equal({ status: 0, stderr: '' });
  });

  it('says where a path pointed that was not loaded', () => {
    const [report] = instrument('./own-modules/stream.mjs').getPatchReport();
    expect(report?.status).to.equal('not-loaded');
    expect(report?.message).to.include(`it was not loaded; this path means ${path.join(FIXTURES, 'own-modules')}`);
  });

  it('says of a file, a folder, a package that there is none, with the nearest names', () => {
    const targets = './own-modules/straem.mjs;./own-modulse/*.mjs;writable-dta';
    const [file, folder, module] = instrument(targets).getPatchReport();
    expect(file?.message).to.match(/^there is no file .*straem\.mjs; the nearest names are stream\.mjs/);
    expect(folder?.message).to.match(/^there is no folder .*own-modulse; the nearest names are own-modules/);
    expect(module?.message).to.match(/^no package writable-dta is installed .*; the nearest names are writable-data/);
  });

  it('suggests the glob where a target is a folder', () => {
    const [report] = instrument('./own-modules').getPatchReport();
    expect(report?.message).to.include('./own-modules/**/*.js');
  });

  it('says loaded-before, what still works and what does not', async () => {
    const { count } = load('writable-data');
    const instrumentation = instrument('writable-data[count]');
    await nextTurn();
    const [report] = instrumentation.getPatchReport();
    expect(report?.status).to.equal('loaded-before');
    expect(report?.message).to.include('before the instrumentation');
    expect(patching.diagnostics).to.have.lengthOf(1);
    await drain(count(1));
    expect(spansOf(patching.tracing)).to.deep.equal([]);
    await drain(load('writable-data').count(1));
    expect(spansOf(patching.tracing)).to.deep.equal(['count completed']);
  });

  it('does not say loaded-before of what was loaded under its eyes, after it was disabled and enabled', () => {
    const instrumentation = instrument('writable-data[count]');
    load('writable-data');
    instrumentation.disable();
    instrumentation.enable();
    expect(instrumentation.getPatchReport()[0]?.status).to.equal('patched');
  });

  it('says no-export-matched, with the nearest names', async () => {
    const instrumentation = instrument('writable-data[coutn]');
    load('writable-data');
    await nextTurn();
    const [report] = instrumentation.getPatchReport();
    expect(report?.status).to.equal('no-export-matched');
    expect(report?.message).to.include('count').and.not.include('VERSION');
    expect(patching.diagnostics).to.have.lengthOf(1);
  });

  it('says no-export-matched with the names that there are, where none is near', () => {
    const instrumentation = instrument('tagged-module[somethingElseEntirely]');
    load('tagged-module');
    expect(instrumentation.getPatchReport()[0]?.message).to.include('count');
  });

  it('says what a wildcard passed over', () => {
    const instrumentation = instrument('plain-functions[li*]');
    load('plain-functions');
    const [report] = instrumentation.getPatchReport();
    expect(report?.status).to.equal('no-export-matched');
    expect(report?.message).to.include('list').and.include('Name them');
  });

  it('says not-patchable and why: a read-only property of a nested object', async () => {
    const instrumentation = instrument('nested-namespaces[sealed.fn]');
    load('nested-namespaces');
    await nextTurn();
    const [report] = instrumentation.getPatchReport();
    expect(report?.status).to.equal('not-patchable');
    expect(report?.message).to.include('sealed.fn').and.include('read-only').and.include('traceAsyncGenerator');
    expect(report?.modules[0]?.exports).to.deep.equal([]);
    expect(patching.diagnostics).to.have.lengthOf(1);
  });

  it('says not-patchable and why: exports that throw when they are looked at', async () => {
    const { report } = await runProgram({
      targets: 'hostile-exports',
      type: 'commonjs',
      code: "seen.value = require('hostile-exports').value",
    });
    expect(report[0]?.status).to.equal('not-patchable');
    expect(report[0]?.message).to.include('hands off');
  });

  it('says not-patchable of a core module that is a function and cannot be replaced', async () => {
    const instrumentation = instrument('events[default]');
    await nextTurn();
    expect(instrumentation.getPatchReport()[0]?.status).to.equal('not-patchable');
    expect(patching.diagnostics).to.have.lengthOf(1);
  });

  it('warns once of each target, however often the module is loaded', async () => {
    instrument('writable-data[coutn];writable-data[hiden]');
    for (let i = 0; i < 3; i++) {
      load('writable-data');
      await nextTurn();
    }
    expect(patching.diagnostics).to.have.lengthOf(2);
  });

  it('counts a module that was required and imported twice, by its format', async () => {
    const { report } = await runProgram({
      targets: 'dual-package',
      code: `
        import { createRequire } from 'node:module';
        import 'dual-package';
        createRequire(process.cwd() + '/x.js')('dual-package');`,
    });
    expect(report[0]?.modules.map(({ format }) => format)).to.have.members(['module', 'commonjs']);
  });

  /** Loads a module, and drops it as a program does that loads it again. */
  const loadAndDrop = (): void => {
    load('writable-data');
    const file = path.join(FIXTURES, 'node_modules/writable-data/index.js');
    const { parent } = require.cache[file] as unknown as { parent: { children: unknown[] } };
    parent.children.length = 0;
    forget('writable-data');
  };

  it('keeps nothing for each time that a module is loaded', async () => {
    const instrumentation = instrument('writable-data');
    for (let round = 0; round < 8; round++) {
      for (let count = 0; count < 40; count++) loadAndDrop();
      await collectUntil(() => false, 2);
    }
    const { patched } = (instrumentation as unknown as { patcher: { patched: Set<unknown> } }).patcher;
    expect(patched.size).to.be.lessThan(200);
  });
});
