/**
 * esmock puts other modules in the place of those that a module imports.
 */
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { LINES } from '../support/suites.mjs';
import { REGISTER, useLine } from './support/suite.mjs';

for (const line of LINES) {
  describe(`${line.title}, esmock`, () => {
    const suite = useLine(line);

    it('replaces a module that is traced, and only for whoever asks for that', async () => {
      const untraced = await suite.runUntraced(['esmocked.mjs']);
      expect(untraced).to.include({ status: 0, stdout: 'mock\nmock\n1\n2\n' });
      expect(await suite.run(['--import', REGISTER, 'esmocked.mjs'])).to.deep.equal(untraced);
      expect(suite.spanTree()).to.include('count completed 2');
    });
  });
}
