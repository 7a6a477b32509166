// An OTLP receiver for http/json, for contestants that export as they would to a collector.
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';

/** @returns `{ port, records, close() }` with the spans that have arrived, as records (recorder.mjs) */
export async function startReceiver() {
  const records = [];
  const server = createServer(async (request, response) => {
    const body = await text(request);
    if (request.url === '/v1/traces') records.push(...recordsOf(JSON.parse(body)));
    response.setHeader('content-type', 'application/json').end('{}');
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: server.address().port, records, close: () => server.close() };
}

function* recordsOf({ resourceSpans = [] }) {
  for (const { scopeSpans = [] } of resourceSpans) {
    for (const { spans = [] } of scopeSpans) yield* spans.map(recordOf);
  }
}

const STATUS_ERROR = 2;

function recordOf({ spanId, parentSpanId, name, startTimeUnixNano, endTimeUnixNano, status = {}, attributes, events }) {
  return {
    id: spanId,
    parent: parentSpanId || undefined,
    name,
    start: Number(startTimeUnixNano) / 1e6,
    end: Number(endTimeUnixNano) / 1e6,
    error: status.code === STATUS_ERROR ? (status.message ?? '') : undefined,
    says: JSON.stringify({ attributes, events, status }),
  };
}
