import type { RunOutcome } from '../../types';
import type { Attributes } from './describe';
import { Positions, referencedIn, toForest, type Spans } from './forest';
import type { FormatOptions } from './options';
import { keyOf, type SpanNode } from './tree';

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
  /** What is wrong: `parent not recorded`, `duplicate span id`, `circle: ...`. `remote parent` is said here, too. */
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
  const positions = new Positions(forest);
  const referenced = referencedIn(forest);

  const toJson = (
    { described, problems, circleTo }: SpanNode,
    isReferenced: boolean,
    position: () => string,
  ): JsonSpan => {
    const { name, isOpen, kind, status, outcome, itemCount, attributes, events, links } = described;
    const allProblems =
      circleTo === undefined ? problems : [...problems, `circle: its parent is ${positions.of(circleTo)}`];
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
          const target = forest.byId.get(keyOf(link.to));
          return { ...(target !== undefined && { to: positions.of(target) }), ...toObject(link.attributes) };
        }),
      }),
      ...(isReferenced && { position: position() }),
      ...(allProblems.length > 0 && { problems: [...allProblems] }),
    };
  };

  return forest.traces.map((roots) => {
    const result: JsonSpan[] = [];
    const stack = roots.map((node) => ({ node, into: result })).reverse();
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      const { node, into } = next;
      const json = toJson(node, referenced.has(node), () => positions.of(node));
      into.push(json);
      if (node.children.length === 0) continue;
      const children: JsonSpan[] = (json.children = []);
      for (let index = node.children.length - 1; index >= 0; index--) {
        stack.push({ node: node.children[index] as SpanNode, into: children });
      }
    }
    return result;
  });
}

function toObject(attributes: Attributes): { attributes?: Record<string, unknown> } {
  // Not by assignment: `__proto__` is a key like any other.
  return attributes.length === 0 ? {} : { attributes: Object.fromEntries(attributes) };
}
