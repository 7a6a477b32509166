import { expect } from 'chai';
import { joinPath, keyText, parseSelector } from '../../src/targets/selector';

/** A selector as text again, piece by piece. */
function describeSelector(text: string): object | undefined {
  const selector = parseSelector(text);
  return (
    selector && {
      path: selector.path.map((pattern) => pattern.text),
      ...(selector.member && { member: selector.member.text }),
      ...(selector.factory?.construct === false && { called: selector.factory.path.map((pattern) => pattern.text) }),
      ...(selector.factory?.construct === true && {
        constructed: selector.factory.path.map((pattern) => pattern.text),
      }),
    }
  );
}

describe('a selector', () => {
  const accepted: Record<string, object> = {
    paginateListObjects: { path: ['paginateListObjects'] },
    'paginate*': { path: ['paginate*'] },
    '*': { path: ['*'] },
    default: { path: ['default'] },
    'ns.inner.fn': { path: ['ns', 'inner', 'fn'] },
    'ns.*': { path: ['ns', '*'] },
    'Client.from': { path: ['Client', 'from'] },
    'Client#stream': { path: ['Client'], member: 'stream' },
    'Client#*': { path: ['Client'], member: '*' },
    '*#*': { path: ['*'], member: '*' },
    'Client#stream*': { path: ['Client'], member: 'stream*' },
    'default#stream': { path: ['default'], member: 'stream' },
    'OpenAI.Chat.Completions#create': { path: ['OpenAI', 'Chat', 'Completions'], member: 'create' },
    'Client#[Symbol.asyncIterator]': { path: ['Client'], member: '[Symbol.asyncIterator]' },
    '[Symbol.asyncIterator]': { path: ['[Symbol.asyncIterator]'] },
    'ns.[Symbol.asyncIterator].x': { path: ['ns', '[Symbol.asyncIterator]', 'x'] },
    'createPaginator()': { path: ['createPaginator'], called: [] },
    'create*()': { path: ['create*'], called: [] },
    'ns.createPaginator()': { path: ['ns', 'createPaginator'], called: [] },
    'createClient().stream': { path: ['createClient'], called: ['stream'] },
    'createClient().*': { path: ['createClient'], called: ['*'] },
    'new Client().api.list*': { path: ['Client'], constructed: ['api', 'list*'] },
    'createClient().objects.list': { path: ['createClient'], called: ['objects', 'list'] },
    'createClient().[Symbol.asyncIterator]': { path: ['createClient'], called: ['[Symbol.asyncIterator]'] },
    'Client#open()': { path: ['Client'], member: 'open', called: [] },
    'Client#open().read': { path: ['Client'], member: 'open', called: ['read'] },
    'streamText().textStream': { path: ['streamText'], called: ['textStream'] },
    'Client#send().stream': { path: ['Client'], member: 'send', called: ['stream'] },
    'new Client().stream': { path: ['Client'], constructed: ['stream'] },
    'new ns.Client().objects.list': { path: ['ns', 'Client'], constructed: ['objects', 'list'] },
    $: { path: ['$'] },
    _private: { path: ['_private'] },
    new: { path: ['new'] },
    'new()': { path: ['new'], called: [] },
    'a-b': { path: ['a-b'] },
    語: { path: ['語'] },
  };
  for (const [text, parsed] of Object.entries(accepted)) {
    it(`may be ${text}`, () => {
      expect(describeSelector(text)).to.deep.equal(parsed);
    });
  }

  const refused = [
    '',
    ' ',
    'a b',
    ' a',
    'a ',
    '.',
    '.a',
    'a.',
    'a..b',
    '#',
    '#a',
    'a#',
    'a#b#c',
    'a#b.c',
    'a,b',
    'a;b',
    'a[0]',
    '[a]',
    '[Symbol.nonsense]',
    '[Symbol.for]',
    '[Symbol.*]',
    '[Symbol.asyncIterator',
    'Symbol.asyncIterator]',
    '()',
    '().a',
    'a(',
    'a)',
    'a(b)',
    'a()b',
    'a()#b',
    'a()()',
    'a().b()',
    'a().b().c',
    'a().',
    'a()..b',
    'a().*.b',
    'a().b*.c',
    'new Client',
    'new Client()',
    'new Client().',
    'new  ().a',
    'newClient ().a',
  ];
  for (const text of refused) {
    it(`may not be ${JSON.stringify(text)}`, () => {
      expect(parseSelector(text)).to.equal(undefined);
    });
  }

  describe('that is a wildcard', () => {
    const matches = (pattern: string, key: PropertyKey) => parseSelector(pattern)?.path[0]?.matches(key);

    it('shares no character among its parts, and finds them in order', () => {
      const pairs = ['a*a', 'ab*ba', '*a*b', 'a*b*a*', '**', 'x*y*y'] as const;
      const names = ['a', 'aa', 'aba', 'abba', 'ba', 'abab', 'xy', 'xyy', ''];
      const found = pairs.map((pattern) => names.filter((name) => matches(pattern, name)));
      const expected = pairs.map((pattern) => {
        const regExp = new RegExp(`^${pattern.replaceAll('*', '.*')}$`);
        return names.filter((name) => regExp.test(name));
      });
      expect(found).to.deep.equal(expected);
    });

    it('goes through a long name once, however many asterisks it has: going back would take for ever', () => {
      expect(matches(`${'*a'.repeat(20)}*b`, 'a'.repeat(10_000))).to.equal(false);
    });

    it('matches any run of characters, also none', () => {
      for (const key of ['paginate', 'paginateObjects', 'paginate\nObjects']) {
        expect(matches('paginate*', key), key).to.equal(true);
      }
      for (const key of ['repaginate', 'Paginate', 'paginat']) expect(matches('paginate*', key), key).to.equal(false);
      expect(matches('*a*b', 'xaxb')).to.equal(true);
      expect(matches('*a*b', 'xaxbx')).to.equal(false);
    });

    it('takes every other character as it is', () => {
      expect(matches('$*+', '$x+')).to.equal(true);
      expect(matches('a|*', 'a')).to.equal(false);
      expect(matches('^a*$', 'ab')).to.equal(false);
      expect(matches('\\w*', 'w')).to.equal(false);
    });

    it('matches no symbol', () => {
      expect(matches('*', Symbol.asyncIterator)).to.equal(false);
    });
  });

  it('that is a name matches that name alone', () => {
    const [pattern] = parseSelector('stream')?.path ?? [];
    expect(pattern).to.include({ isWildcard: false, key: 'stream' });
    expect(['stream', 'streams', 'Stream'].map((key) => pattern?.matches(key))).to.deep.equal([true, false, false]);
  });

  it('that is a symbol matches that symbol, not its text', () => {
    const member = parseSelector('Client#[Symbol.asyncIterator]')?.member;
    expect(member?.key).to.equal(Symbol.asyncIterator);
    expect(member?.matches(Symbol.asyncIterator)).to.equal(true);
    expect(member?.matches('[Symbol.asyncIterator]')).to.equal(false);
    expect(member?.matches(Symbol.iterator)).to.equal(false);
  });
});

describe('the path of an export', () => {
  it('joins names with dots and puts symbols in brackets', () => {
    expect(['Client', 'stream'].reduce<string>(joinPath, '')).to.equal('Client.stream');
    expect(joinPath('Client', Symbol.asyncIterator)).to.equal('Client[Symbol.asyncIterator]');
    expect(joinPath('', Symbol.asyncIterator)).to.equal('[Symbol.asyncIterator]');
  });

  it('has a text for a symbol without a description', () => {
    expect(keyText(Symbol())).to.equal('[symbol]');
  });
});
