/** What is installed, and how to install what is not. */
import fs = require('node:fs');
import { createRequire } from 'node:module';
import path = require('node:path');

/** How to install OpenTelemetry's SDK, for the running version of Node. */
export const INSTALL_COMMAND =
  Number(process.versions.node.split('.')[0]) < 22
    ? 'npm install @opentelemetry/api@1.9 @opentelemetry/sdk-node@0.223'
    : 'npm install @opentelemetry/api @opentelemetry/sdk-node';

/** The application's folders: that of its entry file, and the one that it is started in. */
export function applicationFolders(): [string, ...string[]] {
  const [, entry] = process.argv;
  const cwd = process.cwd();
  return entry === undefined ? [cwd] : [path.dirname(path.resolve(entry)), cwd];
}

/**
 * Looks for packages by their folders, which is cheaper than to resolve each name, and reads none of them.
 *
 * @returns whether a program in one of the folders may have a package
 */
export function installedFor(folders: readonly string[]): (name: string) => boolean {
  // Yarn's Plug'n'Play has no such folders.
  if (process.versions.pnp !== undefined) return () => true;
  const lookup = new Set(folders.flatMap(ancestorsOf).map((folder) => path.join(folder, 'node_modules')));
  for (const folder of process.env.NODE_PATH?.split(path.delimiter) ?? []) if (folder !== '') lookup.add(folder);
  const places = [...lookup]
    // What only its dependencies need, pnpm has there.
    .flatMap((place) => [place, path.join(place, '.pnpm', 'node_modules')])
    .filter((place) => fs.existsSync(place));
  return (name) => places.some((place) => fs.existsSync(path.join(place, name)));
}

/** A folder, and those that it is in. `resolve.paths` of a new `require` has the same, and takes some milliseconds when it is first asked. */
export function ancestorsOf(folder: string): string[] {
  const parent = path.dirname(folder);
  return parent === folder ? [folder] : [folder, ...ancestorsOf(parent)];
}

/** The file that a `require` of the name loads in the first of the folders where it is installed. */
export function resolveFrom(name: string, folders: readonly string[]): string | undefined {
  for (const folder of folders) {
    try {
      return createRequire(path.join(folder, 'noop.js')).resolve(name);
    } catch {
      // Not installed there.
    }
  }
  return undefined;
}
