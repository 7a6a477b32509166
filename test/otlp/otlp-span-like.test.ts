import { expect, use } from 'chai';
import * as path from 'node:path';
import { formatSpans, spanSnapshots } from '../../src/testing';
import { ROOT, runNode } from '../support/child';
import { OTLP_PROTOCOLS, useOtlpReceiver, type OtlpSpan } from '../support/otlp';
import { toSpanLikes } from '../support/otlp-span-like';

use(spanSnapshots);

const SENDER = path.join(ROOT, 'test/fixtures/zero-code/otlp/spans.cjs');

const span = (name: string, more: Partial<OtlpSpan> = {}): OtlpSpan => ({
  name,
  kind: 'INTERNAL',
  traceId: 'a'.repeat(32),
  spanId: name.padEnd(16, '0'),
  parentSpanId: undefined,
  startTime: 0n,
  endTime: 0n,
  attributes: {},
  status: { code: 'UNSET', message: undefined },
  events: [],
  links: [],
  scope: { name: 'test', version: undefined },
  resource: {},
  ...more,
});

describe('spans that an OTLP receiver decoded, as text', () => {
  const receiver = useOtlpReceiver();

  for (const protocol of OTLP_PROTOCOLS) {
    it(`show all that came over ${protocol}`, async () => {
      const env = { OTEL_METRICS_EXPORTER: 'none', OTEL_SERVICE_NAME: 'sender', ...receiver.env(protocol) };
      expect(await runNode([SENDER], { env })).to.include({ status: 0 });
      const text = formatSpans(toSpanLikes(await receiver.spans()), { include: ['resource.service.name', 'scope.*'] });
      await expect(text).to.matchInlineSpanSnapshot(`
        - parent [server]
          resource.service.name: "sender"
          scope.name: "spans"
          scope.version: "1.2.3"
          - child [ERROR "broken"]
            beyond32Bits: 1099511627776
            boolean: false
            fraction: 0.25
            integer: 42
            negative: -1
            numbers: [1, 2]
            string: "é"
            strings: ["a", "b"]
            resource.service.name: "sender"
            scope.name: "spans"
            scope.version: "1.2.3"
            event happened
              where: "here"
            link to a span that was not recorded
      `);
    });
  }

  it('show every kind and status', async () => {
    const kinds = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'] as const;
    const codes = ['UNSET', 'OK', 'ERROR'] as const;
    const spans = [
      ...kinds.map((kind) => span(kind.toLowerCase(), { kind })),
      ...codes.map((code) => span(`status ${code}`, { status: { code, message: undefined } })),
    ];
    await expect(toSpanLikes(spans)).to.matchInlineSpanSnapshot(`
      - client [client]
      - consumer [consumer]
      - internal
      - producer [producer]
      - server [server]
      - status ERROR [ERROR]
      - status OK [OK]
      - status UNSET
      - unspecified
    `);
  });

  it('name the spans that they link to', async () => {
    const [a, b] = [span('a'), span('b')];
    const links = [{ traceId: b.traceId, spanId: b.spanId }];
    await expect(toSpanLikes([{ ...a, links }, b])).to.matchInlineSpanSnapshot(`
      - a
        link to #2
      - b #2
    `);
  });

  it('say which of them lack a parent', async () => {
    await expect(toSpanLikes([span('a', { parentSpanId: 'b'.repeat(16) })])).to.matchInlineSpanSnapshot(
      `- a [parent not recorded]`,
    );
  });
});
