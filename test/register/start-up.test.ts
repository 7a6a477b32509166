/**
 * What register loads before the application runs. How long that takes, the benchmark tells.
 */
import { expect } from 'chai';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { ROOT, runNode } from '../support/child';

const PREFIX = 'OTEL_INSTRUMENTATION_ASYNC_GENERATOR_';

/** What is loaded only where it is needed: parts of the paths of files. */
const SELDOM_NEEDED = {
  "what writes the command's report": /run-report\/(?:runs|signals)\.js$/,
  'the reader of configuration files': /options\/file\.js$/,
  'the search for typing errors': /fastest-levenshtein/,
  'what wraps ES modules': /import-in-the-middle\/(?:create-hook|register-hooks)\.mjs$/,
};

interface Coverage {
  result: { url: string; functions: { functionName: string; ranges: { count: number }[] }[] }[];
}

/** Our files that have run, those in the bundle too: each is a function there, named after its file, and V8 counts calls. */
function ownFiles(folder: string): string[] {
  const reports = readdirSync(folder).map(
    (file) => JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as Coverage,
  );
  const scripts = reports.flatMap(({ result }) => result.filter(({ url }) => url.includes('/build/src/')));
  const inBundle = scripts
    .filter(({ url }) => url.endsWith('/build/src/bundle.js'))
    .flatMap(({ functions }) => functions.filter(({ ranges }) => (ranges[0]?.count ?? 0) > 0))
    .map(({ functionName }) => functionName)
    .filter((name) => name.startsWith('build/modules/'))
    .map((name) => path.join(ROOT, name.replace('build/modules', 'build/src')).replaceAll(path.sep, '/'));
  return [...inBundle, ...scripts.map(({ url }) => url)];
}

/** The files that are loaded by the time the application begins, and the files of this package that are loaded by its end. */
async function loadedFiles(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string[]> {
  const folder = mkdtempSync(path.join(tmpdir(), 'start-up-'));
  try {
    const files = await filesOf(args, { ...env, NODE_V8_COVERAGE: folder });
    return [...files, ...ownFiles(folder)];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function filesOf(args: readonly string[], env: NodeJS.ProcessEnv): Promise<string[]> {
  const { status, stdout, stderr } = await runNode([...args, path.join(ROOT, 'test/fixtures/zero-code/loaded.cjs')], {
    cwd: path.join(ROOT, 'test/fixtures/zero-code'),
    env: {
      [`${PREFIX}TARGETS`]: '@aws-sdk/client-s3[paginate*];timers/promises[setInterval];./src/**/*.js',
      OTEL_TRACES_EXPORTER: 'none',
      OTEL_METRICS_EXPORTER: 'none',
      OTEL_LOGS_EXPORTER: 'none',
      // What became of the targets is told on stderr, but is not what these tests are about.
      OTEL_LOG_LEVEL: 'error',
      ...env,
    },
  });
  expect({ status, stderr }).to.deep.equal({ status: 0, stderr: '' });
  return (JSON.parse(stdout) as string[]).map((file) => file.replaceAll(path.sep, '/'));
}

const register = path.join(ROOT, 'build/src/register.js');

describe('the start-up of register', () => {
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
      for (const part of [
        path.join(ROOT, 'build/src/instrumentation.js').replaceAll(path.sep, '/'),
        '/@opentelemetry/sdk-node/',
      ]) {
        expect(
          files.some((file) => file.includes(part)),
          part,
        ).to.equal(true);
      }
    });
  }

  it('loads what looks for missing modules where a target has not been loaded by the end, and nowhere else', async () => {
    const isLoadedWith = async (targets: string) => {
      const files = await loadedFiles(['--require', register], { [`${PREFIX}TARGETS`]: targets });
      return files.some((file) => file.endsWith('/install/not-found.js'));
    };
    expect(await isLoadedWith('timers/promises[setInterval]')).to.equal(false);
    expect(await isLoadedWith('it-never')).to.equal(true);
  });

  it('loads the reader of configuration files where there is one', async () => {
    const files = await loadedFiles(['--require', register], {
      [`${PREFIX}CONFIG_FILE`]: path.join(ROOT, 'package.json'),
      OTEL_LOG_LEVEL: 'none',
    });
    expect(files.some((file) => SELDOM_NEEDED['the reader of configuration files'].test(file))).to.equal(true);
  });
});
