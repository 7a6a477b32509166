/**
 * Decides which targets a loaded module belongs to.
 */
import type { PackagePattern } from './module-pattern';
import { entryFiles, isInRange, PackageFinder, packageNameOf, type PackageInfo } from './packages';
import type { Target } from './target';

export interface MatchedModule {
  /** Absolute path, or the name of a core module. */
  readonly file: string;
  readonly version: string | undefined;
  /** In the order of the configuration. */
  readonly targets: readonly Target[];
  /** Those that select the module, but not this version of it. */
  readonly otherVersion: readonly Target[];
}

export class ModuleMatcher {
  private readonly finder = new PackageFinder();
  private readonly packages: ReadonlySet<string>;
  private readonly files: readonly Target[];
  /** By package folder and sub-path. */
  private readonly entries = new Map<string, ReadonlySet<string>>();

  constructor(private readonly targets: readonly Target[]) {
    const names = targets.flatMap(({ module }) => (module.kind === 'package' ? [module.name] : []));
    this.packages = new Set(names);
    this.files = targets.filter(({ module }) => module.kind === 'file');
  }

  /**
   * @param file absolute real path of the module
   * @param specifier what it was imported as, where that is known
   */
  match(file: string, specifier?: string): MatchedModule | undefined {
    const name = packageNameOf(file);
    // The common case, a module that no target selects, ends here, without access to the disk.
    const mayBePackage = name === undefined ? this.packages.size > 0 : this.packages.has(name);
    const own = new Set(this.files.filter(({ module }) => module.kind === 'file' && module.matches(file)));
    if (!mayBePackage && own.size === 0) return undefined;

    const info = this.finder.find(file);
    const inPackage = mayBePackage && info !== undefined && this.packages.has(info.name) ? info : undefined;
    const targets: Target[] = [];
    const otherVersion: Target[] = [];
    for (const target of this.targets) {
      if (own.has(target)) targets.push(target);
      if (target.module.kind !== 'package' || inPackage === undefined) continue;
      if (!this.isEntry(target.module, inPackage, file, specifier)) continue;
      (isInRange(inPackage.version, target.versions) ? targets : otherVersion).push(target);
    }
    if (targets.length === 0 && otherVersion.length === 0) return undefined;
    return { file, version: info?.version, targets, otherVersion };
  }

  private isEntry(pattern: PackagePattern, info: PackageInfo, file: string, specifier: string | undefined): boolean {
    if (pattern.name !== info.name) return false;
    if (specifier === pattern.text) return true;
    const key = `${info.root}\0${pattern.subpath}`;
    let files = this.entries.get(key);
    if (files === undefined) this.entries.set(key, (files = entryFiles(info, pattern.subpath)));
    return files.has(file);
  }
}
