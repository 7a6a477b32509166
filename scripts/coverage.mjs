// The tests with coverage: `npm run coverage`.
//
// While they run, build/src has each module as a file of its own. Tests run modules of src, and start the build in child processes.
// V8 can only add the two up if both run the same files: with chunks that source maps lead back to src, it counts branches twice,
// and two or three in a hundred as not covered. The build takes its place again however the tests end.
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ENTRIES } from './build.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const built = path.join(root, 'build', 'src');

/** @returns whether it succeeded */
function run(...args) {
  return spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status === 0;
}

function buildModules() {
  rmSync(built, { recursive: true, force: true });
  if (!run('node_modules/typescript/bin/tsc', '-p', 'tsconfig.coverage.json')) return false;
  for (const [name, source] of Object.entries(ENTRIES)) {
    const module = path.relative('src', source).replaceAll(path.sep, '/').replace(/\.ts$/, '');
    const file = path.join(built, `${name}.js`);
    if (!existsSync(file)) writeFileSync(file, `module.exports = require('./${module}.js');\n`);
  }
  return true;
}

// Ctrl-C ends the tests, which get it as well, and not what has to be done after them.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => undefined);

let succeeded = false;
try {
  const mocha = ['node_modules/mocha/bin/mocha.js', '--require', './scripts/use-build.cjs', ...process.argv.slice(2)];
  succeeded = buildModules() && run('node_modules/c8/bin/c8.js', process.execPath, ...mocha);
} finally {
  succeeded = run('scripts/build.mjs') && succeeded;
}
process.exitCode = succeeded ? 0 : 1;
