// Programs made up by fast-check: `npm run test:fuzz -- --programs 20000`. Without `--seed` they are others every time.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { values } = parseArgs({
  options: {
    programs: { type: 'string', default: '20000' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
    // As a failure gives it: straight to the program that failed.
    path: { type: 'string' },
    grep: { type: 'string' },
  },
});
for (const name of ['programs', 'seed']) {
  if (!/^\d+$/.test(values[name])) {
    console.error(`--${name} takes a number, not '${values[name]}'`);
    process.exit(2);
  }
}
const { programs, seed, path, grep } = values;
console.log(`${programs} programs; to repeat them: npm run test:fuzz -- --programs ${programs} --seed ${seed}`);

const mocha = ['node_modules/mocha/bin/mocha.js', '--no-config', '--forbid-only'];
const requires = ['--require', 'tsx/cjs', '--require', './test/support/mocha-hooks.ts'];
const { status } = spawnSync(
  process.execPath,
  [...mocha, ...requires, ...(grep === undefined ? [] : ['--fgrep', grep]), 'test/fuzz/**/*.test.ts'],
  {
    cwd: root,
    stdio: 'inherit',
    env: {
      ...process.env,
      FUZZ_PROGRAMS: programs,
      FUZZ_SEED: seed,
      ...(path === undefined ? {} : { FUZZ_PATH: path }),
    },
  },
);
process.exitCode = status ?? 1;
