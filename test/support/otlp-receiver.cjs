/**
 * The thread of an OTLP receiver (see otlp.ts): decodes what arrives with the official protos, and posts each span,
 * flattened. In a thread of its own because the receiver publishes what it decodes through diagnostics channels: two in
 * one thread would each get the other's spans.
 */
const { parentPort } = require('node:worker_threads');
const { MockOtlpServer } = require('@elastic/mockotlpserver');

const KINDS = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'];
const STATUS_CODES = ['UNSET', 'OK', 'ERROR'];

/** http/protobuf has messages whose prototypes carry defaults, http/json and gRPC plain objects. */
const toPlain = (message) => message.constructor.toObject?.(message, { longs: String }) ?? message;

/** An `AnyValue`. 64-bit integers come as strings, numbers or Longs. */
function toValue(any) {
  if (any === undefined || any === null) return undefined;
  if ('stringValue' in any) return any.stringValue;
  if ('boolValue' in any) return any.boolValue;
  if ('intValue' in any) return Number(String(any.intValue));
  if ('doubleValue' in any) return any.doubleValue;
  if ('arrayValue' in any) return (any.arrayValue.values ?? []).map(toValue);
  if ('kvlistValue' in any) return toRecord(any.kvlistValue.values);
  if ('bytesValue' in any) return any.bytesValue;
  return undefined;
}

const toRecord = (keyValues) => Object.fromEntries((keyValues ?? []).map(({ key, value }) => [key, toValue(value)]));

/** Ids are hexadecimal in JSON, bytes elsewhere. */
const toId = (id) => (typeof id === 'string' ? id : Buffer.from(id ?? []).toString('hex'));

const toNanoseconds = (time) => BigInt(String(time ?? 0));

function toSpan(span, scope, resource) {
  return {
    name: span.name,
    kind: KINDS[span.kind ?? 0],
    traceId: toId(span.traceId),
    spanId: toId(span.spanId),
    parentSpanId: toId(span.parentSpanId) || undefined,
    startTime: toNanoseconds(span.startTimeUnixNano),
    endTime: toNanoseconds(span.endTimeUnixNano),
    attributes: toRecord(span.attributes),
    status: { code: STATUS_CODES[span.status?.code ?? 0], message: span.status?.message || undefined },
    events: (span.events ?? []).map((event) => ({
      name: event.name,
      time: toNanoseconds(event.timeUnixNano),
      attributes: toRecord(event.attributes),
    })),
    links: (span.links ?? []).map((link) => ({ traceId: toId(link.traceId), spanId: toId(link.spanId) })),
    scope: { name: scope?.name, version: scope?.version || undefined },
    resource: toRecord(resource?.attributes),
  };
}

const TEMPORALITIES = ['UNSPECIFIED', 'DELTA', 'CUMULATIVE'];

function* toPoints(metric, scope) {
  const data = metric.histogram ?? metric.sum ?? metric.gauge ?? {};
  for (const point of data.dataPoints ?? []) {
    const isHistogram = metric.histogram !== undefined && metric.histogram !== null;
    yield {
      name: metric.name,
      scope: scope?.name,
      // gRPC has the name, the others the number.
      temporality: TEMPORALITIES[data.aggregationTemporality] ?? String(data.aggregationTemporality).split('_').at(-1),
      attributes: toRecord(point.attributes),
      count: isHistogram ? Number(String(point.count)) : undefined,
      sum: isHistogram ? (point.sum ?? 0) : Number(String(point.asInt ?? point.asDouble ?? 0)),
    };
  }
}

function* flattenMetrics(request) {
  for (const { scopeMetrics } of toPlain(request).resourceMetrics ?? []) {
    for (const { scope, metrics } of scopeMetrics ?? []) {
      for (const metric of metrics ?? []) yield* toPoints(metric, scope);
    }
  }
}

function* flattenLogs(request) {
  for (const { scopeLogs } of toPlain(request).resourceLogs ?? []) {
    for (const { logRecords } of scopeLogs ?? []) {
      for (const { eventName, attributes, spanId } of logRecords ?? []) {
        yield { eventName, attributes: toRecord(attributes), spanId: toId(spanId) };
      }
    }
  }
}

function* flatten(request) {
  for (const { resource, scopeSpans } of toPlain(request).resourceSpans ?? []) {
    for (const { scope, spans } of scopeSpans ?? []) {
      for (const span of spans ?? []) yield toSpan(span, scope, resource);
    }
  }
}

const contentTypeOf = ({ transport, headers }) => (transport === 'grpc' ? 'application/grpc' : headers['content-type']);

const server = new MockOtlpServer({
  services: ['http', 'grpc'],
  httpHostname: '127.0.0.1',
  httpPort: 0,
  grpcHostname: '127.0.0.1',
  grpcPort: 0,
  logLevel: 'error',
  onRequest: (request) =>
    parentPort.postMessage({ type: 'request', path: request.path, contentType: contentTypeOf(request) }),
  onMetrics: (request) => parentPort.postMessage({ type: 'points', points: [...flattenMetrics(request)] }),
  onLogs: (request) => parentPort.postMessage({ type: 'logs', logs: [...flattenLogs(request)] }),
  onTrace: (request) => parentPort.postMessage({ type: 'spans', spans: [...flatten(request)] }),
});

// A span is posted in the same tick in which its request is answered: whoever has the answer may ask for a mark, and has
// every span of that request when the mark comes back.
parentPort.on('message', (mark) => parentPort.postMessage({ type: 'mark', mark }));

server.start().then(
  () => parentPort.postMessage({ type: 'listening', http: server.httpUrl.origin, grpc: server.grpcUrl.origin }),
  (error) => {
    throw error;
  },
);
