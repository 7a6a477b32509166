// Span snapshots with real test runners: `npm run test:runners`.
//
// The package is packed, and npm installs it beside mocha, Vitest and Jest: with OpenTelemetry 2.x on Node 20, and with 3.x on
// Node 24. Both projects are outside this repository, so that nothing in its node_modules can be found by mistake. They stay,
// for the next time, in the folder that RUNNERS_PROJECTS names; otherwise they are removed at the end. Arguments are mocha's.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { nodeFolder } from '../../scripts/nodes.mjs';
import { LINES } from './support/lines.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('../..', import.meta.url));
const QUIET = ['--no-audit', '--no-fund', '--loglevel=error'];

/** npm, under the version of Node that the project is for. */
function npm(args, { cwd = root, major } = {}) {
  const env = { ...process.env, npm_config_update_notifier: 'false' };
  // Settings of the npm that runs this script are not those of a user's project.
  for (const key of Object.keys(env)) if (/^npm_(config_(?!registry)|package_|lifecycle_)/i.test(key)) delete env[key];
  if (major !== undefined) env.PATH = `${nodeFolder(major)}${path.delimiter}${env.PATH}`;
  const stdio = ['ignore', 'pipe', 'inherit'];
  return execFileSync('npm', args, { cwd, env, stdio, encoding: 'utf8', shell: process.platform === 'win32' });
}

/** Packs the build, under a name that tells its contents apart: npm's cache goes by names. */
function pack(folder) {
  npm(['run', '--silent', 'build']);
  const parsed = JSON.parse(npm(['pack', '--json', '--ignore-scripts', '--pack-destination', folder]));
  const { filename } = Array.isArray(parsed) ? parsed[0] : Object.values(parsed)[0];
  const packed = path.join(folder, path.basename(filename));
  const hash = createHash('sha256').update(readFileSync(packed)).digest('hex').slice(0, 16);
  const tarball = path.join(folder, `${hash}.tgz`);
  renameSync(packed, tarball);
  return tarball;
}

function installProject({ name, major }, folder, tarball) {
  const project = path.join(folder, name);
  const isInstalled =
    existsSync(path.join(project, 'node_modules')) &&
    textOf(path.join(here, name, 'package-lock.json')) === textOf(path.join(project, 'package-lock.json'));
  mkdirSync(project, { recursive: true });
  for (const file of ['package.json', 'package-lock.json']) {
    copyFileSync(path.join(here, name, file), path.join(project, file));
  }
  if (!isInstalled) npm(['ci', '--prefer-offline', ...QUIET], { cwd: project, major });
  npm(['install', '--no-save', '--no-package-lock', '--prefer-offline', ...QUIET, tarball], { cwd: project, major });
}

const textOf = (file) => readFileSync(file, 'utf8');

const kept = process.env.RUNNERS_PROJECTS;
if (kept) mkdirSync(kept, { recursive: true });
// Not by a symbolic link, as the folder for temporary files may be: stacks and snapshots name files by their real paths.
const folder = realpathSync(kept || mkdtempSync(path.join(tmpdir(), 'runners-')));
try {
  const tarball = pack(folder);
  for (const line of LINES) installProject(line, folder, tarball);
  const mocha = ['node_modules/mocha/bin/mocha.js', '--config', 'test/runners/.mocharc.json'];
  const env = { ...process.env, RUNNERS_PROJECTS: folder };
  execFileSync(process.execPath, [...mocha, ...process.argv.slice(2)], { cwd: root, env, stdio: 'inherit' });
} catch (error) {
  // npm and mocha have said why.
  if (error.status === undefined) throw error;
  process.exitCode = 1;
} finally {
  if (!kept) rmSync(folder, { recursive: true, force: true });
}
