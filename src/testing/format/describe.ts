/**
 * What is shown of one span, before it has a place in a tree: as data, and as lines of text.
 */
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import * as path from 'node:path';
import { ATTR_ITEM_COUNT, ATTR_OUTCOME } from '../../telemetry/attributes';
import type { RunOutcome } from '../../types';
import type { ResolvedFormat } from './options';
import { scopeOf, type SpanId, type SpanLike } from './span-like';
import { byKey, formatValue, quote, quoteIfNeeded, quoteKey, type Scrub } from './text';

export type Attributes = readonly (readonly [key: string, value: unknown])[];

export interface DescribedSpan {
  readonly name: string;
  /** Undefined for internal ones. */
  readonly kind: string | undefined;
  /** Undefined where it is unset. */
  readonly status: { readonly code: 'OK' | 'ERROR'; readonly message: string | undefined } | undefined;
  readonly isOpen: boolean;
  readonly outcome: RunOutcome | undefined;
  readonly itemCount: number | undefined;
  /** Numbers of what the SDK's limits have dropped. */
  readonly dropped: { readonly attribute: number; readonly event: number; readonly link: number };
  readonly attributes: Attributes;
  readonly events: readonly { readonly name: string; readonly attributes: Attributes }[];
  readonly links: readonly { readonly to: SpanId; readonly attributes: Attributes }[];
}

const OUTCOMES: ReadonlySet<unknown> = new Set<RunOutcome>([
  'completed',
  'failed',
  'returned',
  'aborted',
  'abandoned',
  'interrupted',
]);
/** Attributes that hold a path of the file system. Others look like one without being one: `url.path`, `http.route`. */
const FILE_PATHS = /^(?:code\.file\.?path|file\.(?:path|directory)|.*\.file\.path)$/;

export function describe(span: SpanLike, { isShown, redact }: ResolvedFormat, scrub: Scrub): DescribedSpan {
  /** @param prefix of their paths */
  const show = (attributes: object | undefined, prefix = ''): [key: string, value: unknown][] => {
    const shown: [string, unknown][] = [];
    for (const [key, value] of Object.entries(attributes ?? {})) {
      const path = prefix + key;
      if (value === undefined || !isShown(path, value, span)) continue;
      const redacted = redact(path, value, span);
      if (redacted !== undefined) shown.push([key, withoutAbsolutePath(key, scrubValue(redacted, scrub))]);
    }
    return shown.sort(byKey);
  };
  /** Of the resource and the scope, of which nothing is shown unless it is asked for. */
  const showWithPrefix = (attributes: object | undefined, prefix: string): Attributes =>
    show(attributes, prefix).map(([key, value]) => [prefix + key, value]);

  const text = (path: string, value: string): string => {
    const redacted = redact(path, value, span);
    return scrub(typeof redacted === 'string' ? redacted : value);
  };

  const own = show(span.attributes);
  // These two are shown beside the name, not among the attributes.
  const outcome = own.find(([key, value]) => key === ATTR_OUTCOME && OUTCOMES.has(value));
  const itemCount = own.find(([key, value]) => key === ATTR_ITEM_COUNT && typeof value === 'number');
  const { status } = span;
  const code = status && STATUS_CODES[status.code];
  const scope = scopeOf(span);
  return {
    name: text('span.name', span.name),
    kind: kindOf(span),
    status: code && {
      code,
      message: status.message === undefined ? undefined : text('span.status.message', status.message),
    },
    isOpen: span.ended === false,
    outcome: outcome?.[1] as RunOutcome | undefined,
    itemCount: itemCount?.[1] as number | undefined,
    dropped: {
      attribute: span.droppedAttributesCount ?? 0,
      event: span.droppedEventsCount ?? 0,
      link: span.droppedLinksCount ?? 0,
    },
    attributes: [
      ...own.filter((each) => each !== outcome && each !== itemCount),
      ...showWithPrefix(span.resource?.attributes, 'resource.'),
      ...showWithPrefix(scope && { name: scope.name, version: scope.version }, 'scope.'),
    ],
    events: (span.events ?? []).map(({ name, attributes }) => ({
      name: scrub(name),
      attributes: show(attributes, `events.${name}.`),
    })),
    links: (span.links ?? []).map(({ context, attributes }) => ({
      to: context,
      attributes: show(attributes, 'links.'),
    })),
  };
}

const STATUS_CODES: Readonly<Record<number, 'OK' | 'ERROR'>> = {
  [SpanStatusCode.OK]: 'OK',
  [SpanStatusCode.ERROR]: 'ERROR',
};

function kindOf({ kind }: SpanLike): string | undefined {
  if (kind === undefined || kind === SpanKind.INTERNAL) return undefined;
  return SpanKind[kind]?.toLowerCase() ?? `kind ${String(kind)}`;
}

/** Strings anywhere in a value of an attribute. */
function scrubValue(value: unknown, scrub: Scrub): unknown {
  if (typeof value === 'string') return scrub(value);
  if (!Array.isArray(value)) return value;
  return value.map((each: unknown) => (typeof each === 'string' ? scrub(each) : each));
}

/** A path that is still absolute is below another directory, and so of this machine. */
function withoutAbsolutePath(key: string, value: unknown): unknown {
  return typeof value === 'string' && FILE_PATHS.test(key) && path.isAbsolute(value) ? '<absolute path>' : value;
}

/** The first line: the name with what matters most. */
export function titleOf(described: DescribedSpan, position: string, problems: readonly string[]): string {
  const { name, isOpen, kind, status, outcome, itemCount, dropped } = described;
  const details = [
    isOpen ? 'OPEN' : undefined,
    kind,
    status && (status.message === undefined ? status.code : `${status.code} ${quote(status.message)}`),
    outcome,
    itemCount === undefined ? undefined : count(itemCount, 'item'),
    ...Object.entries(dropped).map(([what, number]) => (number > 0 ? `${count(number, what)} dropped` : undefined)),
    ...problems,
  ].filter((each) => each !== undefined);
  return quoteIfNeeded(name) + position + (details.length === 0 ? '' : ` [${details.join(', ')}]`);
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

/**
 * The lines below the first: attributes, events and links.
 *
 * @param nameOf what to call the span that a link leads to
 */
export function detailsOf({ attributes, events, links }: DescribedSpan, nameOf: (link: SpanId) => string): string[] {
  return [
    ...attributeLines(attributes),
    ...events.flatMap((event) => [`event ${quoteIfNeeded(event.name)}`, ...attributeLines(event.attributes, '  ')]),
    ...links.flatMap((link) => [`link to ${nameOf(link.to)}`, ...attributeLines(link.attributes, '  ')]),
  ];
}

function attributeLines(attributes: Attributes, indent = ''): string[] {
  return attributes.map(([key, value]) => `${indent}${quoteKey(key)}: ${formatValue(value)}`);
}
