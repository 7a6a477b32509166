import { expect } from 'chai';
import { diag } from '@opentelemetry/api';
import { withDiagLogger } from '../../src/zero-code/diag-logger';

describe('a logger while there is no SDK', () => {
  const { OTEL_LOG_LEVEL: levelBefore } = process.env;
  // The API takes the methods of the console when it is loaded: only what they write can be seen.
  const { write } = process.stderr;
  let written: string;

  beforeEach(() => {
    diag.disable();
    written = '';
    process.stderr.write = (text: string | Uint8Array) => {
      written += String(text);
      return true;
    };
  });

  afterEach(() => {
    process.stderr.write = write;
    diag.disable();
    if (levelBefore === undefined) delete process.env.OTEL_LOG_LEVEL;
    else process.env.OTEL_LOG_LEVEL = levelBefore;
  });

  const complain = () => {
    diag.warn('a warning');
    diag.error('an error');
  };

  for (const [level, expected] of [
    [undefined, ['an error']],
    ['', ['an error']],
    ['loud', ['an error']],
    [' Warn ', ['a warning', 'an error']],
    ['none', []],
  ] as const) {
    it(`writes ${expected.join(' and ') || 'nothing'} ${level === undefined ? 'without OTEL_LOG_LEVEL' : `with OTEL_LOG_LEVEL='${level}'`}`, () => {
      if (level === undefined) delete process.env.OTEL_LOG_LEVEL;
      else process.env.OTEL_LOG_LEVEL = level;
      withDiagLogger(complain);
      expect(written).to.equal(expected.map((line) => `${line}\n`).join(''));
    });
  }

  it('is gone afterwards, even if the work fails', () => {
    const fail = () => {
      throw new Error('no');
    };
    expect(() => withDiagLogger(fail)).to.throw('no');
    complain();
    expect(written).to.equal('');
  });

  it('is the one that somebody else has set, who keeps it', () => {
    const seen: string[] = [];
    const note = (message: string) => void seen.push(message);
    diag.setLogger({ error: note, warn: note, info() {}, debug() {}, verbose() {} });
    withDiagLogger(complain);
    diag.error('later');
    expect(seen).to.deep.equal(['a warning', 'an error', 'later']);
    expect(written).to.equal('');
  });
});
