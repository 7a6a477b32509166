// The tests with coverage: `npm run coverage`. It is measured on the modules as TypeScript compiles them, each a file of its
// own, since the bundle that is shipped has others. They stand in build/src for as long as the tests run, and the bundle
// takes its place again however they end.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** @returns whether it succeeded */
function run(...args) {
  return spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status === 0;
}

// Ctrl-C ends the tests, which get it as well, and not what has to be done after them.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => undefined);

let succeeded = run('scripts/bundle.mjs', '--modules');
try {
  const mocha = ['node_modules/mocha/bin/mocha.js', '--require', './scripts/use-build.cjs', ...process.argv.slice(2)];
  succeeded &&= run('node_modules/c8/bin/c8.js', process.execPath, ...mocha);
} finally {
  succeeded = run('scripts/bundle.mjs') && succeeded;
}
process.exitCode = succeeded ? 0 : 1;
