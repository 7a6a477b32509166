import { expect } from 'chai';
import { OUTCOME_STYLES } from '../../src/cli/run/model';
import { BAR_STYLES } from '../../src/cli/run/timeline';
import { count, formatTime, padEnd, terminalOf, truncate, truncateMiddle, widthOf, wrap } from '../../src/cli/terminal';

const TTY = { isTTY: true, columns: 132 };
const PIPE = { isTTY: false };

describe('what a terminal can show', () => {
  it('is as wide as the terminal, 80 columns where there is none, and what COLUMNS says before both', () => {
    expect(terminalOf(TTY, {}).columns).to.equal(132);
    expect(terminalOf(PIPE, {}).columns).to.equal(80);
    expect(terminalOf({ isTTY: true, columns: 0 }, {}).columns).to.equal(80);
    expect(terminalOf(TTY, { COLUMNS: '60' }).columns).to.equal(60);
    expect(terminalOf(PIPE, { COLUMNS: '60' }).columns).to.equal(60);
    expect(terminalOf(PIPE, { COLUMNS: 'wide' }).columns).to.equal(80);
  });

  const COLOURS: [string, object, Record<string, string>, boolean][] = [
    ['a terminal', TTY, {}, true],
    ['a pipe', PIPE, {}, false],
    ['a terminal with NO_COLOR', TTY, { NO_COLOR: '1' }, false],
    ['a terminal with an empty NO_COLOR', TTY, { NO_COLOR: '' }, true],
    ['a terminal with NODE_DISABLE_COLORS', TTY, { NODE_DISABLE_COLORS: '1' }, false],
    ['a dumb terminal', TTY, { TERM: 'dumb' }, false],
    ['a pipe with FORCE_COLOR', PIPE, { FORCE_COLOR: '1' }, true],
    ['a pipe with an empty FORCE_COLOR', PIPE, { FORCE_COLOR: '' }, true],
    ['FORCE_COLOR before NO_COLOR', PIPE, { FORCE_COLOR: '1', NO_COLOR: '1' }, true],
    ['a terminal with FORCE_COLOR=0', TTY, { FORCE_COLOR: '0' }, false],
  ];
  for (const [what, output, env, expected] of COLOURS) {
    it(`has ${expected ? 'colours' : 'no colours'}: ${what}`, () => {
      const { paint, hasColours } = terminalOf(output, env);
      expect(hasColours).to.equal(expected);
      expect(paint('red', 'x')).to.equal(expected ? '\u001b[31mx\u001b[39m' : 'x');
    });
  }

  it('has no colours if the user says so, whatever the environment wants', () => {
    expect(terminalOf(TTY, { FORCE_COLOR: '1' }, true).hasColours).to.equal(false);
  });

  it('has no style that is hard to read on a light background, or on a dark one', () => {
    const { paint } = terminalOf(TTY, {});
    const styles = new Set([...Object.values(OUTCOME_STYLES), ...Object.values(BAR_STYLES)]);
    const codes = [...styles].map((style) => Number(/\[(\d+)m/.exec(paint(style, 'x'))?.[1]));
    const [BLACK, YELLOW, BLUE, WHITE, BRIGHT] = [30, 33, 34, 37, 90];
    expect(codes).to.have.length.above(4);
    expect(codes.filter((code) => [BLACK, YELLOW, BLUE, WHITE].includes(code) || code >= BRIGHT)).to.deep.equal([]);
  });

  const UNICODE: [Record<string, string>, boolean][] = [
    [{}, true],
    [{ LANG: 'en_US.UTF-8' }, true],
    [{ LANG: 'C.utf8' }, true],
    [{ LANG: 'C' }, false],
    [{ LANG: 'de_DE.ISO-8859-1' }, false],
    [{ LANG: 'C', LC_ALL: 'en_US.UTF-8' }, true],
    [{ LANG: 'en_US.UTF-8', LC_CTYPE: 'C' }, false],
    [{ LANG: 'en_US.UTF-8', TERM: 'linux' }, false],
  ];
  for (const [env, expected] of UNICODE) {
    it(`draws with ${expected ? 'Unicode' : 'ASCII'}: ${JSON.stringify(env)}`, () => {
      expect(terminalOf(PIPE, env, false, 'linux').hasUnicode).to.equal(expected);
    });
  }

  it('draws with Unicode on Windows in terminals that are known to have it', () => {
    expect(terminalOf(PIPE, {}, false, 'win32').hasUnicode).to.equal(false);
    expect(terminalOf(PIPE, { WT_SESSION: '1' }, false, 'win32').hasUnicode).to.equal(true);
  });
});

describe('text for a terminal', () => {
  const WIDTHS: [string, number][] = [
    ['', 0],
    ['abc', 3],
    ['zähle', 5],
    ['za\u0308hle', 5],
    ['日本語', 6],
    ['イテレーター', 12],
    ['한국어', 6],
    ['👩‍👩‍👧', 2],
    ['…', 1],
  ];
  for (const [text, width] of WIDTHS) {
    it(`takes "${text}" for ${width} columns wide`, () => {
      expect(widthOf(text)).to.equal(width);
    });
  }

  it('cuts what is too long, never in the midst of a character', () => {
    expect(truncate('paginate', 8, '…')).to.equal('paginate');
    expect(truncate('paginate', 7, '…')).to.equal('pagina…');
    expect(truncate('日本語', 5, '…')).to.equal('日本…');
    expect(truncate('日本語', 4, '…')).to.equal('日…');
    expect(truncate('paginate', 0, '…')).to.equal('');
  });

  it('pads by columns, not by characters', () => {
    expect(padEnd('日本', 5)).to.equal('日本 ');
  });

  it('breaks lines at spaces', () => {
    expect(wrap('one two three', 7)).to.deep.equal(['one two', 'three']);
    expect(wrap('a verylongword b', 5)).to.deep.equal(['a', 'verylongword', 'b']);
  });

  const TIMES: [number, string][] = [
    [0, '0.00 ms'],
    [0.04, '0.04 ms'],
    [0.094, '0.09 ms'],
    [0.0999, '0.1 ms'],
    [84.61, '84.6 ms'],
    [999.9, '999.9 ms'],
    [999.96, '1.00 s'],
    [59_990, '59.99 s'],
    [59_999, '1 min 0 s'],
    [125_400, '2 min 5 s'],
    [3_599_700, '1 h 0 min'],
    [7_500_000, '2 h 5 min'],
  ];
  for (const [milliseconds, text] of TIMES) {
    it(`writes ${milliseconds} ms as ${text}`, () => {
      expect(formatTime(milliseconds)).to.equal(text);
    });
  }

  it('counts in the plural but for one', () => {
    expect([count(0, 'run'), count(1, 'run'), count(1234, 'run')]).to.deep.equal(['0 runs', '1 run', '1,234 runs']);
  });
});

describe('a text that is cut in the middle', () => {
  it('stays as it is if there is room', () => {
    expect(truncateMiddle('Client#stream', 13, '…')).to.equal('Client#stream');
  });

  it('keeps more of its end than of its beginning', () => {
    expect(truncateMiddle('OpenAI.Chat.Completions#stream', 19, '…')).to.equal('OpenAI…tions#stream');
  });

  it('counts the columns of wide characters', () => {
    expect(truncateMiddle('日本語日本語日本語', 8, '…')).to.equal('日…本語');
  });

  it('is no wider than the room, however little that is', () => {
    for (let columns = 0; columns < 6; columns++) {
      expect(widthOf(truncateMiddle('OpenAI.Chat', columns, '...'))).to.be.at.most(columns);
    }
  });
});
