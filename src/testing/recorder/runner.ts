/**
 * Which test runner is at work, and which targets it keeps from being hooked.
 */
import Module = require('node:module');
import { installedEntryFiles } from '../../targets/entry-files';
import type { Target } from '../../targets/target';
import { isEsModule } from './module-format';

/** Runners that load modules by themselves: Jest all of them, Vitest those of the project. */
export type LoadingRunner = 'Jest' | 'Vitest';

export function loadingRunner(): LoadingRunner | undefined {
  if (isInJest()) return 'Jest';
  // Both: processes that a test starts inherit the variable.
  const hasGlobals = Object.getOwnPropertyNames(globalThis).some((name) => name.startsWith('__vitest_'));
  return hasGlobals && process.env.VITEST_WORKER_ID !== undefined ? 'Vitest' : undefined;
}

/** Whether Jest has loaded this file, and not Node: processes that a test starts inherit the variable. */
function isInJest(): boolean {
  if (process.env.JEST_WORKER_ID === undefined) return false;
  const { _cache: cache } = Module as unknown as { _cache?: Record<string, unknown> };
  return cache?.[__filename] !== module;
}

/** @throws Error that names the targets that cannot be hooked under this runner, and says what to do instead */
export function checkHookable(targets: readonly Target[], baseDir: string, runner = loadingRunner()): void {
  if (runner === undefined) return;
  const out = targets.filter((target) => !isHookable(target, baseDir, runner));
  if (out.length === 0) return;
  const names = out.map(({ text }) => text).join(', ');
  throw new Error(`targets: ${names} cannot be hooked under ${runner}: ${WHY[runner]}. Instead\n${WHAT_TO_DO[runner]}`);
}

const WHY: Readonly<Record<LoadingRunner, string>> = {
  Jest: 'Jest loads modules itself, and no hook of Node sees them',
  Vitest:
    "Vitest loads the project's own modules itself, and imports of ES modules need Node's import hooks, which have to be " +
    'there before Vitest starts',
};

const BY_HAND = [
  "- patch the module that the test has imported: recorder.patch(await import('./module.js'), ['stream'])",
  '- or trace the function by hand: traceAsyncGenerator(stream)',
];
const WHAT_TO_DO: Readonly<Record<LoadingRunner, string>> = {
  Jest: [...BY_HAND, '- or run this test with Vitest, mocha or node:test, where packages can be hooked'].join('\n'),
  Vitest: [
    ...BY_HAND,
    '- or, for packages and what server.deps.external names, put the targets into a set-up file, which calls ' +
      'registerImportHooks and registers the instrumentation, and start Vitest with NODE_OPTIONS="--import ./setup.mjs"; ' +
      'the recorder then gets no targets',
  ].join('\n'),
};

function isHookable({ module }: Target, baseDir: string, runner: LoadingRunner): boolean {
  // One object for all, however it is loaded.
  if (module.kind === 'builtin') return true;
  if (runner === 'Jest' || module.kind === 'file') return false;
  // Vitest lets Node load packages; those in CommonJS need no import hooks.
  return ![...installedEntryFiles(module, baseDir)].some(isEsModule);
}
