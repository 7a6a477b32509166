import { ROOT_CONTEXT, SpanStatusCode, trace, type SpanOptions, type Tracer } from '@opentelemetry/api';
import { TracerProvider } from '@opentelemetry/sdk-trace';
import { expect } from 'chai';
import type { SpanLine } from '../../src/run-report/protocol';
import { reportSpans } from '../../src/run-report/spans';
import { createTracerProvider } from '../../src/run-report/tracer';

/** Does nothing: a provider of the SDK has processors, or none that can be found. */
const processor = () => ({
  onStart: () => undefined,
  onEnd: () => undefined,
  forceFlush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
});

for (const [whose, createProvider] of [
  ['the SDK', () => new TracerProvider({ spanProcessors: [processor()] })],
  ['this package, for programs without an SDK', createTracerProvider],
] as const) {
  describe(`the spans that are reported, with the provider of ${whose}`, () => {
    let lines: SpanLine[];
    let tracer: Tracer;
    let provider: ReturnType<typeof createProvider>;
    const runs = new Set<object>();

    beforeEach(() => {
      lines = [];
      provider = createProvider();
      tracer = provider.getTracer('test');
      reportSpans(
        provider,
        (span) => runs.has(span),
        (line) => lines.push(line as SpanLine),
      );
    });

    /** The line of a span that has ended. */
    function lineOf(name: string, attributes: SpanOptions['attributes']): SpanLine {
      tracer.startSpan(name, { attributes }).end();
      return lines.at(-1) as SpanLine;
    }

    it('have their time, their parent and their trace', () => {
      const outer = tracer.startSpan('outer', { startTime: 1_700_000_000_000 });
      tracer.startActiveSpan('inner', { startTime: 1_700_000_000_010 }, trace.setSpan(ROOT_CONTEXT, outer), (inner) => {
        inner.end(1_700_000_000_015.5);
      });
      outer.end();
      const [inner, parent] = lines as [SpanLine, SpanLine];
      expect(inner).to.include({ type: 'span', name: 'inner', time: 1_700_000_000_010, outcome: '', isError: false });
      expect(inner.duration).to.be.closeTo(5.5, 1e-3);
      expect(inner.parent).to.equal(parent.span);
      expect(inner.trace).to.equal(parent.trace);
      expect(parent.parent).to.equal(undefined);
    });

    it('say what they asked of a server, in the conventions of now and before', () => {
      const now = { 'url.full': 'http://localhost/orders?page=2', 'http.response.status_code': 200 };
      expect(lineOf('GET', now)).to.include({ name: 'GET /orders?page=2', outcome: '200' });
      const before = { 'http.url': 'http://localhost/orders', 'http.status_code': 404 };
      expect(lineOf('GET', before)).to.include({ name: 'GET /orders', outcome: '404' });
      expect(lineOf('GET /orders/:id', { 'url.path': '/orders/7' }).name).to.equal('GET /orders/:id');
    });

    it('say what they asked of a database', () => {
      expect(lineOf('pg.query:SELECT', { 'db.query.text': 'SELECT *\n  FROM orders' }).name).to.equal(
        'SELECT * FROM orders',
      );
    });

    it('say that they failed', () => {
      const span = tracer.startSpan('connect');
      span.setStatus({ code: SpanStatusCode.ERROR });
      span.end();
      expect(lines).to.have.length(1);
      expect(lines[0]).to.include({ outcome: 'error', isError: true });
    });

    it('are not those of runs, nor those of sockets and files', () => {
      const run = tracer.startSpan('run');
      runs.add(run);
      run.end();
      provider.getTracer('@opentelemetry/instrumentation-net').startSpan('tcp.connect').end();
      expect(lines).to.deep.equal([]);
    });

    it('are reported once', () => {
      const span = tracer.startSpan('once');
      expect(span.isRecording()).to.equal(true);
      span.end();
      span.end();
      expect(span.isRecording()).to.equal(false);
      expect(lines).to.have.length(1);
    });
  });
}
