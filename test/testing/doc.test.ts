import { expect } from 'chai';
import { LEFT_OUT_BY_DEFAULT } from '../../src/testing/format/options';
import { filesOf, readPage } from '../support/examples';
import { createProject, type Project } from './project';

const PAGE = 'doc/testing.md';
const MODULE = filesOf(PAGE, '## Install');

describe('the documentation of testing', () => {
  let project: Project | undefined;
  afterEach(() => {
    project?.dispose();
    project = undefined;
  });

  it('has an example for mocha and chai in the README that passes', async () => {
    project = createProject({ ...MODULE, ...filesOf('README.md', '## Tests') });
    const { status, stdout, stderr } = await project.mocha(['test/*.test.js']);
    expect(status, stdout + stderr).to.equal(0);
    expect(stderr).to.equal('\n  span snapshots: 1 written\n');
    const snapshot = project.read('test/__snapshots__/orders.test.js.snap');
    expect(snapshot).to.contain('\n- readOrders [completed, 2 items]\n');
    const again = await project.mocha(['test/*.test.js'], { CI: 'true' });
    expect(again.status, again.stdout).to.equal(0);
  });

  it('has an example for inline snapshots that passes', async () => {
    project = createProject({ ...MODULE, ...filesOf(PAGE, '## mocha and chai') });
    const { status, stdout, stderr } = await project.mocha(['test/*.test.js'], { CI: 'true' });
    expect(status, stdout + stderr).to.equal(0);
    expect(stdout).to.contain('1 passing');
  });

  it('has an example for modules traced by hand that passes', async () => {
    project = createProject(filesOf(PAGE, '## ES modules, and modules that no hook sees'));
    const { status, stdout } = await project.mocha(['test/by-hand.test.js'], { CI: 'true' });
    expect(status, stdout).to.equal(0);
  });

  it('has an example for ES modules, set up by NODE_OPTIONS, that passes', async () => {
    project = createProject(filesOf(PAGE, '## ES modules, and modules that no hook sees'));
    const env = { CI: 'true', NODE_OPTIONS: '--import ./test/setup.mjs' };
    const { status, stdout } = await project.mocha(['test/pages.test.mjs'], env);
    expect(status, stdout).to.equal(0);
    expect(stdout).to.contain('1 passing');
  });

  it('is right that `register` works too', async () => {
    project = createProject(filesOf(PAGE, '## ES modules, and modules that no hook sees'));
    const { status, stdout, stderr } = await project.mocha(['test/pages.test.mjs'], {
      CI: 'true',
      NODE_OPTIONS: '--import opentelemetry-instrumentation-async-generator/register',
      OTEL_INSTRUMENTATION_ASYNC_GENERATOR_TARGETS: './src/*.mjs',
      OTEL_TRACES_EXPORTER: 'none',
      OTEL_METRICS_EXPORTER: 'none',
      OTEL_LOGS_EXPORTER: 'none',
    });
    expect(status, stdout + stderr).to.equal(0);
    expect(stdout).to.contain('1 passing');
  });

  it('has examples for mocha that pass together in one project', async () => {
    project = createProject({
      ...MODULE,
      ...filesOf('README.md', '## Tests'),
      ...filesOf(PAGE, '## mocha and chai'),
      ...filesOf(PAGE, '## ES modules, and modules that no hook sees'),
      ...filesOf(PAGE, '## Leaks'),
      ...filesOf(PAGE, '## Tests at the same time'),
    });
    const commonJs = await project.mocha(['test/**/*.test.js']);
    expect(commonJs.status, commonJs.stdout).to.equal(0);
    expect(commonJs.stdout).to.contain('3 passing');
    const env = { CI: 'true', NODE_OPTIONS: '--import ./test/setup.mjs' };
    const all = await project.mocha(['test/**/*.test.{js,mjs}'], env);
    expect(all.status, all.stdout).to.equal(0);
    expect(all.stdout).to.contain('4 passing');
  });

  it('has other root hooks that mocha takes', async () => {
    project = createProject({ ...MODULE, ...filesOf(PAGE, '## mocha and chai'), ...filesOf(PAGE, '## Leaks') });
    const { status, stdout } = await project.mocha(['test/*.test.js'], {}, ['--require', './test/hooks.cjs']);
    expect(status, stdout).to.equal(0);
  });

  it('has an example for node:test that passes', async function () {
    const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
    project = createProject({ ...MODULE, ...filesOf(PAGE, '## node:test') });
    if (major < 22 || (major === 22 && minor < 3)) {
      console.log(`      skipped: Node ${process.version} has no t.assert.snapshot`);
      this.skip();
    }
    // By their names: mocha's own process is not a child of node:test, but its children may be.
    const files = ['test/orders.test.js'];
    const written = await project.run(['--test', '--test-update-snapshots', ...files]);
    expect(written.status, written.stdout).to.equal(0);
    expect(project.read('test/orders.test.js.snapshot')).to.contain('\n- readOrders [completed, 2 items]\n');
    const matched = await project.run(['--test', ...files]);
    expect(matched.status, matched.stdout).to.equal(0);
  });

  it('has an example for tests at the same time that passes', async () => {
    project = createProject(filesOf(PAGE, '## Tests at the same time'));
    const { status, stdout } = await project.run(['--test', 'test-concurrent/count.test.mjs']);
    expect(status, stdout).to.equal(0);
  });

  it('says what is left out by default, all of it', () => {
    const [, section = ''] = readPage(PAGE).split('### What is left out');
    for (const pattern of LEFT_OUT_BY_DEFAULT) {
      const short = pattern.replace(/^async_generator(?=\.(?:producer|consumer))/, '');
      expect(section.split('###')[0], pattern).to.contain(`\`${short}\``);
    }
  });
});
