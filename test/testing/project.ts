/**
 * Projects for runners to run in: copies of a fixture, below build/, with this package's build installed.
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { ROOT, runNode, type ChildResult } from '../support/child';
import { writeFile } from '../support/folder';

const PACKAGE = 'opentelemetry-instrumentation-async-generator';

const MOCHA = require.resolve('mocha/bin/mocha.js');
/** By its file: mocha looks for packages from where it is installed itself, which here is the repository. */
const HOOKS = ['--require', `./node_modules/${PACKAGE}/build/src/testing.js`];

export interface Project {
  readonly folder: string;
  write(file: string, text: string): void;
  read(file: string): string;
  exists(file: string): boolean;
  remove(file: string): void;
  /** Runs Node. */
  run(args: readonly string[], env?: NodeJS.ProcessEnv): Promise<ChildResult>;
  /** Runs mocha, with the root hooks of the package unless told otherwise. */
  mocha(args: readonly string[], env?: NodeJS.ProcessEnv, hooks?: readonly string[]): Promise<ChildResult>;
  dispose(): void;
}

/** @param files besides those of the fixture: names and texts */
export function createProject(files: Readonly<Record<string, string>> = {}): Project {
  fs.mkdirSync(path.join(ROOT, 'build'), { recursive: true });
  // The real path: stacks and snapshots have it.
  const folder = fs.realpathSync(fs.mkdtempSync(path.join(ROOT, 'build', 'project-')));
  fs.cpSync(path.join(ROOT, 'test/fixtures/testing/project'), folder, { recursive: true });
  install(folder);

  const project: Project = {
    folder,
    write: (file, text) => void writeFile(folder, file, text),
    read: (file) => fs.readFileSync(path.join(folder, file), 'utf8'),
    exists: (file) => fs.existsSync(path.join(folder, file)),
    remove(file) {
      fs.rmSync(path.join(folder, file), { recursive: true });
    },
    run: (args, env) => runNode(args, { cwd: folder, env: { ...withoutSettings(), ...env } }),
    mocha: (args, env, hooks = HOOKS) => project.run([MOCHA, '--no-config', ...hooks, ...args], env),
    dispose() {
      fs.rmSync(folder, { recursive: true });
    },
  };
  for (const [file, text] of Object.entries(files)) project.write(file, text);
  return project;
}

/** As a package manager would, but for the dependencies, which are found further up. */
function install(folder: string): void {
  const installed = path.join(folder, 'node_modules', PACKAGE);
  fs.mkdirSync(installed, { recursive: true });
  fs.copyFileSync(path.join(ROOT, 'package.json'), path.join(installed, 'package.json'));
  fs.symlinkSync(path.join(ROOT, 'build'), path.join(installed, 'build'));
}

/** Takes out of the environment what would set up mocha, snapshots or tracing. */
function withoutSettings(): NodeJS.ProcessEnv {
  const names = Object.keys(process.env).filter((name) =>
    /^(?:CI|UPDATE_SNAPSHOTS|FORCE_COLOR|NO_COLOR|MOCHA_|NODE_TEST_CONTEXT|OTEL_)/.test(name),
  );
  return Object.fromEntries(names.map((name) => [name, undefined]));
}
