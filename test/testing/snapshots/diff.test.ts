import { expect } from 'chai';
import { diffTrees, hasColors } from '../../../src/testing/snapshots/diff';
import { lines } from '../support';

const tree = (changes: Readonly<Record<string, string>> = {}) =>
  [
    '- root',
    '  a: 1',
    ...Array.from({ length: 30 }, (_, index) => [
      `  - part ${index}`,
      `    n: ${changes[index] ?? index}`,
      `    - leaf`,
      `      text: "x"`,
    ]).flat(),
    '',
    '- other trace',
    '  b: 1',
  ].join('\n');

describe('the difference of two trees', () => {
  it('shows what is different, the spans above it, and two lines around, not the rest', () => {
    expect(diffTrees(tree(), tree({ 20: 'new' }))).to.equal(
      lines(`
        - snapshot
        + received

          - root
          …
                text: "x"
            - part 20
        -     n: 20
        +     n: new
              - leaf
                text: "x"
          …
      `),
    );
  });

  it('shows no span above in another trace', () => {
    const changed = diffTrees(tree(), tree().replace('b: 1', 'b: 2'));
    expect(changed).to.match(/ {2}…\n[^]*- other trace\n- {3}b: 1\n\+ {3}b: 2$/);
    expect(changed).not.to.contain('- root');
  });

  it('shows a single line rather than that a line is left out', () => {
    expect(diffTrees('- a\n- b\n- c\n- d', '- x\n- b\n- c\n- d').split('\n').slice(3)).to.deep.equal([
      '- - a',
      '+ - x',
      '  - b',
      '  - c',
      '  - d',
    ]);
  });

  it('shows lines that have come and gone', () => {
    expect(diffTrees('- a\n- b\n- c', '- a\n- c\n- d').split('\n').slice(3)).to.deep.equal([
      '  - a',
      '- - b',
      '  - c',
      '+ - d',
    ]);
  });

  it('is quick for trees of which nothing is the same', () => {
    const many = (name: string) => Array.from({ length: 20_000 }, (_, index) => `- ${name} ${index}`).join('\n');
    expect(diffTrees(many('a'), many('b')).split('\n')).to.have.length(40_003);
  });

  describe('has colours', () => {
    it('on a terminal, unless NO_COLOR says otherwise', () => {
      expect(hasColors({}, { isTTY: true })).to.equal(true);
      expect(hasColors({}, {})).to.equal(false);
      expect(hasColors({ NO_COLOR: '1' }, { isTTY: true })).to.equal(false);
      expect(hasColors({ NO_COLOR: '' }, { isTTY: true })).to.equal(true);
      expect(hasColors({ TERM: 'dumb' }, { isTTY: true })).to.equal(false);
    });

    it('anywhere with FORCE_COLOR', () => {
      expect(hasColors({ FORCE_COLOR: '1' }, {})).to.equal(true);
      expect(hasColors({ FORCE_COLOR: '0' }, { isTTY: true })).to.equal(false);
    });
  });
});
