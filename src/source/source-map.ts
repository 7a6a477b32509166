/** Source maps of transformed sources: where the columns are that insertions have moved. */
import type * as Codec from '@jridgewell/sourcemap-codec';
import type { TransformResult } from './transform';

/** The parts that matter here, of version 3. One with `sections` is of another shape. */
export interface SourceMap {
  readonly version: 3;
  readonly mappings: string;
  readonly sources: readonly (string | null)[];
  readonly sourceRoot?: string;
}

/** A place in a source that was compiled: line and column from 1. */
export interface Original {
  /** As the map has it. */
  readonly source: string;
  readonly line: number;
  readonly column: number;
}

type Insertions = TransformResult['insertions'];

/** Whether it is a map that can be corrected. */
export function isSourceMap(value: unknown): value is SourceMap {
  const { version, mappings, sources } = (value ?? {}) as Partial<SourceMap>;
  return version === 3 && typeof mappings === 'string' && Array.isArray(sources);
}

/** Decodes a map once, for both uses. */
export class Mappings {
  private readonly lines: Codec.SourceMapMappings;

  constructor(private readonly map: SourceMap) {
    this.lines = codec().decode(map.mappings);
  }

  /** Where the code at a place was written. Line and column from 1. */
  originalOf(line: number, column: number): Original | undefined {
    const segments = this.lines[line - 1] ?? [];
    const segment = segments.findLast(([generated]) => generated < column);
    const [, source, originalLine, originalColumn] = segment ?? [];
    const name = source === undefined ? undefined : this.map.sources[source];
    if (typeof name !== 'string' || originalLine === undefined || originalColumn === undefined) return undefined;
    return { source: name, line: originalLine + 1, column: originalColumn + 1 };
  }

  /** The mappings of the source with the insertions. */
  after(insertions: Insertions): string {
    const byLine = new Map<number, { column: number; length: number }[]>();
    for (const { line, column, length } of insertions) {
      const known = byLine.get(line);
      if (known === undefined) byLine.set(line, [{ column, length }]);
      else known.push({ column, length });
    }
    const lines = this.lines.map((segments, line) => {
      const inLine = byLine.get(line);
      if (inLine === undefined) return segments;
      const shifted = segments.map((segment) => shift(segment, inLine));
      // The line must still have a mapping at its start, for lookups from there.
      const [first] = segments;
      return first?.[0] === 0 && shifted[0]?.[0] !== 0 ? [first, ...shifted] : shifted;
    });
    return codec().encode(lines);
  }
}

/** The mappings of a source that is its own original, each character to itself, up to the end of its last line. */
export function mappingsOfItself(source: string): string {
  const lines = source.split(/\r\n?|[\n\u2028\u2029]/);
  // What follows the last line break is not a line, and for Node's coverage a place outside of the file.
  if (lines.at(-1) === '') lines.pop();
  return codec().encode(
    lines.map(({ length }, line) => Array.from({ length: length + 1 }, (_, column) => [column, 0, line, column])),
  );
}

function shift(segment: Codec.SourceMapSegment, insertions: readonly { column: number; length: number }[]) {
  const shifted = [...segment] as Codec.SourceMapSegment;
  for (const { column, length } of insertions) if (column <= segment[0]) shifted[0] += length;
  return shifted;
}

function codec(): typeof Codec {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- not before the first file that has a map
  return require('@jridgewell/sourcemap-codec') as typeof Codec;
}
