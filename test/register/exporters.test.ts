import { context, createTraceState, diag, DiagLogLevel, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { logs } from '@opentelemetry/api-logs';
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { OTLPTraceExporter as GrpcExporter } from '@opentelemetry/exporter-trace-otlp-grpc';
import { JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  ConsoleSpanExporter,
  InMemorySpanExporter,
  SimpleSpanProcessor,
  TracerProvider,
  type ReadableSpan,
} from '@opentelemetry/sdk-trace';
import { expect } from 'chai';
import { createRequire } from 'node:module';
import {
  findExporters,
  reasonOf,
  registeredProviders,
  requestOf,
  sourceOf,
} from '../../src/register/exports/exporters';

const requireFromSdk = createRequire(require.resolve('@opentelemetry/sdk-node'));
const { logs: logsOfSdk } = requireFromSdk('@opentelemetry/api-logs') as { logs: typeof logs };

describe('the exporters of an SDK', () => {
  const exporter = { export: () => undefined, shutdown: () => undefined };
  const find = (provider: object) => {
    logsOfSdk.setGlobalLoggerProvider(provider as ReturnType<typeof logs.getLoggerProvider>);
    return findExporters(registeredProviders(requireFromSdk).logs);
  };

  // Another test may have left one.
  beforeEach(() => logsOfSdk.disable());
  afterEach(() => logsOfSdk.disable());

  it('are found, with what exports with them', () => {
    const processor = { exporter };
    expect(find({ state: { processor: { processors: [processor] } } })).to.deep.equal([{ exporter, owner: processor }]);
  });

  it('are found where a part of the provider refers to the provider', () => {
    // As the first field of the SDK's own does.
    const shutdownOnce: { that?: object } = {};
    shutdownOnce.that = { shutdownOnce, state: { processor: { processors: [{ exporter }] } } };
    expect(find(shutdownOnce.that)).to.have.length(1);
  });

  it('are each found once', () => {
    const processor = { exporter };
    expect(find({ all: [processor], active: { processors: [processor] } })).to.have.length(1);
  });

  for (const [protocol, Exporter] of [
    ['http', JsonExporter],
    ['proto', ProtobufExporter],
    ['grpc', GrpcExporter],
  ] as const) {
    it(`can be made again in the export thread by their package: ${protocol}`, () => {
      const source = sourceOf(new Exporter(), 'traces', undefined, requireFromSdk);
      expect(source?.file).to.include(`exporter-trace-otlp-${protocol}`);
      expect(source?.exportName).to.equal('OTLPTraceExporter');
    });
  }

  it('cannot be made again where they are not of OTLP', () => {
    expect(sourceOf(new ConsoleSpanExporter(), 'traces', undefined, requireFromSdk)).to.equal(undefined);
  });
});

describe('spans for the export thread', () => {
  const memory = new InMemorySpanExporter();
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'sender' }),
    spanProcessors: [new SimpleSpanProcessor({ exporter: memory })],
  });
  const tracer = provider.getTracer('scope', '1.2.3');

  afterEach(() => {
    memory.reset();
    diag.disable();
  });

  function endedSpan(): ReadableSpan {
    const traceState = createTraceState('vendor=1');
    const remote = { traceId: 'ab'.repeat(16), spanId: 'cd'.repeat(8), traceFlags: 1, isRemote: true, traceState };
    const parent = trace.setSpanContext(context.active(), remote);
    const attributes = { text: 'é', number: 0.5, flag: true, list: ['a', 'b'], empty: [] };
    const span = tracer.startSpan(
      'all of it',
      { kind: SpanKind.CLIENT, attributes, links: [{ context: remote, attributes: { why: 'because' } }] },
      parent,
    );
    span.addEvent('event', { at: 1 }, [1, 5]);
    span.recordException(new RangeError('broken'));
    span.setStatus({ code: SpanStatusCode.ERROR, message: 'broken' });
    span.end();
    return memory.getFinishedSpans().at(-1) as ReadableSpan;
  }

  interface JsonRequest {
    resourceSpans: { resource: { attributes: { key: string }[] }; scopeSpans: { spans: unknown[] }[] }[];
  }

  const jsonOf = (spans: readonly ReadableSpan[]): JsonRequest =>
    JSON.parse(new TextDecoder().decode(requestOf(new JsonExporter(), spans))) as JsonRequest;

  for (const [protocol, Exporter, serializer] of [
    ['JSON', JsonExporter, JsonTraceSerializer],
    ['protobuf', ProtobufExporter, ProtobufTraceSerializer],
    ['gRPC', GrpcExporter, ProtobufTraceSerializer],
  ] as const) {
    it(`are the request that their exporter would have sent: ${protocol}`, () => {
      const spans = [endedSpan(), endedSpan()];
      expect(requestOf(new Exporter(), spans)).to.deep.equal(serializer.serializeRequest(spans));
    });
  }

  it('share their resource and scope', () => {
    const { resourceSpans } = jsonOf([endedSpan(), endedSpan()]);
    expect(resourceSpans).to.have.length(1);
    expect(resourceSpans[0]?.scopeSpans).to.have.length(1);
    expect(resourceSpans[0]?.scopeSpans[0]?.spans).to.have.length(2);
  });

  it('do without what a resource detector has not found yet, of which no error is reported', () => {
    const errors: unknown[][] = [];
    const ignore = () => undefined;
    diag.setLogger(
      { error: (...args) => void errors.push(args), warn: ignore, info: ignore, debug: ignore, verbose: ignore },
      { logLevel: DiagLogLevel.ERROR, suppressOverrideMessage: true },
    );
    const ended: ReadableSpan[] = [];
    const pending = new TracerProvider({
      resource: resourceFromAttributes({ 'service.name': 'sender', 'host.id': new Promise<string>(() => undefined) }),
      spanProcessors: [{ ...silent, onEnd: (span) => ended.push(span) }],
    });
    pending.getTracer('scope').startSpan('early').end();
    expect(jsonOf(ended).resourceSpans[0]?.resource.attributes.map(({ key }) => key)).to.deep.equal(['service.name']);
    expect(errors).to.deep.equal([]);
    expect(ended[0]?.resource.asyncAttributesPending, 'the SDK goes on waiting').to.equal(true);
  });

  it('are none of an exporter that makes no request, or cannot make one of them', () => {
    expect(requestOf(new ConsoleSpanExporter(), [endedSpan()])).to.equal(undefined);
    expect(requestOf(new JsonExporter(), [{ name: 'no span' }])).to.equal(undefined);
  });
});

const silent = {
  onStart: () => undefined,
  forceFlush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
};

describe('the reason why an export has failed', () => {
  it('is what the code of a network error means, which may have no message', () => {
    expect(reasonOf(Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' }))).to.equal('connection refused');
  });

  it('is found in the message of gRPC', () => {
    const message =
      '14 UNAVAILABLE: No connection established. Last error: Error: connect ECONNREFUSED 127.0.0.1:4317.';
    expect(reasonOf(Object.assign(new Error(message), { code: 14 }))).to.equal('connection refused');
  });

  it('is else the message', () => {
    expect(reasonOf(Object.assign(new Error('Unauthorized'), { code: 401 }))).to.equal('Unauthorized');
  });

  it('is unknown where nothing says more', () => {
    expect(reasonOf(undefined)).to.equal('unknown error');
  });
});
