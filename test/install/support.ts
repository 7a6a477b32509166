/**
 * For tests of patching: an instrumentation in this process for CommonJS modules, and programs in processes of their
 * own for ES modules.
 */
import { diag, DiagLogLevel } from '@opentelemetry/api';
import { expect } from 'chai';
import Module = require('node:module');
import { createRequire } from 'node:module';
import * as path from 'node:path';
import { AsyncGeneratorInstrumentation, type AsyncGeneratorInstrumentationConfig, type TargetReport } from '../../src';
import { ROOT, runNode } from '../support/child';
import { useTracing, type TestTracing } from '../support/tracing';

export { drain } from '../trace/helpers';

export const FIXTURES = path.join(ROOT, 'test/fixtures');

/** What the fixtures export: an any, as it is to the JavaScript programs that use them. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Exports = any;

const requireFixture = createRequire(path.join(FIXTURES, 'x.js'));

/** Requires a module as a program in test/fixtures would. It stays loaded until the test ends. */
export function load(specifier: string): Exports {
  return requireFixture(specifier);
}

/** Makes the next require of a package, or of what lies in a folder, load it again. */
export function forget(packageOrFolder: string): void {
  const folder = path.isAbsolute(packageOrFolder)
    ? packageOrFolder
    : path.join(FIXTURES, 'node_modules', packageOrFolder);
  for (const file of Object.keys(requireFixture.cache)) {
    if (file.startsWith(folder + path.sep)) Reflect.deleteProperty(requireFixture.cache, file);
  }
}

export interface Patching {
  readonly tracing: TestTracing;
  /** What was written to `diag`, warnings and errors only. */
  readonly diagnostics: string[];
  /** Those of them that are warnings. */
  readonly warnings: string[];
  instrument(
    targets: AsyncGeneratorInstrumentationConfig['targets'],
    options?: AsyncGeneratorInstrumentationConfig,
  ): AsyncGeneratorInstrumentation;
}

/** Sets up tracing for a suite. After each test its instrumentations are disabled and its modules are forgotten. */
export function setUpPatching(): Patching {
  const tracing = useTracing();
  const instrumentations: AsyncGeneratorInstrumentation[] = [];
  const diagnostics: string[] = [];
  const warnings: string[] = [];

  // Under mocha every instrumentation gets a require-in-the-middle of its own, each of which slows down every require.
  const { require: pristineRequire } = Module.prototype;
  const { getBuiltinModule } = process;

  beforeEach(() => {
    diagnostics.length = 0;
    warnings.length = 0;
    const log = (...parts: unknown[]) => void diagnostics.push(parts.join(' '));
    const warn = (...parts: unknown[]) => {
      log(...parts);
      warnings.push(parts.join(' '));
    };
    const ignore = () => {};
    diag.setLogger(
      { error: log, warn, info: ignore, debug: ignore, verbose: ignore },
      { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
    );
  });
  afterEach(() => {
    for (const instrumentation of instrumentations.splice(0)) instrumentation.disable();
    forget(FIXTURES);
    Module.prototype.require = pristineRequire;
    process.getBuiltinModule = getBuiltinModule;
    diag.disable();
  });
  return {
    tracing,
    diagnostics,
    warnings,
    instrument(targets, options = {}) {
      const instrumentation = new AsyncGeneratorInstrumentation({ baseDir: FIXTURES, ...options, targets });
      instrumentations.push(instrumentation);
      return instrumentation;
    },
  };
}

/** Name and outcome of every span that has ended, for example `count completed`. */
export function spansOf(tracing: TestTracing): string[] {
  return tracing.spans().map(({ name, attributes }) => `${name} ${String(attributes['async_generator.outcome'])}`);
}

/** Paths and methods of everything patched, for example `count: property`. */
export function patchedIn(report: readonly TargetReport[]): string[] {
  return report.flatMap(({ modules }) =>
    modules.flatMap(({ exports }) => exports.map(({ path: exportPath, method }) => `${exportPath}: ${method}`)),
  );
}

export interface ProgramResult {
  /** What the program put into the global `seen`. */
  seen: Exports;
  spans: string[];
  report: TargetReport[];
  diagnostics: string[];
}

interface ProgramOptions {
  targets: AsyncGeneratorInstrumentationConfig['targets'];
  /** The program, below test/fixtures; it finds `seen`, `spans()`, `drain()` and `instrumentation` among its globals. */
  code: string;
  type?: 'module' | 'commonjs';
  env?: NodeJS.ProcessEnv;
}

/**
 * Runs a program with the instrumentation and the import hooks set up before it, and without them.
 *
 * @throws Error if the program has not seen the same in both
 */
export async function runProgram(options: ProgramOptions): Promise<ProgramResult> {
  const [traced, untraced] = await Promise.all([run(options), run({ ...options, targets: [] })]);
  expect(traced.seen, 'what the program saw, traced and untraced').to.deep.equal(untraced.seen);
  expect(untraced.spans).to.deep.equal([]);
  return traced;
}

async function run({ targets, code, type = 'module', env }: ProgramOptions): Promise<ProgramResult> {
  const args = ['--import', './setup.cjs', `--input-type=${type}`, '--eval', code];
  const { status, stdout, stderr } = await runNode(args, { env: { ...env, TARGETS: JSON.stringify(targets) } });
  if (status !== 0) throw new Error(`the program exited with ${status}:\n${stderr}\n${stdout}`);
  // Anything but the experimental warnings of a version of Node would be the hooks' doing.
  const lines = stderr.split('\n').filter((line) => line !== '' && !/ExperimentalWarning|--trace-warnings/.test(line));
  if (lines.length > 0) throw new Error(`the program wrote to stderr:\n${stderr}`);
  return JSON.parse(stdout) as ProgramResult;
}
