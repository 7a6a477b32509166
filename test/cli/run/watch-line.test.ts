import { expect } from 'chai';
import { renderEndedRun } from '../../../src/cli/run/watch-line';
import { terminalOf } from '../../../src/cli/terminal';
import { APPLICATION, makeRun } from './runs';

const lineOf = (...given: Parameters<typeof makeRun>) =>
  renderEndedRun(makeRun(...given), APPLICATION.startedAt, terminalOf({}, { COLUMNS: '80' }));

describe('the line of --watch-spans', () => {
  it('says when a run ended, which it was, and how', () => {
    expect(lineOf({ start: 300 })).to.equal(
      ' +400.0 ms  readOrders completed, 4 items in 100.0 ms, first after 25.0 ms',
    );
  });

  it('never cuts a number: 31 is not 31.5', () => {
    expect(lineOf({ name: 'paginateListObjectsV2ByPrefix' })).to.match(/ 4 items in 100\.0 ms, first after 25\.0 ms$/);
  });

  it('cuts a long error to the width of the terminal', () => {
    const error = { type: 'RangeError', message: 'no more of these '.repeat(10) };
    const line = lineOf({ end: { outcome: 'failed', firstItem: undefined, error } });
    expect(line).to.match(/: RangeError: no more of .*…$/);
    expect(line).to.have.length(80);
  });
});
