/**
 * The two forms of spans: text and objects.
 */
import type { RunOutcome } from '../../types';
import { detailsOf, titleOf, type Attributes } from './describe';
import { positionOf, toForest, type Forest, type Spans } from './forest';
import type { FormatOptions } from './options';
import type { SpanNode, Trace } from './order';
import { isSpanLike, isSpanSource } from './span-like';

export const NO_SPANS = '(no spans)';

const INDENT = '  ';
/** Deeper levels say how deep they are, or the text of a chain of ten thousand spans would be a hundred megabytes of blanks. */
const MAX_INDENT = 40;

/**
 * Spans as a tree of text, the same in every run and on every machine: made to be kept in a file, and read in a diff.
 *
 * Left out by default are times, durations, ports, versions, ids, the resource, and other attributes that depend on the
 * machine; `options` bring them back, or leave more out. Siblings are in the order in which the program called for them,
 * whichever was first; where that is not known, in the order of what is shown of them.
 *
 * @param spans spans in any order, or a recorder
 * @returns one line or more a span, a blank line between traces, `(no spans)` if there are none
 * @throws TypeError if these are not spans, or an option is malformed
 * @example
 * formatSpans(recorder);
 * // - readOrders [completed, 6 items]
 * //   async_generator.module.name: "./orders.js"
 * //   - GET [client]
 * //     http.request.method: "GET"
 */
export function formatSpans(spans: Spans, options: FormatOptions = {}): string {
  const forest = toForest(spans, options);
  if (forest.nodes.length === 0) return NO_SPANS;
  return forest.traces.map((roots) => linesOf(roots, forest).join('\n')).join('\n\n');
}

function linesOf(roots: Trace, { nodeOf }: Forest): string[] {
  const lines: string[] = [];
  const stack = roots.map((node) => ({ node, depth: 0 })).reverse();
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const { node, depth } = next;
    const indent = INDENT.repeat(Math.min(depth, MAX_INDENT));
    const level = depth > MAX_INDENT ? `(level ${depth + 1}) ` : '';
    const position = node.isReferenced ? ` ${positionOf(node)}` : '';
    lines.push(`${indent}- ${level}${titleOf(node.described, position, node.problems)}`);
    const details = detailsOf(node.described, (link) => {
      const target = nodeOf(link);
      return target === undefined ? 'a span that was not recorded' : positionOf(target);
    });
    for (const line of details) lines.push(indent + INDENT + line);
    for (const child of [...node.children].reverse()) stack.push({ node: child, depth: depth + 1 });
  }
  return lines;
}

/** A serializer for the snapshots of Vitest and Jest. */
export interface SpanSerializer {
  /** Whether a value is a recorder, a span, or an array of spans. */
  test(value: unknown): boolean;
  serialize(value: unknown, config: unknown, indentation: string): string;
}

/**
 * A serializer with options of its own, for arrays of spans; a recorder has its own `format`, which these add to.
 *
 * @throws TypeError if an option is malformed, when the first value is serialized
 * @example
 * expect.addSnapshotSerializer(createSpanSerializer({ exclude: ['http.*'] }));
 */
export function createSpanSerializer(options: FormatOptions = {}): SpanSerializer {
  return {
    test: (value) =>
      isSpanSource(value) || isSpanLike(value) || (Array.isArray(value) && value.length > 0 && value.every(isSpanLike)),
    serialize: (value, _config, indentation) =>
      formatSpans(isSpanLike(value) ? [value] : (value as Spans), options).replace(/\n(?=.)/g, `\n${indentation}`),
  };
}

/**
 * Makes `toMatchSnapshot` and `toMatchInlineSnapshot` of Vitest and Jest show recorders, spans, and arrays of spans as text.
 *
 * @example
 * expect.addSnapshotSerializer(spanSerializer);
 * await recorder.settled();
 * expect(recorder).toMatchSnapshot();
 */
export const spanSerializer: SpanSerializer = createSpanSerializer();

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
  /** What is wrong: `parent not recorded`, `remote parent`, `duplicate span id`, `circle: ...`. */
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
