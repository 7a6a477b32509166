import { expect } from 'chai';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { ROOT, runNode } from '../support/child';
import { makeFolder, writeFile } from '../support/folder';

// Writes at once: what a thread has not yet sent to the main thread is lost when the process ends.
const PRELOAD = `
const { AsyncGeneratorInstrumentation, registerImportHooks } = require(${JSON.stringify(ROOT)});
const Module = require('node:module');
const { isMainThread, parentPort } = require('node:worker_threads');
const { load } = Module.prototype;
const { register, registerHooks } = Module;
let registrations = 0;
Module.register = (...args) => (registrations++, register(...args));
if (registerHooks) Module.registerHooks = (...args) => (registrations++, registerHooks(...args));
const targets = ['./feed.cjs'];
registerImportHooks({ targets });
const instrumentation = new AsyncGeneratorInstrumentation({ targets, baseDir: __dirname });
const seen = {
  thread: isMainThread ? 'main' : parentPort === null ? 'internal' : 'worker',
  hooked: Module.prototype.load !== load,
  registersHooks: registrations > 0,
  targets: instrumentation.getPatchReport().length,
};
instrumentation.setConfig({ targets, baseDir: __dirname });
instrumentation.disable();
require('node:fs').appendFileSync(process.env.SEEN, JSON.stringify(seen) + '\\n');
`;

describe('a preload that runs in several threads', () => {
  const folder = makeFolder();

  it('sets up the main thread and the workers of the program, but not the thread of the loader hooks', async () => {
    const write = (name: string, code: string) => writeFile(folder, name, code);
    const preload = write('preload.cjs', PRELOAD);
    write('loader.mjs', '');
    // With a loader of the program's own, so that the thread exists even where ours needs none.
    const main = write(
      'main.mjs',
      `import { register } from 'node:module';
      import { Worker } from 'node:worker_threads';
      register('./loader.mjs', import.meta.url);
      new Worker('0', { eval: true });`,
    );
    const { status, stderr } = await runNode(['--no-deprecation', '--require', preload, main], {
      env: { SEEN: path.join(folder, 'seen') },
    });
    expect(status, stderr).to.equal(0);
    const seen = fs
      .readFileSync(path.join(folder, 'seen'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    for (const { thread, ...what } of seen) {
      const expected =
        thread === 'internal'
          ? { hooked: false, registersHooks: false, targets: 0 }
          : { hooked: true, registersHooks: true, targets: 1 };
      expect(what, String(thread)).to.deep.equal(expected);
    }
    expect(seen.map(({ thread }) => thread)).to.include.members(['main', 'worker']);
  });
});
