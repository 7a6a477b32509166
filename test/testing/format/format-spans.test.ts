import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { expect } from 'chai';
import { formatSpans, type SpanLike } from '../../../src/testing';
import { fakeSpan, idOf, lines, shuffle, TRACE } from '../support';

describe('formatSpans', () => {
  it('shows a tree: children below their parent, attributes sorted', () => {
    const spans = [
      fakeSpan({ id: 3, parent: 2, name: 'select', kind: SpanKind.CLIENT }),
      fakeSpan({
        id: 2,
        parent: 1,
        name: 'load',
        attributes: { zone: 'b', attempt: 2, dry: false, parts: ['x', 'y'] },
      }),
      fakeSpan({ id: 1, name: 'GET /orders/:id', kind: SpanKind.SERVER }),
    ];
    expect(formatSpans(spans)).to.equal(
      lines(`
        - GET /orders/:id [server]
          - load
            attempt: 2
            dry: false
            parts: ["x", "y"]
            zone: "b"
            - select [client]
      `),
    );
  });

  it('shows outcome and number of items of a run beside its name', () => {
    const span = fakeSpan({
      name: 'read',
      status: { code: SpanStatusCode.ERROR, message: 'disk full' },
      attributes: { 'async_generator.outcome': 'failed', 'async_generator.item.count': 1, 'error.type': 'Error' },
    });
    expect(formatSpans([span])).to.equal('- read [ERROR "disk full", failed, 1 item]\n  error.type: "Error"');
  });

  it('leaves an unknown outcome among the attributes', () => {
    const attributes = { 'async_generator.outcome': 'great', 'async_generator.item.count': 'many' };
    expect(formatSpans([fakeSpan({ name: 'read', attributes })])).to.equal(
      lines(`
        - read
          async_generator.item.count: "many"
          async_generator.outcome: "great"
      `),
    );
  });

  it('shows the status OK, and marks open spans', () => {
    const spans = [fakeSpan({ name: 'a', status: { code: SpanStatusCode.OK }, ended: false })];
    expect(formatSpans(spans)).to.equal('- a [OPEN, OK]');
  });

  it('shows events, and links by the position of what they lead to', () => {
    const spans = [
      fakeSpan({ id: 1, name: 'batch' }),
      fakeSpan({ id: 2, parent: 1, name: 'a' }),
      fakeSpan({
        id: 3,
        parent: 1,
        name: 'b',
        events: [{ name: 'retry', attributes: { attempt: 2 } }],
        links: [
          { context: { traceId: TRACE, spanId: idOf(2) }, attributes: { why: 'cause' } },
          { context: { traceId: TRACE, spanId: idOf(9) } },
        ],
      }),
    ];
    expect(formatSpans(spans)).to.equal(
      lines(`
        - batch
          - a #1.1
          - b
            event retry
              attempt: 2
            link to #1.1
              why: "cause"
            link to a span that was not recorded
      `),
    );
  });

  it('keeps traces apart by a blank line', () => {
    const other = 'b'.repeat(32);
    const spans = [fakeSpan({ id: 1, name: 'b', traceId: other }), fakeSpan({ id: 1, name: 'a' })];
    expect(formatSpans(spans)).to.equal('- a\n\n- b');
  });

  it('says so if there are none', () => {
    expect(formatSpans([])).to.equal('(no spans)');
  });

  it('says what the limits of the SDK have dropped', () => {
    const dropped = { droppedAttributesCount: 2, droppedEventsCount: 1, droppedLinksCount: 0 };
    expect(formatSpans([fakeSpan({ name: 'a', ...dropped })])).to.equal('- a [2 attributes dropped, 1 event dropped]');
  });

  describe('of a broken tree', () => {
    it('says that a parent was not recorded, or is in another process', () => {
      const spans = [
        fakeSpan({ id: 1, parent: 8, name: 'a' }),
        fakeSpan({ id: 2, name: 'b', parentSpanContext: { traceId: TRACE, spanId: idOf(9), isRemote: true } }),
      ];
      expect(formatSpans(spans)).to.equal('- a [parent not recorded]\n- b [remote parent]');
    });

    it('cuts a circle of parents open, at the same span every time', () => {
      const spans = [
        fakeSpan({ id: 1, parent: 3, name: 'a' }),
        fakeSpan({ id: 2, parent: 1, name: 'b' }),
        fakeSpan({ id: 3, parent: 2, name: 'c' }),
      ];
      const text = lines(`
        - a [circle: its parent is #1.1.1]
          - b
            - c #1.1.1
      `);
      expect(formatSpans(spans)).to.equal(text);
      expect(formatSpans([...spans].reverse())).to.equal(text);
    });

    it('says so if a span is its own parent', () => {
      expect(formatSpans([fakeSpan({ id: 1, parent: 1, name: 'a' })])).to.equal('- a #1 [circle: its parent is #1]');
    });

    it('says so if two spans have one id, and gives the children to the same one every time', () => {
      const spans = [
        fakeSpan({ id: 1, name: 'b' }),
        fakeSpan({ id: 1, name: 'a' }),
        fakeSpan({ id: 2, parent: 1, name: 'c' }),
      ];
      const text = '- a [duplicate span id]\n  - c\n- b [duplicate span id]';
      expect(formatSpans(spans)).to.equal(text);
      expect(formatSpans([...spans].reverse())).to.equal(text);
    });
  });

  describe('leaves out by default', () => {
    it('times, durations, ports, versions, the resource and the scope', () => {
      const span = fakeSpan({
        name: 'a',
        attributes: {
          'async_generator.time_to_first_item': 0.1,
          'async_generator.producer.time': 0.2,
          'async_generator.consumer.time': 0.3,
          'async_generator.module.version': '1.2.3',
          'db.client.duration': 12,
          'server.port': 41_234,
          'network.peer.address': '127.0.0.1',
          'network.peer.port': 5432,
          'user_agent.original': 'node',
          'code.line.number': 12,
          'thread.id': 1,
          kept: true,
        },
        events: [{ name: 'exception', attributes: { 'exception.stacktrace': 'at x', 'exception.message': 'no' } }],
        resource: { attributes: { 'service.name': 'shop' } },
        instrumentationScope: { name: 'http', version: '1.0.0' },
      });
      expect(formatSpans([span])).to.equal('- a\n  kept: true\n  event exception\n    exception.message: "no"');
    });

    it('ports and absolute paths within texts', () => {
      const span = fakeSpan({
        name: 'GET http://localhost:41234/a',
        status: {
          code: SpanStatusCode.ERROR,
          message: 'connect ECONNREFUSED 127.0.0.1:41234 or [::1]:41234 or ::1:80',
        },
        attributes: {
          'code.file.path': `${process.cwd()}/src/a.js`,
          'url.full': 'http://user@example.com:8080/x?at=10:30#a:1',
          'url.path': '/orders/12:30',
          host: '[::1]:41234',
          file: `file://${process.cwd()}/src/b.js`,
          sibling: `${process.cwd()}-other/a.js`,
          list: ['http://a.b:1/'],
          time: '2026-11-22T10:30:00Z',
        },
      });
      expect(formatSpans([span])).to.equal(
        lines(`
          - GET http://localhost:<port>/a [ERROR "connect ECONNREFUSED 127.0.0.1:<port> or [::1]:<port> or ::1:<port>"]
            code.file.path: "./src/a.js"
            file: "./src/b.js"
            host: "[::1]:<port>"
            list: ["http://a.b:<port>/"]
            sibling: "${process.cwd()}-other/a.js"
            time: "2026-11-22T10:30:00Z"
            url.full: "http://user@example.com:<port>/x?at=10:30#a:1"
            url.path: "/orders/12:30"
        `),
      );
    });

    it('paths of files elsewhere on the machine, but not routes that look like them', () => {
      const attributes = { 'code.file.path': '/home/somebody/x.js', 'http.route': '/home/somebody' };
      expect(formatSpans([fakeSpan({ name: 'a', attributes })])).to.equal(
        '- a\n  code.file.path: "<absolute path>"\n  http.route: "/home/somebody"',
      );
    });

    it('the ids of the spans, wherever they stand', () => {
      const attributes = { traceparent: `00-${TRACE}-${idOf(1)}-01`, other: 'b'.repeat(32) };
      expect(formatSpans([fakeSpan({ id: 1, name: 'a', attributes })])).to.equal(
        `- a\n  other: "${'b'.repeat(32)}"\n  traceparent: "00-<trace id>-<span id>-01"`,
      );
    });
  });

  describe('with options', () => {
    const span = fakeSpan({
      name: 'GET /orders/17',
      attributes: { 'http.method': 'GET', 'http.target': '/orders/17', 'server.port': 80, 'app.version': '2' },
      resource: { attributes: { 'service.name': 'shop', 'service.version': '1' } },
      instrumentationScope: { name: 'http', version: '0.1' },
    });

    it('brings back what is left out by default', () => {
      expect(formatSpans([span], { include: ['*.port', 'resource.service.name', 'scope.name'] })).to.equal(
        lines(`
          - GET /orders/17
            http.method: "GET"
            http.target: "/orders/17"
            server.port: 80
            resource.service.name: "shop"
            scope.name: "http"
        `),
      );
    });

    it('leaves out more, and `exclude` wins', () => {
      expect(formatSpans([span], { include: ['*.port'], exclude: ['http.*', 'server.*'] })).to.equal(
        '- GET /orders/17',
      );
    });

    it('asks functions, with the path, the value and the span', () => {
      const asked: unknown[] = [];
      const exclude = (path: string, value: unknown, of: SpanLike) => {
        asked.push([path, value, of === span]);
        return path !== 'http.method';
      };
      expect(formatSpans([span], { exclude })).to.equal('- GET /orders/17\n  http.method: "GET"');
      expect(asked).to.deep.include(['http.target', '/orders/17', true]);
    });

    it('puts other values in the place of those that change', () => {
      const redact = {
        'http.*': (value: unknown) => String(value).replace(/\d+/, ':id'),
        'span.name': (value: unknown) => String(value).replace(/\d+/, ':id'),
      };
      expect(formatSpans([span], { redact })).to.equal(
        '- GET /orders/:id\n  http.method: "GET"\n  http.target: "/orders/:id"',
      );
      expect(formatSpans([span], { redact: { '*': '<x>' }, exclude: ['http.target'] })).to.equal(
        '- <x>\n  http.method: "<x>"',
      );
      const one = (path: string, value: unknown) => (path === 'http.method' ? undefined : value);
      expect(formatSpans([span], { redact: one })).to.equal('- GET /orders/17\n  http.target: "/orders/17"');
    });

    it('reaches attributes of events and links', () => {
      const spans = [
        fakeSpan({
          name: 'a',
          events: [{ name: 'log', attributes: { id: 7, level: 'x' } }],
          links: [{ context: { traceId: TRACE, spanId: idOf(1) }, attributes: { id: 8 } }],
        }),
      ];
      expect(
        formatSpans(spans, { exclude: ['events.log.level'], redact: { 'events.*.id': '<id>', 'links.id': '<l>' } }),
      ).to.equal(
        lines(`
          - a #1
            event log
              id: "<id>"
            link to #1
              id: "<l>"
        `),
      );
    });

    it('leaves out whole spans: their children take their place', () => {
      const spans = [
        fakeSpan({ id: 1, name: 'a' }),
        fakeSpan({ id: 2, parent: 1, name: 'tcp' }),
        fakeSpan({ id: 3, parent: 2, name: 'tls' }),
        fakeSpan({ id: 4, parent: 3, name: 'b' }),
      ];
      expect(formatSpans(spans, { omitSpan: ({ name }) => name === 'tcp' || name === 'tls' })).to.equal('- a\n  - b');
      expect(formatSpans(spans, { omitSpan: ({ name }) => name === 'a' })).to.equal('- tcp\n  - tls\n    - b');
    });

    it('refuses malformed ones, with the place, the value and what is allowed', () => {
      const format = (options: object) => () => formatSpans([], options);
      expect(format({ includes: [] })).to.throw(
        TypeError,
        'includes: unknown key; did you mean include? The keys are include, ',
      );
      expect(format({ include: 'a' })).to.throw(TypeError, "include: 'a' is not allowed; expected an array");
      expect(format({ exclude: [1] })).to.throw(TypeError, 'exclude[0]: 1 is not allowed; expected an attribute path');
      expect(format({ redact: { a: 1 } })).to.throw(TypeError, 'redact["a"]: 1 is not allowed; expected a string');
      expect(format({ omitSpan: true })).to.throw(TypeError, 'omitSpan: true is not allowed; expected a function');
      expect(format({ baseDir: 1 })).to.throw(TypeError, 'baseDir: 1 is not allowed');
    });
  });

  describe('of any span there is', () => {
    it('takes spans of SDK 1.x', () => {
      const old = fakeSpan({
        id: 2,
        name: 'b',
        parentSpanContext: undefined,
        parentSpanId: idOf(1),
        instrumentationLibrary: { name: 'old', version: '1' },
      });
      expect(formatSpans([old, fakeSpan({ id: 1, name: 'a' })], { include: ['scope.name'] })).to.equal(
        '- a\n  - b\n    scope.name: "old"',
      );
    });

    it('takes spans that have only a name and ids', () => {
      const spans = [{ name: 'a', spanContext: () => ({ traceId: TRACE, spanId: idOf(1) }) }];
      expect(formatSpans(spans)).to.equal('- a');
    });

    it('shows values of every type, each on one line', () => {
      const circle: Record<string, unknown> = { b: 1, a: [2] };
      circle.self = circle;
      const attributes = {
        'a.negative.zero': -0,
        'b.nan': NaN,
        'c.bigint': 12n,
        'd.null': null,
        'e.undefined': undefined,
        'f.array': [1, null, undefined, 'x', true],
        'g.map': circle,
        'h.bytes': new Uint8Array([1, 255]),
        'i.date': new Date(0),
        'j.symbol': Symbol('s`'),
        'k.function': () => {},
        'l.empty': [],
        'a key\n': 'text',
        __proto__x: 1,
      };
      expect(formatSpans([fakeSpan({ name: 'a', attributes })])).to.equal(
        [
          '- a',
          '  __proto__x: 1',
          '  "a key\\n": "text"',
          '  a.negative.zero: -0',
          '  b.nan: NaN',
          '  c.bigint: 12n',
          '  d.null: null',
          '  f.array: [1, null, undefined, "x", true]',
          '  g.map: {a: [2], b: 1, self: (circular)}',
          '  h.bytes: bytes "01ff"',
          '  i.date: date 1970-01-01T00:00:00.000Z',
          '  j.symbol: symbol "s\\u0060"',
          '  k.function: function',
          '  l.empty: []',
        ].join('\n'),
      );
    });

    it('refuses what is not a span, and says which', () => {
      expect(() => formatSpans('spans' as never)).to.throw(
        TypeError,
        "spans: 'spans' is not allowed; expected an array",
      );
      expect(() => formatSpans(undefined as never)).to.throw(TypeError, 'spans: undefined is not allowed');
      expect(() => formatSpans([fakeSpan({}), { name: 'x' } as never])).to.throw(
        TypeError,
        "spans[1]: { name: 'x' } is not",
      );
    });
  });

  describe('of names and texts with strange characters', () => {
    const strange = [
      ...Array.from({ length: 0x20 }, (_, code) => String.fromCharCode(code)),
      ...[
        '`',
        '${process.exit()}',
        '"',
        '\\',
        "'",
        '\u007f',
        '\u0085',
        '\u2028',
        '\u2029',
        '\u202e',
        '\u2066',
        '\u200b',
      ],
      ...[
        '\ufeff',
        '\ud800',
        '\udc00x',
        '\u00a0',
        '*/',
        '</script>',
        '\u{e0041}',
        '- x',
        '[open]',
        ' a',
        'a ',
        'a #1.2',
        '',
      ],
    ];

    it('a span is one line, and an attribute another', () => {
      for (const text of strange) {
        const spans = [fakeSpan({ name: text, attributes: { a: text, [`k${text}`]: 1 }, events: [{ name: text }] })];
        const shown = formatSpans(spans).split('\n');
        expect(shown, JSON.stringify(text)).to.have.length(4);
        expect(shown[0], JSON.stringify(text)).to.match(/^- /);
      }
    });

    it('nothing of it could run in a snapshot file, or change how the text looks', () => {
      for (const text of strange) {
        const spans = [
          fakeSpan({
            name: `n${text}`,
            status: { code: SpanStatusCode.ERROR, message: text },
            attributes: { a: text, b: [text], [text || 'k']: { [text]: text } },
            events: [{ name: text, attributes: { [text || 'k']: text } }],
            instrumentationScope: { name: text },
          }),
        ];
        const shown = formatSpans(spans, { include: ['scope.*'] });
        expect(shown, JSON.stringify(text)).not.to.match(/`|\$\{/);
        expect(shown, JSON.stringify(text)).to.match(/^[\n\x20-\x7e\u00a1-\uffff]*$/);
        expect(shown, JSON.stringify(text)).not.to.match(
          /[\u2028\u2029\u202a-\u202e\u2066-\u2069\u200b-\u200f\ufeff\ud800-\udfff]/,
        );
      }
    });

    it('other languages stay as they are', () => {
      expect(formatSpans([fakeSpan({ name: 'Заказы 注文 😀 café' })])).to.equal('- Заказы 注文 😀 café');
    });

    it('a name that could be taken for something else is in quotes', () => {
      expect(formatSpans([fakeSpan({ name: 'GET /[slug]' })])).to.equal('- "GET /[slug]"');
      expect(formatSpans([fakeSpan({ name: '' })])).to.equal('- ""');
    });
  });

  describe('of many spans', () => {
    it('formats 10,000 in the same way whatever their order', () => {
      const spans = Array.from({ length: 10_000 }, (_, index) =>
        fakeSpan({
          id: index + 1,
          parent: index === 0 ? undefined : Math.ceil(index / 20),
          name: `span ${index}`,
          attributes: { 'url.full': 'http://localhost:1234/a', n: index },
        }),
      );
      const mixed = shuffle(spans);
      expect(formatSpans(mixed)).to.equal(formatSpans(spans));
    });

    it('formats a chain of 10,000 without running out of stack, and without a megabyte of blanks for each', () => {
      const spans = Array.from({ length: 10_000 }, (_, index) =>
        fakeSpan({ id: index + 1, parent: index === 0 ? undefined : index, name: 'link' }),
      );
      const text = formatSpans(shuffle(spans));
      expect(text.length).to.be.lessThan(2_000_000);
      expect(text.trimEnd().split('\n').at(-1)).to.match(/^ +- \(level 10000\) link$/);
    });

    it('formats 10,000 children of one span that all link to each other', () => {
      const spans = Array.from({ length: 10_000 }, (_, index) =>
        fakeSpan({
          id: index + 2,
          parent: 1,
          name: 'part',
          attributes: { n: index },
          links: [{ context: { traceId: TRACE, spanId: idOf(((index + 1) % 10_000) + 2) } }],
        }),
      );
      expect(formatSpans([fakeSpan({ id: 1 }), ...spans]).match(/\bpart\b/g)).to.have.lengthOf(10_000);
    });
  });

  it('orders siblings by what is shown of them, and then of their children, where nothing else is known', () => {
    const spans = [
      fakeSpan({ id: 1, name: 'root' }),
      fakeSpan({ id: 2, parent: 1, name: 'b' }),
      fakeSpan({ id: 3, parent: 1, name: 'a', attributes: { n: 2 } }),
      fakeSpan({ id: 4, parent: 1, name: 'a', attributes: { n: 1 } }),
      fakeSpan({ id: 5, parent: 6, name: 'deep z' }),
      fakeSpan({ id: 6, parent: 1, name: 'c' }),
      fakeSpan({ id: 7, parent: 1, name: 'c' }),
      fakeSpan({ id: 8, parent: 7, name: 'deep a' }),
    ];
    const text = lines(`
      - root
        - a
          n: 1
        - a
          n: 2
        - b
        - c
          - deep a
        - c
          - deep z
    `);
    expect(formatSpans(spans)).to.equal(text);
    expect(formatSpans([...spans].reverse())).to.equal(text);
    expect(formatSpans(shuffle(spans))).to.equal(text);
  });
});
