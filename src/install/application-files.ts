/**
 * What the files of an application say of themselves: which packages they load, and which are bundles. Read only to say why something
 * was not traced.
 */
import * as fs from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';
import { holdsAsyncGenerator } from '../source/text';
import { parseModulePattern } from '../targets/module-pattern';

export interface ApplicationFiles {
  /** Names of the packages that they load. */
  readonly packages: readonly string[];
  readonly bundles: readonly Bundle[];
}

/** A file that a bundler has made of several. */
export interface Bundle {
  readonly file: string;
  /** Names of the packages that are in it. Empty where it does not say. */
  readonly packages: readonly string[];
  readonly holdsGenerators: boolean;
}

/** More files than this take too long to read at the end of a process. */
const MOST_FILES = 500;

const cache = new Map<string, ApplicationFiles>();

/** A file, and the files that it loads by their paths, as far as their text says so. With their text. */
export function* filesFrom(entry: string): Generator<{ readonly file: string; readonly text: string }> {
  const files = new Set([entry]);
  for (const file of files) {
    const text = readText(file);
    yield { file, text };
    for (const specifier of specifiersIn(text)) {
      const loaded = /^\.{1,2}\//.test(specifier) ? resolve(specifier, file) : undefined;
      if (loaded !== undefined && files.size < MOST_FILES) files.add(loaded);
    }
  }
}

/**
 * Reads the entry file of an application and the files of its own that it loads, as far as their text says so.
 *
 * @param entry absolute path
 */
export function filesOfApplication(entry: string): ApplicationFiles {
  let known = cache.get(entry);
  if (known === undefined) cache.set(entry, (known = readAll(entry)));
  return known;
}

function readAll(entry: string): ApplicationFiles {
  const packages = new Set<string>();
  const bundles: Bundle[] = [];
  for (const { file, text } of filesFrom(entry)) {
    const inBundle = packagesInBundle(text);
    if (inBundle !== undefined) {
      bundles.push({ file, packages: inBundle, holdsGenerators: holdsAsyncGenerator(text) });
    }
    for (const specifier of specifiersIn(text)) {
      // `#x` is a name within its own package.
      if (isBuiltin(specifier) || specifier.startsWith('#')) continue;
      const pattern = parseModulePattern(specifier, '/');
      if (pattern?.kind === 'package') packages.add(pattern.name);
    }
  }
  return { packages: [...packages], bundles };
}

/** Empty for a file that cannot be read. */
export function readText(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

const SPECIFIER = /\b(?:from|import|require)\s*\(?\s*(['"])([^'"\n]+)\1/g;

const specifiersIn = (text: string) => [...text.matchAll(SPECIFIER)].map(([, , specifier]) => specifier as string);

function resolve(specifier: string, from: string): string | undefined {
  try {
    return createRequire(from).resolve(specifier);
  } catch {
    return undefined;
  }
}

const PACKAGE_FILE = String.raw`(?:[^\s"']{0,500}\/)?node_modules\/((?:@[\w.~-]+\/)?[\w~-][\w.~-]*)\/[^\s"']+`;

/** What bundlers write above a module, unless they minify: `// node_modules/openai/index.mjs`, `;// ./node_modules/...`. */
const ABOVE_MODULE = new RegExp(String.raw`^[ \t;]*\/\/ (?:CONCATENATED MODULE: )?${PACKAGE_FILE}$`, 'gm');

/** What they call a module by that is a function: `"node_modules/openai/index.js"(exports) {`. */
const KEY_OF_MODULE = new RegExp(String.raw`["']${PACKAGE_FILE}["']\s*[:(,]`, 'g');

/** Functions that bundlers put modules together with. Not what compilers of single files use, too. */
const HELPER =
  /\b__webpack_(?:require|modules)__|\b__nccwpck_require__|\b__commonJS(?:Min)?\s*=|\bparcelRequire|\bTURBOPACK\b|\bgetDefaultExportFromCjs\b/;

/** What is written by hand has shorter lines. */
const isMinified = (text: string) => text.length > 50_000 && text.length > 200 * text.split('\n').length;

/**
 * The packages that a bundle contains, as far as it says so.
 *
 * @returns undefined if the text does not look like a bundle
 */
export function packagesInBundle(text: string): string[] | undefined {
  const hasHelper = HELPER.test(text);
  const marks = [...text.matchAll(ABOVE_MODULE), ...(hasHelper ? text.matchAll(KEY_OF_MODULE) : [])];
  const packages = [...new Set(marks.map(([, name]) => name as string))];
  return packages.length > 0 || hasHelper || isMinified(text) ? packages : undefined;
}

/** What to do about a package that a bundle contains. */
export function howToUnbundle([name = 'some-package']: readonly string[]): string {
  return (
    `mark what is to be traced as external (esbuild --external:${name}, externals of webpack, serverExternalPackages of Next.js), ` +
    'so that it is loaded from node_modules, or name the bundle itself as a target: then every async generator in it is traced'
  );
}
