import { expect } from 'chai';
import { snapshotMode } from '../../../src/testing/snapshots/snapshot-files';

describe('what is written', () => {
  it('is what is new; nothing in CI', () => {
    expect(snapshotMode({})).to.equal('new');
    for (const CI of ['', '0', 'false']) expect(snapshotMode({ CI }), CI).to.equal('new');
    for (const CI of ['true', '1', 'GitHub']) expect(snapshotMode({ CI }), CI).to.equal('none');
  });

  it('is what UPDATE_SNAPSHOTS says, also in CI', () => {
    for (const CI of [undefined, 'true']) {
      for (const value of ['1', 'true', 'all']) expect(snapshotMode({ CI, UPDATE_SNAPSHOTS: value })).to.equal('all');
      for (const value of ['0', 'false', 'none'])
        expect(snapshotMode({ CI, UPDATE_SNAPSHOTS: value })).to.equal('none');
      expect(snapshotMode({ CI, UPDATE_SNAPSHOTS: 'new' })).to.equal('new');
    }
    expect(snapshotMode({ UPDATE_SNAPSHOTS: '' })).to.equal('new');
  });

  it('refuses another value', () => {
    expect(() => snapshotMode({ UPDATE_SNAPSHOTS: 'yes' })).to.throw(
      TypeError,
      "UPDATE_SNAPSHOTS: 'yes' is not allowed",
    );
  });
});
