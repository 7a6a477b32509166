/** A target that sees its files as source: which files, and what in them. */
import type { Definition } from '../source/places';
import { mayHoldAsyncGenerators } from '../source/text';
import { parseModulePattern, type ModulePattern } from './module-pattern';
import { entryFiles, isInRange, PackageFinder, packageNameOf } from './packages';
import { parseSelector, type Selector } from './selector';
import type { Target } from './target';

type SourcePart = Pick<Target, 'module' | 'definitions' | 'exclude' | 'versions'>;

/** A source target as plain data, for the loader thread. */
export interface SourceTargetData {
  readonly module: string;
  readonly baseDir: string;
  readonly definitions: readonly string[];
  readonly exclude: readonly string[];
  readonly versions: string | undefined;
}

const NONE: readonly Selector[] = [];

export class SourceTarget {
  /** @param file absolute real path */
  readonly matches: (file: string) => boolean;

  /** Whether a selector takes more than async generators. */
  private readonly namesAny: boolean;

  constructor(private readonly target: SourcePart) {
    this.namesAny = target.definitions.some(({ definition }) => definition?.isWildcard === false);
    this.matches = matcherOf(target.module, target.versions);
  }

  /** Whether a source may define something that the target selects. It is not parsed. */
  mayBeIn(source: string): boolean {
    return this.target.definitions.some(({ definition }) =>
      definition?.isWildcard === false ? source.includes(definition.name) : mayHoldAsyncGenerators(source),
    );
  }

  /** The selectors that take a definition. */
  selectorsOf({ path, isAsyncGenerator }: Definition): readonly Selector[] {
    if (!isAsyncGenerator && !this.namesAny) return NONE;
    const { definitions, exclude } = this.target;
    const selectors = definitions.filter(
      ({ definition }) => definition && (isAsyncGenerator || !definition.isWildcard) && definition.matches(path),
    );
    return selectors.length > 0 && exclude.some(({ definition }) => definition?.matches(path)) ? [] : selectors;
  }
}

/** The targets of a configuration that see their files as source. */
export function seesSource({ definitions }: Target): boolean {
  return definitions.length > 0;
}

export function toSourceTargetData(target: Target, baseDir: string): SourceTargetData {
  const { module, definitions, exclude, versions } = target;
  return {
    module: module.text,
    baseDir,
    definitions: definitions.map(({ text }) => text),
    exclude: exclude.map(({ text }) => text),
    versions,
  };
}

/** @param data made of a target that has been compiled before */
export function fromSourceTargetData(data: SourceTargetData): SourceTarget {
  const parseAll = (texts: readonly string[]) => texts.map((text) => parseSelector(text) as Selector);
  return new SourceTarget({
    module: parseModulePattern(data.module, data.baseDir) as ModulePattern,
    definitions: parseAll(data.definitions),
    exclude: parseAll(data.exclude),
    versions: data.versions,
  });
}

function matcherOf(module: ModulePattern, versions: string | undefined): (file: string) => boolean {
  switch (module.kind) {
    case 'builtin':
      return () => false;
    case 'file':
      return (file) => module.matches(file);
    case 'package': {
      const finder = new PackageFinder();
      return (file) => {
        const name = packageNameOf(file);
        if (name !== undefined && name !== module.name) return false;
        const info = finder.find(file);
        if (info?.name !== module.name || !isInRange(info.version, versions)) return false;
        // The whole package means all of its files, not only its entries.
        return module.subpath === '' || entryFiles(info, module.subpath).has(file);
      };
    }
  }
}
