/**
 * What ends a process from outside, and that it ends as it would have.
 */
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { LINES } from '../support/suites.mjs';
import { INTERRUPTED, REGISTER, STOCK, useLine } from './support/suite.mjs';

for (const line of LINES) {
  describe(`${line.title}, SIGTERM while a run is open`, () => {
    const suite = useLine(line);
    /** The application's timer is short where the stock register swallows the signal, and the process goes on to its end. */
    const killed = async (args, env) => {
      const program = suite.start([...args, 'app.cjs'], { env: { APP_END: 'wait', ...env } });
      await program.prints('waiting');
      program.kill('SIGTERM');
      return program.ended;
    };

    for (const flag of ['--import', '--require']) {
      it(`ends the process by the signal, and the run as interrupted: ours by ${flag}`, async () => {
        expect(await killed([flag, REGISTER])).to.include({ status: null, signal: 'SIGTERM', stderr: '' });
        expect(suite.spanTree()).to.deep.equal(INTERRUPTED);
      });
    }

    it('is swallowed by the stock register alone', async () => {
      expect(await killed(['--require', STOCK], { APP_WAIT: '100' })).to.include({ status: 0, signal: null });
    });

    for (const [order, args] of [
      ['stock first', ['--require', STOCK, '--import', REGISTER]],
      ['stock second', ['--import', REGISTER, '--import', STOCK]],
    ]) {
      it(`is swallowed with both, as with stock alone, and the run ends as interrupted: ${order}`, async () => {
        const result = await killed(args, { APP_WAIT: '100' });
        expect(result).to.include({ status: 0, signal: null, stderr: '' });
        expect(suite.spanTree()).to.deep.equal(INTERRUPTED);
      });
    }
  });

  describe(`${line.title}, a run that is still open when the event loop is empty`, () => {
    const suite = useLine(line);
    for (const [order, args] of [
      ['ours alone', ['--import', REGISTER]],
      ['stock first', ['--require', STOCK, '--import', REGISTER]],
      ['stock second', ['--import', REGISTER, '--import', STOCK]],
    ]) {
      it(`ends as interrupted: ${order}`, async () => {
        expect(await suite.run([...args, 'app.cjs'], { env: { APP_END: 'open' } })).to.include({
          status: 0,
          stderr: '',
        });
        expect(suite.spanTree()).to.deep.equal(INTERRUPTED);
      });
    }
  });
}
