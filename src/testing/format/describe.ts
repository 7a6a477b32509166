/**
 * What is shown of one span, before it has a place in a tree.
 */
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import * as path from 'node:path';
import { ATTR_ITEM_COUNT, ATTR_OUTCOME } from '../../telemetry/attributes';
import type { RunOutcome } from '../../types';
import type { ResolvedFormat } from './options';
import { scrubValue, type Scrub } from './scrub';
import type { SpanLike } from './span-like';
import { byKey } from './value';

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
  readonly dropped: { readonly attributes: number; readonly events: number; readonly links: number };
  readonly attributes: Attributes;
  readonly events: readonly { readonly name: string; readonly attributes: Attributes }[];
  readonly links: readonly { readonly to: LinkTarget; readonly attributes: Attributes }[];
}

export interface LinkTarget {
  readonly traceId: string;
  readonly spanId: string;
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

export function describe(span: SpanLike, format: ResolvedFormat, scrub: Scrub): DescribedSpan {
  const { isShown, redact } = format;

  const show = (attributes: object | undefined, prefix: string): Attributes => {
    const shown: [string, unknown][] = [];
    for (const [key, value] of Object.entries(attributes ?? {})) {
      const path = prefix + key;
      if (value === undefined || !isShown(path, value, span)) continue;
      const redacted = redact(path, value, span);
      if (redacted !== undefined) shown.push([key, withoutPaths(key, scrubValue(redacted, scrub))]);
    }
    return shown.sort(byKey);
  };

  const text = (path: string, value: string): string => {
    const redacted = redact(path, value, span);
    return scrub(typeof redacted === 'string' ? redacted : value);
  };

  const { attributes, outcome, itemCount } = takeRun(show(span.attributes, ''));
  const { status } = span;
  return {
    name: text('span.name', span.name),
    kind: kindOf(span),
    status:
      status === undefined || (status.code !== SpanStatusCode.OK && status.code !== SpanStatusCode.ERROR)
        ? undefined
        : {
            code: status.code === SpanStatusCode.OK ? 'OK' : 'ERROR',
            message: status.message === undefined ? undefined : text('span.status.message', status.message),
          },
    isOpen: span.ended === false,
    outcome,
    itemCount,
    dropped: {
      attributes: span.droppedAttributesCount ?? 0,
      events: span.droppedEventsCount ?? 0,
      links: span.droppedLinksCount ?? 0,
    },
    attributes: [...attributes, ...ofProvider(span, show)],
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

/** Outcome and number of items stand beside the name, not among the attributes. */
function takeRun(attributes: Attributes): {
  attributes: Attributes;
  outcome: RunOutcome | undefined;
  itemCount: number | undefined;
} {
  let outcome: RunOutcome | undefined;
  let itemCount: number | undefined;
  const others = attributes.filter(([key, value]) => {
    if (key === ATTR_OUTCOME && OUTCOMES.has(value)) {
      outcome = value as RunOutcome;
      return false;
    }
    if (key === ATTR_ITEM_COUNT && typeof value === 'number') {
      itemCount = value;
      return false;
    }
    return true;
  });
  return { attributes: others, outcome, itemCount };
}

/** Resource and scope, of which nothing is shown unless it is asked for. */
function ofProvider(span: SpanLike, show: (attributes: object | undefined, prefix: string) => Attributes): Attributes {
  const withPrefix = (prefix: string, attributes: Attributes): Attributes =>
    attributes.map(([key, value]) => [prefix + key, value]);
  const scope = span.instrumentationScope ?? span.instrumentationLibrary;
  return [
    ...withPrefix('resource.', show(span.resource?.attributes, 'resource.')),
    ...withPrefix('scope.', show(scope && { name: scope.name, version: scope.version }, 'scope.')),
  ];
}

function kindOf({ kind }: SpanLike): string | undefined {
  if (kind === undefined || kind === SpanKind.INTERNAL) return undefined;
  return SpanKind[kind]?.toLowerCase() ?? `kind ${String(kind)}`;
}

/** What is still absolute, below another directory, is of this machine. */
function withoutPaths(key: string, value: unknown): unknown {
  return typeof value === 'string' && FILE_PATHS.test(key) && path.isAbsolute(value) ? '<absolute path>' : value;
}
