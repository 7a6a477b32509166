import { expect } from 'chai';
import { createSpanSerializer, SpanRecorder, spanSerializer } from '../../../src/testing';
import { fakeSpan } from '../support';

describe('spanSerializer', () => {
  const spans = [fakeSpan({ id: 1, name: 'a', attributes: { n: 1 } }), fakeSpan({ id: 2, name: 'b' })];

  it('takes recorders, spans and arrays of spans, and nothing else', () => {
    const recorder = new SpanRecorder({ attach: true });
    for (const value of [recorder, spans, spans[0]]) expect(spanSerializer.test(value)).to.equal(true);
    for (const value of [[], [1], {}, null, undefined, 'a', { name: 'a' }, [spans[0], 1]]) {
      expect(spanSerializer.test(value), String(value)).to.equal(false);
    }
    expect(spanSerializer.serialize(recorder, {}, '')).to.equal('(no spans)');
    recorder.shutdown();
  });

  it('indents within other values', () => {
    expect(spanSerializer.serialize(spans, {}, '    ')).to.equal('- a\n      n: 1\n    - b');
    expect(spanSerializer.serialize(spans[0], {}, '')).to.equal('- a\n  n: 1');
  });

  it('may have options', () => {
    expect(createSpanSerializer({ exclude: ['n'] }).serialize(spans, {}, '')).to.equal('- a\n- b');
  });
});
