/**
 * Which package a file belongs to.
 */
import fs = require('node:fs');
import path = require('node:path');

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

/** @param installedAs the name, where the place in node_modules tells it: an alias is known to the program by that */
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
