// The examples below examples/zero-code, as a reader runs them: `npm run test:examples`. Their dependencies are installed
// there and not at the root, whose install must stay small.
import { execFileSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const examples = `${root}examples/zero-code/`;
const run = (command, args) => {
  execFileSync(command, args, { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' });
};

// First: npm makes the command that the package has executable, so it has to be there.
run('npm', ['run', '--silent', 'build']);
const installed = `${examples}node_modules/.package-lock.json`;
const lock = `${examples}package-lock.json`;
if (!existsSync(installed) || statSync(installed).mtimeMs < statSync(lock).mtimeMs) {
  run('npm', ['ci', '--prefix', examples]);
}
try {
  run(process.execPath, ['node_modules/mocha/bin/mocha.js', '--config', 'test/examples-suite/.mocharc.json']);
} catch {
  // mocha has said why.
  process.exitCode = 1;
}
