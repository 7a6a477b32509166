/**
 * Why a module is not found, and what was probably meant. Loaded only to say so: in a report, and for the command line.
 */
import * as fs from 'node:fs';
import { builtinModules, createRequire } from 'node:module';
import * as path from 'node:path';
import { installedEntryFiles } from '../targets/entry-files';
import type { FilePattern, ModulePattern, PackagePattern } from '../targets/module-pattern';
import { PackageFinder } from '../targets/package-info';
import { nearest } from '../base/nearest';

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
const ENOUGH = 8;

export function whyNotFound(module: string, cwd: string, pattern?: ModulePattern, resolution?: Resolution): NotFound {
  if (pattern?.kind === 'file') return notFound(whyNoFile(pattern));
  if (pattern?.kind === 'package') return whyNoPackage(pattern, cwd, resolution);
  const like = nearest(module.replace(/^node:/, ''), builtinModules);
  return notFound(`Node ${process.version} has no core module ${module}`, nearestNames(like));
}

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

function whyFileMissing(pattern: FilePattern, startOfPaths: string): string | undefined {
  const { text, base, isGlob } = pattern;
  const start = text.startsWith('.') ? `. Relative paths start at ${startOfPaths}` : '';
  if (isGlob) {
    const why = fs.existsSync(base) ? whyNoneMatches(pattern) : whyNoFolder(path.resolve(base));
    return why && why + start;
  }
  if (isFolder(base)) {
    const meaning = holdsMatch(base, 'index', pattern) ? 'of which it means the index file' : 'which has no index file';
    return `${base} is a folder, ${meaning}; ${text.replace(/[\\/]+$/, '')}/**/*.js means the files in it`;
  }
  return holdsMatch(path.dirname(base), path.basename(base), pattern) ? undefined : whyNoFile(pattern) + start;
}

/** More files than this are not looked at, by all the globs of a report. */
const MOST_LOOKS = 100_000;
let looks = 0;

function whyNoneMatches(pattern: FilePattern): string | undefined {
  const files = filesBelow(pattern.base);
  looks += files?.length ?? 0;
  if (files === undefined || looks > MOST_LOOKS || files.some((file) => pattern.matches(file))) return undefined;
  const modules = files.filter((file) => MODULE_FILE.test(file)).map((file) => path.relative(pattern.base, file));
  const named = modules.slice(0, ENOUGH).join(', ');
  const more = modules.length > ENOUGH ? `, and ${modules.length - ENOUGH} more` : '';
  const hint = modules.length > 0 ? `the modules there are ${named}${more}` : 'there is no module';
  return sentence(`no file below ${path.resolve(pattern.base)} matches it`, hint);
}

/** As many files as a project has of its own. */
const MOST_FILES = 5_000;

/** Of the folder asked for last, as below. */
let listed: { readonly folder: string; readonly files: readonly string[] | undefined } | undefined;

/** The files below a folder that are nobody's packages; undefined if there are too many. */
function filesBelow(folder: string): readonly string[] | undefined {
  if (listed?.folder !== folder) {
    listed = { folder, files: listFiles(folder) };
    setImmediate(() => {
      listed = undefined;
      looks = 0;
    }).unref();
  }
  return listed.files;
}

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
  return names.some((name) => {
    try {
      return pattern.matches(fs.realpathSync(path.join(folder, name)));
    } catch {
      // A link that leads nowhere.
      return false;
    }
  });
}

/** A file of the package, or of a workspace that is called like it, need not be below node_modules. */
function isOwnPackage(name: string, folder: string): boolean {
  return new PackageFinder().find(path.join(folder, 'package.json'))?.name === name;
}

/** Also where packages are kept in other ways than in folders called node_modules. */
function isInstalled(pattern: PackagePattern, folder: string): boolean {
  const files = [...installedEntryFiles(pattern, folder)];
  if (files.some((file) => fs.statSync(file, { throwIfNoEntry: false })?.isFile())) return true;
  try {
    createRequire(path.join(folder, 'package.json')).resolve(pattern.text);
    return true;
  } catch {
    return false;
  }
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

/** The first folder of a path that is not there, and those beside it that are called like it. */
function whyNoFolder(folder: string): string {
  const parent = path.dirname(folder);
  const siblings = namesIn(parent);
  if (siblings === undefined && parent !== folder) return whyNoFolder(parent);
  const folders = siblings?.filter((name) => name !== 'node_modules' && isFolder(path.join(parent, name))) ?? [];
  return sentence(`there is no folder ${folder}`, nearestNames(nearest(path.basename(folder), folders)));
}

function whyNoPackage({ text, name, subpath }: PackagePattern, cwd: string, resolution?: Resolution): NotFound {
  const place = path.resolve(cwd, text);
  const root = rootOf(name, cwd);
  if (root === undefined) {
    const like = nearest(name, installedNames(packageFolders(name, cwd)));
    const hint = isFolder(place)
      ? `${text} is a directory: did you mean "${globFor(place, `./${text}`)}"?`
      : fs.existsSync(place)
        ? `there is a file: did you mean ./${text}?`
        : nearestNames(like);
    return notFound(`no package ${name} is installed where ${cwd} would find it`, hint);
  }
  const manifest = readManifest(root);
  if (subpath !== '') {
    const subpaths = exportedSubpaths(manifest) ?? filesNear(root, subpath);
    const like = nearest(subpath, subpaths);
    const others = subpaths.filter((each) => !like.includes(each));
    const named = [...like, ...others].slice(0, ENOUGH).map((each) => `${name}/${each}`);
    const more = subpaths.length > named.length ? `, and ${subpaths.length - named.length} more` : '';
    const hint = named.length > 0 ? `it has ${named.join(', ')}${more}` : 'it has no sub-paths';
    return notFound(`${name} has no sub-path ${subpath}`, hint);
  }
  if (isTypesOnly(root, manifest)) {
    const message = `${name} has types only: there is no code in it to load, and nothing to trace`;
    return { code: 'nothing-to-load', message };
  }
  const { require: required, import: imported } = resolution ?? {};
  const reasons = [imported, required].flatMap((each) => (isObject(each) ? [String(each.message)] : []));
  const because = reasons.length > 0 ? ` (${reasons.join('; ')})` : '';
  const subpaths = exportedSubpaths(manifest) ?? [];
  const hint =
    subpaths.length > 0
      ? `it has ${subpaths
          .slice(0, ENOUGH)
          .map((each) => `${name}/${each}`)
          .join(', ')}`
      : undefined;
  return notFound(`${name} is installed in ${root}, but has no main entry${because}`, hint);
}

const isObject = (value: unknown): value is { readonly message?: unknown } =>
  typeof value === 'object' && value !== null;

/** The folders in which Node looks for a package. */
const packageFolders = (name: string, from: string) =>
  createRequire(path.join(from, 'package.json')).resolve.paths(name) ?? [];

/** The folder of a package that is installed. */
function rootOf(name: string, from: string): string | undefined {
  const roots = packageFolders(name, from).map((folder) => path.join(folder, name));
  return roots.find((folder) => fs.existsSync(folder));
}

const isFolder = (file: string) => fs.statSync(file, { throwIfNoEntry: false })?.isDirectory() === true;

const notFound = (what: string, hint?: string): NotFound => ({ code: 'not-found', message: sentence(what, hint) });

const sentence = (what: string, hint: string | undefined) => (hint === undefined ? what : `${what}; ${hint}`);

const nearestNames = (names: readonly string[]) =>
  names.length > 0 ? `the nearest names are ${names.join(', ')}` : undefined;

/** Of the folders asked for last: a report asks for each target in turn. */
let installed: { readonly key: string; readonly names: readonly string[] } | undefined;

/** Names of the packages in some node_modules folders. */
function installedNames(folders: readonly string[]): readonly string[] {
  const key = folders.join('\n');
  if (installed?.key !== key) {
    installed = { key, names: readInstalledNames(folders) };
    // What a program installs meanwhile, the next report knows.
    setImmediate(() => (installed = undefined)).unref();
  }
  return installed.names;
}

function readInstalledNames(folders: readonly string[]): string[] {
  const names = folders.flatMap((folder) =>
    (namesIn(folder) ?? []).flatMap((entry) =>
      entry.startsWith('@') ? (namesIn(path.join(folder, entry)) ?? []).map((each) => `${entry}/${each}`) : [entry],
    ),
  );
  return [...new Set(names)].filter((name) => !name.startsWith('.'));
}

/** Undefined if there is no such folder. */
function namesIn(folder: string): string[] | undefined {
  try {
    return fs.readdirSync(folder);
  } catch {
    return undefined;
  }
}

function readManifest(root: string): Record<string, unknown> {
  try {
    return JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8')) as Record<string, unknown>;
  } catch {
    return {};
  }
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
  const names = namesIn(path.join(root, folder)) ?? namesIn(root) ?? [];
  const prefix = folder === '.' || namesIn(path.join(root, folder)) === undefined ? '' : `${folder}/`;
  return names.filter((name) => /\.[cm]?js$/.test(name)).map((name) => prefix + name);
}

function isTypesOnly(root: string, { types, typings, main }: Record<string, unknown>): boolean {
  const hasTypes = types !== undefined || typings !== undefined || fs.existsSync(path.join(root, 'index.d.ts'));
  const hasMain = typeof main === 'string' && main !== '' && !/\.d\.[cm]?ts$/.test(main);
  return hasTypes && !hasMain;
}
