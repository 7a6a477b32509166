/** Applies a configuration to the modules as they are loaded, and takes it off again. */
import { setImmediate } from '../base/clock';
import { sharedByCopies } from '../base/registry';
import type { Scope } from '../trace/scope';
import { ModuleMatcher, type MatchedModule } from '../targets/packages';
import type { LoadedModule } from '../watch';
import type { SourceFile } from '../watch/source-rewriter';
import type { Selector } from '../targets/selector';
import type { SourceTarget } from '../targets/source-target';
import type { ResolvedConfig, Target } from '../targets/target';
import { SourcePatcher } from './source-patcher';
import { Factories } from './factory';
import { ModulePatch } from './module-patch';
import { createPlan } from './plan';
import { ModuleEntry, PatchReport } from './report';

/** Enabled patchers that have patched something, of all copies of this package. */
const livePatchers = sharedByCopies('patchers.v1', () => new Set<Pick<ModulePatcher, 'applyAgain'>>());

export class ModulePatcher {
  readonly report: PatchReport;
  private readonly matcher: ModuleMatcher;
  /** By what they patch, and only as long as that lives: a program may drop modules from the cache. */
  private patches = new WeakMap<object, ModulePatch>();
  private readonly patched = new Set<WeakRef<object>>();
  /** At how many of these those are removed whose module is gone: a program may load a module again and again. */
  private sweepAt = 64;
  /** Modules that may still add exports. */
  private readonly toLookAt: { readonly file: string; readonly look: () => void }[] = [];
  private isWarningLater = false;
  /** Of all edits. Not the patcher itself: an edit that could not be undone would keep an old configuration alive. */
  private readonly owner = {};
  private readonly factories: Factories;
  private readonly sources: SourcePatcher;

  constructor(
    private readonly config: ResolvedConfig,
    private readonly scope: Scope,
  ) {
    this.report = new PatchReport(config, scope.reporter);
    this.sources = new SourcePatcher(config, scope, this.report);
    this.matcher = new ModuleMatcher(config.targets);
    this.factories = new Factories(scope);
  }

  /** The targets that see their files as source. */
  get sourceTargets(): readonly SourceTarget[] {
    return this.sources.targets;
  }

  /** A file is about to run that such a target may select definitions of. */
  patchSource(file: SourceFile): void {
    this.guard(file.file, () => {
      livePatchers.add(this);
      this.sources.patch(file);
      this.warnLater();
    });
  }

  /** After the second look at the exports of what has been loaded, which follows in the next turn. */
  private warnLater(): void {
    // Once for all files of this turn.
    if (this.isWarningLater) return;
    this.isWarningLater = true;
    setImmediate(() => {
      this.isWarningLater = false;
      setImmediate(() => {
        this.report.warn({ includingNotLoaded: false });
      }).unref();
    }).unref();
  }

  patchModule(loaded: LoadedModule): void {
    const { file, format, specifier } = loaded;
    this.guard(file, () => {
      // One in a circle of imports is told of again when it has run.
      const known = this.patches.get(keyOf(loaded));
      if (known !== undefined) {
        known.apply();
        return;
      }
      const matched = format === 'builtin' ? this.matchBuiltin(file) : this.matcher.match(file, specifier);
      if (matched !== undefined) this.patch(loaded, matched);
    });
  }

  private matchBuiltin(name: string): MatchedModule {
    const targets = this.config.targets.filter(({ module }) => module.kind === 'builtin' && module.name === name);
    return { file: name, version: undefined, targets, otherVersion: [] };
  }

  /** Puts back what it can. Wrappers that stay pass straight through while the scope is disabled. */
  undo(): void {
    livePatchers.delete(this);
    this.sources.undo();
    const patches = this.livePatches();
    this.patches = new WeakMap();
    this.patched.clear();
    for (const patch of patches) {
      this.guard('an undo', () => {
        patch.undo();
      });
    }
    // Another instrumentation may want what this one has given up.
    for (const other of livePatchers) other.applyAgain();
  }

  /** A second look, for what others have put back or given up. */
  applyAgain(): void {
    this.guard('a second look', () => {
      this.sources.patchAgain();
    });
    for (const patch of this.livePatches()) {
      this.guard('a second look', () => {
        patch.apply();
      });
    }
  }

  private livePatches(): ModulePatch[] {
    const patches: ModulePatch[] = [];
    for (const reference of this.patched) {
      const key = reference.deref();
      const patch = key && this.patches.get(key);
      if (patch === undefined) this.patched.delete(reference);
      else patches.push(patch);
    }
    return patches;
  }

  private patch(loaded: LoadedModule, matched: MatchedModule): void {
    const { file, version } = matched;
    const { format, loadedBefore } = loaded;
    const key = keyOf(loaded);
    const seeks = (target: Target, selector: Selector) => this.sources.leavesToExports(target, selector, file);
    const targets = matched.targets.filter((target) => target.selectors.some((each) => seeks(target, each)));
    for (const target of matched.otherVersion) this.report.addOtherVersion(target, file, version);
    const entries = new Map<Target, ModuleEntry>();
    for (const target of targets) {
      const ofPackage = target.module.kind === 'package' ? version : undefined;
      entries.set(target, this.report.addModule(target, new ModuleEntry(file, ofPackage, format, loadedBefore)));
    }
    if (entries.size === 0) return;

    const patch = new ModulePatch(
      loaded,
      entries,
      {
        file,
        owner: this.owner,
        scope: this.scope,
        factories: this.factories,
        failedLater: () => {
          this.report.warn({ includingNotLoaded: false });
        },
        tracingOf: (claim) => {
          const plan = createPlan(this.config, { claim, file, version: entries.get(claim.target)?.version });
          return { plan, scope: this.scope };
        },
      },
      seeks,
    );
    livePatchers.add(this);
    this.patches.set(key, patch);
    this.patched.add(new WeakRef(key));
    if (this.patched.size >= this.sweepAt) this.sweepAt = Math.max(64, 2 * this.livePatches().length);
    patch.apply();
    // Some modules add exports after they have been loaded. The report waits for these.
    this.lookAgainLater(file, () => {
      // If it has been undone since, another may have followed, which would not know what this one patches.
      if (this.patches.get(key) === patch) patch.apply();
    });
  }

  private lookAgainLater(file: string, look: () => void): void {
    this.toLookAt.push({ file, look });
    // Once for all modules of this turn: an application loads hundreds, and to know what to warn of takes a look at all of them.
    if (this.toLookAt.length > 1) return;
    setImmediate(() => {
      for (const { file, look } of this.toLookAt.splice(0)) this.guard(file, look);
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

/** What a module is known by as long as it is loaded, whatever becomes of its exports. */
const keyOf = ({ module, exports }: LoadedModule): object => module ?? (exports as object);
