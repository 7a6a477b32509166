/** Puts traced functions into the exports of one loaded module. Exports that cannot be changed are replaced as a whole. */
import { isObjectLike, type AnyFunction } from '../base/intrinsics';
import type { Selector } from '../targets/selector';
import type { Target } from '../targets/target';
import { errorText } from '../telemetry/errors';
import { isTraced } from '../trace/wrappers';
import type { LoadedModule } from '../watch';
import { claimsOf, type Claim, claimsOn } from './select';
import { Edits, exportsAndBelow, type Replace } from './edit';
import { Installer, ownValue, type InstallOptions, type Locked } from './install';
import { namesOf } from './keys';
import { canBeReplaced, createReplacement, extendReplacement } from './replacement';
import type { ModuleEntry } from './report';

type PatchedModule = Pick<LoadedModule, 'exports' | 'isNamespace' | 'module'>;

export class ModulePatch {
  private readonly claims: readonly Claim[];
  private readonly edits: Edits;
  private readonly installer: Installer;
  /** The exports that the module itself has made. */
  private readonly made: unknown;
  /** The exports that it patches: those that the module has made, or those that another instrumentation has put in their place. */
  private original: unknown;
  /** Its replacement of `original`: other exports, or a function. */
  private current: object | undefined;
  /** `current`, where it is other exports. */
  private replacement: object | undefined;

  constructor(
    private readonly loaded: PatchedModule,
    private readonly entries: ReadonlyMap<Target, ModuleEntry>,
    options: InstallOptions,
    /** False for selectors of what is traced as source. */
    seeks?: (target: Target, selector: Selector) => boolean,
  ) {
    this.edits = new Edits(options.owner);
    this.installer = new Installer(entries, options, this.edits);
    this.claims = claimsOf(entries.keys(), seeks);
    this.original = loaded.exports;
    this.made = this.exportsAndBelow().at(-1);
  }

  /** Patches what there is. May be called again, for exports that were added since. Never throws. */
  apply(): void {
    this.beginAgainIfReplaced();
    const root = this.original;
    if (!isObjectLike(root)) return;
    try {
      this.applyTo(root);
    } catch (error) {
      for (const claim of this.claims) this.installer.failed(claim, `looking at its exports threw ${errorText(error)}`);
    }
  }

  /** Puts back all that nothing else has replaced since. */
  undo(): void {
    this.edits.undo();
    this.replacement = this.current = undefined;
  }

  /**
   * Another instrumentation that is disabled takes its exports away, and with them what this patch has changed in them: it begins again
   * with those that are there now. Not with what the program has put there.
   */
  private beginAgainIfReplaced(): void {
    const found = this.exportsAndBelow();
    if (found.includes(this.current ?? this.original) || found.at(-1) !== this.made) return;
    this.original = this.loaded.exports;
    this.replacement = this.current = undefined;
  }

  private exportsAndBelow(): unknown[] {
    const { module, exports } = this.loaded;
    return module === undefined ? [exports] : exportsAndBelow(module);
  }

  private applyTo(root: object): void {
    const { isNamespace, module } = this.loaded;
    // The report outlives the module, which a program may drop.
    const reference = new WeakRef(root);
    const available = () => {
      const exports = reference.deref();
      return exports === undefined ? [] : namesOf(exports);
    };
    for (const entry of this.entries.values()) entry.available = available;
    const locked = this.installer.patch(root, this.claims, isNamespace);
    this.installer.replaceAliases(root);
    if (module === undefined || (locked.size > 0 && !canBeReplaced(root))) {
      for (const [key, claims] of locked) this.installer.readOnly(claims, ownValue(root, key));
      if (typeof root === 'function' && !isNamespace)
        this.installer.readOnly(claimsOn(root, 'default', this.claims), root);
      return;
    }
    const call = typeof root === 'function' ? this.defaultOf(root as AnyFunction) : root;
    if (call !== root) this.installer.replaceAliases(root);
    if (locked.size > 0) this.replaceExports(module, root, locked, call as AnyFunction);
    else if (call !== root && this.loaded.exports === root) this.setExports(module, call);
  }

  /** A function as `module.exports` is its own default export: its replacement, or the function itself. */
  private defaultOf(root: AnyFunction): AnyFunction {
    const claims = isTraced(root) ? [] : claimsOn(root, 'default', this.claims);
    // It may have a name of its own as well: `module.exports = f; f.f = f`.
    return (
      claims.length === 0 ? this.installer.aliasOf(root) : this.installer.replaceLateValue(root, claims, 'exports')
    ) as AnyFunction;
  }

  private replaceExports(module: object, root: object, locked: Locked, call: AnyFunction): void {
    const replace = (key: PropertyKey): Replace => {
      const claims = locked.get(key);
      return (value) =>
        claims === undefined
          ? this.installer.aliasOf(value)
          : this.installer.replaceLateValue(value, claims, 'exports');
    };
    if (this.replacement !== undefined) {
      extendReplacement(this.replacement, root, replace);
      return;
    }
    this.replacement = createReplacement(root, replace, call);
    this.setExports(module, this.replacement);
    for (const [key, claims] of locked) this.installer.readIfNamed(this.replacement, key, claims);
  }

  private setExports(module: object, exports: object): void {
    this.current = exports;
    this.edits.exports(module, exports);
  }
}
