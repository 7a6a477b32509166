/**
 * Patches a module that the test has loaded, without any hook.
 */
import { trace } from '@opentelemetry/api';
import * as path from 'node:path';
import { types } from 'node:util';
import { invalid } from '../../base/invalid';
import { Factories } from '../../install/factory';
import { ModulePatch } from '../../install/module-patch';
import { createPlan } from '../../install/plan';
import { ModuleEntry, PatchReport } from '../../install/report';
import { isObjectLike } from '../../base/intrinsics';
import type { RunPlan } from '../../trace/plan';
import { OpenRuns, Scope } from '../../trace/scope';
import type { ResolvedConfig, Target } from '../../targets/target';
import { ATTR_CODE_FILE_PATH, ATTR_MODULE_NAME } from '../../telemetry/attributes';
import { logger } from '../../base/logger';
import { Reporter } from '../../base/reporter';
import { PACKAGE_NAME, PACKAGE_VERSION } from '../../version';
import { loadingRunner } from './runner';

/**
 * Patches the exports that the only target of `config` selects, in place.
 *
 * @param name of the module; undefined if the test has not said
 * @returns a function that takes the patch off, and ends the runs that are open as `interrupted`
 * @throws Error if something that was selected is not there, or cannot be replaced: then nothing is patched
 */
export function patchNamespace(namespace: object, config: ResolvedConfig, name: string | undefined): () => void {
  if (!isObjectLike(namespace)) throw invalid('namespace', namespace, 'the exports of a module');
  // What is imported has been loaded: its source can't be seen any more.
  const target: Target = { ...(config.targets[0] as Target), definitions: [] };
  const openRuns = new OpenRuns();
  const reporter = new Reporter(() => logger);
  const scope = new Scope({ tracer: () => trace.getTracer(PACKAGE_NAME, PACKAGE_VERSION) }, reporter, openRuns);
  const factories = new Factories(scope);
  const file = target.module.kind === 'file' ? path.resolve(config.baseDir, target.module.text) : target.module.text;

  const patch = (exports: object): { module: ModulePatch; entry: ModuleEntry; problem: () => string | undefined } => {
    const report = new PatchReport({ ...config, targets: [target], missingPresets: [] }, reporter);
    const entry = report.addModule(target, new ModuleEntry(name ?? 'the namespace', undefined, 'commonjs', false));
    const loaded = { exports, isNamespace: false, module: undefined };
    const module = new ModulePatch(loaded, new Map([[target, entry]]), {
      file,
      owner: scope,
      scope,
      factories,
      failedLater: () => {},
      tracingOf: (claim) => {
        const plan = createPlan(config, { claim, file, version: undefined });
        return { plan: name === undefined ? withoutModule(plan) : plan, scope };
      },
    });
    module.apply();
    readWaiting(exports, entry);
    return { module, entry, problem: () => report.toJSON()[0]?.message };
  };

  const patches = [patch(namespace)];
  const undo = () => {
    scope.enabled = false;
    for (const { module } of patches) module.undo();
    openRuns.interrupt();
  };
  const problem = patches[0]?.problem();
  if (problem !== undefined) {
    undo();
    throw new Error(`recorder.patch: ${problem}${adviceFor(namespace)}`);
  }
  const copied = copiedExportsOf(namespace);
  // `import * as ns` of a CommonJS module, as compilers do it, is a copy: the module itself calls its own exports.
  if (copied !== undefined) patches.push(patch(copied));
  return undo;
}

/** Getters are patched when they are read; the test wants to know now what becomes of them. */
function readWaiting(exports: object, { unread }: ModuleEntry): void {
  const keys = new Set([...unread.keys()].map((path) => path.split('.')[0] as string));
  for (const key of keys) Reflect.get(exports, key);
}

function withoutModule(plan: RunPlan): RunPlan {
  const { [ATTR_MODULE_NAME]: _name, [ATTR_CODE_FILE_PATH]: _file, ...attributes } = plan.attributes;
  return { ...plan, attributes, moduleName: undefined };
}

/** The exports of which `namespace` is a copy. */
function copiedExportsOf(namespace: object): object | undefined {
  const copied = Reflect.getOwnPropertyDescriptor(namespace, 'default')?.value as unknown;
  if (!isObjectLike(copied) || copied === namespace || types.isModuleNamespaceObject(copied)) return undefined;
  return Reflect.ownKeys(namespace).some((key) => key !== 'default' && Object.hasOwn(copied, key)) ? copied : undefined;
}

function adviceFor(namespace: object): string {
  if (!types.isModuleNamespaceObject(namespace) && !types.isProxy(namespace)) return '';
  const runner = loadingRunner();
  const why = 'Exports of an ES module cannot be replaced once it is loaded: select methods of its classes';
  // Under other runners no hook sees the module, whenever it is loaded.
  const isHookable = runner === undefined || runner === 'Vitest';
  return `. ${why}${isHookable ? ', or load the instrumentation before the module, with --import or NODE_OPTIONS' : ''}`;
}
