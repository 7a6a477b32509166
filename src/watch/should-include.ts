/**
 * Decides which imports import-in-the-middle wraps. Wrapping freezes a module's live bindings (an `export let` that
 * changes later keeps its first value for importers), so a module is wrapped only if there is something to patch in it.
 *
 * Runs in the loader thread as well, and so takes plain data.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { mayHoldAsyncGenerators } from '../source/definitions';
import { isUrlInGlob, type Glob } from '../targets/glob';
import { RecentMap } from './recent';
import { readDefinitions } from './written';

export interface Inclusion {
  /** A string is compared with the specifier of an import, a RegExp tested on its URL. */
  readonly pattern: string | RegExp;
  /** What must be so, too, of a URL that the RegExp matches: that is cheaper to find out, and true of few. */
  readonly glob?: Glob;
  /** Only modules in whose own source an async generator stands. */
  readonly onlyGenerators: boolean;
  /** Of these only what a compiler has made plain functions of: the others are seen as source. */
  readonly onlyLowered?: boolean;
  /** Only modules that do not define all of these names themselves: those that do are seen as source. */
  readonly unlessDefined?: readonly string[];
  /** Not where a package imports its own entry by a relative path: that is internal, and often circular. */
  readonly onlyFromOutside?: boolean;
}

export interface ImportInTheMiddleOptions {
  /** For its versions before 3.2, which know no `shouldInclude`, and would wrap every module without. */
  readonly include: (string | RegExp)[];
  /** Asked with the resolved URL, and the specifier as it stands in the program. */
  readonly shouldInclude: (url: string, specifier: string) => boolean;
}

// Taken at load: other instrumentations patch `fs`, and what is read here is none of the program's doing.
const readFile = readFileSync;

export function importInTheMiddleOptions(inclusions: readonly Inclusion[]): ImportInTheMiddleOptions {
  /** One import of a module resolves it several times. */
  const memo = new RecentMap<string, boolean>();
  const remembered = (kind: string, url: string, find: () => boolean) => {
    const key = `${kind} ${url}`;
    let result = memo.get(key);
    if (result === undefined) memo.set(key, (result = find()));
    return result;
  };
  const suits = ({ onlyGenerators, onlyLowered = false, unlessDefined }: Inclusion, url: string) => {
    if (unlessDefined !== undefined) {
      return remembered(unlessDefined.join(), url, () => !definesAll(url, unlessDefined));
    }
    return !onlyGenerators || remembered(`generator ${onlyLowered}`, url, () => mayHold(url, onlyLowered));
  };
  const matches = ({ pattern, glob, onlyFromOutside }: Inclusion, url: string, specifier: string) =>
    typeof pattern === 'string'
      ? pattern === specifier
      : matchesUrl(pattern, glob, url) && !(onlyFromOutside && specifier.startsWith('.'));
  return {
    get include() {
      return inclusions.filter(({ onlyFromOutside }) => !onlyFromOutside).map(asListed);
    },
    shouldInclude(url, specifier) {
      const matching = inclusions.filter((inclusion) => matches(inclusion, url, specifier));
      return matching.some((inclusion) => suits(inclusion, url));
    },
  };
}

function matchesUrl(pattern: RegExp, glob: Glob | undefined, url: string): boolean {
  return pattern.test(url) && (glob === undefined || isUrlInGlob(glob, url));
}

/** A list takes strings and RegExps, and asks those by `test`. */
function asListed({ pattern, glob }: Inclusion): string | RegExp {
  if (typeof pattern === 'string' || glob === undefined) return pattern;
  return Object.assign(new RegExp(pattern), { test: (url: string) => matchesUrl(pattern, glob, url) });
}

/**
 * Whether an import may be wrapped at all. None of import-in-the-middle's business: what is required, and the file that Node
 * was started with.
 */
export function mayBeWrapped({
  conditions,
  parentURL,
}: {
  readonly conditions?: readonly string[];
  readonly parentURL?: string | undefined;
}): boolean {
  return parentURL !== undefined && !conditions?.includes('require');
}

const PART_OF_IT = /\/node_modules\/(?:import-in-the-middle|acorn|acorn-import-attributes|(?:cjs|es)-module-lexer)\//;

/** Whether a module belongs to import-in-the-middle, or to what that loads in any of its versions. */
export function isPartOfImportInTheMiddle(url: string): boolean {
  return PART_OF_IT.test(url);
}

/** Other languages, which a loader compiles, spell a generator otherwise. */
const JAVASCRIPT = /\.[cm]?[jt]sx?(?:[?#]|$)/;

/** In doubt true: import-in-the-middle copes with what cannot be read, or is not JavaScript. */
function mayHold(url: string, onlyLowered: boolean): boolean {
  if (!JAVASCRIPT.test(url)) return !onlyLowered;
  try {
    const source = readFile(fileURLToPath(url), 'utf8');
    return onlyLowered ? holdsLoweredGenerator(source) && !mayHoldAsyncGenerators(source) : holdsAsyncGenerator(source);
  } catch {
    return !onlyLowered;
  }
}

/** Whether a module defines functions of all these names. In doubt not. */
function definesAll(url: string, names: readonly string[]): boolean {
  try {
    const paths = new Set(readDefinitions(fileURLToPath(url)).map(({ path }) => path));
    return names.every((name) => paths.has(name));
  } catch {
    return false;
  }
}

// White space or comments: where the grammar allows no new line, and where it does. There is only one way to read a run
// of comments, each to its end, which is not looked for through the whole file: so no file can make the pattern slow.
const COMMENT_LENGTH = 1000;
const SAME_LINE = String.raw`(?:[^\S\r\n\u2028\u2029]|\/\*(?:(?!\*\/)[^\r\n\u2028\u2029]){0,${COMMENT_LENGTH}}\*\/)*`;
const ANYWHERE = String.raw`(?:\s|\/\*(?:(?!\*\/)[^]){0,${COMMENT_LENGTH}}\*\/|\/\/[^\r\n\u2028\u2029]{0,${COMMENT_LENGTH}}[\r\n\u2028\u2029])*`;

/**
 * - `async *m`, `async* m`, `static async *[Symbol.asyncIterator]`: methods. `async` and what follows it must stand on
 *   one line, or a comment about something async would look like one, with the asterisk of its next line.
 * - `async function*`, `async function *name`: functions, with new lines after `function` as you like.
 * - `AsyncGenerator`: a type, the constructor of such functions, and in the names of the helpers that compilers lower them with.
 */
const ASYNC_GENERATOR = new RegExp(
  String.raw`\basync${SAME_LINE}(?:\*|function${ANYWHERE}\*)|AsyncGenerator|asyncGenerator|async_generator`,
);

/** Whether a source may hold an async generator. It is not parsed: what looks like one in a string or comment counts. */
export function holdsAsyncGenerator(source: string): boolean {
  return ASYNC_GENERATOR.test(source);
}

/** How compilers call the helpers that they lower async generators with. */
const LOWERED = /AsyncGenerator|asyncGenerator|async_generator/;

/** Whether a compiler may have made plain functions of the async generators of a source. */
export function holdsLoweredGenerator(source: string): boolean {
  return LOWERED.test(source);
}
