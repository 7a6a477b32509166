import { expect } from 'chai';
import { parseSelector } from '../../src/targets/selector';
import { parseModulePattern } from '../../src/targets/module-pattern';
import { compileGlob, matches } from '../../src/targets/wildcards';

describe('a pattern with wildcards', () => {
  for (const [glob, matching, others] of [
    ['*.js', ['a.js', '.a.js', '.js'], ['a.mjs', 'a/b.js', 'a.js/b']],
    ['a*b*c', ['abc', 'axbxc', 'abcbc'], ['ab', 'acb', 'a/b/c']],
    ['?.js', ['a.js', '語.js', '😀.js'], ['.js', 'ab.js', '/.js']],
    ['**', ['a', 'a/b', '.a/b/c'], []],
    ['**/a.js', ['a.js', 'x/a.js', 'x/y/a.js'], ['xa.js', 'x/ya.js', 'a.js/x']],
    ['x/**/a.js', ['x/a.js', 'x/y/a.js', 'x/y/z/a.js'], ['a.js', 'xa.js', 'x/ya.js', 'y/x/a.js']],
    ['**/x/**/a.js', ['x/a.js', 'y/x/a.js', 'y/x/y/x/z/a.js'], ['a.js', 'y/a.js', 'xx/a.js']],
    ['**/**/a.js', ['a.js', 'x/a.js', 'x/y/a.js'], ['xa.js']],
    ['*/**', ['a/b', 'a/b/c'], ['a']],
    ['a**b', ['ab', 'axxb'], ['a/b', 'ax/xb']],
    ['**a', ['a', 'xa'], ['x/a']],
    ['a***b', ['ab', 'axb'], ['a/b']],
    ['{a,b}.js', ['a.js', 'b.js'], ['c.js', '{a,b}.js', 'a,b.js']],
    ['{a,}b{,c}', ['b', 'ab', 'bc', 'abc'], ['a', 'ac']],
    ['{a,{b,c/d}}/*.{js,mjs}', ['a/x.js', 'b/x.mjs', 'c/d/x.js'], ['c/x.js', 'd/x.js', 'a/x.ts']],
    ['{src,lib/**}/a.js', ['src/a.js', 'lib/a.js', 'lib/x/y/a.js'], ['src/x/a.js', 'a.js']],
    ['{a,*/b}', ['a', 'x/b'], ['x/a', 'b']],
    ['{a,b}{a,b}', ['aa', 'ab', 'ba', 'bb'], ['a', 'aaa']],
    ['{a}', ['{a}'], ['a']],
    ['{}{a,b}', ['{}a', '{}b'], ['a']],
    ['{a,b', ['{a,b'], ['a', 'b']],
    ['{x{a,b}', ['{xa', '{xb'], ['xa', '{x']],
    ['a}', ['a}'], ['a']],
    ['a,b', ['a,b'], ['a', 'b']],
    ['{1..3}', ['{1..3}'], ['1', '2']],
    ['[ab](c)!+@$^|\\.*', ['[ab](c)!+@$^|\\.js'], ['ac', 'a(c)!+@$^|\\.js']],
    ['', [''], ['a']],
    ['x/**', ['x/a'], ['x', 'a', 'xx']],
    ['{a,b}c', ['ac', 'bc'], ['a', 'c', 'cc']],
    ['*{a,bc}', ['a', 'bc', 'xbc'], ['c', 'b']],
    ['*😀', ['😀', 'a😀'], ['a', '\ude00']],
  ] as const) {
    it(`matches as a glob what the README says: ${glob}`, () => {
      const pattern = compileGlob(glob);
      const asked = [...matching, ...others];
      expect(asked.filter((text) => matches(pattern, text))).to.deep.equal(matching);
    });
  }

  // A RegExp would need minutes for each, and for most of them longer than the universe has existed.
  const long = 1000;
  for (const [kind, glob, name] of [
    ['asterisks in one segment', '*a'.repeat(40) + 'b', 'a'.repeat(long)],
    ['asterisks and question marks', '*?'.repeat(40) + 'b', 'a'.repeat(long)],
    ['double asterisks', '**/a/'.repeat(40) + 'b', 'a/'.repeat(long) + 'c'],
    ['double asterisks side by side', '**/'.repeat(40) + 'b', 'a/'.repeat(long) + 'c'],
    ['double asterisks inside names', 'a**'.repeat(40) + 'b', 'a'.repeat(long)],
    ['braces side by side', '{a,a*}'.repeat(40) + 'b', 'a'.repeat(long)],
    ['braces in braces', '{a,'.repeat(40) + '*' + '}*'.repeat(40) + 'b', 'a'.repeat(long)],
    ['empty alternatives', '{,a}'.repeat(100) + 'b', 'a'.repeat(100)],
    ['asterisks in alternatives', `{${'*a'.repeat(20)},${'*aa'.repeat(20)}}b`, 'a'.repeat(long)],
  ] as const) {
    it(`is matched in one pass, as a glob with ${kind}`, () => {
      // With an end that every name may have: else the end of the name would decide.
      const pattern = parseModulePattern(`./x/${glob}?`, '/app');
      if (pattern?.kind !== 'file') throw new Error('a path is a file');
      expect(pattern.isGlob).to.equal(true);
      expect(pattern.matches(`/app/x/${name}z`)).to.equal(false);
    });
  }

  it('is matched in one pass, as a selector', () => {
    const selector = parseSelector('*a'.repeat(40) + 'b*');
    expect(selector?.path[0]?.matches('a'.repeat(long))).to.equal(false);
    expect(selector?.path[0]?.matches('a'.repeat(long) + 'b')).to.equal(true);
  });
});
