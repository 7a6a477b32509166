/**
 * Why a target's module was not loaded or does not exist, and what was probably meant. Loaded only to say so: by a report, and by the
 * command line.
 */
import * as fs from 'node:fs';
import { builtinModules, createRequire, isBuiltin } from 'node:module';
import * as path from 'node:path';
import { resolveFrom } from '../base/installed';
import { nearest } from '../base/invalid';
import type { FilePattern, ModulePattern, PackagePattern } from '../targets/module-pattern';
import { installedEntryFiles, PackageFinder } from '../targets/packages';
import type { Target } from '../targets/target';
import { errorMessage } from '../telemetry/errors';
import { hasSyncHooks } from '../watch/sync-hooks';
import { filesOfApplication, howToUnbundle } from './application-files';

/** What is wrong with the name of a module. */
export interface NotFound {
  readonly code: 'not-found' | 'nothing-to-load';
  readonly message: string;
}

/** What Node said where it found no main entry, for `require` and for `import`. */
interface Resolution {
  readonly require: unknown;
  readonly import: unknown;
}

/** As many names as a message has room for. */
const MOST_NAMES = 8;
/** More files than this are not looked at, by all the globs of a report. */
const MOST_LOOKS = 100_000;
/** A project has no more files of its own. */
const MOST_FILES = 5_000;

const WHAT_TO_DO =
  'If the application does use it: load the set-up before the application' +
  (hasSyncHooks(process.versions.node)
    ? ''
    : ' (one in code passes the targets to registerImportHooks, too, for ES modules that are imported)') +
  '. A bundled copy cannot be seen';

/**
 * Why a target's module may never have been loaded, and what to do. Never throws: a timer and the end of the process ask, and the file
 * system may refuse (a loop of links, a folder that may not be read, a working directory that is gone).
 */
export function whyNotLoaded({ module }: Target, baseDir: string): string {
  try {
    if (module.kind === 'builtin') {
      return isBuiltin(module.name)
        ? 'it was not loaded'
        : sentence(`Node ${process.version} has no core module of this name`, likeBuiltin(module.name));
    }
    const entry = process.argv[1] === undefined ? undefined : path.resolve(process.argv[1]);
    const folders = [path.resolve(baseDir), ...(entry === undefined ? [] : [path.dirname(entry)])];
    if (module.kind === 'file') return whyMissing(module, folders) ?? whyFileNotLoaded(module, entry);
    return whyBundled(module, entry) ?? whyMissing(module, folders) ?? whyPackageNotLoaded(module, baseDir);
  } catch (error) {
    return `it was not loaded, and could not be looked up: ${errorMessage(error)}`;
  }
}

function whyBundled({ name }: PackagePattern, entry: string | undefined): string | undefined {
  const bundles = entry === undefined ? [] : filesOfApplication(realpath(entry)).bundles;
  const bundle = bundles.find(({ packages }) => packages.includes(name))?.file;
  return (
    bundle && `it was not loaded: ${bundle} contains a copy of ${name}, which no hook sees; ${howToUnbundle([name])}`
  );
}

function whyPackageNotLoaded({ text }: PackagePattern, baseDir: string): string {
  return fs.existsSync(path.resolve(baseDir, `./${text}`))
    ? `no package of this name was loaded, but there is a file: did you mean ./${text}?`
    : `it was not loaded. ${WHAT_TO_DO}`;
}

function whyFileNotLoaded(module: FilePattern, entry: string | undefined): string {
  const started = entry === undefined ? undefined : realpath(entry);
  if (started !== undefined && module.matches(started)) {
    return (
      `${started} is the file that Node starts with, and was loaded before the instrumentation: set that up in a file of its own, ` +
      'which --require or --import loads'
    );
  }
  return module.isGlob
    ? `no file that it matches was loaded below ${module.base}. ${WHAT_TO_DO}`
    : `it was not loaded; this path means ${module.base}. ${WHAT_TO_DO}`;
}

/** Why a module that the command line was given cannot be loaded. */
export function whyNotFound(module: string, cwd: string, pattern?: ModulePattern, resolution?: Resolution): NotFound {
  if (pattern?.kind === 'file') return notFound(whyNoFile(pattern));
  if (pattern?.kind === 'package') return whyNoPackage(pattern, cwd, resolution);
  return notFound(`Node ${process.version} has no core module ${module}`, likeBuiltin(module));
}

const likeBuiltin = (name: string) => nearestNames(nearest(name.replace(/^node:/, ''), builtinModules));

/**
 * What the file system can tell of a target whose module was never loaded.
 *
 * @param folders where the program may look for packages: the directory that its targets start at, that of its entry file
 * @returns undefined if the module is there
 */
export function whyMissing(pattern: FilePattern | PackagePattern, folders: readonly string[]): string | undefined {
  const [folder = ''] = folders;
  if (pattern.kind === 'file') return whyFileMissing(pattern, folder);
  const isThere = folders.some((each) => isOwnPackage(pattern.name, each) || isInstalled(pattern, each));
  if (isThere) return undefined;
  const where = folders.find((each) => rootOf(pattern.name, each) !== undefined) ?? folder;
  return whyNoPackage(pattern, where).message;
}

// Files.

function whyFileMissing(pattern: FilePattern, startOfPaths: string): string | undefined {
  const { text, base, isGlob } = pattern;
  if (!isGlob && isFolder(base)) {
    const meaning = holdsMatch(base, 'index', pattern) ? 'of which it means the index file' : 'which has no index file';
    return `${base} is a folder, ${meaning}; ${text.replace(/[\\/]+$/, '')}/**/*.js means the files in it`;
  }
  let why: string | undefined;
  if (!isGlob) why = holdsMatch(path.dirname(base), path.basename(base), pattern) ? undefined : whyNoFile(pattern);
  else why = fs.existsSync(base) ? whyNoneMatches(pattern) : whyNoFolder(path.resolve(base));
  return why && why + (text.startsWith('.') ? `. Relative paths start at ${startOfPaths}` : '');
}

function whyNoneMatches(pattern: FilePattern): string | undefined {
  const files = onceAReport(`files ${pattern.base}`, () => listFiles(pattern.base));
  looks += files?.length ?? 0;
  if (files === undefined || looks > MOST_LOOKS || files.some((file) => pattern.matches(file))) return undefined;
  const modules = files.filter((file) => MODULE_FILE.test(file)).map((file) => path.relative(pattern.base, file));
  const hint = modules.length > 0 ? `the modules there are ${listOf(modules)}` : 'there is no module';
  return sentence(`no file below ${path.resolve(pattern.base)} matches it`, hint);
}

/** The files below a folder that do not belong to packages; undefined if there are too many. */
function listFiles(top: string): string[] | undefined {
  const files: string[] = [];
  const folders = [path.resolve(top)];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
      const file = path.join(folder, entry.name);
      if (!entry.isDirectory()) files.push(file);
      else if (entry.name !== 'node_modules' && entry.name !== '.git') folders.push(file);
    }
    if (files.length + folders.length > MOST_FILES) return undefined;
  }
  return files;
}

function holdsMatch(folder: string, beginning: string, pattern: FilePattern): boolean {
  const names = namesIn(folder)?.filter((name) => name.startsWith(beginning)) ?? [];
  // A link may lead nowhere.
  return names.some((name) => pattern.matches(realpath(path.join(folder, name), '')));
}

function whyNoFile({ base, text }: FilePattern): string {
  if (isFolder(base)) {
    const glob = globFor(base, text.startsWith('file:') ? base : text);
    return `${base} is a directory: name a file in it, or all files below it, "${glob}", as in a target`;
  }
  const folder = path.dirname(base);
  const siblings = namesIn(folder);
  if (siblings === undefined) return whyNoFolder(folder);
  return sentence(`there is no file ${base}`, nearestNames(nearest(path.basename(base), siblings)));
}

/** JavaScript and TypeScript. */
const MODULE_FILE = /\.([cm]?[jt]sx?)$/;

/** The files below a directory, with the extensions that those in it have. */
function globFor(directory: string, text: string): string {
  const extensions = (namesIn(directory) ?? []).flatMap((name) => MODULE_FILE.exec(name)?.[1] ?? []);
  const [first = 'js', ...others] = [...new Set(extensions)].sort();
  return `${text.replace(/[\\/]+$/, '')}/**/*.${others.length === 0 ? first : `{${[first, ...others].join(',')}}`}`;
}

/** The first folder of a path that does not exist, and its siblings with similar names. */
function whyNoFolder(folder: string): string {
  const parent = path.dirname(folder);
  const siblings = namesIn(parent);
  if (siblings === undefined && parent !== folder) return whyNoFolder(parent);
  const folders = siblings?.filter((name) => name !== 'node_modules' && isFolder(path.join(parent, name))) ?? [];
  return sentence(`there is no folder ${folder}`, nearestNames(nearest(path.basename(folder), folders)));
}

// Packages.

/** A file of the package, or of a workspace with its name, need not be below node_modules. */
function isOwnPackage(name: string, folder: string): boolean {
  return new PackageFinder().find(path.join(folder, 'package.json'))?.name === name;
}

/** Also where packages are kept in other ways than in folders called node_modules. */
function isInstalled(pattern: PackagePattern, folder: string): boolean {
  const files = [...installedEntryFiles(pattern, folder)];
  return (
    files.some((file) => fs.statSync(file, { throwIfNoEntry: false })?.isFile()) ||
    resolveFrom(pattern.text, [folder]) !== undefined
  );
}

function whyNoPackage({ text, name, subpath }: PackagePattern, cwd: string, resolution?: Resolution): NotFound {
  const root = rootOf(name, cwd);
  if (root === undefined) {
    const place = path.resolve(cwd, text);
    const hint = isFolder(place)
      ? `${text} is a directory: did you mean "${globFor(place, `./${text}`)}"?`
      : fs.existsSync(place)
        ? `there is a file: did you mean ./${text}?`
        : nearestNames(nearest(name, installedNames(packageFolders(name, cwd))));
    return notFound(`no package ${name} is installed in ${cwd} or a folder above it`, hint);
  }
  const manifest = new PackageFinder().find(path.join(root, 'package.json'))?.manifest ?? {};
  if (subpath !== '') {
    const subpaths = exportedSubpaths(manifest) ?? filesNear(root, subpath);
    const sorted = [...new Set([...nearest(subpath, subpaths), ...subpaths])].map((each) => `${name}/${each}`);
    const hint = sorted.length > 0 ? `it has ${listOf(sorted)}` : 'it has no sub-paths';
    return notFound(`${name} has no sub-path ${subpath}`, hint);
  }
  if (isTypesOnly(root, manifest)) {
    const message = `${name} has types only: there is no code in it to load, and nothing to trace`;
    return { code: 'nothing-to-load', message };
  }
  const reasons = [resolution?.import, resolution?.require].flatMap((each) =>
    typeof each === 'object' && each !== null ? [String((each as { message?: unknown }).message)] : [],
  );
  const because = reasons.length > 0 ? ` (${reasons.join('; ')})` : '';
  const subpaths = (exportedSubpaths(manifest) ?? []).slice(0, MOST_NAMES).map((each) => `${name}/${each}`);
  const hint = subpaths.length > 0 ? `it has ${subpaths.join(', ')}` : undefined;
  return notFound(`${name} is installed in ${root}, but has no main entry${because}`, hint);
}

/** The folders in which Node looks for a package. */
const packageFolders = (name: string, from: string) =>
  createRequire(path.join(from, 'package.json')).resolve.paths(name) ?? [];

/** The folder of a package that is installed. */
function rootOf(name: string, from: string): string | undefined {
  const roots = packageFolders(name, from).map((folder) => path.join(folder, name));
  return roots.find((folder) => fs.existsSync(folder));
}

/** Names of the packages in some node_modules folders. */
function installedNames(folders: readonly string[]): readonly string[] {
  return onceAReport(`packages ${folders.join('\n')}`, () => {
    const names = folders.flatMap((folder) =>
      (namesIn(folder) ?? []).flatMap((entry) =>
        entry.startsWith('@') ? (namesIn(path.join(folder, entry)) ?? []).map((each) => `${entry}/${each}`) : [entry],
      ),
    );
    return [...new Set(names)].filter((name) => !name.startsWith('.'));
  });
}

/** The sub-paths of an exports map, `*` and all; undefined without a map. */
function exportedSubpaths({ exports }: Record<string, unknown>): string[] | undefined {
  if (exports === undefined || exports === null) return undefined;
  if (typeof exports !== 'object') return [];
  return Object.entries(exports)
    .filter(([key, value]) => key.startsWith('./') && key !== './package.json' && value !== null)
    .map(([key]) => key.slice('./'.length));
}

/** Files in the folder that a sub-path points into. */
function filesNear(root: string, subpath: string): string[] {
  const folder = path.posix.dirname(subpath);
  const inFolder = folder === '.' ? undefined : namesIn(path.join(root, folder))?.map((name) => `${folder}/${name}`);
  return (inFolder ?? namesIn(root) ?? []).filter((name) => /\.[cm]?js$/.test(name));
}

function isTypesOnly(root: string, { types, typings, main }: Record<string, unknown>): boolean {
  const hasTypes = types !== undefined || typings !== undefined || fs.existsSync(path.join(root, 'index.d.ts'));
  const hasMain = typeof main === 'string' && main !== '' && !/\.d\.[cm]?ts$/.test(main);
  return hasTypes && !hasMain;
}

// The file system.

let looks = 0;
const listings = new Map<string, unknown>();

/** A report asks for each target in turn; the next report sees what a program has installed since. */
function onceAReport<T>(key: string, list: () => T): T {
  if (listings.size === 0) {
    setImmediate(() => {
      listings.clear();
      looks = 0;
    }).unref();
  }
  if (!listings.has(key)) listings.set(key, list());
  return listings.get(key) as T;
}

const isFolder = (file: string) => fs.statSync(file, { throwIfNoEntry: false })?.isDirectory() === true;

/** Undefined if there is no such folder. */
function namesIn(folder: string): string[] | undefined {
  try {
    return fs.readdirSync(folder);
  } catch {
    return undefined;
  }
}

function realpath(file: string, otherwise = file): string {
  try {
    return fs.realpathSync(file);
  } catch {
    return otherwise;
  }
}

// Sentences.

const notFound = (what: string, hint?: string): NotFound => ({ code: 'not-found', message: sentence(what, hint) });

const sentence = (what: string, hint: string | undefined) => (hint === undefined ? what : `${what}; ${hint}`);

const nearestNames = (names: readonly string[]) =>
  names.length > 0 ? `the nearest names are ${names.join(', ')}` : undefined;

function listOf(names: readonly string[]): string {
  const more = names.length > MOST_NAMES ? `, and ${names.length - MOST_NAMES} more` : '';
  return names.slice(0, MOST_NAMES).join(', ') + more;
}
