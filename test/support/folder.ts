/**
 * Folders for what a test writes. They lie outside of this repository, so that nothing in its node_modules is found from there, and
 * are removed when the process ends.
 */
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { PACKAGE_NAME } from '../../src/version';
import { ROOT } from './child';

/** By paths that may go through folders that do not exist yet. */
export type Files = Readonly<Record<string, string>>;

let home: string | undefined;

/** A new folder with these files. By its real path, as spans, stacks and snapshots have it. */
export function makeFolder(files: Files = {}, name = 'folder'): string {
  home ??= makeHome();
  const folder = fs.mkdtempSync(path.join(home, `${name}-`));
  for (const [file, text] of Object.entries(files)) writeFile(folder, file, text);
  return folder;
}

function makeHome(): string {
  const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'async-generator-')));
  process.once('exit', () => {
    fs.rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

/** @returns the path of the file */
export function writeFile(folder: string, name: string, text: string): string {
  const file = path.join(folder, name);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, text);
  return file;
}

/** A new folder in which this package, OpenTelemetry's and some of those of this repository are installed. */
export function makeProject(files: Files, packages: readonly string[] = []): string {
  const folder = makeFolder(files);
  const installed = path.join(folder, 'node_modules');
  fs.mkdirSync(installed, { recursive: true });
  fs.symlinkSync(ROOT, path.join(installed, PACKAGE_NAME));
  for (const name of ['@opentelemetry', ...packages]) {
    fs.symlinkSync(path.join(ROOT, 'node_modules', name), path.join(installed, name));
  }
  return folder;
}

/** Packages that only the command line, and what it starts, needs. */
const BUNDLED = ['@opentelemetry/context-async-hooks', 'cli-truncate', 'commander', 'string-width', 'wrap-ansi'];

/**
 * Installs this package in the folder, with what npm installs with it and nothing else: there is no SDK.
 *
 * @returns the folder of the package
 */
export function installPackage(folder: string): string {
  const installed = path.join(folder, 'node_modules');
  const home = path.join(installed, PACKAGE_NAME);
  for (const name of ['package.json', 'build/src']) {
    fs.cpSync(path.join(ROOT, name), path.join(home, name), { recursive: true });
  }
  const { dependencies } = require(path.join(ROOT, 'package.json')) as { dependencies: object };
  // With coverage, each module is a file of its own, which requires what the build bundles.
  const bundled = fs.existsSync(path.join(home, 'build/src/cli')) ? BUNDLED : [];
  for (const name of [...Object.keys(dependencies), '@opentelemetry/api', ...bundled]) {
    fs.mkdirSync(path.dirname(path.join(installed, name)), { recursive: true });
    fs.symlinkSync(path.join(ROOT, 'node_modules', name), path.join(installed, name));
  }
  return home;
}
