/** Finds the source map of a file, and puts a corrected one in its place. */
import { readFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Definition } from '../source/places';
import { isSourceMap, Mappings, mappingsOfItself, type SourceMap } from '../source/source-map';
import type { TransformResult } from '../source/transform';

export interface Place {
  /** Absolute path, or a URL of another kind. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export interface Mapped {
  readonly code: string;
  /** Where each definition was written before a compiler came. Undefined for what the map does not know. */
  readonly places: readonly (Place | undefined)[];
}

/** As Node looks for it: the last one counts. */
const COMMENT = /\/[*/]#\s+sourceMappingURL=([^\s]+)/g;
const DATA = /^data:application\/json[^,]*?(;base64)?,/;

interface Found {
  readonly map: SourceMap;
  /** What leads to it: where that starts in the code, and how long it is. */
  readonly start: number;
  readonly length: number;
}

/**
 * @param file absolute path
 * @returns undefined if the file has no map, or none that can be read
 */
export function correctSourceMap(file: string, { code, definitions, insertions }: TransformResult): Mapped | undefined {
  return withMap(file, code, ({ map, start, length }) => {
    const mappings = new Mappings(map);
    const corrected = toDataUrl({ ...map, mappings: mappings.after(insertions) });
    return {
      code: code.slice(0, start) + corrected + code.slice(start + length),
      places: placesOf(definitions, mappings),
    };
  });
}

/** What loaders compile in memory: a place in the result can't be looked at. */
const COMPILED = /\.(?:[cm]?ts|[jt]sx)$/;

/**
 * Where the definitions of a file were written that a loader has just compiled, and which says so, as ts-node does, whether Node runs with
 * source maps or not.
 */
export function placesBeforeLoader(file: string, { code, definitions }: TransformResult): Mapped['places'] | undefined {
  if (!COMPILED.test(file)) return undefined;
  return withMap(file, code, ({ map }) => placesOf(definitions, new Mappings(map)));
}

/** Whether a text is not that of the file, but what was made of it: its source map says so. */
export function isCompiledFrom(file: string, text: string): boolean {
  const { href } = pathToFileURL(file);
  return withMap(file, text, ({ map }) => map.sources.includes(href)) === true;
}

function placesOf(definitions: readonly Definition[], mappings: Mappings): Mapped['places'] {
  return definitions.map(({ line, column }) => {
    const original = mappings.originalOf(line, column);
    return original && { ...original, file: pathOf(original.source) };
  });
}

function withMap<Result>(file: string, code: string, use: (found: Found) => Result): Result | undefined {
  const comment = [...code.matchAll(COMMENT)].at(-1);
  const url = comment?.[1];
  if (comment === undefined || url === undefined) return undefined;
  try {
    const map = readMap(url, pathToFileURL(file));
    const { length } = url;
    return map && use({ map, start: comment.index + comment[0].length - length, length });
  } catch {
    // Node can't read it either, or the file is not there.
    return undefined;
  }
}

/**
 * A map of the result to the file itself, for coverage, which counts characters and reads the file.
 *
 * @param text what is in the file
 */
export function mapToItself(file: string, text: string, { code, insertions }: TransformResult): string {
  const sources = [pathToFileURL(file).href];
  const map: SourceMap = { version: 3, sources, mappings: mappingsOfItself(text) };
  return `${code}\n//# sourceMappingURL=${toDataUrl({ ...map, mappings: new Mappings(map).after(insertions) })}`;
}

const toDataUrl = (map: SourceMap) =>
  `data:application/json;base64,${Buffer.from(JSON.stringify(map)).toString('base64')}`;

/** With the URLs of its sources in full: from now on it is elsewhere. */
function readMap(url: string, file: URL): SourceMap | undefined {
  const data = DATA.exec(url);
  const base = data === null ? new URL(url, file) : file;
  const text =
    data === null
      ? readFileSync(base, 'utf8')
      : data[1] === undefined
        ? decodeURIComponent(url.slice(data[0].length))
        : Buffer.from(url.slice(data[0].length), 'base64').toString();
  const map: unknown = JSON.parse(text);
  if (!isSourceMap(map)) return undefined;
  const { sourceRoot = '', ...rest } = map;
  const root = sourceRoot === '' ? base : new URL(sourceRoot.replace(/\/?$/, '/'), base);
  return { ...rest, sources: map.sources.map((source) => (source === null ? null : new URL(source, root).href)) };
}

function pathOf(url: string): string {
  return url.startsWith('file:') ? fileURLToPath(url) : url;
}
