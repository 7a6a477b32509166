import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import {
  parseSelector,
  type KeyPattern,
  formatShorthand,
  parseShorthand,
  splitShorthands,
  type Shorthand,
} from '../../src/targets/selector';
import { generate, nodesOf, readGrammar, seededRandom, type SyntaxNode } from './grammar';

const SEED = 20261122;
const ENTRIES = 3000;

/** The grammar as it is published: in the comment of the parser itself. */
const grammar = readGrammar(readFileSync(path.join(__dirname, '../../src/targets/selector.ts'), 'utf8'));

/** A list of entries. */
const parseShorthands = (text: string, path: string): Shorthand[] =>
  splitShorthands(text, path).map((entry) => parseShorthand(entry, path));

const random = seededRandom(SEED);
const below = (count: number) => Math.floor(random() * count);
const oneOf = <T>(values: readonly T[]): T => values[below(values.length)] as T;
const some = (make: () => string, most: number) => Array.from({ length: 1 + below(most) }, make).join('');

const CHARACTERS = Array.from('abcXYZ09_$*-:@!?{}<>|\\+~^%&=\'"`äπ語');
const SYMBOLS = ['asyncIterator', 'iterator', 'asyncDispose', 'toStringTag'].filter((name) => name in Symbol);
const PATH_PIECES = [
  'a',
  'src',
  '-',
  '.js',
  '**',
  '*',
  '{b,c}',
  '[slug]',
  '[...all]',
  '[a;b,c]',
  '[[x]]',
  '(group)',
  ',',
  ' ',
];

/** What the grammar says in words. */
const specials = {
  module(): string {
    const base = oneOf(['pkg', '@scope/pkg', 'node:fs/promises', './', '../', '/', 'file:///']);
    return base + some(() => `x${oneOf(PATH_PIECES)}`, 4).replace(/ $/, '');
  },
  holder: () => some(() => oneOf(CHARACTERS.filter((character) => character !== '*')), 5),
  known: () => oneOf(SYMBOLS),
  character: () => oneOf(CHARACTERS),
  computed: () => oneOf(['kItems', 'keys.items']),
};

/** An entry; the words of the grammar ask for a selector list after a module that ends in a bracket. */
function generateEntry(): SyntaxNode {
  for (;;) {
    const entry = generate(grammar, 'entry', random, specials);
    const isAmbiguous = nodesOf(entry, 'module')[0]?.text.endsWith(']') && nodesOf(entry, 'selectors').length === 0;
    if (!isAmbiguous) return entry;
  }
}

const textsOf = (nodes: readonly SyntaxNode[]) => nodes.map(({ text }) => text);

/** What the parser should make of an entry. */
function expectedOf(entry: SyntaxNode): object {
  const [selectors] = nodesOf(entry, 'selectors');
  return {
    module: nodesOf(entry, 'module')[0]?.text,
    exports: selectors && textsOf(nodesOf(selectors, 'selector')),
  };
}

const keyTexts = (patterns: readonly KeyPattern[] = []) => patterns.map(({ text }) => text);

/** White space where it means nothing. */
const space = () => oneOf(['', '', ' ', '\n', '\t ']);
const spaced = (entry: SyntaxNode) => space() + entry.text + space();

describe('the shorthand, against its published grammar', () => {
  it(`reads ${ENTRIES} random entries as they were made`, () => {
    for (let count = 0; count < ENTRIES; count++) {
      const entry = generateEntry();
      expect(parseShorthand(spaced(entry), 'targets'), entry.text).to.deep.equal(expectedOf(entry));
    }
  });

  it('reads random lists of entries as they were made', () => {
    for (let count = 0; count < ENTRIES / 10; count++) {
      const entries = Array.from({ length: 1 + below(6) }, generateEntry);
      const text = entries.map(spaced).join(oneOf([';', ' ; ', ';;', ';\n']));
      expect(parseShorthands(text, 'targets'), text).to.deep.equal(entries.map(expectedOf));
    }
  });

  it(`reads ${ENTRIES} random selectors as they were made`, () => {
    for (let count = 0; count < ENTRIES; count++) {
      const made = generate(grammar, 'selector', random, specials);
      const selector = parseSelector(made.text);
      const [factory] = nodesOf(made, 'factory');
      expect(selector?.text).to.equal(made.text);
      if (nodesOf(made, 'exported').length === 0) {
        expect(selector?.definition?.isWildcard, made.text).to.equal(made.text.includes('*'));
        continue;
      }
      expect(keyTexts(selector?.path), made.text).to.deep.equal(
        textsOf(nodesOf(nodesOf(made, 'path')[0] as SyntaxNode, 'key')),
      );
      expect(selector?.member?.text, made.text).to.equal(nodesOf(made, 'member')[0]?.text.slice(1));
      expect(selector?.factory?.construct, made.text).to.equal(factory && factory.text.startsWith('new '));
      expect(keyTexts(selector?.factory?.path), made.text).to.deep.equal(
        textsOf([...nodesOf(made, 'holder'), ...nodesOf(made, 'made')]),
      );
    }
  });

  it('writes entries that it reads as the same', () => {
    for (let count = 0; count < ENTRIES / 10; count++) {
      const { module, exports = ['*'] } = parseShorthand(generateEntry().text, 'targets');
      expect(parseShorthand(formatShorthand(module, exports), 'targets')).to.deep.equal({ module, exports });
    }
  });

  it('has a grammar whose every rule is used and described', () => {
    expect([...grammar.keys()]).to.include.members(['targets', 'entry', 'selectors', 'selector', 'factory', 'key']);
    const words = JSON.stringify([...grammar.values()]);
    for (const rule of grammar.keys()) {
      if (rule !== 'targets') expect(words).to.contain(`{"kind":"rule","value":"${rule}"}`);
    }
  });
});

describe('the shorthand', () => {
  const accepted: [text: string, module: string, exports: string[] | undefined][] = [
    ['it-map', 'it-map', undefined],
    ['  it-map  ', 'it-map', undefined],
    ['@aws-sdk/client-s3[paginate*]', '@aws-sdk/client-s3', ['paginate*']],
    [
      '@langchain/core/runnables[Runnable#stream, RunnableLambda#stream]',
      '@langchain/core/runnables',
      ['Runnable#stream', 'RunnableLambda#stream'],
    ],
    ['node:timers/promises[setInterval]', 'node:timers/promises', ['setInterval']],
    ['./src/**/*.js', './src/**/*.js', undefined],
    ['./src/{a,b}.js[x,y]', './src/{a,b}.js', ['x', 'y']],
    ['./src/a,b.js[x]', './src/a,b.js', ['x']],
    ['pkg[Class#[Symbol.asyncIterator]]', 'pkg', ['Class#[Symbol.asyncIterator]']],
    ['pkg[a,Class#[Symbol.asyncIterator],b]', 'pkg', ['a', 'Class#[Symbol.asyncIterator]', 'b']],
    ['pkg[createClient().stream,new Client().stream]', 'pkg', ['createClient().stream', 'new Client().stream']],
    ['./app/[...slug][*]', './app/[...slug]', ['*']],
    ['./app/[a;b]/[c,d].js[x]', './app/[a;b]/[c,d].js', ['x']],
    ['./app/[slug]/page.js', './app/[slug]/page.js', undefined],
    ['pkg [a]', 'pkg', ['a']],
  ];
  for (const [text, module, exports] of accepted) {
    it(`reads ${text}`, () => {
      expect(parseShorthand(text, 'targets')).to.deep.equal({ module, exports });
    });
  }

  const refused: [text: string, why: string][] = [
    ['', 'module[selector,...]'],
    ['   ', 'module[selector,...]'],
    ['[a]', 'module[selector,...]'],
    ['pkg[]', 'no empty selector'],
    ['pkg[ ]', 'no empty selector'],
    ['pkg[a,]', 'no empty selector'],
    ['pkg[,a]', 'no empty selector'],
    ['pkg[a,,b]', 'no empty selector'],
    ['pkg[a', 'a closing "]" for every "["'],
    ['pkg[a[b]', 'a closing "]" for every "["'],
    ['pkg]', 'an opening "[" for every "]"'],
    ['pkg]a[', 'an opening "[" for every "]"'],
    ['a;b', 'one entry'],
    ['a;', 'one entry'],
  ];
  for (const [text, why] of refused) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      expect(() => parseShorthand(text, 'targets[3]'))
        .to.throw(TypeError, why)
        .with.property('message')
        .that.matches(/^targets\[3\]: /);
    });
  }

  it('takes the last group of brackets for the selectors of a path that ends in one', () => {
    expect(parseShorthand('./app/[...slug]', 'targets')).to.deep.equal({ module: './app/', exports: ['...slug'] });
    expect(parseSelector('...slug')).to.equal(undefined);
  });

  it('separates entries outside brackets only', () => {
    expect(parseShorthands('a[x,y];./[b;c]/d.js;e', 'targets')).to.deep.equal([
      { module: 'a', exports: ['x', 'y'] },
      { module: './[b;c]/d.js', exports: undefined },
      { module: 'e', exports: undefined },
    ]);
  });

  it('passes over empty entries', () => {
    expect(parseShorthands(';a; ;b;\n', 'targets').map(({ module }) => module)).to.deep.equal(['a', 'b']);
    expect(parseShorthands('', 'targets')).to.deep.equal([]);
  });
});
