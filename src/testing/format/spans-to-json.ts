import type { RunOutcome } from '../../types';
import type { Attributes } from './describe';
import { positionOf, toForest, type Forest, type Spans } from './forest';
import type { FormatOptions } from './options';
import type { SpanNode } from './order';

/** A span as an object to assert on. Keys that say nothing are not there. */
export interface JsonSpan {
  name: string;
  /** Only of spans that have not ended. */
  open?: true;
  /** `client`, `server`, `producer`, `consumer`; not there for internal spans. */
  kind?: string;
  /** Not there where it is unset. */
  status?: { code: 'OK' | 'ERROR'; message?: string };
  /** Of a run: how it ended. */
  outcome?: RunOutcome;
  /** Of a run: the number of its items. */
  itemCount?: number;
  /** Sorted by key. */
  attributes?: Record<string, unknown>;
  events?: { name: string; attributes?: Record<string, unknown> }[];
  /** `to` is the position of a span, for example `#1.2`; not there if it was not recorded. */
  links?: { to?: string; attributes?: Record<string, unknown> }[];
  /** Its position, if another span names it. */
  position?: string;
  /** What is wrong: `parent not recorded`, `duplicate span id`, `circle: ...`. `remote parent` is among them, too. */
  problems?: string[];
  children?: JsonSpan[];
}

/**
 * The same as `formatSpans`, as objects: for tests that assert on parts.
 *
 * @returns for each trace its roots, of which there is one unless parents are missing
 * @example
 * const [[run]] = spansToJSON(recorder);
 * expect(run.children.map(({ name }) => name)).to.deep.equal(['GET', 'GET']);
 */
export function spansToJSON(spans: Spans, options: FormatOptions = {}): JsonSpan[][] {
  const forest = toForest(spans, options);
  const jsonOf = new Map(forest.nodes.map((node) => [node, toJson(node, forest)]));
  const ofAll = (nodes: readonly SpanNode[]) => nodes.map((node) => jsonOf.get(node) as JsonSpan);
  for (const [{ children }, json] of jsonOf) if (children.length > 0) json.children = ofAll(children);
  return forest.traces.map(ofAll);
}

/** All but the children. */
function toJson(node: SpanNode, { nodeOf }: Forest): JsonSpan {
  const { name, isOpen, kind, status, outcome, itemCount, attributes, events, links } = node.described;
  return {
    name,
    ...(isOpen && { open: true }),
    ...(kind !== undefined && { kind }),
    ...(status !== undefined && {
      status: { code: status.code, ...(status.message !== undefined && { message: status.message }) },
    }),
    ...(outcome !== undefined && { outcome }),
    ...(itemCount !== undefined && { itemCount }),
    ...toObject(attributes),
    ...(events.length > 0 && {
      events: events.map((event) => ({ name: event.name, ...toObject(event.attributes) })),
    }),
    ...(links.length > 0 && {
      links: links.map((link) => {
        const target = nodeOf(link.to);
        return { ...(target !== undefined && { to: positionOf(target) }), ...toObject(link.attributes) };
      }),
    }),
    ...(node.isReferenced && { position: positionOf(node) }),
    ...(node.problems.length > 0 && { problems: node.problems }),
  };
}

function toObject(attributes: Attributes): { attributes?: Record<string, unknown> } {
  // Not by assignment: `__proto__` is a key like any other.
  return attributes.length === 0 ? {} : { attributes: Object.fromEntries(attributes) };
}
