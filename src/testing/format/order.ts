/**
 * The order of siblings, without a clock:
 *
 * 1. Spans whose start the recorder has seen are in *call order* (../call-order.ts).
 * 2. Others (connections that reach a server, spans of another recorder) are in the order of what is shown of them, and then of their children.
 */
import { CallOrder, type Branch, type Place } from '../call-order';
import type { DescribedSpan } from './describe';
import type { SpanLike } from './span-like';
import { compareText } from './text';

export interface SpanNode {
  readonly span: SpanLike;
  readonly described: DescribedSpan;
  /** All that is shown of the span itself, for comparing it with others. */
  readonly text: string;
  parent: SpanNode | undefined;
  children: SpanNode[];
  /** Its place among its siblings, from 1. */
  number: number;
  /** Whether another span names it: in a link, or where a circle was cut open. */
  isReferenced: boolean;
  /** What is wrong with its place in the tree. */
  readonly problems: string[];
}

/** The roots of each trace; more than one where parents are missing. */
export type Trace = SpanNode[];

/** What is put in order: a span, or a whole trace. */
interface Item<T> {
  readonly value: T;
  readonly place: Place | undefined;
}

type Compare<T> = (a: T, b: T) => number;

/**
 * Sorts the children of every span.
 *
 * @returns the traces in order, each with its roots in order
 */
export function sortForest(nodes: readonly SpanNode[], traces: readonly Trace[]): Trace[] {
  const places = CallOrder.placesOf(nodes.map(({ span }) => span));
  const placeOf = (node: SpanNode) => places.get(node.span);
  const structure = new Structure();
  for (const level of byHeight(nodes)) {
    for (const node of level) {
      node.children = arrange(node.children, placeWithin(placeOf(node), placeOf), structure.compare);
    }
    structure.rank(level);
  }
  const sorted = traces.map((roots) => arrange(roots, placeOf, structure.compare));
  const firstPlaceOf = (roots: Trace) => roots.map(placeOf).reduce(earlier, undefined);
  return arrange(sorted, firstPlaceOf, (a, b) => compareAll(a, b, structure.compare));
}

/**
 * The requests that a server gets have no order, but what each of them does has one. Below a span that was started in a request,
 * the choice between requests is made already.
 */
function placeWithin(parent: Place | undefined, placeOf: (node: SpanNode) => Place | undefined): typeof placeOf {
  if (parent === undefined) return placeOf;
  const made = new Set(parent.branches.flatMap(({ at, isEvent }) => (isEvent ? [at] : [])));
  if (made.size === 0) return placeOf;
  return (node) => {
    const place = placeOf(node);
    return place && { rank: place.rank, branches: place.branches.filter(({ at }) => !made.has(at)) };
  };
}

/** Leaves first, then their parents, and so on: every span is in a later group than all of its children. */
function byHeight(nodes: readonly SpanNode[]): SpanNode[][] {
  const waiting = new Map<SpanNode, number>();
  for (const node of nodes) waiting.set(node, node.children.length);
  const levels: SpanNode[][] = [];
  let level = nodes.filter(({ children }) => children.length === 0);
  while (level.length > 0) {
    levels.push(level);
    const next: SpanNode[] = [];
    for (const { parent } of level) {
      if (parent === undefined) continue;
      const left = (waiting.get(parent) as number) - 1;
      waiting.set(parent, left);
      if (left === 0) next.push(parent);
    }
    level = next;
  }
  return levels;
}

/** Compares spans by what is shown of them and of all that is below, which it looks at once. */
class Structure {
  /** Equal numbers for equal trees. */
  private readonly ranks = new Map<SpanNode, number>();
  private next = 0;

  readonly compare: Compare<SpanNode> = (a, b) =>
    compareText(a.text, b.text) || compareAll(a.children, b.children, this.compareRanks);

  private readonly compareRanks: Compare<SpanNode> = (a, b) =>
    (this.ranks.get(a) as number) - (this.ranks.get(b) as number);

  /** @param level spans whose children have ranks, in order */
  rank(level: readonly SpanNode[]): void {
    const sorted = [...level].sort(this.compare);
    sorted.forEach((node, index) => {
      const previous = sorted[index - 1];
      if (previous === undefined || this.compare(previous, node) !== 0) this.next++;
      this.ranks.set(node, this.next);
    });
  }
}

function compareAll<T>(a: readonly T[], b: readonly T[], compare: Compare<T>): number {
  for (let index = 0; index < a.length && index < b.length; index++) {
    const order = compare(a[index] as T, b[index] as T);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function earlier(a: Place | undefined, b: Place | undefined): Place | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a.rank <= b.rank ? a : b;
}

function arrange<T>(values: readonly T[], placeOf: (value: T) => Place | undefined, compare: Compare<T>): T[] {
  if (values.length < 2) return [...values];
  const items = values.map((value): Item<T> => ({ value, place: placeOf(value) }));
  const placed = items.filter(({ place }) => place !== undefined).sort((a, b) => rankOf(a) - rankOf(b));
  const unplaced = items.filter(({ place }) => place === undefined).sort((a, b) => compare(a.value, b.value));
  return [...arrangePlaced(placed, 0, compare), ...unplaced].map(({ value }) => value);
}

const rankOf = ({ place }: Item<unknown>) => (place as Place).rank;

/**
 * @param items by rank
 * @param level how many branches without an order lead to all of them
 */
function arrangePlaced<T>(items: readonly Item<T>[], level: number, compare: Compare<T>): Item<T>[] {
  const result: Item<T>[] = [];
  for (const [branch, group] of groupBy(items, (item) => branchAt(item, level)?.at)) {
    if (branch === undefined) {
      result.push(...group);
      continue;
    }
    const sequences = sequencesOf(group, level, compare);
    sequences.sort((a, b) => compareAll(a, b, (one, other) => compare(one.value, other.value)));
    result.push(...sequences.flat());
  }
  return result;
}

/**
 * What came of each branch, in its own order. Branches without an order that follow each other count as one: requests come in over
 * connections, and which connection carries which request is as much chance as which is first.
 */
function sequencesOf<T>(items: readonly Item<T>[], level: number, compare: Compare<T>): Item<T>[][] {
  return groupBy(items, (item) => branchAt(item, level)?.taken).flatMap(([, taken]) => {
    const further = groupBy(taken, (item) => branchAt(item, level + 1)?.at);
    return further.length === 1 && further[0]?.[0] !== undefined
      ? sequencesOf(taken, level + 1, compare)
      : [arrangePlaced(taken, level + 1, compare)];
  });
}

const branchAt = ({ place }: Item<unknown>, level: number): Branch | undefined => (place as Place).branches[level];

/** Neighbours with the same key, which are all with that key: ranks go depth first. */
function groupBy<T>(items: readonly T[], keyOf: (item: T) => unknown): [key: unknown, items: T[]][] {
  const groups: [unknown, T[]][] = [];
  for (const item of items) {
    const key = keyOf(item);
    const last = groups[groups.length - 1];
    if (last !== undefined && last[0] === key) last[1].push(item);
    else groups.push([key, [item]]);
  }
  return groups;
}
