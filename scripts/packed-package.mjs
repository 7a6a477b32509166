// The package as npm would publish it.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, renameSync } from 'node:fs';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { nodeFolder } from './nodes.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

export const QUIET = ['--no-audit', '--no-fund', '--loglevel=error'];

/** The environment of somebody's shell in a project of theirs: without the settings of the npm, or the coverage run, that runs a script of ours. */
export function userEnvironment(major) {
  const env = { ...process.env, npm_config_update_notifier: 'false' };
  for (const key of Object.keys(env)) if (/^npm_(config_(?!registry)|package_|lifecycle_)/i.test(key)) delete env[key];
  delete env.NODE_OPTIONS;
  delete env.NODE_V8_COVERAGE;
  if (major !== undefined) env.PATH = `${nodeFolder(major)}${path.delimiter}${env.PATH}`;
  return env;
}

/** npm, under the version of Node that a project is for: it chooses packages by it. */
export function npm(args, { cwd = root, major } = {}) {
  return execFileSync('npm', args, {
    cwd,
    env: userEnvironment(major),
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
}

/**
 * Packs the build, under a name that tells its contents apart: the caches of package managers go by names.
 *
 * @returns the tarball, the paths of the files in it, and how many bytes they have together
 */
export function pack(folder) {
  const parsed = JSON.parse(npm(['pack', '--json', '--ignore-scripts', '--pack-destination', folder]));
  const { filename, files, unpackedSize } = Array.isArray(parsed) ? parsed[0] : Object.values(parsed)[0];
  const packed = path.join(folder, path.basename(filename));
  const hash = createHash('sha256').update(readFileSync(packed)).digest('hex').slice(0, 16);
  const tarball = path.join(folder, `${hash}.tgz`);
  renameSync(packed, tarball);
  return { tarball, files: files.map((file) => file.path), unpackedSize };
}
