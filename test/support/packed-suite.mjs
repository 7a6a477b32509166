// A suite of mocha's on the package as its users have it: packed, and installed by npm into projects outside this repository, so that
// nothing in its node_modules can be found by mistake.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { npm, pack, QUIET } from '../../scripts/packed-package.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * @param suite folder of the suite, which has a `.mocharc.json`, and for each line a folder with what makes its project
 * @param lines `{ name, major }`: the projects, and the version of Node that each is for
 * @param variable of the environment, with a prefix: `<variable>_PROJECTS` names the folder of the projects, which stay there for the
 *   next time if it is set, and are removed at the end otherwise. The suite reads it, and `<variable>_TARBALL`
 * @param shared folder of files that every project gets, if there is one
 */
export function runPackedSuite({ suite, lines, variable, shared }) {
  const kept = process.env[`${variable}_PROJECTS`];
  if (kept) mkdirSync(kept, { recursive: true });
  // Not by a symbolic link, as the folder for temporary files may be: spans, stacks and snapshots name files by their real paths.
  const folder = realpathSync(kept || mkdtempSync(path.join(tmpdir(), `${path.basename(suite)}-`)));
  try {
    npm(['run', '--silent', 'build']);
    const { tarball } = pack(folder);
    for (const line of lines) installProject(line, [path.join(suite, line.name), shared], folder, tarball);
    const mocha = ['node_modules/mocha/bin/mocha.js', '--config', path.join(suite, '.mocharc.json')];
    const env = { ...process.env, [`${variable}_PROJECTS`]: folder, [`${variable}_TARBALL`]: tarball };
    execFileSync(process.execPath, [...mocha, ...process.argv.slice(2)], { cwd: root, env, stdio: 'inherit' });
  } catch (error) {
    // npm and mocha have said why.
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
