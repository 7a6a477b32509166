/**
 * Decides which imports import-in-the-middle wraps. Wrapping freezes a module's live bindings (an `export let` that
 * changes later keeps its first value for importers), so a module is wrapped only if there is something to patch in it.
 *
 * Inclusions are plain data, since the loader thread decides as well.
 *
 * @see https://github.com/nodejs/import-in-the-middle/issues/38 live bindings
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { escapeRegExp } from '../base/foreign-text';
import { RecentMap } from './facade';
import { holdsAsyncGenerator, mayHoldAsyncGenerators, mayHoldLoweredGenerators } from '../source/text';
import { isUrlInGlob, type Glob } from '../targets/module-pattern';
import { installedEntryFiles } from '../targets/packages';
import type { Selector } from '../targets/selector';
import type { Target } from '../targets/target';
import { readDefinitions } from './written';

export interface Inclusion {
  /** A string is compared with the specifier of an import, a RegExp tested on its URL. */
  readonly pattern: string | RegExp;
  /** What a URL that the RegExp matches must match as well: the RegExp is cheaper, and true of few. */
  readonly glob?: Glob;
  /** Only modules with an async generator in their own source. */
  readonly onlyGenerators: boolean;
  /** Of these only what a compiler has made plain functions of: the others are seen as source. */
  readonly onlyLowered?: boolean;
  /** Only modules that do not define all of these names themselves: those that do are seen as source. */
  readonly unlessDefined?: readonly string[];
  /** Not where a package imports its own entry by a relative path: that is internal, and often circular. */
  readonly onlyFromOutside?: boolean;
}

/** The imports to wrap for a target. */
export function inclusionsOf({ module, selectors, definitions }: Target, baseDir: string): Inclusion[] {
  switch (module.kind) {
    case 'builtin':
      return [];
    case 'file': {
      const file = { pattern: module.url, ...(module.glob && { glob: module.glob }) };
      const exported = selectors.filter((each) => !definitions.includes(each));
      const onlyGenerators = module.isGlob && exported.every(takesOwnGeneratorsOnly);
      const names = definitions.filter(({ isDefinitionOnly }) => !isDefinitionOnly).map(({ text }) => text);
      return [
        ...(exported.length > 0 ? [{ ...file, onlyGenerators }] : []),
        ...(names.length > 0 ? [{ ...file, onlyGenerators: false, unlessDefined: names }] : []),
        ...(definitions.some(({ text }) => text === '**')
          ? [{ ...file, onlyGenerators: true, onlyLowered: true }]
          : []),
      ];
    }
    case 'package': {
      if (selectors.every(({ isDefinitionOnly }) => isDefinitionOnly)) return [];
      const inclusions: Inclusion[] = [{ pattern: module.text, onlyGenerators: false }];
      if (/\.[cm]?[jt]s$/.test(module.subpath)) {
        const pattern = endOfUrl(`/node_modules/${module.text}`);
        inclusions.push({ pattern, onlyGenerators: false });
      }
      // By another name than its own: an alias of the importer's (`#feed`), a file: URL, a query.
      for (const file of installedEntryFiles(module, baseDir)) {
        inclusions.push({ pattern: endOfUrl(pathToFileURL(file).href), onlyGenerators: false, onlyFromOutside: true });
      }
      return inclusions;
    }
  }
}

/** Matches URLs that end with the path, up to a query or hash. */
function endOfUrl(path: string): RegExp {
  return new RegExp(`${escapeRegExp(path)}(?:[?#]|$)`);
}

/**
 * Whether a selector takes only what is written as an async generator in the module itself: a wildcard does. What is
 * named may be any function, and what lies further down (`ns.*`) may come from anywhere.
 */
function takesOwnGeneratorsOnly({ path, member, factory }: Selector): boolean {
  return factory === undefined && path.length === 1 && [...path, member].some((key) => key?.isWildcard);
}

export interface ImportInTheMiddleOptions {
  /** For its versions before 3.2, which know no `shouldInclude`, and would wrap every module without. */
  readonly include: (string | RegExp)[];
  /** Asked with the resolved URL, and the specifier as the program has it. */
  readonly shouldInclude: (url: string, specifier: string) => boolean;
}

// Taken at load: other instrumentations patch `fs`, and the program does not read this.
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
