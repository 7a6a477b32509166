/**
 * A problem with the configuration is reported once, though several parts could do so.
 */
import { expect } from 'chai';
import { runCli } from '../cli/support';
import { runNode } from '../support/child';
import { PACKAGE_NAME } from '../../src/version';

const PREFIX = 'OTEL_INSTRUMENTATION_ASYNC_GENERATOR_';
const PROBLEM = /'opnai' is not allowed/g;

describe('a problem with the configuration is said once', () => {
  const env = { [`${PREFIX}PRESETS`]: 'opnai', OTEL_TRACES_EXPORTER: 'none' };
  const REGISTER = ['--import', `${PACKAGE_NAME}/register`];
  const count = (text: string) => text.match(PROBLEM)?.length ?? 0;

  it('under register', async () => {
    const { stderr } = await runNode([...REGISTER, '--eval', ''], { env });
    expect(count(stderr), stderr).to.equal(1);
  });

  it('under register, with OTEL_LOG_LEVEL set', async () => {
    const { stderr } = await runNode([...REGISTER, '--eval', ''], { env: { ...env, OTEL_LOG_LEVEL: 'warn' } });
    expect(count(stderr), stderr).to.equal(1);
  });

  it('under register, in a program with threads of its own', async () => {
    const code = `
      const { Worker } = require('node:worker_threads');
      const worker = new Worker('./zero-code/waiting-worker.cjs');
      worker.once('online', () => worker.postMessage('end'));`;
    const { stderr } = await runNode([...REGISTER, '--eval', code], { env });
    expect(count(stderr), stderr).to.equal(1);
  });

  it('by run', async () => {
    const { report } = await runCli(['run', 'nothing.mjs'], { env });
    expect(count(report.replaceAll(/\s+/g, ' ')), report).to.equal(1);
  });

  it('in code, by the import hooks and the instrumentation together', async () => {
    const code = `
      const { diag, DiagConsoleLogger } = require('@opentelemetry/api');
      diag.setLogger(new DiagConsoleLogger());
      const api = require('${PACKAGE_NAME}');
      api.registerImportHooks();
      new api.AsyncGeneratorInstrumentation();`;
    const { stderr } = await runNode(['--eval', code], { env });
    expect(count(stderr), stderr).to.equal(1);
  });
});
