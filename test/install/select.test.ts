import { expect } from 'chai';
import { claimsOf, pathOf, Selection, type Selected, type SelectOptions } from '../../src/install/select';
import { parseSelector, type Selector } from '../../src/targets/selector';
import type { Target } from '../../src/targets/target';

/** A target of which only the selectors matter. */
function targetOf(selectors: string[], exclude: string[] = [], others: Partial<Target> = {}): Target {
  const parse = (texts: string[]) => texts.map((text) => parseSelector(text) as Selector);
  return { selectors: parse(selectors), exclude: parse(exclude), ...others } as Target;
}

const isGenerator = (fn: unknown) => Object.prototype.toString.call(fn) === '[object AsyncGeneratorFunction]';

function select(exports: object, targets: Target[], options: Partial<SelectOptions> = {}): Selected {
  const selection = new Selection({
    root: exports,
    isGenerator,
    isForeign: () => false,
    isReplacement: () => false,
    ...options,
  });
  return selection.in(exports, claimsOf(targets));
}

/** The properties by the paths of the claims on them. */
const pathsOf = ({ matches }: Selected) =>
  matches.map(({ claims }) => [...new Set(claims.map((claim) => pathOf(claim)))].join(','));

async function* pages() {}
class Base {
  async *inherited() {}
}
class Client extends Base {
  async *stream() {}
  static async *all() {}
  plain() {}
}

describe('the selection of exports', () => {
  it('finds the property that a selector names, whether it is a function or not', () => {
    const exports = { pages, other: pages, text: 'x' };
    const { matches } = select(exports, [targetOf(['pages', 'text', 'missing'])]);
    expect(matches.map(({ object, owner, key }) => ({ object, owner, key }))).to.deep.equal([
      { object: exports, owner: exports, key: 'pages' },
      { object: exports, owner: exports, key: 'text' },
    ]);
  });

  it('finds what an object holds before the property that holds it', () => {
    const exports = { ns: { inner: { pages } } };
    expect(pathsOf(select(exports, [targetOf(['ns.inner.pages'])]))).to.deep.equal([
      'ns.inner.pages',
      'ns.inner',
      'ns',
    ]);
  });

  it('finds the methods of a class, the static ones, and those that it inherits at their owner', () => {
    const selected = select({ Client }, [targetOf(['*'])]);
    expect(pathsOf(selected)).to.deep.equal(['Client.stream', 'Client.all', 'Client', 'Client.inherited']);
    expect(selected.matches.at(-1)).to.include({ object: Base.prototype, owner: Base.prototype, key: 'inherited' });
    const [named] = select({ Client }, [targetOf(['Client#inherited'])]).matches;
    expect(named).to.include({ object: Client.prototype, owner: Base.prototype, isMember: true });
  });

  it('names what a wildcard leaves alone because it is not an async generator', () => {
    const { notes } = select({ Client }, [targetOf(['Client#*'])]);
    expect(notes.map(({ kind, reason }) => `${kind}: ${reason}`)).to.deep.equal(['notGenerator: Client.plain']);
  });

  it('says what has no members', () => {
    const { notes } = select({ arrow: () => {} }, [targetOf(['arrow#stream'])]);
    expect(notes.map(({ kind, reason }) => `${kind}: ${reason}`)).to.deep.equal(['failed: arrow is not a class']);
  });

  it('reads no getter, and looks at no getter further down than a name leads unless it is a re-export', () => {
    const fail = () => {
      throw new Error('read');
    };
    const get = { get: fail, enumerable: true };
    const held = Object.defineProperty({}, 'lazy', get);
    const reexports = Object.defineProperty({}, 'again', { get: () => pages, enumerable: true });
    const exports = Object.defineProperty({ held, reexports }, 'lazy', get);
    expect(pathsOf(select(exports, [targetOf(['*'])]))).to.deep.equal(['held', 'reexports.again', 'reexports', 'lazy']);
  });

  it('looks into each object once, and not into the exports again', () => {
    const exports: Record<string, unknown> = { first: { pages } };
    exports.second = exports.first;
    exports.self = exports;
    expect(pathsOf(select(exports, [targetOf(['*'])]))).to.deep.equal(['first.pages', 'first', 'second', 'self']);
  });

  it('looks into nothing that is excluded or has been put there in place of something else', () => {
    const exports = { ns: { pages }, other: { pages } };
    const isReplacement = (object: object) => object === exports.other;
    expect(pathsOf(select(exports, [targetOf(['*'], ['ns'])], { isReplacement }))).to.deep.equal(['ns', 'other']);
  });

  it('orders the claims on a property by rank: what has a span name first, presets last', () => {
    const [preset, plain, named] = [
      targetOf(['pages'], [], { preset: 'openai' }),
      targetOf(['pages']),
      targetOf(['pages'], [], { spanName: 'mine' }),
    ];
    const [match] = select({ pages }, [preset, plain, named]).matches;
    expect(match?.claims.map(({ target }) => target)).to.deep.equal([named, plain, preset]);
  });

  describe('chooses for a function', () => {
    const chosen = (value: never, targets: Target[], options?: Partial<SelectOptions>) => {
      const exports = { value };
      const selection = new Selection({
        root: exports,
        isGenerator,
        isForeign: () => false,
        isReplacement: () => false,
        ...options,
      });
      const [match] = selection.in(exports, claimsOf(targets)).matches.slice(-1);
      return selection.choose(value, match?.claims ?? []);
    };

    it('one claim by which it is traced, and tells of the others', () => {
      const targets = [targetOf(['value']), targetOf(['*'])];
      const { traced, overruled } = chosen(pages as never, targets);
      expect(traced?.target).to.equal(targets[0]);
      expect(overruled.map(({ target }) => target)).to.deep.equal([targets[1]]);
    });

    it('the claims on what it makes as well', () => {
      const { traced, factories } = chosen((() => {}) as never, [targetOf(['value()', 'value().stream'])]);
      expect(traced).to.equal(undefined);
      expect(factories.map(({ selector }) => selector.text)).to.deep.equal(['value()', 'value().stream']);
    });

    it('none for a class, which it explains where the class was named', () => {
      const { traced, notes } = chosen(Client as never, [targetOf(['value'])]);
      expect(traced).to.equal(undefined);
      expect(notes[0]?.reason).to.include('value is a class: select its methods');
      expect(chosen(Client as never, [targetOf(['*'])]).notes).to.deep.equal([]);
    });

    it('no wildcard where the function is in an object of another package', () => {
      const holder = { pages };
      const selection = new Selection({
        root: undefined,
        isGenerator,
        isForeign: (object) => object === holder,
        isReplacement: () => false,
      });
      const [inner] = selection.in({ holder }, claimsOf([targetOf(['*'])])).matches;
      expect(inner && pathOf(inner.claims[0] as never)).to.equal('holder.pages');
      expect(selection.choose(pages as never, inner?.claims ?? []).traced).to.equal(undefined);
    });
  });
});
