/**
 * What register loads before the application runs. How long that takes, the benchmark tells.
 */
import { expect } from 'chai';
import * as path from 'node:path';
import { ROOT, runNode } from '../support/child';

const PREFIX = 'OTEL_INSTRUMENTATION_ASYNC_GENERATOR_';

/** What is loaded only where it is needed: parts of the paths of files. */
const SELDOM_NEEDED = {
  "what writes the command's report": /run-report\/(?:runs|signals)\.js$/,
  'the reader of configuration files': /\/node_modules\/yaml\//,
  'the search for typing errors': /fastest-levenshtein/,
  'what wraps ES modules': /import-in-the-middle\/(?:create-hook|register-hooks)\.mjs$/,
};

/** The files that are loaded by the time the application begins. */
async function loadedFiles(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string[]> {
  const { status, stdout, stderr } = await runNode([...args, path.join(ROOT, 'test/fixtures/zero-code/loaded.cjs')], {
    cwd: path.join(ROOT, 'test/fixtures/zero-code'),
    env: {
      [`${PREFIX}TARGETS`]: '@aws-sdk/client-s3[paginate*];timers/promises[setInterval];./src/**/*.js',
      OTEL_TRACES_EXPORTER: 'none',
      OTEL_METRICS_EXPORTER: 'none',
      OTEL_LOGS_EXPORTER: 'none',
      ...env,
    },
  });
  expect({ status, stderr }).to.deep.equal({ status: 0, stderr: '' });
  return (JSON.parse(stdout) as string[]).map((file) => file.replaceAll(path.sep, '/'));
}

const register = path.join(ROOT, 'build/src/register.js');

describe('the start-up of register', function () {
  this.timeout(20_000);

  for (const preload of ['--require', '--import']) {
    let files: string[];

    before(async () => {
      files = await loadedFiles([preload, register]);
    });

    for (const [title, pattern] of Object.entries(SELDOM_NEEDED)) {
      it(`loads ${title} only if it is needed: ${preload}`, () => {
        expect(files.filter((file) => pattern.test(file))).to.deep.equal([]);
      });
    }

    it(`begins with the instrumentation and the SDK: ${preload}`, () => {
      for (const part of ['/build/src/bundle.js', '/@opentelemetry/sdk-node/']) {
        expect(
          files.some((file) => file.includes(part)),
          part,
        ).to.equal(true);
      }
    });
  }

  it('loads the reader of configuration files where there is one', async () => {
    const files = await loadedFiles(['--require', register], {
      [`${PREFIX}CONFIG_FILE`]: path.join(ROOT, 'package.json'),
      OTEL_LOG_LEVEL: 'none',
    });
    expect(files.some((file) => SELDOM_NEEDED['the reader of configuration files'].test(file))).to.equal(true);
  });
});
