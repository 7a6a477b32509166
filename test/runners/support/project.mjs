/**
 * Small projects for a runner to run in, below the one in which the runners and the packed package are installed.
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { nodeFile } from '../../../scripts/nodes.mjs';

export const PACKAGE = 'opentelemetry-instrumentation-async-generator';

/** What a runner would take from the process that this one was started by. */
const NOT_INHERITED =
  /^(?:CI|GITHUB_ACTIONS|NODE_|UPDATE_SNAPSHOTS|FORCE_COLOR|NO_COLOR|MOCHA_|VITEST|JEST_|OTEL_|npm_)/;

/** Commands, as `npx` would find them. */
const COMMANDS = {
  mocha: 'mocha/bin/mocha.js',
  vitest: 'vitest/vitest.mjs',
  jest: 'jest/bin/jest.js',
};

/**
 * @param line whose packages it finds
 * @param files names and texts
 * @param major another version of Node than the line's own
 * @param installed where the projects of the lines are
 */
export function createProject(line, files, major = line.major, installed = process.env.RUNNERS_PROJECTS) {
  if (!installed) throw new Error('RUNNERS_PROJECTS is not set: start these tests with `npm run test:runners`');
  const home = path.join(installed, line.name);
  const folder = mkdtempSync(path.join(home, 'project-'));
  const at = (file) => path.join(folder, file);

  const project = {
    folder,
    read: (file) => readFileSync(at(file), 'utf8'),
    exists: (file) => existsSync(at(file)),
    write(file, text) {
      mkdirSync(path.dirname(at(file)), { recursive: true });
      writeFileSync(at(file), text);
    },
    /** Replaces a text that has to be there. */
    edit(file, from, to) {
      const text = project.read(file);
      if (!text.includes(from)) throw new Error(`${file} does not contain ${from}`);
      project.write(file, text.replaceAll(from, to));
    },
    remove(file) {
      rmSync(at(file), { recursive: true });
    },
    /** Runs Node to its end. `output` is all that it has printed, without colours. */
    node: (args, env) => execute(nodeFile(major), args, { cwd: folder, env }),
    /** Runs a command of an installed package. */
    run: (command, args, env) => project.node([path.join(home, 'node_modules', COMMANDS[command]), ...args], env),
    dispose() {
      rmSync(folder, { recursive: true, force: true });
    },
  };
  project.write('package.json', '{ "name": "project", "private": true }\n');
  for (const [file, text] of Object.entries(files)) project.write(file, text);
  return project;
}

function execute(file, args, { cwd, env }) {
  const inherited = Object.entries(process.env).filter(([name]) => !NOT_INHERITED.test(name));
  const options = { cwd, env: { ...Object.fromEntries(inherited), ...env }, maxBuffer: 1e8 };
  return new Promise((resolve) => {
    const child = execFile(file, args, options, (error, stdout, stderr) => {
      const status = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
      // eslint-disable-next-line no-control-regex
      const output = `${stdout}${stderr}`.replace(/\u001b\[[\d;]*m/g, '');
      resolve({ status, output, stdout, stderr });
    });
    child.stdin.end();
  });
}

/** For `afterEach`: removes the projects that a test has made. */
export function useProjects() {
  const projects = [];
  return {
    create(...args) {
      const project = createProject(...args);
      projects.push(project);
      return project;
    },
    dispose() {
      for (const project of projects.splice(0)) project.dispose();
    },
  };
}
