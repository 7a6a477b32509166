import { expect } from 'chai';
import shimmer = require('shimmer');
import { traceAsyncGenerator } from '../../src';

const MARKS = ['__original', '__unwrap', '__wrapped'] as const;

type Marked = Record<(typeof MARKS)[number], unknown>;

/** The marks that any way of looking shows. */
function visibleMarks(fn: object): unknown {
  return {
    read: MARKS.filter((mark) => (fn as Marked)[mark] !== undefined),
    has: MARKS.filter((mark) => mark in fn),
    hasOwn: MARKS.filter((mark) => Object.hasOwn(fn, mark)),
    described: MARKS.filter((mark) => Object.getOwnPropertyDescriptor(fn, mark) !== undefined),
    listed: MARKS.filter((mark) => Reflect.ownKeys(fn).includes(mark)),
    assigned: Object.keys({ ...fn }).filter((key) => MARKS.includes(key as keyof Marked)),
  };
}

const NO_MARKS = { read: [], has: [], hasOwn: [], described: [], listed: [], assigned: [] };

/** A holder with a generator function, wrapped by shimmer as another instrumentation would. */
function holderOfWrapped() {
  const holder = { async *stream() {} };
  shimmer.wrap(holder, 'stream', (original) => {
    return Object.assign(
      function* (this: unknown) {
        return original.call(this as typeof holder);
      } as unknown as typeof original,
      { own: true },
    );
  });
  return holder;
}

describe('a traced function', () => {
  it('shows no marks of another wrap that its original carries', () => {
    const traced = traceAsyncGenerator(holderOfWrapped().stream);
    expect(visibleMarks(traced)).to.deep.equal(NO_MARKS);
    expect(Reflect.ownKeys(traced)).to.include.members(['length', 'name', 'prototype', 'own']);
  });

  it('leaves the marks of another wrap to the original', () => {
    const { stream } = holderOfWrapped();
    const traced = traceAsyncGenerator(stream) as unknown as Partial<Marked>;
    for (const mark of MARKS) delete traced[mark];
    expect(visibleMarks(stream)).to.deep.include({ hasOwn: MARKS });
  });

  it('keeps the marks of a wrap that puts it in place to itself', () => {
    const original = async function* () {};
    const holder = { stream: original };
    shimmer.wrap(holder, 'stream', (fn) => traceAsyncGenerator(fn));
    expect(visibleMarks(original)).to.deep.equal(NO_MARKS);
    expect(holder.stream).to.have.property('__original', original);
    shimmer.unwrap(holder, 'stream');
    expect(holder.stream).to.equal(original);
  });

  it('loses marks that are deleted', () => {
    const holder = { async *stream() {} };
    shimmer.wrap(holder, 'stream', (fn) => traceAsyncGenerator(fn));
    for (const mark of MARKS) expect(Reflect.deleteProperty(holder.stream, mark)).to.equal(true);
    expect(visibleMarks(holder.stream)).to.deep.equal(NO_MARKS);
  });

  for (const lock of [Object.freeze, Object.seal, Object.preventExtensions]) {
    it(`can be looked at where another wrap has marked its original, and the program has called ${lock.name}`, () => {
      const traced = traceAsyncGenerator(lock(holderOfWrapped().stream));
      expect(() => visibleMarks(traced)).to.not.throw();
    });
  }
});
