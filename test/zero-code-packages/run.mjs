// `opentelemetry-instrumentation-async-generator/register` as its users have it: `npm run test:zero-code`.
//
// The package is packed, and npm installs it beside the real packages of OpenTelemetry: 2.x on Node 20, 3.x on Node 24. Both
// projects are outside this repository, so that nothing in its node_modules can be found by mistake. They stay, for the
// next time, in the folder that ZERO_CODE_PROJECTS names; otherwise they are removed at the end.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { nodeFolder } from '../../scripts/nodes.mjs';
import { LINES } from './support/lines.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('../..', import.meta.url));
const QUIET = ['--no-audit', '--no-fund', '--loglevel=error'];

/** npm, under the version of Node that the project is for: it chooses packages by it. */
function npm(args, { cwd = root, major } = {}) {
  const env = { ...process.env, npm_config_update_notifier: 'false' };
  // Settings of the npm that runs this script are not those of a user's project.
  for (const key of Object.keys(env)) if (/^npm_(config_(?!registry)|package_|lifecycle_)/i.test(key)) delete env[key];
  if (major !== undefined) env.PATH = `${nodeFolder(major)}${path.delimiter}${env.PATH}`;
  const stdio = ['ignore', 'pipe', 'inherit'];
  return execFileSync('npm', args, { cwd, env, stdio, encoding: 'utf8', shell: process.platform === 'win32' });
}

/** Packs the build, under a name that tells its contents apart: caches go by names. */
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
    existsSync(path.join(project, 'node_modules')) && sameFile(here, project, path.join(name, 'package-lock.json'));
  mkdirSync(project, { recursive: true });
  cpSync(path.join(here, name), project, { recursive: true });
  cpSync(path.join(here, 'apps'), project, { recursive: true });
  if (!isInstalled) npm(['ci', '--prefer-offline', ...QUIET], { cwd: project, major });
  npm(['install', '--no-save', '--no-package-lock', '--prefer-offline', ...QUIET, tarball], { cwd: project, major });
}

const sameFile = (from, project, file) =>
  readFileSync(path.join(from, file), 'utf8') === readFileSync(path.join(project, path.basename(file)), 'utf8');

const kept = process.env.ZERO_CODE_PROJECTS;
if (kept) mkdirSync(kept, { recursive: true });
// Not by a symbolic link, as the folder for temporary files may be: spans name files by their real paths.
const folder = realpathSync(kept || mkdtempSync(path.join(tmpdir(), 'zero-code-')));
try {
  const tarball = pack(folder);
  for (const line of LINES) installProject(line, folder, tarball);
  const mocha = ['node_modules/mocha/bin/mocha.js', '--config', 'test/zero-code-packages/.mocharc.json'];
  const env = { ...process.env, ZERO_CODE_PROJECTS: folder, ZERO_CODE_TARBALL: tarball };
  execFileSync(process.execPath, [...mocha, ...process.argv.slice(2)], { cwd: root, env, stdio: 'inherit' });
} catch (error) {
  // npm and mocha have said why.
  if (error.status === undefined) throw error;
  process.exitCode = 1;
} finally {
  if (!kept) rmSync(folder, { recursive: true, force: true });
}
