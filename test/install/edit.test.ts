import { expect } from 'chai';
import { Edits, exportsAndBelow, isForwarding } from '../../src/install/edit';

const original = () => 'original';
const ours = () => 'ours';
const others = () => 'others';

/** Replaces one value by another. */
const replacing = (from: unknown, to: unknown) => (value: unknown) => (value === from ? to : value);

describe('edits', () => {
  let edits: Edits;
  const owner = {};

  beforeEach(() => {
    edits = new Edits(owner);
  });

  it('replace values with the attributes unchanged, and put the very descriptors back', () => {
    const holder = Object.defineProperties({} as Record<string, unknown>, {
      hidden: { value: original, configurable: true },
      fixed: { value: original, writable: true },
    });
    const before = Object.getOwnPropertyDescriptors(holder);
    for (const key of ['hidden', 'fixed']) {
      expect(edits.property(holder, key, replacing(original, ours))).to.equal('property');
      expect(Object.getOwnPropertyDescriptor(holder, key)).to.deep.equal({ ...before[key], value: ours });
    }
    edits.undo();
    expect(Object.getOwnPropertyDescriptors(holder)).to.deep.equal(before);
  });

  it('say what cannot be replaced in place, and what need not be', () => {
    const holder = Object.freeze({ frozen: original });
    expect(edits.property(holder, 'frozen', replacing(original, ours))).to.equal('locked');
    expect(edits.property({ other: others }, 'other', replacing(original, ours))).to.equal('unchanged');
    expect(edits.property({}, 'missing', () => ours)).to.equal('unchanged');
  });

  it('replace getters without reading them', () => {
    let reads = 0;
    const holder = Object.defineProperty({} as { value?: unknown }, 'value', {
      get: () => (reads++, original),
      configurable: true,
    });
    expect(edits.property(holder, 'value', replacing(original, ours))).to.equal('getter');
    expect(reads).to.equal(0);
    expect(isForwarding(Object.getOwnPropertyDescriptor(holder, 'value') as PropertyDescriptor)).to.equal(true);
    expect(holder.value).to.equal(ours);
    edits.undo();
    expect(holder.value).to.equal(original);
  });

  it('give an object an own property in place of an inherited one, and take it off', () => {
    const parent = { method: original };
    const child = Object.create(parent) as typeof parent;
    expect(edits.inherited(child, 'method', replacing(original, ours))).to.equal('property');
    expect(child.method).to.equal(ours);
    expect(Object.keys(child)).to.deep.equal([]);
    edits.undo();
    expect(Object.hasOwn(child, 'method')).to.equal(false);
    expect(parent.method).to.equal(original);
  });

  it('leave alone what has been put above theirs, remember it, and can be undone when it is gone', () => {
    const holder = { fn: original };
    edits.property(holder, 'fn', replacing(original, ours));
    holder.fn = others;
    edits.undo();
    expect(holder.fn).to.equal(others);
    expect(edits.wasAbove(holder, 'fn', others)).to.equal(true);
    expect(new Edits({}).wasAbove(holder, 'fn', others)).to.equal(false);
    holder.fn = ours;
    expect(edits.property(holder, 'fn', replacing(original, ours))).to.equal('property');
    edits.undo();
    expect(holder.fn).to.equal(original);
  });

  it('tell another value from the one that they have replaced', () => {
    const holder = { fn: original };
    edits.property(holder, 'fn', replacing(original, ours));
    expect(edits.isOther(holder, 'fn', original)).to.equal(false);
    expect(edits.isOther(holder, 'fn', others)).to.equal(true);
  });

  it('of several owners come off in any order, and leave what the module has made', () => {
    for (const order of [
      [0, 1, 2],
      [2, 1, 0],
      [1, 2, 0],
      [1, 0, 2],
    ]) {
      const made = {};
      const module: { exports: object } = { exports: made };
      const all = [0, 1, 2].map(() => new Edits({}));
      const replacements = all.map((each) => {
        const replacement = {};
        each.exports(module, replacement);
        return replacement;
      });
      expect(exportsAndBelow(module)).to.have.ordered.members([...replacements.toReversed(), made]);
      for (const index of order) all[index]?.undo();
      expect(module.exports).to.equal(made);
    }
  });

  it('change what require-in-the-middle remembers of the exports', () => {
    const made = {};
    const remembered = Symbol('RitmExports');
    const module = { exports: made, [remembered]: made };
    const replacement = {};
    edits.exports(module, replacement);
    expect(module).to.include({ exports: replacement, [remembered]: replacement });
    edits.undo();
    expect(module).to.include({ exports: made, [remembered]: made });
  });
});
