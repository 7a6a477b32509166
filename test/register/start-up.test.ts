/**
 * What register loads before the application runs. How long that takes, the benchmark tells.
 */
import { expect } from 'chai';
import { readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ROOT, runNode } from '../support/child';
import { makeFolder } from '../support/folder';

const BUILD = pathToFileURL(path.join(ROOT, 'build/src/')).href;
const PREFIX = 'OTEL_INSTRUMENTATION_ASYNC_GENERATOR_';

/** What is loaded only where it is needed: parts of the paths of files. */
const SELDOM_NEEDED = {
  "what writes the command's report": /run-report\/(?:runs|signals)\.ts$/,
  presets: /src\/presets\/(?!preset\.ts)/,
  'the reader of configuration files': /options\/file\.ts$/,
  'the search for typing errors': /fastest-levenshtein/,
  'what wraps ES modules': /import-in-the-middle\/(?:create-hook|register-hooks)\.mjs$/,
};

interface Coverage {
  result: { url: string }[];
}

/** Our modules in the files that have run. The build names each in a comment, and with coverage it is a file of its own. */
function ownModules(folder: string): string[] {
  const reports = readdirSync(folder).map(
    (file) => JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as Coverage,
  );
  const urls = reports.flatMap(({ result }) => result.map(({ url }) => url)).filter((url) => url.startsWith(BUILD));
  const named = urls.flatMap(
    (url) => readFileSync(fileURLToPath(url), 'utf8').match(/(?<=^\/\/ )src\/.+\.ts$/gm) ?? [],
  );
  return [...named, ...urls.map((url) => url.replace(BUILD, 'src/').replace(/\.js$/, '.ts'))];
}

/** The files that are loaded by the time the application begins, and the files of this package that are loaded by its end. */
async function loadedFiles(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string[]> {
  const folder = makeFolder();
  const files = await filesOf(args, { ...env, NODE_V8_COVERAGE: folder });
  return [...files, ...ownModules(folder)];
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
      for (const part of ['src/instrumentation.ts', '/@opentelemetry/sdk-node/']) {
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
      return files.some((file) => file.endsWith('src/install/not-found.ts'));
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
