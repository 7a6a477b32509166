/**
 * From a list of spans to trees in order, for text and JSON. Spans may come from anywhere: a parent may be missing, two spans may have
 * the same id, and parents may form a circle. Nothing here recurses: a chain of spans may be as deep as memory allows.
 */
import * as path from 'node:path';
import { invalid } from '../../base/invalid';
import { describe, detailsOf, titleOf } from './describe';
import { resolveFormat, type FormatOptions, type ResolvedFormat } from './options';
import { sortForest, type SpanNode, type Trace } from './order';
import { isSpanLike, isSpanSource, SPANS, type SpanId, type SpanLike, type SpanSource } from './span-like';
import { compareText, createScrub } from './text';

/** Spans in any order; or a recorder, with its ended and open spans and its `format`. */
export type Spans = Iterable<SpanLike> | SpanSource;

export interface Forest {
  readonly nodes: readonly SpanNode[];
  readonly traces: readonly Trace[];
  nodeOf(id: SpanId): SpanNode | undefined;
}

type ParentId = SpanId & { readonly isRemote: boolean };

/** @throws TypeError if these are not spans, or the options are malformed */
export function toForest(input: Spans, options: FormatOptions): Forest {
  const source = isSpanSource(input) ? input[SPANS]() : { spans: toArray(input), options: {} };
  const format = resolveFormat({ ...source.options, ...options });
  const omitted = new Map<string, SpanLike>();
  const shown = source.spans.filter((span) => {
    if (!format.isOmitted(span)) return true;
    omitted.set(keyOf(span.spanContext()), span);
    return false;
  });
  const nodes = createNodes(shown, format);
  const byId = indexById(nodes);
  const nodeOf = (id: SpanId) => byId.get(keyOf(id));
  for (const node of nodes) findParent(node, visibleParentOf(node.span, omitted), nodeOf);
  const circles = cutCircles(nodes);
  const traces = sortForest(nodes, growTraces(nodes));

  numberSiblings(traces.flat());
  for (const { children } of nodes) numberSiblings(children);
  for (const [node, above] of circles) {
    above.isReferenced = true;
    node.problems.push(`circle: its parent is ${positionOf(above)}`);
  }
  for (const { to } of nodes.flatMap(({ described }) => described.links)) {
    const node = nodeOf(to);
    if (node !== undefined) node.isReferenced = true;
  }
  return { nodes, traces, nodeOf };
}

function numberSiblings(siblings: readonly SpanNode[]): void {
  siblings.forEach((node, index) => (node.number = index + 1));
}

/** The place of a span in the trees: `#2.1` is the first child of the second root. */
export function positionOf(node: SpanNode): string {
  const steps: number[] = [];
  for (let each: SpanNode | undefined = node; each !== undefined; each = each.parent) steps.push(each.number);
  return `#${steps.reverse().join('.')}`;
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
  const names = new Map<string, string>();
  const described = spans.map((span) => {
    const description = describe(span, format, scrub);
    names.set(keyOf(span.spanContext()), description.name);
    return { span, described: description };
  });
  return described.map(({ span, described }) => ({
    span,
    described,
    text: [titleOf(described, '', []), ...detailsOf(described, (link) => names.get(keyOf(link)) ?? '')].join('\n'),
    parent: undefined,
    children: [],
    number: 0,
    isReferenced: false,
    problems: [],
  }));
}

const keyOf = ({ traceId, spanId }: SpanId) => `${traceId}:${spanId}`;

const DUPLICATE = 'duplicate span id';

function indexById(nodes: readonly SpanNode[]): Map<string, SpanNode> {
  const byId = new Map<string, SpanNode>();
  for (const node of nodes) {
    const key = keyOf(node.span.spanContext());
    const known = byId.get(key);
    if (known === undefined) {
      byId.set(key, node);
      continue;
    }
    for (const each of [known, node]) {
      if (!each.problems.includes(DUPLICATE)) each.problems.push(DUPLICATE);
    }
    // Whichever of them was recorded first: the children go to the same one every time.
    if (compareText(node.text, known.text) < 0) byId.set(key, node);
  }
  return byId;
}

const NO_SPAN = '0000000000000000';

function parentIdOf(span: SpanLike): ParentId | undefined {
  const { parentSpanContext, parentSpanId } = span;
  const spanId = parentSpanContext?.spanId ?? parentSpanId;
  if (spanId === undefined || spanId === '' || spanId === NO_SPAN) return undefined;
  const traceId = parentSpanContext?.traceId ?? span.spanContext().traceId;
  return { traceId, spanId, isRemote: parentSpanContext?.isRemote === true };
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

function findParent(node: SpanNode, id: ParentId | undefined, nodeOf: Forest['nodeOf']): void {
  if (id === undefined) return;
  node.parent = nodeOf(id);
  if (node.parent === undefined) node.problems.push(id.isRemote ? 'remote parent' : 'parent not recorded');
}

/**
 * Cuts each circle of parents open, at the same span every time.
 *
 * @returns the spans that have no parent now, each with the one that it had
 */
function cutCircles(nodes: readonly SpanNode[]): Map<SpanNode, SpanNode> {
  const starts: SpanNode[] = [];
  const seenIn = new Map<SpanNode, number>();
  nodes.forEach((start, walk) => {
    let node: SpanNode | undefined = start;
    while (node !== undefined && !seenIn.has(node)) {
      seenIn.set(node, walk);
      node = node.parent;
    }
    if (node === undefined || seenIn.get(node) !== walk) return;
    let least = node;
    for (let each = node.parent as SpanNode; each !== node; each = each.parent as SpanNode) {
      if (compareText(each.text, least.text) < 0) least = each;
    }
    starts.push(least);
  });
  const circles = new Map(starts.map((node) => [node, node.parent as SpanNode]));
  for (const node of starts) node.parent = undefined;
  return circles;
}

function growTraces(nodes: readonly SpanNode[]): Trace[] {
  const traces = new Map<string, Trace>();
  for (const node of nodes) {
    if (node.parent !== undefined) {
      node.parent.children.push(node);
      continue;
    }
    const { traceId } = node.span.spanContext();
    const roots = traces.get(traceId) ?? [];
    roots.push(node);
    traces.set(traceId, roots);
  }
  return [...traces.values()];
}
