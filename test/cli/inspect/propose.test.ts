import { expect } from 'chai';
import { proposeSelectors } from '../../../src/cli/inspect/propose';
import type { InspectedExport } from '../../../src/cli/inspect/model';

const found = (selector: string, more: Partial<InspectedExport> = {}): InspectedExport => ({
  selector,
  kind: 'function',
  isAsyncGenerator: true,
  evidence: [],
  definition: 'data property',
  patch: { method: 'property' },
  ...more,
});
const all = (...selectors: string[]) => selectors.map((selector) => found(selector));
const pages = all('paginateBuckets', 'paginateObjects', 'paginateParts');

describe('the selectors that are proposed', () => {
  it('are the names of a few generators', () => {
    expect(proposeSelectors(all('count', 'paginateBuckets', 'paginateParts'), [])).to.deep.equal([
      'count',
      'paginateBuckets',
      'paginateParts',
    ]);
  });

  it('are a wildcard for names that begin with the same word', () => {
    expect(proposeSelectors([...pages, found('count')], [])).to.deep.equal(['paginate*', 'count']);
  });

  it('are a wildcard for the methods of a class, but for symbols', () => {
    const methods = all('Client#scan', 'Client#list', 'Client#watch', 'Client#[Symbol.asyncIterator]');
    expect(proposeSelectors(methods, [])).to.deep.equal(['Client#*', 'Client#[Symbol.asyncIterator]']);
  });

  it('are a wildcard for the functions of a namespace', () => {
    expect(proposeSelectors(all('ns.one', 'ns.two', 'ns.three'), [])).to.deep.equal(['ns.*']);
  });

  it('are * where there are many, and * takes them all', () => {
    const many = ['A', 'B', 'C', 'D'].flatMap((name) => all(`${name}#stream`, `${name}#list`));
    expect(proposeSelectors(many, [])).to.deep.equal(['*']);
    expect(proposeSelectors([...many, found('ns.inner.fn')], [])).to.have.lengthOf(9);
    expect(proposeSelectors([...many, found('E#all', { definition: 'inherited method' })], [])).to.have.lengthOf(9);
  });

  it('are no wildcard that an export behind an unread getter may match', () => {
    expect(proposeSelectors(pages, ['paginateLazily'])).to.have.lengthOf(3);
    expect(proposeSelectors(pages, ['lazy'])).to.deep.equal(['paginate*']);
  });

  it('are no wildcard that a generator which cannot be patched matches', () => {
    const locked = found('paginateFrozen', { patch: { reason: 'read-only' } });
    expect(proposeSelectors([...pages, locked], [])).to.deep.equal(pages.map(({ selector }) => selector));
  });

  it('leave out what only may return a generator', () => {
    expect(proposeSelectors([found('count'), found('stream', { isAsyncGenerator: false })], [])).to.deep.equal([
      'count',
    ]);
  });
});
