// Suites of mocha's that need packages which the root install is to be small without.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { npm, pack, QUIET } from '../../scripts/packed-package.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** OpenTelemetry's two lines, each with the version of Node that its projects are for. */
export const LINES = [
  { name: 'line-2', title: 'OpenTelemetry 2.x, Node 20', major: 20 },
  { name: 'line-3', title: 'OpenTelemetry 3.x, Node 24', major: 24 },
];
export const [LINE_2, LINE_3] = LINES;

/** Runs mocha with the suite's `.mocharc.json`. */
function runMocha(suite, { args = [], env } = {}) {
  const mocha = ['node_modules/mocha/bin/mocha.js', '--config', path.join(suite, '.mocharc.json'), ...args];
  try {
    execFileSync(process.execPath, mocha, { cwd: root, env: { ...process.env, ...env }, stdio: 'inherit' });
  } catch {
    // mocha has said why.
    process.exitCode = 1;
  }
}

/** Runs npm in the folder, unless what it has installed there is as new as the lock file. */
export function installFrom(folder, args) {
  const installed = path.join(folder, 'node_modules', '.package-lock.json');
  const lock = path.join(folder, 'package-lock.json');
  if (!existsSync(installed) || statSync(installed).mtimeMs < statSync(lock).mtimeMs) npm(args, { cwd: folder });
}

/** A suite on the build, with packages that are installed from the lock files of these folders. */
export function runSuite({ suite, installed }) {
  // First: npm makes the command of a package executable as it installs that, so it has to be there.
  npm(['run', '--silent', 'build']);
  for (const folder of installed) installFrom(folder, ['ci', ...QUIET]);
  runMocha(suite);
}

/**
 * A suite on the package as its users have it: packed, and installed by npm into projects outside this repository, so that nothing in
 * its node_modules can be found by mistake. Each line has a folder in the suite with what makes its project. Arguments are mocha's.
 *
 * @param variable of the environment, with a prefix: `<variable>_PROJECTS` names the folder of the projects, which stay there for the
 *   next time if it is set, and are removed at the end otherwise. The suite reads it, and `<variable>_TARBALL`
 * @param shared folder of files that every project gets, if there is one
 */
export function runPackedSuite({ suite, variable, shared }) {
  const kept = process.env[`${variable}_PROJECTS`];
  if (kept) mkdirSync(kept, { recursive: true });
  // Not by a symbolic link, as the folder for temporary files may be: spans, stacks and snapshots name files by their real paths.
  const folder = realpathSync(kept || mkdtempSync(path.join(tmpdir(), `${path.basename(suite)}-`)));
  try {
    npm(['run', '--silent', 'build']);
    const { tarball } = pack(folder);
    for (const line of LINES) installProject(line, [path.join(suite, line.name), shared], folder, tarball);
    const env = { [`${variable}_PROJECTS`]: folder, [`${variable}_TARBALL`]: tarball };
    runMocha(suite, { args: process.argv.slice(2), env });
  } catch (error) {
    // npm has said why.
    if (error.status === undefined) throw error;
    process.exitCode = 1;
  } finally {
    if (!kept) rmSync(folder, { recursive: true, force: true });
  }
}

function installProject({ name, major }, sources, folder, tarball) {
  const project = path.join(folder, name);
  const textOfLock = (directory) => readFileSync(path.join(directory, 'package-lock.json'), 'utf8');
  const isInstalled = existsSync(path.join(project, 'node_modules')) && textOfLock(sources[0]) === textOfLock(project);
  for (const source of sources) if (source !== undefined) cpSync(source, project, { recursive: true });
  if (!isInstalled) npm(['ci', '--prefer-offline', ...QUIET], { cwd: project, major });
  npm(['install', '--no-save', '--no-package-lock', '--prefer-offline', ...QUIET, tarball], { cwd: project, major });
}
