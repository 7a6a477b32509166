import { expect } from 'chai';
import { SPANS, type SpanLike } from '../../../src/testing/format/span-like';
import { openSpansOf, settledText, targetsNotLoaded } from '../../../src/testing/snapshots/span-snapshots';

const span = (name: string, more: Partial<SpanLike> = {}): SpanLike => ({
  name,
  spanContext: () => ({ traceId: '1'.repeat(32), spanId: '2'.repeat(16) }),
  ...more,
});

/** What is used of a recorder, and of whom it was asked to wait. */
function makeRecorder(spans: readonly SpanLike[], report: readonly object[] = []) {
  const waits: number[] = [];
  return {
    waits,
    [SPANS]: () => ({ spans, options: {} }),
    settledWithin: (timeoutMs: number) => Promise.resolve(waits.push(timeoutMs) > 0),
    getPatchReport: () => report,
  };
}

describe('the spans of what is compared', () => {
  it('are waited for if a recorder has them', async () => {
    const recorder = makeRecorder([span('read')]);
    expect(await settledText(recorder)).to.include('- read');
    expect(recorder.waits).to.deep.equal([500]);
  });

  it('are taken as they are from an array, and from something with spans that nothing can be waited for of', async () => {
    expect(await settledText([span('read')])).to.include('- read');
    expect(await settledText({ [SPANS]: () => ({ spans: [span('read')], options: {} }) })).to.include('- read');
  });

  it('are not looked for in a text', async () => {
    expect(await settledText('- read\n')).to.equal('- read\n');
  });

  it('are open if they say so', () => {
    const spans = [span('ended', { ended: true }), span('open', { ended: false }), span('does not say')];
    for (const subject of [spans, makeRecorder(spans)]) {
      expect(openSpansOf(subject).map(({ name }) => name)).to.deep.equal(['open']);
    }
  });

  it('are neither a text nor an array of something else', () => {
    for (const subject of [undefined, null, 'read', {}, [span('read'), null], [{ name: 'read' }]]) {
      expect(() => openSpansOf(subject)).to.throw(TypeError, /expected a SpanRecorder, or an array of spans$/);
    }
  });

  it('may be missing because of targets that nothing was loaded of', () => {
    const report = [
      { target: './a.mjs', status: 'not-loaded', message: 'no file ./a.mjs was loaded' },
      { target: './b.mjs', status: 'not-loaded' },
      { target: './c.mjs', status: 'patched' },
    ];
    expect(targetsNotLoaded(makeRecorder([], report))).to.deep.equal([
      'target ./a.mjs: no file ./a.mjs was loaded',
      'target ./b.mjs: not loaded',
    ]);
    expect(targetsNotLoaded([span('read')])).to.deep.equal([]);
  });
});
