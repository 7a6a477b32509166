/**
 * A collector that takes OTLP as JSON over HTTP, and keeps spans, log records and metrics as flat objects.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';

const KINDS = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'];

const toValue = ({ stringValue, intValue, doubleValue, boolValue, arrayValue } = {}) =>
  arrayValue === undefined
    ? (stringValue ?? (intValue === undefined ? (doubleValue ?? boolValue) : Number(intValue)))
    : arrayValue.values.map(toValue);

const toAttributes = (list) => Object.fromEntries((list ?? []).map(({ key, value }) => [key, toValue(value)]));

/** Every item of a request, with its scope and service: `resourceSpans` -> `scopeSpans` -> `spans`. */
function flatten(request, signal, items) {
  const ofResources = request[`resource${signal}`] ?? [];
  return ofResources.flatMap(({ resource, [`scope${signal}`]: ofScopes }) =>
    (ofScopes ?? []).flatMap(({ scope, [items]: list }) =>
      (list ?? []).map((item) => ({
        ...item,
        scope: scope.name,
        service: toAttributes(resource.attributes)['service.name'],
      })),
    ),
  );
}

const toSpan = ({ kind, attributes, parentSpanId, ...span }) => ({
  ...span,
  kind: KINDS[kind],
  parentSpanId: parentSpanId || undefined,
  attributes: toAttributes(attributes),
});

/**
 * Starts a collector on a free port of the loopback interface.
 *
 * @returns the environment of a program that is to send there, and what has arrived since the last reset
 */
export async function startCollector() {
  let received;
  const reset = () => (received = { spans: [], logs: [], metrics: [] });
  reset();
  const server = createServer(async (request, response) => {
    const body = JSON.parse(await text(request));
    received.spans.push(...flatten(body, 'Spans', 'spans').map(toSpan));
    received.logs.push(
      ...flatten(body, 'Logs', 'logRecords').map(({ body, service }) => ({ body: toValue(body), service })),
    );
    received.metrics.push(...flatten(body, 'Metrics', 'metrics').map(({ scope, name }) => ({ scope, name })));
    response.setHeader('content-type', 'application/json').end('{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${server.address().port}`;
  return {
    url,
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' },
    reset,
    get spans() {
      return received.spans;
    },
    get logs() {
      return received.logs;
    },
    get metrics() {
      return received.metrics;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
