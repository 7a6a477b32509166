/** Puts the calls of the registrar into the sources that targets mean: one algorithm for all loaders. Runs in the loader thread as well. */
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import * as vm from 'node:vm';
import type { Definition } from '../source/places';
import { asNodeDoes, type SourceType } from '../source/parse';
import { transform, type TransformResult } from '../source/transform';
import { mayHoldLoweredGenerators } from '../source/text';
import type { SourceTarget } from '../targets/source-target';
import { toText } from './facade';
import { correctSourceMap, isCompiledFrom, mapToItself, placesBeforeLoader, type Place } from './source-maps';
import { canStripTypes, isTypeScriptFile, stripTypes } from './written';

/** A file that was looked at as source. Plain data: the loader thread sends it. */
export interface SourceFile {
  /** What the calls in it name it by. */
  readonly number: number;
  /** Absolute path. */
  readonly file: string;
  readonly format: 'commonjs' | 'module';
  /** All that there is in it; empty if its text already shows that there is nothing for a target. */
  readonly definitions: readonly Definition[];
  /** Indexes of the definitions that tell of their functions. */
  readonly selected: readonly number[];
  /** Where the definitions were written, where the file has a source map. */
  readonly places?: readonly (Place | undefined)[] | undefined;
  /** Why the file runs as it is. */
  readonly failure: string | undefined;
  /** Whether a compiler may have made plain functions of its generators. */
  readonly mayBeLowered: boolean;
}

/** The loader thread numbers files from here on. */
export const FIRST_NUMBER_OF_THREAD = 1_000_000_000;

export interface LoadedSource {
  /** Absolute real path. */
  readonly file: string;
  readonly text: string;
  /** As Node calls it. It may have yet to find out. */
  readonly format?: unknown;
}

/** What a format of Node's says: `module`, `commonjs-typescript`, `typescript`. */
export function formatOf(format: unknown): { kind: SourceFile['format'] | undefined; isTypeScript: boolean } {
  const words = typeof format === 'string' ? format.split('-') : [];
  return {
    kind: (['commonjs', 'module'] as const).find((kind) => kind === words[0]),
    isTypeScript: words.at(-1) === 'typescript',
  };
}

/** The format without TypeScript. With it, Node would compile the result again, with a source map that knows only the first result. */
export function withoutTypes<Format>(format: Format): Format | string | undefined {
  const { kind, isTypeScript } = formatOf(format);
  return isTypeScript ? kind : format;
}

/** What a load hook gives. */
export interface LoadResult {
  readonly format?: string | null | undefined;
  readonly source?: unknown;
}

export interface RewriterOptions {
  /** Name of the global variable. */
  readonly registrar: string;
  readonly firstNumber: number;
  targets(): Iterable<SourceTarget>;
  /** Called for each file that a target means, before it runs. */
  tell(file: SourceFile): void;
  /** Whether source maps are in use, so that they must be right. */
  usesSourceMaps(): boolean;
}

export class SourceRewriter {
  /** The number of a file that is loaded again stays, as long as the same is in it. */
  private readonly numbers = new Map<
    string,
    { readonly number: number; readonly definitions: readonly Definition[] }
  >();
  private next: number;

  constructor(private readonly options: RewriterOptions) {
    this.next = options.firstNumber;
  }

  /** The result of a load hook, rewritten. */
  rewriteLoaded<Loaded extends LoadResult>(url: string, loaded: Loaded): Loaded {
    const { format, source } = loaded;
    const text = url.startsWith('file:') ? toText(source) : undefined;
    const code = text === undefined ? undefined : this.rewrite({ text, file: fileURLToPath(url), format });
    return code === undefined ? loaded : { ...loaded, source: code, format: withoutTypes(format) };
  }

  /** @returns undefined if the file is to run as it is. Never throws */
  rewrite(source: LoadedSource): string | undefined {
    const { registrar, targets, tell } = this.options;
    const matching = Array.from(targets()).filter((target) => target.matches(source.file));
    if (matching.length === 0) return undefined;
    const { file, text } = source;
    const { kind: format = 'commonjs' } = formatOf(source.format);
    const nothing = { file, format, definitions: [], selected: [], failure: undefined };
    const mayBeLowered = mayHoldLoweredGenerators(text);
    if (!matching.some((target) => target.mayBeIn(text))) {
      tell({ ...nothing, number: -1, mayBeLowered });
      return undefined;
    }
    // Another hook of this package may have come first.
    if (text.includes(registrar)) return undefined;
    try {
      const { code, ...found } = this.rewriteFor(matching, source);
      tell({ ...found, file, failure: undefined, mayBeLowered });
      return code;
    } catch (error) {
      tell({ ...nothing, number: -1, mayBeLowered, failure: (error as Error).message });
      return undefined;
    }
  }

  private rewriteFor(
    targets: readonly SourceTarget[],
    source: LoadedSource,
  ): Pick<SourceFile, 'number' | 'format' | 'definitions' | 'selected' | 'places'> & {
    readonly code: string | undefined;
  } {
    const { file } = source;
    const known = this.numbers.get(file);
    const number = known?.number ?? this.next++;
    const select = (definition: Definition) => targets.some((target) => target.selectorsOf(definition).length > 0);
    const { text, sourceType, result } = this.parse(source, number, select);
    const format: SourceFile['format'] = sourceType === 'module' ? 'module' : 'commonjs';
    const { code, definitions, selected } = result;
    if (selected.length === 0) return { code: undefined, number: -1, format, definitions, selected };
    if (known !== undefined && !isDeepStrictEqual(known.definitions, definitions)) {
      // Functions of the old one may be alive: the new one gets a number of its own.
      this.numbers.delete(file);
      return this.rewriteFor(targets, source);
    }
    if (format === 'commonjs') checkCommonJs(code);
    this.numbers.set(file, { number, definitions });
    const isMeasured = Boolean(process.env.NODE_V8_COVERAGE);
    const mapped = isMeasured || this.options.usesSourceMaps() ? correctSourceMap(file, result) : undefined;
    const unmapped = isMeasured ? mapToItself(file, text, result) : code;
    const places = mapped?.places ?? placesBeforeLoader(file, result);
    return { code: mapped?.code ?? unmapped, number, format, definitions, selected, places };
  }

  private parse(
    { text, format, file }: LoadedSource,
    number: number,
    select: (definition: Definition) => boolean,
  ): { text: string; sourceType: SourceType; result: TransformResult } {
    const { registrar } = this.options;
    const { kind, isTypeScript } = formatOf(format);
    const attempt = (source: string) => {
      const attemptAs = (sourceType: SourceType) => ({
        text: source,
        sourceType,
        result: transform(source, { sourceType, registrar, file: number, select }),
      });
      return kind === undefined ? asNodeDoes(attemptAs) : attemptAs(kind);
    };
    // Node has compiled what an ES module imports, and still calls it TypeScript.
    if (isTypeScript) return attempt(isCompiledFrom(file, text) ? text : stripTypes(text, file));
    try {
      return attempt(text);
    } catch (error) {
      // Hooks that come later compile it.
      if (!canStripTypes() || !isTypeScriptFile(file)) throw error;
      return attempt(stripTypes(text, file));
    }
  }
}

/**
 * Only compiles it, which takes a small part of the time that parsing took. For ES modules Node has no such check, and to parse the result would double
 * the cost of the start-up: tests prove that it parses, with random programs and the language's own suite.
 */
function checkCommonJs(code: string): void {
  const body = code.replace(/^#!.*/, '');
  new vm.Script(`(function(exports,require,module,__filename,__dirname){${body}\n})`);
}
