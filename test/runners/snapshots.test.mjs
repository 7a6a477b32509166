import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { useProjects } from './support/project.mjs';
import { CHANGE, RUNNERS, TREE } from './support/runners.mjs';

/** Each runner indents messages in its own way. */
const withoutIndent = (text) => text.replace(/^ +/gm, '');

for (const { runner, line, major = line.major } of RUNNERS) {
  const { says, update, create = { args: [], env: {} } } = runner;

  describe(`span snapshots with ${runner.name}, on Node ${major} with ${line.title.replace(/,.*/, '')}`, () => {
    const projects = useProjects();
    let project;
    beforeEach(() => {
      project = projects.create(line, runner.files, major);
    });
    afterEach(projects.dispose);
    const run = ({ args = [], env = {} } = {}) => runner.run(project, args, env);

    /** Runs it, and expects all tests to pass. */
    async function pass(how) {
      const { status, output } = await run(how);
      expect(status, output).to.equal(0);
      return output;
    }

    async function fail(how) {
      const { status, output } = await run(how);
      expect(status, output).not.to.equal(0);
      return output;
    }

    it('a new one is written, with the tree as it is, and matches from then on', async () => {
      expect(await pass(create)).to.contain(says.written);
      const written = project.read(runner.snapshot);
      expect(written).to.match(/^exports\[`reads 1`\] = `$/m);
      expect(written).to.contain(`\n${TREE}\n`);
      await pass();
      await pass({ env: { CI: 'true' } });
      expect(project.read(runner.snapshot)).to.equal(written);
    });

    it('a change fails, and the message shows it with the tree around it', async () => {
      await pass(create);
      const written = project.read(runner.snapshot);
      project.edit(...CHANGE);
      const output = await fail();
      expect(output).to.match(/-\s+'?\s+- readHours \[completed, 1 item\]/);
      expect(output).to.match(/\+\s+'?\s+- readHours \[completed, 2 items\]/);
      expect(output).to.contain('- readDay [completed, 3 items]');
      expect(output).to.contain('- readOrders [completed, 6 items]');
      expect(project.read(runner.snapshot)).to.equal(written);
    });

    it('a missing one fails in CI, and is not written', async () => {
      const output = await fail({ env: { CI: 'true' } });
      expect(output).to.contain(says.missing);
      if (says.missingWithText) expect(withoutIndent(output)).to.contain(withoutIndent(TREE));
      expect(project.exists(runner.snapshot)).to.equal(false);
    });

    it('a changed one is written anew when it is updated', async () => {
      await pass(create);
      project.edit(...CHANGE);
      await pass(update);
      expect(project.read(runner.snapshot)).to.contain('    - readHours [completed, 2 items]\n');
      await pass({ env: { CI: 'true' } });
    });

    it('one that no test asks for is reported, and removed by an update', async () => {
      await pass(create);
      project.write(runner.testFile, project.read(runner.testFile).replace(/^(?:it|test)\('reads one day'[^]*$/m, ''));
      // Jest ends with status 1, although it says that all have passed.
      const { output } = await run();
      if (says.obsolete !== undefined) expect(output).to.contain(says.obsolete);
      expect(project.read(runner.snapshot)).to.contain('reads one day');
      expect(await pass(update)).to.contain(says.removed);
      expect(project.read(runner.snapshot)).not.to.contain('reads one day');
      expect(project.read(runner.snapshot)).to.contain(TREE);
    });

    for (const args of runner.parallel) {
      it(`many files in parallel workers are written, and match (${args.join(' ')})`, async () => {
        const text = project.read(runner.testFile);
        const names = ['a', 'b', 'c', 'd', 'e', 'f'];
        for (const name of names) project.write(runner.testFile.replace('orders', name), text);
        await pass({ ...create, args: [...create.args, ...args] });
        for (const name of names) {
          expect(project.read(runner.snapshot.replace('orders', name))).to.equal(project.read(runner.snapshot));
        }
        await pass({ args, env: { CI: 'true' } });
      });
    }
  });
}
