/**
 * Runs the async-generator tests of test262, the language's own conformance suite, with every async-generator function in them
 * traced, and compares with the same tests untraced.
 *
 *   git clone --depth 1 https://github.com/tc39/test262
 *   node test/conformance/run.mjs path/to/test262 [options of traceAsyncGenerator as JSON]
 *   node test/conformance/run.mjs --source path/to/test262
 *
 * With --source every test goes through the transformer of source mode instead of having its functions wrapped; with --source=all this
 * transforms every function that a name can select, too.
 *
 * The suite is not part of this repository, so this is no part of `npm test`. It needs the build.
 */
import { readdirSync, readFileSync } from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { Worker } from 'node:worker_threads';

/** Tests that compare a function with the name it has inside its own body: no stand-in can be that. */
const EXPECTED = [
  'named-no-strict-reassign-fn-name-in-body.js',
  'named-no-strict-reassign-fn-name-in-body-in-arrow.js',
  'named-no-strict-reassign-fn-name-in-body-in-eval.js',
];

const FOLDERS = [
  'built-ins/AsyncFromSyncIteratorPrototype',
  'built-ins/AsyncGeneratorFunction',
  'built-ins/AsyncGeneratorPrototype',
  'built-ins/AsyncIteratorPrototype',
  'language/expressions/async-generator',
  'language/expressions/class/async-gen-method',
  'language/expressions/object/method-definition',
  'language/expressions/yield',
  'language/statements/async-generator',
  'language/statements/class/async-gen-method',
  'language/statements/class/async-gen-method-static',
  'language/statements/for-await-of',
];

/** Wherever the language has async generators. */
const SOURCE_FOLDERS = ['annexB', 'built-ins', 'language'];

const mode = process.argv.find((argument) => /^--source(?:=all)?$/.test(argument));
const [suite, options = '{}'] = process.argv.slice(2).filter((argument) => argument !== mode);
if (suite === undefined) {
  console.error('usage: node test/conformance/run.mjs [--source|--source=all] PATH-TO-TEST262 [OPTIONS-AS-JSON]');
  process.exit(2);
}

const files = (mode === undefined ? FOLDERS : SOURCE_FOLDERS).flatMap((folder) =>
  testsBelow(path.join(suite, 'test', folder)),
);
const untraced = await runAll(undefined);
const traced = await runAll(JSON.parse(options));
const passing = files.filter((file) => untraced.get(file) === 'pass');
const broken = passing.filter((file) => !traced.get(file).startsWith('pass'));
const unexpected = broken.filter((file) => !EXPECTED.includes(path.basename(file)));
for (const file of broken) {
  const expected = unexpected.includes(file) ? '' : ' (expected)';
  console.log(`${path.relative(suite, file)}${expected}: ${String(traced.get(file)).split('\n')[0]}`);
}
console.log(
  `Node ${process.version}, ${mode ?? 'exports'}, options ${options}: ${files.length} tests, ${passing.length} pass untraced,`,
);
console.log(`${passing.length - broken.length} of these pass traced, ${unexpected.length} fail unexpectedly`);
const notParsed = passing.filter((file) => traced.get(file) === 'pass, not parsed');
if (notParsed.length > 0)
  console.log(`${notParsed.length} run as they are, since the parser does not know their syntax`);
process.exit(unexpected.length === 0 && passing.length > 0 ? 0 : 1);

/** The tests that hold an async generator and can be run: as scripts, or with the transformer as modules, too. */
function testsBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.js') && !entry.name.includes('_FIXTURE'))
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((file) => {
      const text = readFileSync(file, 'utf8');
      if (mode === undefined && /flags: \[[^\]]*module/.test(text)) return false;
      return /async (?:function )?\s*\*|AsyncGenerator/.test(text) && !/negative:|flags: \[[^\]]*raw/.test(text);
    });
}

/** @param traceOptions undefined to leave everything untraced */
async function runAll(traceOptions) {
  const results = new Map();
  const queue = [...files];
  const worker = async () => {
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
      results.set(file, await runOne(file, traceOptions));
    }
  };
  await Promise.all(Array.from({ length: os.availableParallelism() }, worker));
  return results;
}

/** Each test has a thread, and with it globals, of its own: many of them change those. */
function runOne(file, traceOptions) {
  return new Promise((resolve) => {
    const worker = new Worker(new URL('./worker.cjs', import.meta.url), {
      workerData: { file, harness: path.join(suite, 'harness'), mode, traceOptions },
      execArgv: mode === undefined ? [] : ['--experimental-vm-modules', '--no-warnings'],
    });
    const timer = setTimeout(() => settle('timed out'), 20_000);
    const settle = (result) => {
      clearTimeout(timer);
      void worker.terminate();
      resolve(result);
    };
    worker.once('message', settle);
    worker.once('error', (error) => settle(`error: ${error.message}`));
    worker.once('exit', () => settle('exited'));
  });
}
