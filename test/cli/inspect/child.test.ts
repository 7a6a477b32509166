import { expect } from 'chai';
import { serializeError } from '../../../src/cli/inspect/child';

/** An error with that stack below its message. */
function errorWith(stack: string, more: object = {}): Error {
  return Object.assign(new RangeError('no page 3'), { stack }, more);
}

describe('what a module has thrown, in words', () => {
  it('names the kind of error, its message and its code', () => {
    const error = errorWith('', { code: 'ERR_PAGE' });
    expect(serializeError(error)).to.deep.equal({ code: 'ERR_PAGE', message: 'RangeError: no page 3', at: undefined });
    expect(serializeError(errorWith('', { code: 3 })).code, 'a code that is no text').to.equal(undefined);
  });

  for (const [what, place] of [
    ['a CommonJS module', '/app/orders.cjs'],
    ['an ES module', 'file:///app/orders.mjs'],
    ['a file of Windows', 'C:\\app\\orders.cjs'],
  ] as const) {
    it(`names the place in ${what}, below the frames of Node`, () => {
      for (const frame of [`${place}:7:11`, `read (${place}:7:11)`]) {
        const stack = `RangeError: no page 3\n    at wrap (node:internal/x:1:2)\n    at ${frame}\n    at /app/other.js:1:1`;
        expect(serializeError(errorWith(stack)).at).to.equal(`${place}:7`);
      }
    });

    it(`names the place in ${what} of a syntax error, which stands in front`, () => {
      const stack = `${place}:7\nlet let;\n    ^\n\nSyntaxError: no\n    at wrap (node:internal/x:1:2)`;
      expect(serializeError(errorWith(stack)).at).to.equal(`${place}:7`);
    });
  }

  it('names no place where there are frames of Node alone', () => {
    expect(serializeError(errorWith('Error: no\n    at node:internal/x:1:2')).at).to.equal(undefined);
  });

  it('takes what is no error as it is', () => {
    expect(serializeError('out of pages').message).to.equal('not an Error, but out of pages');
    expect(serializeError(undefined).message).to.equal('not an Error, but undefined');
  });

  it('survives what cannot be put into words', () => {
    const wordless = { message: 'something that cannot be put into words' };
    expect(serializeError(Object.create(null))).to.deep.equal(wordless);
    const trap = Object.defineProperty(new Error(), 'code', {
      get() {
        throw new Error('not yours to read');
      },
    });
    expect(serializeError(trap)).to.deep.equal(wordless);
  });
});
