import { expect } from 'chai';
import { evidenceOf, productsOf, rankOfGuess } from '../../../src/cli/inspect/evidence';

describe('what speaks for a function returning an async iterable', () => {
  const cases: [what: string, name: string, source: string, evidence: string[]][] = [
    ['a name with the word in it', 'streamText', 'function streamText() {}', ['name: stream']],
    ['a word in the middle of a name', 'readUIMessageStream', '() => {}', ['name: stream']],
    ['a name in capital letters', 'SUBSCRIBE', 'SUBSCRIBE() {}', ['name: subscribe']],
    ['a word that alone might mean a synchronous one', 'asyncIterator', '() => {}', ['name: iterator']],
    ['the word for it, where another is for synchronous ones', 'globIterate', '() => {}', ['name: iterate']],
    ['the name of a list that is asynchronous', 'listTopicsAsync', '() => {}', ['name: listTopicsAsync']],
    ['the name of a query', 'query', '() => {}', ['name: query']],
    [
      'an async generator that it hands on',
      'open',
      'function open() { async function* chunks() {} return new Stream(chunks, this); }',
      ['source: an async generator'],
    ],
    ['an async generator within', 'list', '(n) => (async function* () { yield n; })()', ['source: an async generator']],
    ['an async method within', 'list', '() => ({ async *pages() {} })', ['source: an async generator']],
    [
      'what TypeScript makes of one',
      'list',
      'function list() { return __asyncGenerator(this, arguments, f); }',
      ['source: an async generator'],
    ],
    [
      'an iterator by hand',
      'list',
      '() => ({ [Symbol.asyncIterator]() { return it; } })',
      ['source: Symbol.asyncIterator'],
    ],
    [
      'an iterator as Node writes it',
      'on',
      'function on() { return { [SymbolAsyncIterator]() { return this; } }; }',
      ['source: Symbol.asyncIterator'],
    ],
    [
      'a helper for iterables',
      'execute',
      'function execute() { return mapAsyncIterator(x); }',
      ['source: async iterables'],
    ],
    ['a web stream', 'simulate', '() => new ReadableStream({})', ['source: a stream']],
    [
      'an option of an HTTP client',
      'create',
      'create(body) { return post("/x", { stream: body.stream ?? false }); }',
      ['source: a stream option'],
    ],
    ['pages', 'list', 'list() { return this._client.getAPIList("/x", Page); }', ['source: a list of pages']],
    [
      'both',
      'streamLines',
      'function streamLines() { return Readable.from(x); }',
      ['source: a stream', 'name: stream'],
    ],
  ];
  for (const [what, name, source, evidence] of cases) {
    it(`is ${what}`, () => {
      expect(evidenceOf(name, source)).to.deep.equal(evidence);
    });
  }

  it("is a call of one of the module's own generators in its return statement", () => {
    const source = 'transform(input) { return this.run(input); }';
    expect(evidenceOf('transform', source, new Set(['run']))).to.deep.equal(['source: returns run()']);
    expect(evidenceOf('transform', source, new Set(['other']))).to.deep.equal([]);
  });

  const nothing: [what: string, name: string, source: string][] = [
    ['a word for synchronous ones', 'globIterateSync', '() => {}'],
    ['an async generator in a property', 'create', '() => { got.paginate = async function* () {}; return got; }'],
    [
      'an async generator for a property',
      'create',
      'const f = () => { const each = (async function* (a) {}); got.each = each; return got; }',
    ],
    ['a word for synchronous ones, too', 'firstIterator', '(x) => x'],
    ['part of a word', 'upstreamOf', 'function upstreamOf() {}'],
    ['the name of a predicate', 'isReadableStream', '(x) => Symbol.asyncIterator in x'],
    ['the name of a consumer', 'consumeStream', 'async function consumeStream() {}'],
    ['the name of a listener', 'onStream', 'onStream() {}'],
    ['the name of a setter', 'setStream', 'setStream() {}'],
    ['a function that ends somewhere else', 'pipeTextStreamToResponse', '() => new TransformStream()'],
    ['a private method', '_stream', 'async _stream() {}'],
    ['the name of a constructor', 'Stream', 'function Stream() {}'],
    [
      'a question whether something is iterable',
      'send',
      '(x) => { if (Symbol.asyncIterator in x) x[Symbol.asyncIterator]; }',
    ],
    ['a decoder', 'decode', '(x) => decoder.decode(x, { stream: true })'],
    ['an option that says no', 'complete', '() => post({ stream: false })'],
    ['what stands in a comment', 'plain', 'function plain() { /* async function* () {} */ } // stream: true'],
  ];
  for (const [what, name, source] of nothing) {
    it(`is not ${what}`, () => {
      expect(evidenceOf(name, source)).to.deep.equal([]);
    });
  }

  it('ranks what is called stream first and lists of pages last', () => {
    const rank = (name: string, source: string) => rankOfGuess(name, evidenceOf(name, source));
    expect(rank('streamText', '() => {}')).to.be.lessThan(rank('smoothStream', '() => {}'));
    expect(rank('smoothStream', '() => {}')).to.be.lessThan(rank('list', '() => getAPIList()'));
  });
});

describe('what a factory makes', () => {
  const cases: [what: string, source: string, expected: string[]][] = [
    ['a function', 'function make(size) { return async function* pages() { yield size; }; }', ['()']],
    ['a function of an arrow function', '(size) => async function* () { yield size; }', ['()']],
    ['a function that has a name', 'function make() { async function* pages() {}\n return pages;\n}', ['()']],
    ['an object with a method', "function make() { return { name: 'x', async *list() {}, other() {} }; }", ['().list']],
    [
      'an object of an arrow function',
      '() => ({ async *list() {}, scan: async function* () {} })',
      ['().list', '().scan'],
    ],
    ['an object in a promise', 'async function make() { return { async *list() {} }; }', ['().list']],
    ['an object behind options', 'make({ a = {} } = {}) { return { async *list({ b } = {}) {} }; }', ['().list']],
    ['nothing: it calls the generator', 'function read() { async function* inner() {} return inner(); }', []],
    ['nothing: it calls it at once', 'function read() { return async function* () {}.call(this); }', []],
    ['nothing: it calls it at once, in parentheses', 'function read() { return (async function* () {})(); }', []],
    ['nothing that can be replaced: a function in a promise', 'async () => async function* () {}', []],
    ['nothing: a function within it does', 'function f() { const g = () => async function* () {}; return g()(); }', []],
    ['nothing that has a name: it lies deeper', 'function f() { return { inner: { async *list() {} } }; }', []],
    ['nothing: that is a string', 'function f() { return "return async function* () {}"; }', []],
    ['nothing at all', 'function f() { return 1; }', []],
    ['a function of an arrow function with a body', '() => { return async function* () {}; }', ['()']],
  ];
  for (const [what, source, expected] of cases) {
    it(`is ${what}: ${source}`, () => {
      expect(productsOf(source)).to.deep.equal(expected);
    });
  }
});
