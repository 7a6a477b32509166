import { expect } from 'chai';
import { attachTo } from '../../../src/testing/recorder/provider';

const processor = {
  onStart: () => {},
  onEnd: () => {},
  forceFlush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
};

describe('adding a recorder to a provider', () => {
  it('of SDK 1.x goes by its own method', () => {
    const added: object[] = [];
    const detach = attachTo({ addSpanProcessor: (each: object) => added.push(each) }, processor);
    expect(added).to.deep.equal([processor]);
    detach();
  });

  it('of SDK 2.x and 3.x leaves the array that the program has handed over as it is', () => {
    const own = [{ ...processor }];
    const provider = { _activeSpanProcessor: { _spanProcessors: own as object[] } };
    const detach = attachTo(provider, processor);
    expect(provider._activeSpanProcessor._spanProcessors).to.deep.equal([own[0], processor]);
    detach();
    expect(provider._activeSpanProcessor._spanProcessors).to.deep.equal(own);
    expect(own).to.have.length(1);
  });

  it('of another kind is refused, with what to do', () => {
    for (const provider of [{}, { _activeSpanProcessor: {} }, { _activeSpanProcessor: { _spanProcessors: {} } }]) {
      expect(() => attachTo(provider, processor)).to.throw('new SpanRecorder({ attach: true })');
    }
  });
});
