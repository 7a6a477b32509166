/**
 * Patches one loaded module: its exports in place, or others in the place of exports that cannot be changed.
 */
import { isObjectLike, type AnyFunction } from '../base/intrinsics';
import { isTraced } from '../trace/wrappers';
import type { Selector } from '../targets/selector';
import type { Target } from '../targets/target';
import { errorText } from '../telemetry/errors';
import { Edits, exportsAndBelow, type Replace } from './edit';
import { claimsOf, claimsOn, type Claim } from './claim';
import { ExportPatcher, ownValue, type PatchOptions } from './export-patcher';
import { namesOf } from './keys';
import { canBeReplaced, createReplacement, extendReplacement } from './replacement';
import type { ModuleEntry } from './report';

/** The exports of a module, and a way to put others in their place. */
export interface ExportsHolder {
  readonly exports: unknown;
  /** The namespace of an ES module as import-in-the-middle has it: its bindings are assigned one by one. */
  readonly isNamespace: boolean;
  /** The CommonJS module, if others can take the place of its exports. */
  readonly module: object | undefined;
}

export class ModulePatch {
  private readonly patcher: ExportPatcher;
  private readonly claims: readonly Claim[];
  private readonly edits: Edits;
  /** The object that took the place of the exports, if one had to. */
  private replacement: object | undefined;
  /** What it patches: what the module has made, or what another instrumentation has put in its place. */
  private original: unknown;
  /** What the module has made. */
  private readonly made: unknown;
  /** What it has put in the place of that: the replacement, or the function that stands in for a callable. */
  private standIn: unknown;

  constructor(
    private readonly holder: ExportsHolder,
    private readonly entries: ReadonlyMap<Target, ModuleEntry>,
    options: PatchOptions,
    /** Without those that the module is not to be asked for: what they mean is traced otherwise. */
    isMeant: (target: Target, selector: Selector) => boolean = () => true,
  ) {
    this.edits = new Edits(options.owner);
    this.patcher = new ExportPatcher(entries, options, this.edits);
    this.claims = claimsOf(entries.keys(), isMeant);
    this.original = holder.exports;
    this.made = holder.module === undefined ? holder.exports : exportsAndBelow(holder.module).at(-1);
  }

  /** Patches what there is. May be called again, for exports that were added since. Never throws. */
  apply(): void {
    this.beginAgainIfReplaced();
    const root = this.original;
    if (!isObjectLike(root)) return;
    try {
      this.applyTo(root);
    } catch (error) {
      for (const claim of this.claims) this.patcher.failed(claim, `looking at its exports threw ${errorText(error)}`);
    }
  }

  /**
   * Another instrumentation that is disabled takes its exports away, and with them what this patch has changed in them: it begins again
   * with those that are there now. Not with what the program has put there.
   */
  private beginAgainIfReplaced(): void {
    const { holder, made } = this;
    const current = holder.module === undefined ? [holder.exports] : exportsAndBelow(holder.module);
    if (current.includes(this.standIn ?? this.original) || current.at(-1) !== made) return;
    this.original = holder.exports;
    this.replacement = this.standIn = undefined;
  }

  private applyTo(root: object): void {
    const { isNamespace, module } = this.holder;
    // The report outlives the module, which a program may drop.
    const reference = new WeakRef(root);
    const available = () => {
      const exports = reference.deref();
      return exports === undefined ? [] : namesOf(exports);
    };
    for (const entry of this.entries.values()) entry.available = available;
    const locked = this.patcher.patchRoot(root, this.claims, isNamespace);
    this.patcher.patchAliases(root, isNamespace);
    if (module === undefined || (locked.size > 0 && !canBeReplaced(root))) {
      for (const [key, claims] of locked) this.patcher.noteReadOnly(claims, ownValue(root, key));
      if (typeof root === 'function' && !isNamespace) {
        this.patcher.noteReadOnly(claimsOn(root, 'default', this.claims), root);
      }
      return;
    }
    const call = typeof root === 'function' ? this.defaultOf(root as AnyFunction) : root;
    if (call !== root) this.patcher.patchAliases(root, isNamespace);
    if (locked.size > 0) this.replaceExports(root, locked, call as AnyFunction);
    else if (call !== root && this.holder.exports === root) this.setExports(call);
  }

  /** Puts everything back that is still ours. */
  undo(): void {
    this.edits.undo();
    this.replacement = this.standIn = undefined;
  }

  /** A function as `module.exports` is its own default export: what stands in for it, or the function itself. */
  private defaultOf(root: AnyFunction): AnyFunction {
    const claims = isTraced(root) ? [] : claimsOn(root, 'default', this.claims);
    // It may have a name of its own as well: `module.exports = f; f.f = f`.
    if (claims.length === 0) return this.patcher.aliasOf(root) as AnyFunction;
    return this.patcher.replaceValue(root, claims, (claim) => {
      this.patcher.patched(claim, 'exports');
    }) as AnyFunction;
  }

  private replaceExports(root: object, locked: ReadonlyMap<PropertyKey, Claim[]>, call: AnyFunction): void {
    const replace = (key: PropertyKey): Replace => {
      const claims = locked.get(key);
      return claims === undefined
        ? (value) => this.patcher.aliasOf(value)
        : (value) => this.patcher.replaceValue(value, claims, notePatched);
    };
    const notePatched = (claim: Claim) => {
      this.patcher.patched(claim, 'exports');
    };
    if (this.replacement !== undefined) {
      extendReplacement(this.replacement, root, replace);
      return;
    }
    this.replacement = createReplacement(root, replace, call);
    this.setExports(this.replacement);
    for (const [key, claims] of locked) this.patcher.readIfNamed(this.replacement, key, claims);
  }

  private setExports(exports: object): void {
    this.standIn = exports;
    if (this.holder.module !== undefined) this.edits.exports(this.holder.module, exports);
  }
}
