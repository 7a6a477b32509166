/**
 * Spans, log records and metrics as plain data, which can be sent to another thread, and back into what exporters read.
 *
 * They are objects of the SDK's classes, with methods and getters, which the structured clone algorithm drops.
 */

/** What an exporter exports. */
export type Signal = 'traces' | 'logs' | 'metrics';

type Data = Readonly<Record<string, unknown>>;

interface TraceState {
  serialize(): string;
}

interface Resource {
  readonly asyncAttributesPending?: boolean;
  getRawAttributes?(): [string, unknown][];
}

/** A resource or an instrumentation scope is one object for many spans, and exporters group by its identity. */
type Shared = Map<unknown, unknown>;

const SPAN = [
  'name',
  'kind',
  'startTime',
  'endTime',
  'status',
  'attributes',
  'duration',
  'ended',
  'instrumentationScope',
  'droppedAttributesCount',
  'droppedEventsCount',
  'droppedLinksCount',
];

const LOG_RECORD = [
  'hrTime',
  'hrTimeObserved',
  'severityNumber',
  'severityText',
  'body',
  'eventName',
  'attributes',
  'instrumentationScope',
  'droppedAttributesCount',
];

/** What `export` was called with, as plain data. */
export function toTransferable(signal: Signal, items: unknown): unknown {
  const shared: Shared = new Map();
  switch (signal) {
    case 'traces':
      return (items as Data[]).map((span) => plainSpan(span, shared));
    case 'logs':
      return (items as Data[]).map((record) => ({
        ...pick(record, LOG_RECORD),
        spanContext: plainSpanContext(record.spanContext as Data | undefined),
        resource: plainResource(record.resource as Data, shared),
      }));
    case 'metrics': {
      const { resource, ...rest } = items as { resource: Data };
      return { ...rest, resource: plainResource(resource, shared) };
    }
  }
}

/** What the exporter in the other thread is called with. */
export function fromTransferable(signal: Signal, items: unknown): unknown {
  if (signal !== 'traces') return items;
  return (items as Data[]).map((span) => {
    const spanContext = revivedSpanContext(span.spanContext as Data);
    const links = (span.links as Data[]).map((link) => ({
      ...link,
      context: revivedSpanContext(link.context as Data),
    }));
    return { ...span, links, spanContext: () => spanContext };
  });
}

function plainSpan(span: Data, shared: Shared): Data {
  const links = span.links as Data[];
  const events = span.events as Data[];
  return {
    ...pick(span, SPAN),
    spanContext: plainSpanContext((span.spanContext as () => Data)()),
    parentSpanContext: plainSpanContext(span.parentSpanContext as Data | undefined),
    links: links.map((link) => ({ ...link, context: plainSpanContext(link.context as Data) })),
    events: events.map((event) => ({ ...event })),
    resource: plainResource(span.resource as Data, shared),
  };
}

function plainSpanContext(spanContext: Data | undefined): Data | undefined {
  if (spanContext === undefined) return undefined;
  const traceState = (spanContext.traceState as TraceState | undefined)?.serialize();
  return { ...spanContext, traceState };
}

function revivedSpanContext(spanContext: Data): Data {
  const traceState = spanContext.traceState as string | undefined;
  return { ...spanContext, traceState: traceState === undefined ? undefined : { serialize: () => traceState } };
}

function plainResource(resource: Data, shared: Shared): unknown {
  let plain = shared.get(resource);
  if (plain === undefined) {
    shared.set(resource, (plain = { attributes: settledAttributes(resource), schemaUrl: resource.schemaUrl }));
  }
  return plain;
}

/** What resource detectors have found by now: one that is still at work has a promise in the place of a value. */
function settledAttributes(resource: Data): unknown {
  const { asyncAttributesPending, getRawAttributes } = resource as unknown as Resource;
  if (!asyncAttributesPending || getRawAttributes === undefined) return resource.attributes;
  const entries = getRawAttributes
    .call(resource)
    .filter(([, value]) => typeof value !== 'object' || Array.isArray(value));
  // The first of several counts.
  return Object.fromEntries(entries.reverse());
}

/** Not a spread: they may be getters of the class. */
function pick(from: Data, keys: readonly string[]): Data {
  return Object.fromEntries(keys.map((key) => [key, from[key]]));
}
