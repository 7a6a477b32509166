import { expect } from 'chai';
import { afterEach, describe, it } from 'mocha';
import { createRequire } from 'node:module';
import { LINE_2, LINE_3, LINES } from '../support/suites.mjs';
import { PACKAGE, useProjects } from './support/project.mjs';

const { filesOf } = createRequire(import.meta.url)('../support/examples.ts');
const MODULE = filesOf('doc/testing.md', '## Install');
const HOOKS = ['--require', `${PACKAGE}/testing`];
const CI = { CI: 'true' };

/** As the documentation says that they are started. */
const EXAMPLES = [
  {
    title: 'mocha and chai',
    page: 'README.md',
    heading: '## Tests',
    run: (project, env) => project.run('mocha', [...HOOKS, 'test/**/*.test.js'], env),
  },
  { title: 'Vitest', heading: '## Vitest', run: (project, env) => project.run('vitest', ['run'], env) },
  { title: 'Jest', heading: '## Jest', run: (project, env) => project.run('jest', [], env) },
];

describe('the examples of the documentation', () => {
  const projects = useProjects();
  afterEach(projects.dispose);

  const SNAPSHOT = `
- readOrders [completed, 2 items]
  async_generator.module.name: "./src/orders.js"
  code.file.path: "./src/orders.js"
  code.function.name: "readOrders"
`;

  for (const { title, page = 'doc/testing.md', heading, run } of EXAMPLES) {
    for (const line of LINES) {
      it(`for ${title} write their snapshot, and pass in CI: ${line.title}`, async () => {
        const project = projects.create(line, { ...MODULE, ...filesOf(page, heading) });
        const written = await run(project);
        expect(written.status, written.output).to.equal(0);
        expect(project.read('test/__snapshots__/orders.test.js.snap')).to.contain(SNAPSHOT);
        const matched = await run(project, CI);
        expect(matched.status, matched.output).to.equal(0);
      });
    }
  }

  for (const [line, major] of [
    [LINE_2, 22],
    [LINE_3, 24],
  ]) {
    it(`for node:test write their snapshot, and pass: Node ${major}`, async () => {
      const project = projects.create(line, { ...MODULE, ...filesOf('doc/testing.md', '## node:test') }, major);
      const written = await project.node(['--test', '--test-update-snapshots']);
      expect(written.status, written.output).to.equal(0);
      expect(project.read('test/orders.test.js.snapshot')).to.contain(SNAPSHOT);
      const matched = await project.node(['--test'], CI);
      expect(matched.status, matched.output).to.equal(0);
    });
  }
});
