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
 * Formats spans as a tree of text that is the same in every run and on every machine.
 *
 * It leaves out times, durations, ports, versions, ids, the resource, and other attributes that depend on the machine.
 * `options` can include some of these, or leave out more. Siblings are in the order of the calls that started them. Where this
 * order is not known, they are sorted by what is shown of them.
 *
 * @param spans spans in any order, or a recorder
 * @returns one or more lines for each span, with a blank line between traces; `(no spans)` if there are none
 * @throws TypeError if a value is not a span, or an option is malformed
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
 * A `spanSerializer` with options. An option that is given here replaces the same option of a recorder's `format`.
 *
 * The serializer throws a TypeError if an option is malformed.
 *
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

/** A span as an object for assertions. Keys without a value are absent. */
export interface JsonSpan {
  name: string;
  /** Present if the span has not ended. */
  open?: true;
  /** `client`, `server`, `producer` or `consumer`. Absent for internal spans. */
  kind?: string;
  /** Absent if it is unset. */
  status?: { code: 'OK' | 'ERROR'; message?: string };
  /** How a run ended. */
  outcome?: RunOutcome;
  /** The number of items of a run. */
  itemCount?: number;
  /** Sorted by key. */
  attributes?: Record<string, unknown>;
  events?: { name: string; attributes?: Record<string, unknown> }[];
  /** `to` is the position of the other span, such as `#1.2`. Absent if that was not recorded. */
  links?: { to?: string; attributes?: Record<string, unknown> }[];
  /** The span's position, if another span refers to it. */
  position?: string;
  /** What is wrong: `parent not recorded`, `remote parent`, `duplicate span id`, `circle: ...`. */
  problems?: string[];
  children?: JsonSpan[];
}

/**
 * The content of `formatSpans` as objects, for tests that check parts of it.
 *
 * @returns an array of roots for each trace; a trace has one root unless parents are missing
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
