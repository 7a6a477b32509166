// Real packages, traced as their users use them: `npm run test:packages`. They are installed here and not at the root,
// whose install must stay small.
import { execFileSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('../..', import.meta.url));
const run = (command, args) => {
  execFileSync(command, args, { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' });
};

for (const folder of [here, `${here}line-3/`]) {
  const installed = `${folder}node_modules/.package-lock.json`;
  const lock = `${folder}package-lock.json`;
  if (!existsSync(installed) || statSync(installed).mtimeMs < statSync(lock).mtimeMs) {
    run('npm', ['ci', '--prefix', folder]);
  }
}
run('npm', ['run', '--silent', 'build']);
try {
  run(process.execPath, ['node_modules/mocha/bin/mocha.js', '--config', 'test/packages/.mocharc.json']);
} catch {
  // mocha has said why.
  process.exitCode = 1;
}
