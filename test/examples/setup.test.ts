import { expect } from 'chai';
import { filesOf } from '../support/examples';
import { createProject, type Project } from '../testing/project';

const APP = `
import { readOrders } from './src/orders.js';
for await (const order of readOrders(['monday'])) console.log(order);
process.exitCode = 3;
`;

/** Nobody listens there. */
const NO_COLLECTOR = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1', OTEL_EXPORTER_OTLP_TIMEOUT: '200' };

describe('the set-up in the README, "In code"', () => {
  let project: Project;
  before(() => {
    const files = { ...filesOf('README.md', '## In code'), ...filesOf('doc/testing.md', '## Install') };
    project = createProject({ ...files, 'app.mjs': APP });
  });
  after(() => project.dispose());

  const run = (env: NodeJS.ProcessEnv) =>
    project.run(['--import', './setup.mjs', 'app.mjs'], { ...NO_COLLECTOR, OTEL_METRICS_EXPORTER: 'none', ...env });

  it('traces', async () => {
    const { status, stdout, stderr } = await run({ OTEL_TRACES_EXPORTER: 'console' });
    expect(stderr).to.equal('');
    expect(stdout)
      .to.match(/^the orders of monday\n/)
      .and.to.contain("name: 'readOrders'");
    expect(status).to.equal(3);
  });

  it('leaves the exit status as it is where there is no collector, and says what is wrong', async () => {
    const { status, stdout, stderr } = await run({});
    expect(stdout).to.equal('the orders of monday\n');
    expect(status, stderr).to.equal(3);
    expect(stderr).to.contain('ECONNREFUSED');
  });
});
