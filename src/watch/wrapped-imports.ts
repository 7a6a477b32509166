/**
 * Decides which imports import-in-the-middle wraps. Wrapping freezes a module's live bindings (an `export let` that
 * changes later keeps its first value for importers), so a module is wrapped only if there is something to patch in it.
 *
 * Runs in the loader thread as well, and so takes plain data.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { RecentMap } from '../base/recent-map';
import { holdsAsyncGenerator, mayHoldAsyncGenerators, mayHoldLoweredGenerators } from '../source/text';
import { isUrlInGlob, type Glob } from '../targets/module-pattern';
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

/** Other languages, which a loader compiles, spell a generator otherwise. */
const JAVASCRIPT = /\.[cm]?[jt]sx?(?:[?#]|$)/;

/** In doubt true: import-in-the-middle copes with what cannot be read, or is not JavaScript. */
function mayHold(url: string, onlyLowered: boolean): boolean {
  if (!JAVASCRIPT.test(url)) return !onlyLowered;
  try {
    const source = readFile(fileURLToPath(url), 'utf8');
    return onlyLowered
      ? mayHoldLoweredGenerators(source) && !mayHoldAsyncGenerators(source)
      : holdsAsyncGenerator(source);
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
