/**
 * From the modules that were asked for to the files to load.
 */
import * as fs from 'node:fs';
import { isBuiltin } from 'node:module';
import * as path from 'node:path';
import { pathToFileURL } from 'node:url';
import { compileFunction } from 'node:vm';
import { filesFrom } from '../../install/application-files';
import { holdsAsyncGenerator } from '../../source/text';
import { installedEntryFiles, PackageFinder } from '../../targets/packages';
import type { ModulePattern } from '../../targets/module-pattern';
import { whyNotFound } from '../../install/not-found';
import { runChild } from './process';
import type { ModuleFormat, Problem, Resolution, Way } from './model';

export interface Entry {
  readonly file: string;
  readonly format: ModuleFormat;
  /** What an ES module is imported as. */
  readonly specifier: string;
  readonly loadedBy: readonly Way[];
}

export interface ResolvedModule {
  readonly module: string;
  readonly version?: string;
  readonly entries: readonly Entry[];
  /** Where there are no entries. */
  readonly problem?: Problem;
}

/** No module runs in that time: only what NODE_OPTIONS preloads could take long. */
const RESOLUTION_TIMEOUT = 60;

/** A module as the user or a package names it, and what that means. */
export interface NamedModule {
  readonly module: string;
  readonly pattern: ModulePattern;
}

/**
 * @param modules each of a form that `parseModulePattern` knows
 * @param cwd where resolution starts
 */
export async function resolveModules(modules: readonly NamedModule[], cwd: string): Promise<ResolvedModule[]> {
  if (modules.length === 0) return [];
  const toAsk = modules.filter(({ pattern }) => pattern.kind !== 'builtin');
  const specifiers = toAsk.map(({ module }) => module);
  const { reply, stderr } = await runChild({ command: 'resolve', specifiers }, { cwd, timeout: RESOLUTION_TIMEOUT });
  if (reply.status !== 'resolved') {
    const details = stderr && `\n${stderr}`;
    throw new Error(`Node did not start in ${cwd}: ${reply.status}${details}`);
  }
  return modules.map((each) => {
    const { pattern } = each;
    if (pattern.kind === 'builtin') return resolveBuiltin(each.module, pattern.name, cwd);
    return entriesOf(each, reply.resolutions[toAsk.indexOf(each)] as Resolution, cwd);
  });
}

function resolveBuiltin(module: string, name: string, cwd: string): ResolvedModule {
  if (!isBuiltin(name)) return { module, entries: [], problem: whyNotFound(module, cwd) };
  const entry: Entry = { file: name, format: 'builtin', specifier: module, loadedBy: ['require', 'import'] };
  return { module, entries: [entry] };
}

/** The file for `require` and the file for `import`: often one and the same. */
function entriesOf({ module, pattern }: NamedModule, resolution: Resolution, cwd: string): ResolvedModule {
  const { require: required, import: imported } = resolution;
  const byFile = new Map<string, Way[]>();
  if (typeof required === 'string') byFile.set(required, ['require']);
  if (typeof imported === 'string') byFile.set(imported, [...(byFile.get(imported) ?? []), 'import']);
  const finder = new PackageFinder();
  const formatOf = (file: string) => (isEsModule(file, finder.find(file)?.root) ? 'module' : 'commonjs');
  if (byFile.size === 0) {
    for (const file of hiddenFiles(pattern, cwd))
      byFile.set(file, formatOf(file) === 'module' ? ['import'] : ['require']);
  }
  if (byFile.size === 0) return { module, entries: [], problem: whyNotFound(module, cwd, pattern, resolution) };

  const entries = [...byFile].map(([file, loadedBy]): Entry => {
    const named = pattern.kind === 'package' && imported === file;
    return { file, format: formatOf(file), specifier: named ? module : pathToFileURL(file).href, loadedBy };
  });
  const info = finder.find((entries[0] as Entry).file);
  return { module, version: pattern.kind === 'package' ? info?.version : undefined, entries };
}

/** Files that the package does not export and a target can name: the package's own files load them by their paths. */
function hiddenFiles(pattern: ModulePattern, cwd: string): string[] {
  if (pattern.kind !== 'package' || pattern.subpath === '') return [];
  return [...installedEntryFiles(pattern, cwd)].filter((file) =>
    fs.statSync(file, { throwIfNoEntry: false })?.isFile(),
  );
}

/**
 * The files of packages that hold async generators or iterators, and that those packages load themselves, as targets name them.
 *
 * @param modules as `resolveModules` has them
 */
export function filesWithin(modules: readonly ResolvedModule[]): string[] {
  const finder = new PackageFinder();
  const named = modules.flatMap(({ entries }) =>
    entries.flatMap((entry) => {
      const info = entry.format === 'builtin' ? undefined : finder.find(entry.file);
      if (info === undefined) return [];
      return [...filesFrom(entry.file)]
        .filter(
          ({ file, text }) =>
            file !== entry.file &&
            finder.find(file)?.root === info.root &&
            (holdsAsyncGenerator(text) || text.includes('asyncIterator')),
        )
        .map(({ file }) => `${info.name}/${path.relative(info.root, file).split(path.sep).join('/')}`);
    }),
  );
  return [...new Set(named)];
}

const IN_COMMONJS = ['exports', 'require', 'module', '__filename', '__dirname'];

/**
 * Whether Node takes a file for an ES module.
 *
 * @param root folder of the package that it belongs to, if it does to one
 */
function isEsModule(file: string, root: string | undefined): boolean {
  const extension = path.extname(file);
  if (extension === '.mjs' || extension === '.mts') return true;
  if (!['.js', '.ts', '.jsx', '.tsx'].includes(extension)) return false;
  const type = nearestType(path.dirname(file), root);
  return type === undefined ? hasModuleSyntax(file, extension) : type === 'module';
}

/** `type` in the nearest package.json, up to the one of the package. */
function nearestType(folder: string, root: string | undefined): unknown {
  const manifest = path.join(folder, 'package.json');
  if (fs.existsSync(manifest)) {
    try {
      return (JSON.parse(fs.readFileSync(manifest, 'utf8')) as { type?: unknown }).type;
    } catch {
      return undefined;
    }
  }
  const parent = path.dirname(folder);
  return folder === root || parent === folder ? undefined : nearestType(parent, root);
}

/** If no package.json has a type, this tries to compile the file, as Node does. For TypeScript, it looks at the statements. */
function hasModuleSyntax(file: string, extension: string): boolean {
  try {
    const text = fs.readFileSync(file, 'utf8');
    if (extension.startsWith('.t')) return /^\s*(?:import|export)\b/m.test(text);
    compileFunction(text.replace(/^#!.*/, ''), IN_COMMONJS);
    return false;
  } catch (error) {
    return error instanceof SyntaxError;
  }
}
