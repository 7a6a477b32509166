/**
 * Puts spans below their parents. Spans may come from anywhere: a parent may be missing, two spans may have one id, and
 * parents may go round in a circle. Nothing here recurses: a chain of spans may be as deep as memory allows.
 */
import { compareText } from './value';
import type { DescribedSpan } from './describe';
import type { SpanLike } from './span-like';

export interface SpanNode {
  readonly span: SpanLike;
  readonly described: DescribedSpan;
  /** All that is shown of the span itself, for comparing it with others. */
  readonly text: string;
  parent: SpanNode | undefined;
  children: SpanNode[];
  /** What is wrong with its place in the tree. */
  readonly problems: string[];
  /** In a circle of parents, the one above: a reference in place of a parent. */
  circleTo: SpanNode | undefined;
}

/** The roots of each trace; more than one where parents are missing. */
export type Trace = SpanNode[];

export interface ParentId {
  readonly traceId: string;
  readonly spanId: string;
  readonly isRemote: boolean;
}

const NO_SPAN = '0000000000000000';

export function parentIdOf(span: SpanLike): ParentId | undefined {
  const { parentSpanContext, parentSpanId } = span;
  const spanId = parentSpanContext?.spanId ?? parentSpanId;
  if (spanId === undefined || spanId === '' || spanId === NO_SPAN) return undefined;
  const traceId = parentSpanContext?.traceId ?? span.spanContext().traceId;
  return { traceId, spanId, isRemote: parentSpanContext?.isRemote === true };
}

export function keyOf({ traceId, spanId }: { readonly traceId: string; readonly spanId: string }): string {
  return `${traceId}:${spanId}`;
}

export interface Forest {
  readonly nodes: readonly SpanNode[];
  readonly traces: Trace[];
  /** By id of trace and span. */
  readonly byId: ReadonlyMap<string, SpanNode>;
}

/**
 * @param parentOf gives the id of the parent: not of one that is left out
 */
export function growForest(nodes: readonly SpanNode[], parentOf: (span: SpanLike) => ParentId | undefined): Forest {
  const byId = indexById(nodes);
  for (const node of nodes) {
    const id = parentOf(node.span);
    if (id === undefined) continue;
    node.parent = byId.get(keyOf(id));
    if (node.parent === undefined) node.problems.push(id.isRemote ? 'remote parent' : 'parent not recorded');
  }
  for (const node of circleStarts(nodes)) {
    node.circleTo = node.parent;
    node.parent = undefined;
  }
  const traces = new Map<string, Trace>();
  for (const node of nodes) {
    if (node.parent !== undefined) {
      node.parent.children.push(node);
      continue;
    }
    const { traceId } = node.span.spanContext();
    const roots = traces.get(traceId);
    if (roots === undefined) traces.set(traceId, [node]);
    else roots.push(node);
  }
  return { nodes, traces: [...traces.values()], byId };
}

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

const DUPLICATE = 'duplicate span id';

/** Of each circle of parents one span, at which it is cut open: the same one every time. */
function circleStarts(nodes: readonly SpanNode[]): SpanNode[] {
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
  return starts;
}
