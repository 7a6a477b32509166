/**
 * Patches one loaded module: its exports in place, or others in the place of exports that cannot be changed.
 */
import { sharedByCopies } from '../base/copies';
import { isObjectLike, type AnyFunction } from '../base/intrinsics';
import { isTraced } from '../trace/wrappers';
import type { Selector } from '../targets/selector';
import type { Target } from '../targets/target';
import { errorText } from '../telemetry/errors';
import { claimsOf, claimsOn, type Claim } from './claim';
import { ExportPatcher, ownValue, type PatchOptions } from './export-patcher';
import { namesOf } from './keys';
import { canBeReplaced, createReplacement, extendReplacement } from './replacement';
import type { ModuleEntry } from './report';
import type { Replace } from './slot';

/** The exports of a module, and a way to put others in their place. */
export interface ExportsHolder {
  readonly exports: unknown;
  /** The namespace of an ES module as import-in-the-middle has it: its bindings are assigned one by one. */
  readonly isNamespace: boolean;
  /** Undefined where nothing can take the place of the whole. */
  readonly replace: ((exports: unknown) => void) | undefined;
}

/** What stands in for the exports of a module -> what it stands in for: the module's own exports, or another stand-in. */
const standsFor = sharedByCopies('stand-ins.v1', () => new WeakMap<object, unknown>());

/** What stands behind `exports`, themselves first and what the module itself has made last. */
function layersOf(exports: unknown): unknown[] {
  const layers = [exports];
  for (let layer = exports; isObjectLike(layer) && standsFor.has(layer); layers.push(layer))
    layer = standsFor.get(layer);
  return layers;
}

export class ModulePatch {
  private readonly patcher: ExportPatcher;
  private readonly claims: readonly Claim[];
  /** The object that took the place of the exports, if one had to. */
  private replacement: object | undefined;
  /** What it patches: what the module has made, or what another instrumentation has put in its place. */
  private original: unknown;
  /** What it has put in the place of that: the replacement, or the function that stands in for a callable. */
  private standIn: unknown;

  constructor(
    private readonly holder: ExportsHolder,
    private readonly entries: ReadonlyMap<Target, ModuleEntry>,
    options: PatchOptions,
    /** Without those that the module is not to be asked for: what they mean is traced otherwise. */
    isMeant: (target: Target, selector: Selector) => boolean = () => true,
  ) {
    this.patcher = new ExportPatcher(entries, options);
    this.claims = claimsOf(entries.keys(), isMeant);
    this.original = holder.exports;
  }

  /** Patches what there is. May be called again, for exports that were added since. Never throws. */
  apply(): void {
    this.lookAnew();
    const root = this.original;
    if (!isObjectLike(root)) return;
    try {
      this.applyTo(root);
    } catch (error) {
      for (const claim of this.claims) this.patcher.failed(claim, `looking at its exports threw ${errorText(error)}`);
    }
  }

  /**
   * Another instrumentation that is disabled takes its stand-in away, and what was built on that goes with it: then nobody
   * gets what this patch has changed, and it begins again with what there is.
   */
  private lookAnew(): void {
    const layers = layersOf(this.holder.exports);
    if (layers.includes(this.standIn ?? this.original)) return;
    // Unless the program has put something else there.
    if (layers.at(-1) !== layersOf(this.original).at(-1)) return;
    this.original = this.holder.exports;
    this.replacement = this.standIn = undefined;
  }

  private applyTo(root: object): void {
    const { isNamespace, replace } = this.holder;
    // The report outlives the module, which a program may drop.
    const reference = new WeakRef(root);
    const available = () => {
      const exports = reference.deref();
      return exports === undefined ? [] : namesOf(exports);
    };
    for (const entry of this.entries.values()) entry.available = available;
    const locked = this.patcher.patchRoot(root, this.claims, isNamespace);
    this.patcher.patchAliases(root, isNamespace);
    if (replace === undefined || (locked.size > 0 && !canBeReplaced(root))) {
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
    this.patcher.undo();
    const { holder, original, standIn } = this;
    // Not what was there before, which another instrumentation may have put there and be done with. One that is not looks anew.
    if (standIn !== undefined && holder.exports === standIn) holder.replace?.(layersOf(original).at(-1));
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
    standsFor.set(exports, this.original);
    this.standIn = exports;
    this.holder.replace?.(exports);
  }
}
