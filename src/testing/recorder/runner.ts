/**
 * Which test runner runs the tests, and which targets it keeps from being hooked.
 */
import fs = require('node:fs');
import Module = require('node:module');
import path = require('node:path');
import { installedEntryFiles } from '../../targets/packages';
import type { Target } from '../../targets/target';

/** Runners that load modules themselves: Jest and Vitest's vm pools all of them, Vitest otherwise those of the project. */
export type LoadingRunner = 'Jest' | 'Vitest' | "Vitest's vm pools";

export function loadingRunner(): LoadingRunner | undefined {
  // Not the variable alone: processes that a test starts inherit it.
  if (process.env.JEST_WORKER_ID !== undefined && !isInNodesOwnCache()) return 'Jest';
  const hasGlobals = Object.getOwnPropertyNames(globalThis).some((name) => name.startsWith('__vitest_'));
  if (!hasGlobals || process.env.VITEST_WORKER_ID === undefined) return undefined;
  return isInVmContext() ? "Vitest's vm pools" : 'Vitest';
}

/** Jest has a `Module` of its own. */
function isInNodesOwnCache(): boolean {
  const { _cache: cache } = Module as unknown as { _cache?: Record<string, unknown> };
  return cache?.[__filename] === module;
}

/** Core modules belong to Node's own realm, which is then another one. */
function isInVmContext(): boolean {
  return Object.getPrototypeOf(path) !== Object.prototype;
}

/** @throws Error that names the targets that cannot be hooked under this runner, and says what to do instead */
export function checkHookable(targets: readonly Target[], baseDir: string, runner = loadingRunner()): void {
  if (runner === undefined) return;
  const out = targets.filter((target) => !isHookable(target, baseDir, runner));
  if (out.length === 0) return;
  const names = out.map(({ text }) => text).join(', ');
  const advice = WAYS_OUT[runner].map((way) => `- ${way}`).join('\n');
  throw new Error(`targets: ${names} cannot be hooked under ${runner}: ${WHY[runner]}. Instead\n${advice}`);
}

const WHY: Readonly<Record<LoadingRunner, string>> = {
  Jest: 'Jest loads modules itself, and no hook of Node sees them',
  Vitest:
    "Vitest loads the project's own modules itself, and imports of ES modules need Node's import hooks, which have to be " +
    'there before Vitest starts',
  "Vitest's vm pools": 'they load modules themselves, and no hook of Node sees them',
};

const BY_HAND = [
  "patch the module that the test has imported: recorder.patch(await import('./module.js'), ['stream'])",
  'or trace the function by hand: traceAsyncGenerator(stream)',
];
const WAYS_OUT: Readonly<Record<LoadingRunner, readonly string[]>> = {
  Jest: [...BY_HAND, 'or run this test with Vitest, mocha or node:test, where packages can be hooked'],
  Vitest: [
    ...BY_HAND,
    'or, for packages and what server.deps.external names, put the targets into a set-up file, which calls ' +
      'registerImportHooks and registers the instrumentation, and start Vitest with NODE_OPTIONS="--import ./setup.mjs"; ' +
      'the recorder then gets no targets',
  ],
  "Vitest's vm pools": [
    ...BY_HAND,
    'or run this test with `pool: "forks"` or `pool: "threads"`, where packages can be hooked',
  ],
};

function isHookable({ module }: Target, baseDir: string, runner: LoadingRunner): boolean {
  // Not even an instrumentation can be created there: require-in-the-middle needs Node's `Module`.
  if (runner === "Vitest's vm pools") return false;
  // There is one object, however it is loaded.
  if (module.kind === 'builtin') return true;
  if (runner === 'Jest' || module.kind === 'file') return false;
  // Vitest lets Node load packages; those in CommonJS need no import hooks.
  return ![...installedEntryFiles(module, baseDir)].some(isEsModule);
}

/** Whether Node takes the file for an ES module: by its extension, else by the nearest package.json. */
function isEsModule(file: string): boolean {
  const extension = path.extname(file);
  return extension === '.mjs' || (extension === '.js' && typeIn(path.dirname(file)) === 'module');
}

function typeIn(folder: string): unknown {
  try {
    return (JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8')) as { type?: unknown }).type;
  } catch {
    const parent = path.dirname(folder);
    return parent === folder ? undefined : typeIn(parent);
  }
}
