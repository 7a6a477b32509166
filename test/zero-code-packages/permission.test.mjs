/**
 * Node's permission model. Without the permission for workers there is no export thread.
 */
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { LINES } from '../support/suites.mjs';
import { PAGES, REGISTER, useLine } from './support/suite.mjs';

const [, line] = LINES;
const PERMISSION = ['--permission', '--allow-fs-read=*'];
const SAID = /: There is no thread to export with: the last spans of this process are lost \(.*\)\n/;

describe(`${line.title}, --permission without --allow-worker`, () => {
  const suite = useLine(line);

  for (const app of ['app.cjs', 'app.mjs']) {
    for (const flag of ['--import', '--require']) {
      it(`sends the spans of a process that ends by itself: ${app}, ${flag}`, async () => {
        const untraced = await suite.runUntraced([...PERMISSION, app]);
        for (const env of [{}, { OTEL_METRICS_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none' }]) {
          suite.collector.reset();
          expect(await suite.run([...PERMISSION, flag, REGISTER, app], { env })).to.deep.equal(untraced);
          expect(suite.spanTree()).to.deep.equal(PAGES);
        }
      });
    }

    for (const [end, status] of [
      ['exit', 7],
      ['throw', 1],
    ]) {
      it(`lets a process end as untraced whose spans it cannot keep: ${app}, ${end}`, async () => {
        const env = { APP_END: end };
        const untraced = await suite.runUntraced([...PERMISSION, app], { env });
        expect(untraced.status).to.equal(status);
        const traced = await suite.run([...PERMISSION, '--import', REGISTER, app], { env });
        expect({ ...traced, stderr: '' }).to.deep.equal({ ...untraced, stderr: '' });
        expect(traced.stderr, 'what is lost').to.match(SAID);
      });
    }
  }

  it('sends the spans of any end where workers are allowed', async () => {
    const env = { APP_END: 'exit' };
    const args = [...PERMISSION, '--allow-worker'];
    const untraced = await suite.runUntraced([...args, 'app.cjs'], { env });
    const traced = await suite.run([...args, '--import', REGISTER, 'app.cjs'], { env });
    expect({ ...traced, stderr: '' }).to.deep.equal({ ...untraced, stderr: '' });
    expect(suite.spanTree()).to.deep.equal(PAGES);
  });
});
