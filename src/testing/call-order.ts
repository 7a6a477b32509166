/**
 * Call order: where in the program a span was started, without a clock.
 *
 * For each asynchronous resource (a promise, a timer, a request), Node tells which resource was running when it was created. That makes a tree:
 * what a piece of the program starts is below it, numbered in the order of its start. An `await` is such a resource as well. It is created after the
 * calls before it, so everything that these calls do, at any time, has smaller numbers than what follows the `await`. Depth first, the
 * tree has the order in which the program would run if every call ended before the next one began. Four requests in a row have the
 * order of their calls, and so have twenty at the same time, whichever is answered first.
 *
 * The order of events from outside the program, such as connections to a server, is unknown: see `Branch`.
 */
import { createHook, executionAsyncId, executionAsyncResource, type AsyncHook } from 'node:async_hooks';
import { isObjectLike } from '../base/intrinsics';

/** A piece of the program that was running, or a moment in it. */
interface Point {
  readonly above: Point | undefined;
  /** Its number among what `above` has created. */
  readonly index: number;
  readonly depth: number;
  /** What it creates comes from outside the program, in no order. */
  readonly isUnordered: boolean;
  readonly epoch: number;
  created: number;
}

/** A choice without an order, on the way to a place. */
export interface Branch {
  readonly at: object;
  readonly taken: object;
  /** Whether each event at that place is such a choice; what a single event does has an order. */
  readonly isEvent: boolean;
}

export interface Place {
  /** Depth first: comparable with other places of the same `placesOf`. */
  readonly rank: number;
  readonly branches: readonly Branch[];
}

/** Resources whose callbacks are events from outside: a connection, a message, a signal. */
const FROM_OUTSIDE: ReadonlySet<string> = new Set([
  'FSEVENTWRAP',
  'MESSAGEPORT',
  'PIPESERVERWRAP',
  'PROCESSWRAP',
  'SIGNALWRAP',
  'STATWATCHER',
  'TCPSERVERWRAP',
  'UDPWRAP',
]);
/** The parser of a server's connection, from which request after request comes. A client has one for each request. */
function isServerConnection(type: string, resource: object): boolean {
  return type === 'HTTPINCOMINGMESSAGE' && 'socket' in resource;
}

/** A longer chain, such as a loop of as many turns, begins a new tree, so that the way up does not grow without limit. */
const MAX_DEPTH = 1_000_000;

/** Weak: a point lives as long as its resource. */
let points = new WeakMap<object, Point>();
const starts = new WeakMap<object, Point>();

/** The `outside` of this epoch and those of earlier ones. */
const everyOutside = new WeakSet<Point>();
let epoch = 0;
let root = createPoint(undefined, false);
let outside = createOutside();
/** What is running when this begins to listen, if Node has no resource for it. */
let beginning: Point | undefined;
let users = 0;
let hook: AsyncHook | undefined;

function createPoint(above: Point | undefined, isUnordered: boolean): Point {
  const index = above === undefined ? 0 : above.created++;
  return { above, index, depth: above === undefined ? 0 : above.depth + 1, isUnordered, epoch, created: 0 };
}

function createOutside(): Point {
  const point = createPoint(root, true);
  everyOutside.add(point);
  return point;
}

function current(): Point {
  // Node itself is running, for an event from outside.
  if (executionAsyncId() === 0) return beginning ?? outside;
  const resource: unknown = executionAsyncResource();
  if (!isObjectLike(resource)) return outside;
  const point = points.get(resource);
  if (point !== undefined && point.epoch === epoch && point.depth < MAX_DEPTH) return point;
  // It is older than this epoch: which of these continues first is chance.
  const renewed = createPoint(outside, point?.isUnordered === true);
  points.set(resource, renewed);
  return renewed;
}

/**
 * A part of an async function that was queued before this listened has no resource. From here to its next `await` it counts as
 * one; then Node knows.
 */
function beginHere(): void {
  if (executionAsyncId() !== 0) return;
  beginning = createPoint(root, false);
  void Promise.resolve().then(() => {
    beginning = undefined;
  });
}

/** An exception in it would end the process. */
function init(_id: number, type: string, _trigger: number, resource: unknown): void {
  if (!isObjectLike(resource)) return;
  points.set(resource, createPoint(current(), FROM_OUTSIDE.has(type) || isServerConnection(type, resource)));
}

/** What is known of the order in which a process starts spans. */
export const CallOrder = {
  /**
   * Begins to listen, which costs some microseconds for each promise.
   *
   * @returns a function that ends it
   */
  retain(): () => void {
    if (users++ === 0) {
      hook ??= createHook({ init });
      hook.enable();
      beginHere();
    }
    let released = false;
    return () => {
      if (released) return;
      released = true;
      if (--users > 0) return;
      hook?.disable();
      CallOrder.cut();
      points = new WeakMap();
    };
  },

  /** Begins a new epoch, unless others are listening: spans from before come before spans from after, and no other order is kept. */
  cut(): void {
    if (users > 1) return;
    epoch++;
    root = createPoint(undefined, false);
    outside = createOutside();
    if (beginning !== undefined) beginning = createPoint(root, false);
  },

  note(span: object): void {
    if (users > 0) starts.set(span, createPoint(current(), false));
  },

  placesOf(spans: readonly object[]): Map<object, Place> {
    const places = new Map<object, Place>();
    const spansAt = new Map<Point, object>();
    const below = new Map<Point, Point[]>();
    const roots = new Set<Point>();
    for (const span of spans) {
      let point = starts.get(span);
      if (point === undefined || spansAt.has(point)) continue;
      spansAt.set(point, span);
      for (; point.above !== undefined; point = point.above) {
        const siblings = below.get(point.above);
        if (siblings !== undefined) {
          siblings.push(point);
          break;
        }
        below.set(point.above, [point]);
      }
      if (point.above === undefined) roots.add(point);
    }
    let rank = 0;
    const stack: { point: Point; branches: readonly Branch[] }[] = [];
    const push = (siblings: Iterable<Point>, branchesOf: (point: Point) => readonly Branch[]) => {
      const sorted = [...siblings].sort((a, b) => b.epoch - a.epoch || b.index - a.index);
      for (const point of sorted) stack.push({ point, branches: branchesOf(point) });
    };
    push(roots, () => []);
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      const { point, branches } = next;
      const span = spansAt.get(point);
      if (span !== undefined) places.set(span, { rank: rank++, branches });
      const isEvent = !everyOutside.has(point);
      push(below.get(point) ?? [], (taken) =>
        point.isUnordered ? [...branches, { at: point, taken, isEvent }] : branches,
      );
    }
    return places;
  },
};
