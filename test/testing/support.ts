import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import type { SpanLike } from '../../src/testing';

export const TRACE = 'a'.repeat(32);

/** An id from a small number. */
export const idOf = (number: number) => number.toString(16).padStart(16, '0');

interface Fields extends Partial<Omit<SpanLike, 'spanContext'>> {
  traceId?: string;
  id?: number;
  parent?: number;
}

/** A span of no SDK: the shape alone. */
export function fakeSpan({ traceId = TRACE, id = 1, parent, ...fields }: Fields): SpanLike {
  return {
    name: `span ${id}`,
    kind: SpanKind.INTERNAL,
    spanContext: () => ({ traceId, spanId: idOf(id), traceFlags: 1 }),
    parentSpanContext: parent === undefined ? undefined : { traceId, spanId: idOf(parent) },
    status: { code: SpanStatusCode.UNSET },
    attributes: {},
    events: [],
    links: [],
    ended: true,
    ...fields,
  };
}

/** A mixed order, the same every time. */
export function shuffle<T>(items: readonly T[]): T[] {
  return items
    .map((item, index) => ({ item, key: (index * 7919 + 13) % 104729 }))
    .sort((a, b) => (a.key % 101) - (b.key % 101) || a.key - b.key)
    .map(({ item }) => item);
}

/** Lines as a tree would have them, whatever the indentation in the test. */
export function lines(text: string): string {
  const all = text.replace(/^\n/, '').replace(/\n *$/, '').split('\n');
  const indent = Math.min(...all.filter((line) => line.trim() !== '').map((line) => line.search(/\S/)));
  return all.map((line) => line.slice(indent)).join('\n');
}
