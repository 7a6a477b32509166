/**
 * From a list of spans to trees in order: what the text and the JSON form have in common.
 */
import * as path from 'node:path';
import { invalid } from '../../base/invalid';
import { describe, type DescribedSpan } from './describe';
import { resolveFormat, type FormatOptions, type ResolvedFormat } from './options';
import { sortForest } from './order';
import { createScrub } from './scrub';
import { isSpanLike, isSpanSource, SPANS, type SpanLike, type SpanSource } from './span-like';
import { textOf } from './span-text';
import { growForest, keyOf, parentIdOf, type Forest, type ParentId, type SpanNode } from './tree';

/** Spans, in any order, or a recorder: then those that are open are among them, and its options are the default. */
export type Spans = Iterable<SpanLike> | SpanSource;

/** @throws TypeError if these are no spans, or the options are malformed */
export function toForest(input: Spans, options: FormatOptions): Forest {
  const source = isSpanSource(input) ? input[SPANS]() : { spans: toArray(input), options: {} };
  const format = resolveFormat({ ...source.options, ...options });
  const omitted = new Map<string, SpanLike>();
  const shown = source.spans.filter((span) => {
    if (!format.isOmitted(span)) return true;
    omitted.set(keyOf(span.spanContext()), span);
    return false;
  });
  const forest = growForest(createNodes(shown, format), (span) => visibleParentOf(span, omitted));
  sortForest(forest);
  return forest;
}

function toArray(input: unknown): SpanLike[] {
  const isIterable = typeof (input as Partial<Iterable<unknown>> | undefined)?.[Symbol.iterator] === 'function';
  if (!isIterable || typeof input === 'string') throw invalid('spans', input, 'an array of spans, or a SpanRecorder');
  return [...(input as Iterable<unknown>)].map((span, index) => {
    if (isSpanLike(span)) return span;
    throw invalid(`spans[${index}]`, span, "a span as OpenTelemetry's SDK exports it (ReadableSpan)");
  });
}

function createNodes(spans: readonly SpanLike[], format: ResolvedFormat): SpanNode[] {
  const ids = new Map<string, string>();
  for (const span of spans) {
    const { traceId, spanId } = span.spanContext();
    ids.set(traceId, '<trace id>').set(spanId, '<span id>');
  }
  const scrub = createScrub(path.resolve(format.baseDir), ids);
  const describedById = new Map<string, DescribedSpan>();
  const described = spans.map((span) => {
    const description = describe(span, format, scrub);
    describedById.set(keyOf(span.spanContext()), description);
    return { span, described: description };
  });
  return described.map((each) => ({
    ...each,
    text: textOf(each.described, (link) => describedById.get(keyOf(link))?.name ?? ''),
    parent: undefined,
    children: [],
    problems: [],
    circleTo: undefined,
  }));
}

/** The nearest span above that is shown. */
function visibleParentOf(span: SpanLike, omitted: ReadonlyMap<string, SpanLike>): ParentId | undefined {
  let id = parentIdOf(span);
  const seen = new Set<SpanLike>();
  for (let above = id && omitted.get(keyOf(id)); above !== undefined && !seen.has(above);) {
    seen.add(above);
    id = parentIdOf(above);
    above = id && omitted.get(keyOf(id));
  }
  return id;
}

/** The place of a span in the trees, from 1: `#2.1` is the first child of the second root. */
export class Positions {
  /** Among the siblings, from 1. */
  private readonly numbers = new Map<SpanNode, number>();

  constructor({ nodes, traces }: Forest) {
    this.number(traces.flat());
    for (const { children } of nodes) this.number(children);
  }

  private number(siblings: readonly SpanNode[]): void {
    siblings.forEach((node, index) => this.numbers.set(node, index + 1));
  }

  of(node: SpanNode): string {
    const steps: (number | undefined)[] = [];
    for (let each: SpanNode | undefined = node; each !== undefined; each = each.parent) {
      steps.push(this.numbers.get(each));
    }
    return `#${steps.reverse().join('.')}`;
  }
}

/** The spans that others name: in links, and where a circle was cut open. */
export function referencedIn({ nodes, byId }: Forest): Set<SpanNode> {
  const referenced = new Set<SpanNode>();
  for (const { described, circleTo } of nodes) {
    if (circleTo !== undefined) referenced.add(circleTo);
    for (const { to } of described.links) {
      const target = byId.get(keyOf(to));
      if (target !== undefined) referenced.add(target);
    }
  }
  return referenced;
}
