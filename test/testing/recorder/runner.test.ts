import { expect } from 'chai';
import { resolveConfig } from '../../../src/options/resolve';
import { checkHookable, loadingRunner, type LoadingRunner } from '../../../src/testing/recorder/runner';
import { FIXTURES } from '../../install/support';

describe('targets under a runner that loads modules itself', () => {
  const check = (target: string, runner: LoadingRunner) => () => {
    checkHookable(resolveConfig({ targets: [target], baseDir: FIXTURES }).targets, FIXTURES, runner);
  };

  it('under mocha all are fine', () => {
    expect(loadingRunner()).to.equal(undefined);
    checkHookable(resolveConfig({ targets: ['./own/stream.js'] }).targets, FIXTURES);
  });

  it('no variable alone means such a runner: processes that a test starts inherit it', () => {
    const { JEST_WORKER_ID, VITEST_WORKER_ID } = process.env;
    Object.assign(process.env, { JEST_WORKER_ID: '1', VITEST_WORKER_ID: '1' });
    try {
      expect(loadingRunner()).to.equal(undefined);
    } finally {
      for (const [key, value] of Object.entries({ JEST_WORKER_ID, VITEST_WORKER_ID })) {
        if (value === undefined) Reflect.deleteProperty(process.env, key);
        else process.env[key] = value;
      }
    }
  });

  it('under Jest only core modules can be hooked; the error says which cannot, and what to do', () => {
    check('timers/promises[setInterval]', 'Jest')();
    for (const target of ['./own/stream.js[**]', 'writable-data[*]']) {
      expect(check(target, 'Jest')).to.throw(
        new RegExp(
          `^targets: ${target.replace(/[.*[\]]/g, '\\$&')} cannot be hooked under Jest: [^]*recorder\\.patch\\([^]*traceAsyncGenerator`,
        ),
      );
    }
  });

  it('under Vitest packages in CommonJS can also be hooked, ES modules and own files cannot', () => {
    check('timers/promises[setInterval]', 'Vitest')();
    check('writable-data', 'Vitest')();
    check('not-installed', 'Vitest')();
    for (const target of ['./own/stream.js', 'esm-only', 'dual-package']) {
      expect(check(target, 'Vitest')).to.throw(
        /cannot be hooked under Vitest: [^]*recorder\.patch\([^]*NODE_OPTIONS="--import/,
      );
    }
  });

  it("under Vitest's vm pools nothing can be hooked", () => {
    for (const target of ['./own/stream.js', 'writable-data', 'timers/promises[setInterval]']) {
      expect(check(target, "Vitest's vm pools")).to.throw(
        /cannot be hooked under Vitest's vm pools: [^]*recorder\.patch\([^]*`pool: "forks"`/,
      );
    }
  });
});
