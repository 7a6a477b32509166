import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { expect } from 'chai';
import { spansToJSON } from '../../../src/testing';
import { fakeSpan, idOf, TRACE } from '../support';

describe('spansToJSON', () => {
  it('gives what formatSpans shows, as objects', () => {
    const spans = [
      fakeSpan({
        id: 1,
        name: 'read',
        ended: false,
        status: { code: SpanStatusCode.ERROR, message: 'no' },
        attributes: { 'async_generator.outcome': 'failed', 'async_generator.item.count': 2, b: 1, 'server.port': 80 },
      }),
      fakeSpan({
        id: 2,
        parent: 1,
        name: 'get',
        kind: SpanKind.CLIENT,
        events: [{ name: 'retry' }, { name: 'log', attributes: { n: 1 } }],
        links: [{ context: { traceId: TRACE, spanId: idOf(1) }, attributes: { why: 'x' } }],
      }),
      fakeSpan({ id: 3, parent: 9, name: 'lost' }),
    ];
    expect(spansToJSON(spans)).to.deep.equal([
      [
        { name: 'lost', problems: ['parent not recorded'] },
        {
          name: 'read',
          open: true,
          status: { code: 'ERROR', message: 'no' },
          outcome: 'failed',
          itemCount: 2,
          attributes: { b: 1 },
          position: '#2',
          children: [
            {
              name: 'get',
              kind: 'client',
              events: [{ name: 'retry' }, { name: 'log', attributes: { n: 1 } }],
              links: [{ to: '#2', attributes: { why: 'x' } }],
            },
          ],
        },
      ],
    ]);
  });

  it('takes the same options', () => {
    const spans = [fakeSpan({ name: 'a', attributes: { x: 1, y: 2, 'server.port': 80 } })];
    expect(spansToJSON(spans, { include: ['*.port'], exclude: ['x'], redact: { y: '<y>' } })).to.deep.equal([
      [{ name: 'a', attributes: { y: '<y>', 'server.port': 80 } }],
    ]);
  });

  it('takes a key such as __proto__ as any other', () => {
    const attributes = JSON.parse('{"__proto__": 1}') as object;
    const [[span]] = spansToJSON([fakeSpan({ name: 'a', attributes })]) as unknown as [[{ attributes: object }]];
    expect(Object.keys(span.attributes)).to.deep.equal(['__proto__']);
  });

  it('takes chains of 10,000', () => {
    const spans = Array.from({ length: 10_000 }, (_, index) =>
      fakeSpan({ id: index + 1, parent: index === 0 ? undefined : index }),
    );
    let depth = 0;
    for (let [span] = spansToJSON(spans)[0] ?? []; span !== undefined; span = span.children?.[0]) depth++;
    expect(depth).to.equal(10_000);
  });
});
