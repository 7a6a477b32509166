import { expect } from 'chai';
import { EndedRuns } from '../../../src/cli/run/output';
import type { RunEnd } from '../../../src/cli/run/model';
import { terminalOf } from '../../../src/cli/terminal';
import { APPLICATION, makeRun } from './runs';

const TERMINAL = terminalOf({}, { COLUMNS: '80' });

const textOf = (...given: Parameters<typeof makeRun>) =>
  new EndedRuns().render(makeRun(...given), APPLICATION.startedAt, TERMINAL);

const failedWith = (message: string): Partial<RunEnd> => ({
  outcome: 'failed',
  firstItem: undefined,
  error: { type: 'RangeError', message },
});

describe('the lines of --watch-spans', () => {
  it('say when a run ended, which it was, and how', () => {
    expect(textOf({ start: 300 })).to.equal(
      ' +400.0 ms  readOrders completed, 4 items in 100.0 ms, first after 25.0 ms\n',
    );
  });

  it('break between words, and go on below the name', () => {
    expect(textOf({ name: 'paginateListObjectsV2ByPrefix' })).to.equal(
      '  +100.0 ms  paginateListObjectsV2ByPrefix completed, 4 items in 100.0 ms, first\n'.slice(1) +
        '            after 25.0 ms\n',
    );
  });

  it('have the whole of a long error, within the width of the terminal', () => {
    const message = 'no more of these '.repeat(10).trim();
    const [line, ...error] = textOf({ end: failedWith(message) })
      .trimEnd()
      .split('\n');
    expect(line).to.equal(' +100.0 ms  readOrders failed, 4 items in 100.0 ms');
    expect(error.map((each) => each.trim()).join(' ')).to.equal(`RangeError: ${message}`);
    expect(error.every((each) => each.startsWith(' '.repeat(12)) && each.length <= 80)).to.equal(true);
  });

  it('have all lines of an error, with their indentation', () => {
    expect(
      textOf({ end: failedWith('not found:\n  orders/\n    monday.txt') })
        .split('\n')
        .slice(1),
    ).to.deep.equal(['            RangeError: not found:', '              orders/', '                monday.txt', '']);
  });

  it('have an error that passes through nested runs once, where it came from', () => {
    const ended = new EndedRuns();
    const outer = makeRun({ name: 'outer', end: failedWith('no total') });
    const inner = makeRun({ name: 'inner', parent: outer, end: failedWith('no total') });
    const texts = [inner, outer].map((run) => ended.render(run, APPLICATION.startedAt, TERMINAL));
    expect(texts[0]).to.contain('RangeError: no total');
    expect(texts[1]).to.contain('outer failed').and.not.to.contain('no total');
  });

  it('have another error of the outer run', () => {
    const ended = new EndedRuns();
    const outer = makeRun({ name: 'outer', end: failedWith('cannot go on') });
    ended.render(makeRun({ parent: outer, end: failedWith('no total') }), APPLICATION.startedAt, TERMINAL);
    expect(ended.render(outer, APPLICATION.startedAt, TERMINAL)).to.contain('RangeError: cannot go on');
  });

  it('say nothing of a run that is open', () => {
    expect(textOf({ end: null })).to.equal('');
  });
});
