import { formatSpans } from '../format/format-spans';
import type { FormatOptions } from '../format/options';
import { isSpanLike, isSpanSource } from '../format/span-like';
import type { Spans } from '../format/forest';

/** A serializer for the snapshots of Vitest and Jest. */
export interface SpanSerializer {
  test(value: unknown): boolean;
  serialize(value: unknown, config: unknown, indentation: string): string;
}

/**
 * A serializer with options of its own, for arrays of spans; a recorder has its own `format`, which these add to.
 *
 * @throws TypeError if an option is malformed, when the first value is serialized
 */
export function createSpanSerializer(options: FormatOptions = {}): SpanSerializer {
  return {
    test: isSpans,
    serialize: (value, _config, indentation) =>
      formatSpans(toSpans(value), options).replace(/\n(?=.)/g, `\n${indentation}`),
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

function isSpans(value: unknown): boolean {
  return (
    isSpanSource(value) || isSpanLike(value) || (Array.isArray(value) && value.length > 0 && value.every(isSpanLike))
  );
}

function toSpans(value: unknown): Spans {
  return isSpanLike(value) ? [value] : (value as Spans);
}
