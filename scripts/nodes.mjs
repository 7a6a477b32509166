// Fetches other versions of Node from npm, once each, into .nodes/.
//
//   node scripts/nodes.mjs 22        prints the folder to put first in PATH
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';

const cache = fileURLToPath(new URL('../.nodes/', import.meta.url));
const platform = process.platform === 'win32' ? 'win' : process.platform;
const packageName = `node-${platform}-${process.arch}`;

/** The folder of the `node` of a major version. That of the running Node costs nothing. */
export function nodeFolder(major) {
  if (process.versions.node.split('.')[0] === String(major)) return path.dirname(process.execPath);
  const home = path.join(cache, String(major));
  const folder = path.join(home, 'node_modules', packageName, 'bin');
  if (!existsSync(folder)) {
    // Elsewhere first, so that one which was interrupted is not taken for a whole one.
    const partial = `${home}.${process.pid}`;
    mkdirSync(partial, { recursive: true });
    const spec = `${packageName}@${major}`;
    execFileSync('npm', ['install', '--prefix', partial, '--no-audit', '--no-fund', '--loglevel=error', spec], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    rmSync(home, { recursive: true, force: true });
    renameSync(partial, home);
  }
  return folder;
}

/** The executable of a major version. */
export const nodeFile = (major) => path.join(nodeFolder(major), process.platform === 'win32' ? 'node.exe' : 'node');

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.log(nodeFolder(process.argv[2]));
}
