import { expect } from 'chai';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { afterEach, beforeEach, describe, it } from 'mocha';
import * as path from 'node:path';
import { LINE_2, LINES } from '../support/suites.mjs';
import { PACKAGE, useProjects } from './support/project.mjs';
import { jest, mocha, vitest } from './support/runners.mjs';

const HOOKS = ['--require', `${PACKAGE}/testing`];

describe('what goes wrong is said by', () => {
  const projects = useProjects();
  afterEach(projects.dispose);

  for (const line of LINES) {
    it(`mocha, if a test leaves a generator open: which, and where it was created. ${line.title}`, async () => {
      const project = projects.create(line, {
        ...mocha.files,
        'test/orders.test.js': `const { SpanRecorder } = require('${PACKAGE}/testing');
new SpanRecorder({ targets: ['./src/*.js'] });
const { readOrders } = require('../src/orders');
it('leaks', async () => {
  await readOrders(['monday']).next();
});
it('does not', () => {});
`,
      });
      const { status, output } = await project.run('mocha', [...HOOKS, 'test']);
      expect(status, output).to.equal(1);
      expect(output).to.contain('1 passing').and.to.contain('1 failing');
      expect(output).to.contain('this test left 2 runs open. Read the generator to its end, or close it');
      expect(output).to.match(/- readOrders, a run created at\n.*test\/orders\.test\.js:5:\d+\)/);
      expect(output).to.match(/- readDay, a run created at\n.*readOrders \(src\/orders\.js:3:\d+\)/);
    });

    for (const runner of [jest, vitest]) {
      it(`${runner.name}, if a test leaves a generator open, by \`settled\`. ${line.title}`, async () => {
        const project = projects.create(line, runner.files);
        project.edit(
          runner.testFile,
          "await read('monday');",
          "globalThis.left = readOrders(['monday']); await left.next();",
        );
        const { status, output } = await runner.run(project, []);
        expect(status, output).to.equal(1);
        expect(output).to.contain('2 spans are still open after 1000 ms:');
        expect(output).to.match(/- readOrders, a run created at\n\s+.*test\/orders\.test\.js:\d+:\d+/);
      });
    }
  }

  it('mocha, with no line of this package in the stack of a test that fails', async () => {
    const project = projects.create(LINE_2, {
      'test/fails.test.js': "it('fails', async () => { await 1; throw new Error('of the test'); });",
    });
    const { status, output } = await project.run('mocha', [...HOOKS, 'test']);
    expect(status).to.equal(1);
    expect(output).to.contain('Error: of the test').and.not.to.contain(PACKAGE);
  });

  describe('mocha, in a project', () => {
    let folder;
    let installed;
    beforeEach(() => {
      folder = mkdtempSync(path.join(process.env.RUNNERS_PROJECTS, 'other-'));
      installed = path.join(folder, LINE_2.name, 'node_modules');
    });
    afterEach(() => {
      rmSync(folder, { recursive: true });
    });

    /** A project with the packages of the line, but for some. Copies are those that are to find what is installed here. */
    function install(isInstalled) {
      const from = path.join(process.env.RUNNERS_PROJECTS, LINE_2.name, 'node_modules');
      mkdirSync(installed, { recursive: true });
      for (const name of readdirSync(from)) {
        if (name === PACKAGE || name === 'mocha')
          cpSync(path.join(from, name), path.join(installed, name), { recursive: true });
        else if (isInstalled(name)) symlinkSync(path.join(from, name), path.join(installed, name), 'junction');
      }
    }
    const run = () => {
      const project = projects.create(LINE_2, mocha.files, LINE_2.major, folder);
      return mocha.run(project, []);
    };

    it('without @vitest/snapshot, with the install command', async () => {
      install((name) => name !== '@vitest');
      const { status, output } = await run();
      expect(status).to.equal(2);
      expect(output).to.contain(
        'span snapshots are read and written by @vitest/snapshot, which cannot be loaded; ' +
          'run: npm install --save-dev @vitest/snapshot',
      );
    });

    it('with an @vitest/snapshot that is too old, with the install command', async () => {
      install((name) => name !== '@vitest');
      mkdirSync(path.join(installed, '@vitest'));
      const old = path.join(process.env.RUNNERS_PROJECTS, LINE_2.name, 'node_modules/old-vitest-snapshot');
      symlinkSync(old, path.join(installed, '@vitest/snapshot'), 'junction');
      const { status, output } = await run();
      expect(status).to.equal(2);
      expect(output).to.contain(
        'span snapshots need @vitest/snapshot 4.1 or newer; run: npm install --save-dev @vitest/snapshot',
      );
    });

    it('without OpenTelemetry, with the install command', async () => {
      install((name) => name !== '@opentelemetry');
      const modules = path.join(process.env.RUNNERS_PROJECTS, LINE_2.name, 'node_modules/@opentelemetry');
      mkdirSync(path.join(installed, '@opentelemetry'));
      // What npm installs along with the package: not the SDK.
      for (const name of ['api', 'api-logs', 'instrumentation', 'semantic-conventions']) {
        cpSync(path.join(modules, name), path.join(installed, '@opentelemetry', name), { recursive: true });
      }
      const { status, output } = await run();
      expect(status).to.equal(1);
      expect(output).to.contain("a SpanRecorder needs OpenTelemetry's SDK, which is not installed; run: npm install");
    });
  });
});
