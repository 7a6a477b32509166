/**
 * Applies a configuration to the modules as they are loaded, and takes it off again.
 */
import { types } from 'node:util';
import type { ResolvedConfig } from '../config/validate';
import { RunLifecycle } from '../run/lifecycle';
import type { Scope } from '../run/scope';
import { traceFunction } from '../run/wrappers';
import { ModuleMatcher, type MatchedModule } from '../targets/module-matcher';
import type { Target } from '../targets/target';
import { ModulePatch, type ExportsHolder } from './module-patch';
import { createPlan } from './plan';
import { ModuleEntry, PatchReport, type ModuleFormat } from './report';

/** A CommonJS module: its exports can be put in place of others. */
interface ReplaceableModule {
  exports: unknown;
}

export class ModulePatcher {
  readonly report: PatchReport;
  private readonly matcher: ModuleMatcher;
  private readonly patches = new Map<object, ModulePatch>();

  constructor(
    private readonly config: ResolvedConfig,
    private readonly scope: Scope,
  ) {
    this.matcher = new ModuleMatcher(config.targets);
    this.report = new PatchReport(config.targets, scope.reporter);
  }

  /** Core modules that are targets. */
  get builtins(): ReadonlySet<string> {
    const names = this.config.targets.flatMap(({ module }) => (module.kind === 'builtin' ? [module.name] : []));
    return new Set(names);
  }

  /** Whether the module is one that `patchCommonJs` would patch. */
  matches(file: string): boolean {
    return this.matcher.match(file) !== undefined;
  }

  patchCommonJs(module: ReplaceableModule, file: string, loadedBefore: boolean): void {
    this.guard(file, () => {
      const matched = this.matcher.match(file);
      if (matched === undefined) return;
      const holder: ExportsHolder = {
        get exports() {
          return module.exports;
        },
        isNamespace: false,
        replace: (exports) => {
          replaceExportsOf(module, exports);
        },
      };
      const format = types.isModuleNamespaceObject(module.exports) ? 'module' : 'commonjs';
      this.patch(module, holder, matched, format, loadedBefore);
    });
  }

  patchImported(namespace: Record<string, unknown>, file: string, specifier: string | undefined): void {
    this.guard(file, () => {
      const matched = this.matcher.match(file, specifier);
      if (matched === undefined) return;
      const holder = { exports: namespace, isNamespace: true, replace: undefined };
      this.patch(namespace, holder, matched, 'module', false);
    });
  }

  patchBuiltin(name: string, exports: unknown): void {
    this.guard(name, () => {
      const targets = this.config.targets.filter(({ module }) => module.kind === 'builtin' && module.name === name);
      const matched = { file: name, version: undefined, targets, otherVersion: [] };
      // Its exports object serves the whole process: nothing could take its place.
      const holder = { exports, isNamespace: false, replace: undefined };
      this.patch(exports as object, holder, matched, 'builtin', false);
    });
  }

  /** Puts back what can be put back. What cannot, passes straight through while the scope is disabled. */
  undo(): void {
    for (const patch of this.patches.values())
      this.guard('an undo', () => {
        patch.undo();
      });
    this.patches.clear();
  }

  private patch(
    key: object,
    holder: ExportsHolder,
    matched: MatchedModule,
    format: ModuleFormat,
    loadedBefore: boolean,
  ): void {
    const { file, version, targets } = matched;
    for (const target of matched.otherVersion) this.report.addOtherVersion(target, file, version);
    const entries = new Map<Target, ModuleEntry>();
    for (const target of targets) {
      const ofPackage = target.module.kind === 'package' ? version : undefined;
      entries.set(target, this.report.addModule(target, new ModuleEntry(file, ofPackage, format, loadedBefore)));
    }
    if (entries.size === 0) return;

    const patch = new ModulePatch(holder, entries, {
      isEnabled: () => this.scope.enabled,
      trace: (fn, claim) =>
        traceFunction(fn, () => {
          const plan = createPlan(this.config, { claim, file, version: entries.get(claim.target)?.version });
          return new RunLifecycle(plan, this.scope);
        }),
    });
    this.patches.set(key, patch);
    patch.apply();
    // Some modules add exports once they are loaded; what still matches nothing after that is reported.
    setImmediate(() => {
      if (this.patches.get(key) === patch)
        this.guard(file, () => {
          patch.apply();
        });
      this.report.warn({ includingNotLoaded: false });
    }).unref();
  }

  /** An exception here would break the program's `require` or `import`. */
  private guard(file: string, work: () => void): void {
    try {
      work();
    } catch (error) {
      this.scope.reporter.errorOnce(`patch:${file}`, `patching ${file} failed; it runs untraced`, error);
    }
  }
}

/**
 * Also in what require-in-the-middle, which every instrumentation of OpenTelemetry brings along, remembers on the module
 * object: it would go on to give out the old exports.
 */
function replaceExportsOf(module: ReplaceableModule, exports: unknown): void {
  const previous = module.exports;
  module.exports = exports;
  const slots = module as unknown as Record<symbol, unknown>;
  for (const key of Object.getOwnPropertySymbols(module)) {
    if (key.description === 'RitmExports' && slots[key] === previous) slots[key] = exports;
  }
}
