/** The packages on disk: which one a file belongs to, its version, and its entry files. And with that, which targets a loaded module belongs to. */
import fs = require('node:fs');
import { createRequire } from 'node:module';
import path = require('node:path');
import { exports as resolveExports } from 'resolve.exports';
import type * as Semver from 'semver';
import type { PackagePattern } from './module-pattern';
import type { Target } from './target';

export interface PackageInfo {
  /** As it is installed: the name of its folder in node_modules, else that in its package.json. */
  readonly name: string;
  /** Real path of its folder. */
  readonly root: string;
  readonly version: string | undefined;
  /** Its package.json. */
  readonly manifest: Record<string, unknown>;
}

const NODE_MODULES = `${path.sep}node_modules${path.sep}`;

/** Name of the package that a file below node_modules belongs to, without touching the disk. */
export function packageNameOf(file: string): string | undefined {
  const start = startOfName(file);
  return start < 0 ? undefined : file.slice(start, endOfName(file, start)).replaceAll(path.sep, '/');
}

function startOfName(file: string): number {
  const index = file.lastIndexOf(NODE_MODULES);
  return index < 0 ? -1 : index + NODE_MODULES.length;
}

function endOfName(file: string, start: number): number {
  let end = file.indexOf(path.sep, start);
  if (file[start] === '@' && end >= 0) end = file.indexOf(path.sep, end + 1);
  return end < 0 ? file.length : end;
}

/** Reads and remembers package.json files. */
export class PackageFinder {
  private readonly byFolder = new Map<string, PackageInfo | undefined>();

  /** The package of a file: by its place in node_modules, else (a workspace, a link) the nearest package.json with a name. */
  find(file: string): PackageInfo | undefined {
    const start = startOfName(file);
    if (start < 0) return this.nearest(path.dirname(file));
    const root = file.slice(0, endOfName(file, start));
    return this.remember(root, () => readPackage(root, packageNameOf(file)));
  }

  private nearest(folder: string): PackageInfo | undefined {
    return this.remember(folder, () => {
      const parent = path.dirname(folder);
      return readPackage(folder, undefined) ?? (parent === folder ? undefined : this.nearest(parent));
    });
  }

  private remember(folder: string, read: () => PackageInfo | undefined): PackageInfo | undefined {
    if (!this.byFolder.has(folder)) this.byFolder.set(folder, read());
    return this.byFolder.get(folder);
  }
}

/** @param installedAs the name of its folder in node_modules, if it is there: an alias is known to the program by that */
function readPackage(root: string, installedAs: string | undefined): PackageInfo | undefined {
  let manifest: Record<string, unknown> = {};
  try {
    const parsed: unknown = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'));
    if (typeof parsed === 'object' && parsed !== null) manifest = parsed as Record<string, unknown>;
  } catch {
    // None, or one that Node could not read either.
  }
  const name = installedAs ?? manifest.name;
  if (typeof name !== 'string') return undefined;
  const version = typeof manifest.version === 'string' ? manifest.version : undefined;
  return { name, root, version, manifest };
}

/** Conditions that Node sets for `require` and for `import`; resolve.exports adds `node`, `default` and one of these two. */
const CONDITIONS = [true, false].flatMap((require) => [{ require }, { require, conditions: ['module-sync'] }]);

/**
 * Absolute paths of the files that `<package>/<subpath>` may resolve to: several, since a package may serve `require` and `import` from
 * different files.
 */
export function entryFiles(info: PackageInfo, subpath: string): ReadonlySet<string> {
  const files = new Set<string>();
  const entry = subpath === '' ? '.' : `./${subpath}`;
  for (const options of CONDITIONS) {
    try {
      for (const file of resolveExports(info.manifest, entry, options) ?? []) files.add(path.join(info.root, file));
    } catch {
      // Not exported under these conditions.
    }
  }
  // Without an exports map, and for files named by their place in the package whatever the map says.
  const requireFromPackage = createRequire(path.join(info.root, 'package.json'));
  try {
    files.add(requireFromPackage.resolve(path.join(info.root, subpath)));
  } catch {
    // Not a file, or a package without a main entry.
  }
  if (subpath !== '') files.add(path.join(info.root, subpath));
  return files;
}

/** The entry files in the copy of the package that a program in `folder` gets. None if it is not installed. */
export function installedEntryFiles({ name, subpath }: PackagePattern, folder: string): ReadonlySet<string> {
  const lookup = createRequire(path.join(folder, 'package.json')).resolve.paths(name) ?? [];
  for (const nodeModules of lookup) {
    const manifest = path.join(nodeModules, name, 'package.json');
    if (!fs.existsSync(manifest)) continue;
    const info = new PackageFinder().find(fs.realpathSync(manifest));
    return info === undefined ? new Set() : entryFiles(info, subpath);
  }
  return new Set();
}

export interface MatchedModule {
  /** Absolute path, or the name of a core module. */
  readonly file: string;
  readonly version: string | undefined;
  /** In the order of the configuration. */
  readonly targets: readonly Target[];
  /** Those that select the module, but not this version of it. */
  readonly otherVersion: readonly Target[];
}

export class ModuleMatcher {
  private readonly finder = new PackageFinder();
  private readonly packages: ReadonlySet<string>;
  private readonly files: readonly Target[];
  /** By package folder and sub-path. */
  private readonly entries = new Map<string, ReadonlySet<string>>();

  constructor(private readonly targets: readonly Target[]) {
    const names = targets.flatMap(({ module }) => (module.kind === 'package' ? [module.name] : []));
    this.packages = new Set(names);
    this.files = targets.filter(({ module }) => module.kind === 'file');
  }

  /**
   * @param file absolute real path of the module
   * @param specifier what it was imported as, where that is known
   */
  match(file: string, specifier?: string): MatchedModule | undefined {
    const name = packageNameOf(file);
    // The common case, a module that no target selects, ends here, without access to the disk.
    const mayBePackage = name === undefined ? this.packages.size > 0 : this.packages.has(name);
    const own = new Set(this.files.filter(({ module }) => module.kind === 'file' && module.matches(file)));
    if (!mayBePackage && own.size === 0) return undefined;

    const info = this.finder.find(file);
    const inPackage = mayBePackage && info !== undefined && this.packages.has(info.name) ? info : undefined;
    const targets: Target[] = [];
    const otherVersion: Target[] = [];
    for (const target of this.targets) {
      if (own.has(target)) targets.push(target);
      if (target.module.kind !== 'package' || inPackage === undefined) continue;
      if (!this.isEntry(target.module, inPackage, file, specifier)) continue;
      (isInRange(inPackage.version, target.versions) ? targets : otherVersion).push(target);
    }
    if (targets.length === 0 && otherVersion.length === 0) return undefined;
    return { file, version: info?.version, targets, otherVersion };
  }

  private isEntry(pattern: PackagePattern, info: PackageInfo, file: string, specifier: string | undefined): boolean {
    if (pattern.name !== info.name) return false;
    if (specifier === pattern.text) return true;
    const key = `${info.root}\0${pattern.subpath}`;
    let files = this.entries.get(key);
    if (files === undefined) this.entries.set(key, (files = entryFiles(info, pattern.subpath)));
    return files.has(file);
  }
}

export function isRange(text: string): boolean {
  return semver().validRange(text) !== null;
}

/** Whether a version is in the range, if there is one. A pre-release is in it where its release is. */
export function isInRange(version: string | undefined, range: string | undefined): boolean {
  if (range === undefined) return true;
  return version !== undefined && semver().satisfies(version, range, { includePrerelease: true });
}

/** Loaded only for a configuration that names versions: it consists of some fifty files. */
function semver(): typeof Semver {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- an import would load it with this file
  return require('semver') as typeof Semver;
}
