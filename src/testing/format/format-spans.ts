import { detailsOf, titleOf } from './describe';
import { positionOf, toForest, type Forest, type Spans } from './forest';
import type { FormatOptions } from './options';
import type { Trace } from './order';
import { isSpanLike, isSpanSource } from './span-like';

/** The text of no spans at all. */
export const NO_SPANS = '(no spans)';

const INDENT = '  ';
/** Deeper levels say how deep they are, or the text of a chain of ten thousand spans would be a hundred megabytes of blanks. */
const MAX_INDENT = 40;

/**
 * Spans as a tree of text, the same in every run and on every machine: made to be kept in a file, and read in a diff.
 *
 * Left out by default are times, durations, ports, versions, ids, the resource, and other attributes that depend on the
 * machine; `options` bring them back, or leave more out. Siblings stand in the order in which the program called for them,
 * whichever was first; where that is not known, in the order of what is shown of them.
 *
 * @param spans spans in any order, or a recorder
 * @returns one line or more a span, a blank line between traces, `(no spans)` if there are none
 * @throws TypeError if these are no spans, or an option is malformed
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
  /** Gives its text. */
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
