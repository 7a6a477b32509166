import { expect } from 'chai';
import { channel, tracingChannel } from 'node:diagnostics_channel';
import { surveyExports } from '../../../src/cli/inspect/survey';
import { load, setUpPatching, type Exports } from '../../install/support';

describe('a look through the exports of a module', () => {
  setUpPatching();

  const survey = (exports: unknown) => surveyExports(exports, 'commonjs');
  const selectors = (exports: unknown) => survey(exports).found.map(({ selector }) => selector);
  const find = (exports: unknown, selector: string) => survey(exports).found.find((each) => each.selector === selector);

  it('finds functions, and methods of the prototype and of the class', () => {
    expect(selectors(load('class-members'))).to.deep.equal([
      'Base#inherited',
      'Client#stream',
      'Client#[Symbol.asyncIterator]',
      'Client.all',
      'Client#load',
    ]);
    expect(find(load('class-members'), 'Client#load')).to.deep.include({ evidence: ['source: returns stream()'] });
  });

  it('finds what a class inherits from one that is not exported, once, and says from which', () => {
    const { found } = survey(load('inherits-hidden'));
    expect(found.map(({ selector, definition, inheritedFrom }) => [selector, definition, inheritedFrom])).to.deep.equal(
      [
        ['First#stream', 'inherited method', 'Hidden'],
        ['First.all', 'inherited method', 'Hidden'],
      ],
    );
  });

  it('finds what factories make, where their source shows it, instead of the factories', () => {
    const make = () => ({ async *list() {}, async *scan() {} });
    // Not written as a function: what compiles this would change its source.
    // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-assignment
    const paginate = Function('return async function* pages() {};');
    const { found } = survey({ make, paginate, again: make });
    expect(found.map(({ selector, sameAs }) => [selector, sameAs])).to.have.deep.members([
      ['make().list', undefined],
      ['make().scan', undefined],
      ['paginate()', undefined],
      ['again().list', 'make().list'],
      ['again().scan', 'make().scan'],
    ]);
  });

  it('finds functions in namespaces', () => {
    expect(selectors(load('nested-namespaces'))).to.include('ns.inner.fn');
  });

  it('finds classes within classes', () => {
    class Completions {
      async *stream() {}
    }
    class Client {
      static Chat = class Chat {
        static Completions = Completions;
      };
    }
    expect(selectors({ Client })).to.deep.equal(['Client.Chat.Completions#stream']);
  });

  it('finds the methods of an exported instance', () => {
    class Client {
      async *stream() {}
      inner = { deep: async function* () {} };
    }
    expect(selectors({ client: new Client() })).to.deep.equal(['client.stream']);
  });

  it('finds a function that is the module as a whole', () => {
    const main = Object.assign(async function* main() {}, { extra: async function* extra() {} });
    expect(find(main, 'default')).to.include({ definition: 'module.exports', kind: 'function' });
    expect(selectors(main)).to.have.members(['default', 'extra']);
  });

  it('finds what lies beside a class that is the module as a whole', () => {
    class Client {
      static async *all() {}
      async *list() {}
    }
    class Other {
      async *pages() {}
    }
    const exports = Object.assign(Client, { Other, gen: async function* () {} });
    expect(selectors(exports)).to.have.members(['default#list', 'all', 'Other#pages', 'gen']);
  });

  it('finds what functions have as properties', () => {
    const got = Object.assign(() => {}, { paginate: async function* () {} });
    const outer = Object.assign(async function* () {}, { pages: async function* () {} });
    expect(selectors({ got, outer })).to.deep.equal(['got.paginate', 'outer', 'outer.pages']);
  });

  it('finds what a subclass inherits that was made before there was class', () => {
    expect(selectors(load('held-generators'))).to.include.members(['Child#watch', 'Child#pull']);
  });

  it('finds generators that a compiler has lowered', () => {
    const { found } = survey(load('lowered-by-babel'));
    expect(found.filter(({ isAsyncGenerator }) => isAsyncGenerator)).not.to.deep.equal([]);
  });

  it('names those whose names no selector can spell', () => {
    const { found, unspellable } = survey(load('odd-names'));
    expect(found.map(({ selector }) => selector)).to.deep.equal(['plain']);
    expect(unspellable).to.have.members(['two words', 'a.b', '[own]', 'Client#x#y']);
  });

  it('does not look into diagnostics channels', () => {
    expect(selectors({ channels: { start: channel('a'), all: tracingChannel('b') } })).to.deep.equal([]);
  });

  it('gives no function itself as the reason for it', () => {
    const list = (): unknown => list();
    class Client {
      async *list() {}
    }
    expect(survey({ default: list, Client }).found.map(({ selector }) => selector)).to.deep.equal(['Client#list']);
  });

  it('says which two are the same function', () => {
    const count = async function* () {};
    expect(
      survey({ default: count, count, other: count }).found.map(({ selector, sameAs }) => [selector, sameAs]),
    ).to.deep.equal([
      ['count', undefined],
      ['other', 'count'],
      ['default', 'count'],
    ]);
  });

  it('says how they are defined', () => {
    const fn = () => async function* () {};
    const exports: Exports = { plain: fn() };
    const values = { open: fn(), locked: fn() };
    Object.defineProperty(exports, 'frozen', { value: fn(), enumerable: true });
    Object.defineProperty(exports, 'getter', { get: () => values.open, enumerable: true, configurable: true });
    Object.defineProperty(exports, 'lockedGetter', { get: () => values.locked, enumerable: true });
    const { found } = survey(exports);
    expect(Object.fromEntries(found.map(({ selector, definition }) => [selector, definition]))).to.deep.equal({
      plain: 'data property',
      frozen: 'read-only property',
      getter: 'getter',
      lockedGetter: 'locked getter',
    });
  });

  for (const name of ['lazy-getters', 'lazy-locked']) {
    it(`reads no getter that runs code (${name})`, () => {
      const exports = load(name);
      expect(survey(exports)).to.deep.include({ found: [], unread: ['heavy', 'broken', 'count'] });
      expect(exports.reads).to.deep.equal([]);
    });
  }

  it('lists a getter that throws as not looked at', () => {
    const source = new Proxy(
      {},
      {
        get: () => {
          throw new Error('not in this build');
        },
      },
    ) as Exports;
    const exports = Object.defineProperty({}, 'broken', { get: () => source.broken, enumerable: true });
    expect(survey(exports).unread).to.deep.equal(['broken']);
  });

  it('leaves accessors of classes alone', () => {
    let reads = 0;
    class Client {
      get stream() {
        reads++;
        return async function* () {};
      }
    }
    expect(survey({ Client, client: new Client() })).to.deep.include({ found: [], unread: [] });
    expect(reads).to.equal(0);
  });

  it("leaves out what belongs to the language's and Node's own classes", () => {
    class Text extends String {}
    class Source extends (require('node:stream') as typeof import('node:stream')).Readable {}
    class Emitter extends (require('node:events') as typeof import('node:events')).EventEmitter {}
    expect(selectors({ Text, Source, Emitter })).to.deep.equal([]);
  });

  it('leaves out generators that are not async', () => {
    expect(selectors({ *stream() {} })).to.deep.equal([]);
  });

  it('leaves out what no selector can name', () => {
    const fn = async function* () {};
    expect(selectors({ 'a.b': fn, 'a b': fn, 'a*': fn, [Symbol('own')]: fn, 'module.exports': fn })).to.deep.equal([]);
  });

  it('ends in exports that contain themselves', () => {
    const exports: Exports = { count: async function* () {} };
    exports.self = exports;
    exports.inner = { exports };
    expect(selectors(exports)).to.deep.equal(['count']);
  });

  it('counts the exports, whatever they are', () => {
    expect(survey({ one: 1, two: null, three() {}, [Symbol.toStringTag]: 'x' }).exportCount).to.equal(3);
    expect(survey(42).exportCount).to.equal(0);
  });

  it('names factories, since nobody can see what they make', () => {
    expect(
      survey({ createClient() {}, connect() {}, created: 1, createKey() {}, openStream() {} }).factories,
    ).to.deep.equal(['createClient', 'connect', 'openStream']);
  });

  it('puts generators first, then the best guesses', () => {
    const exports = {
      list: () => 'getAPIList(',
      smoothStream: () => 1,
      streamText: () => 1,
      count: async function* () {},
    };
    expect(selectors(exports)).to.deep.equal(['count', 'streamText', 'smoothStream', 'list']);
  });
});
