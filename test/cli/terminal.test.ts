import { expect } from 'chai';
import { terminalOf } from '../../src/cli/terminal';

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
