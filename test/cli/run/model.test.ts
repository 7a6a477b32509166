import { expect } from 'chai';
import { errorOf, moduleOf, nameOf } from '../../../src/cli/run/model';
import { makeRun } from './runs';

describe('what a run is called in a terminal', () => {
  it('has a name even where its span has an empty one', () => {
    expect(nameOf(makeRun())).to.equal('readOrders');
    expect(nameOf(makeRun({ name: '' }))).to.equal('(no name)');
  });

  it('has no module if it was traced by hand', () => {
    expect(moduleOf(makeRun())).to.equal('./orders.mjs');
    expect(moduleOf(makeRun({ module: undefined }))).to.equal('');
  });

  it('has the error that it failed with, without a colon where that has no message', () => {
    const failed = (message: string) => makeRun({ end: { outcome: 'failed', error: { type: 'RangeError', message } } });
    expect(errorOf(failed('page 3 of 2'))).to.equal('RangeError: page 3 of 2');
    expect(errorOf(failed(''))).to.equal('RangeError');
  });

  it('has no error if it did not fail, or is open', () => {
    expect(errorOf(makeRun())).to.equal(undefined);
    expect(errorOf(makeRun({ end: null }))).to.equal(undefined);
  });

  it('cannot move the cursor', () => {
    const error = { type: 'Error', message: '\u001b[2J\n' };
    expect(errorOf(makeRun({ end: { outcome: 'failed', error } }))).to.equal('Error: \\u001b[2J\\n');
    expect(nameOf(makeRun({ name: '\r' }))).to.equal('\\r');
    expect(moduleOf(makeRun({ module: 'a\tb' }))).to.equal('a\\tb');
  });
});
