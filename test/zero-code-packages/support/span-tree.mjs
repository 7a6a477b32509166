/**
 * Spans as one line each, indented below their parents, for a test to compare with what it expects.
 */
const OWN = 'opentelemetry-instrumentation-async-generator';

function describe({ scope, name, kind, attributes }) {
  if (scope !== OWN) return `${name} ${kind}`;
  return `${name} ${attributes['async_generator.outcome']} ${attributes['async_generator.item.count']}`;
}

/**
 * `count completed 2` for a run, `GET CLIENT` for any other span, in the order of their starts. A span whose parent has not
 * arrived is below nothing, with `(parent lost)`.
 */
export function spanTree(spans) {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  const start = ({ startTimeUnixNano }) => BigInt(startTimeUnixNano);
  const byStart = (a, b) => (start(a) < start(b) ? -1 : 1);
  const lines = [];
  const add = (span, indent) => {
    const isLost = indent === '' && span.parentSpanId !== undefined;
    lines.push(`${indent}${describe(span)}${isLost ? ' (parent lost)' : ''}`);
    for (const child of spans.filter(({ parentSpanId }) => parentSpanId === span.spanId).sort(byStart)) {
      add(child, `${indent}  `);
    }
  };
  for (const span of [...spans].sort(byStart)) if (!ids.has(span.parentSpanId)) add(span, '');
  return lines;
}
