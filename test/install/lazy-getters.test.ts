import { expect } from 'chai';
import { setImmediate } from 'node:timers/promises';
import { drain, load, setUpPatching, spansOf } from './support';

describe('getters that put their value in their own place', () => {
  const patching = setUpPatching();
  const { instrument } = patching;
  const spans = () => spansOf(patching.tracing);

  for (const name of ['stream', 'assigned']) {
    for (const selector of ['*', name]) {
      for (const when of ['at once', 'a turn later']) {
        it(`give one function, whose every call is traced: ${name} by [${selector}], read ${when}`, async () => {
          instrument(`self-replacing-getters[${selector}]`);
          const exports = load('self-replacing-getters');
          if (when !== 'at once') await setImmediate();
          const first = exports[name];
          expect(exports[name]).to.equal(first);
          await drain(first());
          await setImmediate();
          expect(exports[name]).to.equal(first);
          await drain(exports[name]());
          expect(spans()).to.deep.equal([`${name} completed`, `${name} completed`]);
        });
      }
    }
  }

  it('leave behind the value that they gave', () => {
    const instrumentation = instrument('self-replacing-getters[stream]');
    const exports = load('self-replacing-getters');
    const traced = exports.stream;
    instrumentation.disable();
    const { value, get } = Object.getOwnPropertyDescriptor(exports, 'stream') as PropertyDescriptor;
    expect(get).to.equal(undefined);
    expect(value).to.be.a('function').and.not.equal(traced);
  });

  it('stay as they are until somebody reads them', () => {
    const exports = load('self-replacing-getters');
    const before = Object.getOwnPropertyDescriptors(exports);
    instrument('self-replacing-getters').disable();
    expect(Object.getOwnPropertyDescriptors(exports)).to.deep.equal(before);
  });

  it('may note it on what inherits them', async () => {
    instrument('self-replacing-getters[Client#pages]');
    const client = new (load('self-replacing-getters').Client)();
    const first = client.pages;
    expect(client.pages).to.equal(first);
    await drain(first());
    await drain(client.pages());
    expect(spans()).to.deep.equal(['Client.pages completed', 'Client.pages completed']);
  });
});
