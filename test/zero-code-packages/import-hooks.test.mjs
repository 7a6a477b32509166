/**
 * With `@opentelemetry/instrumentation/hook.mjs`, which wraps every module, where the application registers that as well.
 */
import { expect } from 'chai';
import { before, describe, it } from 'mocha';
import { LINES } from '../support/suites.mjs';
import { PAGES, REGISTER, STOCK, useLine } from './support/suite.mjs';

const HOOK = '@opentelemetry/instrumentation/hook.mjs';
const WITH_HOOK = [
  { title: 'hook first', others: ['--import', './hook.mjs'], args: ['--import', './hook.mjs', '--import', REGISTER] },
  { title: 'hook second', others: ['--import', './hook.mjs'], args: ['--import', REGISTER, '--import', './hook.mjs'] },
  {
    title: 'hook second, ours by --require',
    others: ['--import', './hook.mjs'],
    args: ['--require', REGISTER, '--import', './hook.mjs'],
  },
  {
    title: 'hook by --experimental-loader',
    others: ['--experimental-loader', HOOK],
    args: ['--experimental-loader', HOOK, '--import', REGISTER],
  },
  {
    title: 'hook by --experimental-loader, ours by --require',
    others: ['--experimental-loader', HOOK],
    args: ['--experimental-loader', HOOK, '--require', REGISTER],
  },
  {
    title: 'hook, stock, ours',
    others: ['--import', './hook.mjs', '--import', STOCK],
    args: ['--import', './hook.mjs', '--import', STOCK, '--import', REGISTER],
  },
];

const warningsOf = ({ stderr }) => [...stderr.matchAll(/^\(node:\d+\) (.*)$/gm)].map(([, text]) => text);

for (const { line, major, title } of [
  ...LINES.map((line) => ({ line, major: line.major, title: line.title })),
  // The newest Node deprecates what the hook is registered with.
  { line: LINES[1], major: 26, title: 'OpenTelemetry 3.x, Node 26' },
]) {
  describe(`${title}, import hooks`, () => {
    const suite = useLine(line, major);
    let untraced;

    before(async () => {
      untraced = await suite.runUntraced(['app.mjs']);
      expect(untraced).to.include({ status: 0, stderr: '' });
    });

    for (const flag of ['--import', '--require']) {
      it(`gives no warning by itself: ${flag}`, async () => {
        expect(await suite.run([flag, REGISTER, 'app.mjs'])).to.deep.equal(untraced);
        expect(suite.spanTree()).to.deep.equal(PAGES);
      });
    }

    for (const { title: order, others, args } of WITH_HOOK) {
      it(`traces each run and each request once beside the application's hook: ${order}`, async () => {
        const { status, stdout } = await suite.run([...args, 'app.mjs']);
        expect({ status, stdout }).to.deep.equal({ status: untraced.status, stdout: untraced.stdout });
        expect(suite.spanTree()).to.deep.equal(PAGES);
      });

      it(`adds ${major < 22 ? 'the warning of import-in-the-middle' : 'no warning'} to those of the hook: ${order}`, async () => {
        const alone = warningsOf(await suite.run([...others, 'app.mjs']));
        const both = warningsOf(await suite.run([...args, 'app.mjs']));
        expect(both).to.have.members(alone);
      });
    }
  });
}
