import { quoteIfNeeded } from './escape';
import { Positions, referencedIn, toForest, type Spans } from './forest';
import type { LinkTarget } from './describe';
import type { FormatOptions } from './options';
import { detailsOf, linesOf } from './span-text';
import { keyOf, type Forest, type SpanNode } from './tree';

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
  const writer = new Writer(forest);
  return forest.traces.map((roots) => writer.write(roots).join('\n')).join('\n\n');
}

class Writer {
  private readonly positions: Positions;
  private readonly referenced: ReadonlySet<SpanNode>;

  constructor(private readonly forest: Forest) {
    this.positions = new Positions(forest);
    this.referenced = referencedIn(forest);
  }

  write(roots: readonly SpanNode[]): string[] {
    const lines: string[] = [];
    const stack = roots.map((node) => ({ node, depth: 0 })).reverse();
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      const { node, depth } = next;
      this.writeSpan(node, depth, lines);
      for (let index = node.children.length - 1; index >= 0; index--) {
        stack.push({ node: node.children[index] as SpanNode, depth: depth + 1 });
      }
    }
    return lines;
  }

  private writeSpan(node: SpanNode, depth: number, lines: string[]): void {
    const { described, problems, circleTo } = node;
    const indent = INDENT.repeat(Math.min(depth, MAX_INDENT));
    const level = depth > MAX_INDENT ? `(level ${depth + 1}) ` : '';
    const position = this.referenced.has(node) ? ` ${this.positions.of(node)}` : '';
    const circle = circleTo === undefined ? [] : [`circle: its parent is ${this.positions.of(circleTo)}`];
    lines.push(
      `${indent}- ${level}${quoteIfNeeded(described.name)}${position}${detailsOf(described, [...problems, ...circle])}`,
    );
    for (const line of linesOf(described, (link) => this.reference(link))) lines.push(indent + INDENT + line);
  }

  private reference(link: LinkTarget): string {
    const target = this.forest.byId.get(keyOf(link));
    return target === undefined ? 'a span that was not recorded' : this.positions.of(target);
  }
}
