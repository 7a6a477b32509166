/**
 * Which files of a package a specifier may mean. A package may serve `import` and `require` from different files, so
 * there may be several.
 */
import fs = require('node:fs');
import { createRequire } from 'node:module';
import path = require('node:path');
import { exports as resolveExports } from 'resolve.exports';
import type { PackagePattern } from './module-pattern';
import { PackageFinder, type PackageInfo } from './package-info';

/** Conditions that Node sets for `require` and `import`; resolve.exports adds `node`, `default` and one of these two. */
const REQUIRE = [{ require: true }, { require: true, conditions: ['module-sync'] }];
const IMPORT = [{ require: false }, { require: false, conditions: ['module-sync'] }];

/** Absolute paths of the files that `<package>/<subpath>` may resolve to. */
export function entryFiles(info: PackageInfo, subpath: string): ReadonlySet<string> {
  const files = new Set<string>();
  const entry = subpath === '' ? '.' : `./${subpath}`;
  for (const options of [...REQUIRE, ...IMPORT]) {
    for (const file of resolveWithExports(info, entry, options)) files.add(path.join(info.root, file));
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

/**
 * The files that a package target means in the package that a program in `folder` would get. Empty if there is none.
 */
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

function resolveWithExports(
  info: PackageInfo,
  entry: string,
  options: { require: boolean; conditions?: string[] },
): string[] {
  try {
    return resolveExports(info.manifest, entry, options) ?? [];
  } catch {
    // Not exported under these conditions.
    return [];
  }
}
