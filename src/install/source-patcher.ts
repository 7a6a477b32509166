/** Decides for the functions that files define how they are traced, and by which target. */
import type { SourceFile } from '../watch/source-rewriter';
import { stateOfDefinition } from '../trace/definitions';
import type { Scope } from '../trace/scope';
import type { Definition } from '../source/places';
import { PackageFinder } from '../targets/packages';
import type { Selector } from '../targets/selector';
import { seesSource, SourceTarget } from '../targets/source-target';
import type { ResolvedConfig, Target } from '../targets/target';
import type { DefinitionReport } from '../types';
import { inOrderOfRank } from './select';
import { createDefinitionPlan } from './plan';
import { ModuleEntry, type PatchReport } from './report';

interface SelectingTarget {
  readonly target: Target;
  readonly source: SourceTarget;
  readonly entry: ModuleEntry;
  readonly definitions: DefinitionReport[];
}

export class SourcePatcher {
  readonly targets: readonly SourceTarget[];
  private readonly byTarget: ReadonlyMap<Target, SourceTarget>;
  /** By path. Files that no hook has seen are missing. */
  private readonly files = new Map<string, SourceFile>();
  private readonly finder = new PackageFinder();

  constructor(
    private readonly config: ResolvedConfig,
    private readonly scope: Scope,
    private readonly report: PatchReport,
  ) {
    const targets = inOrderOfRank(config.targets.filter(seesSource));
    this.byTarget = new Map(targets.map((target) => [target, new SourceTarget(target)]));
    this.targets = [...this.byTarget.values()];
  }

  patch(file: SourceFile): void {
    const targets = this.targetsOf(file);
    if (targets.length === 0) return;
    this.files.set(file.file, file);
    for (const [index, definition] of file.definitions.entries())
      this.patchDefinition(file, definition, index, targets);
    const { failure } = file;
    for (const { target, entry, definitions } of targets) {
      entry.definitions = definitions;
      if (failure === undefined) continue;
      for (const selector of target.definitions) entry.failed(selector, `${file.file} runs untraced: ${failure}`);
    }
  }

  /** Its files may be loaded again before the next `patch`. */
  undo(): void {
    this.files.clear();
  }

  /** Another instrumentation may have given up what this one wants. */
  patchAgain(): void {
    for (const file of this.files.values()) this.patch(file);
  }

  /** Whether a selector of the target is to be looked for among the exports of a file. */
  leavesToExports(target: Target, selector: Selector, path: string): boolean {
    if (!target.definitions.includes(selector)) return true;
    const isEverything = selector.text === '**';
    if (selector.isDefinitionOnly && !isEverything) return false;
    const file = this.files.get(path);
    if (file === undefined || file.failure !== undefined) return true;
    const { definitions, selected, mayBeLowered } = file;
    const found = definitions.filter((each) => this.byTarget.get(target)?.selectorsOf(each).includes(selector));
    // A definition is not registered if no target selected it when the file was loaded.
    if (found.length > 0)
      return found.some((each) => each.isTraceable && !selected.includes(definitions.indexOf(each)));
    // Generators that a compiler has lowered are known by their helpers, once the exports are there.
    return !isEverything || (mayBeLowered && !definitions.some(({ isAsyncGenerator }) => isAsyncGenerator));
  }

  private targetsOf({ file, format }: SourceFile): SelectingTarget[] {
    return [...this.byTarget].flatMap(([target, source]) => {
      if (!source.matches(file)) return [];
      const version = target.module.kind === 'package' ? this.finder.find(file)?.version : undefined;
      const entry = this.report.addModule(target, new ModuleEntry(file, version, format, false));
      return [{ target, source, entry, definitions: [] }];
    });
  }

  /** The first target that selects the definition traces it. */
  private patchDefinition(
    file: SourceFile,
    definition: Definition,
    index: number,
    targets: readonly SelectingTarget[],
  ): void {
    const { path, line, column, isAsyncGenerator } = definition;
    const whyNone = whyNotTraceable(file, definition, index);
    let first: SelectingTarget | undefined;
    for (const each of targets) {
      const { target, source, entry, definitions } = each;
      const selectors = source.selectorsOf(definition);
      if (selectors.length === 0 && !isAsyncGenerator) continue;
      let reason = selectors.length === 0 ? 'not selected' : whyNone;
      for (const selector of selectors) {
        if (whyNone !== undefined) entry.failed(selector, `${path} (line ${line}) is not traced: ${whyNone}`);
        else entry.traced(selector, first === undefined || first.target === target ? undefined : first.target.text);
      }
      if (reason === undefined && first !== undefined) reason = `traced by ${first.target.text}`;
      if (reason === undefined) {
        first = each;
        this.trace(file, definition, index, each);
      }
      definitions.push({ path, line, column, isTraced: reason === undefined, ...(reason !== undefined && { reason }) });
    }
  }

  private trace(file: SourceFile, definition: Definition, index: number, { target, entry }: SelectingTarget): void {
    const state = stateOfDefinition(file.number, index);
    // Ours already, or in use by another instrumentation.
    if (state.tracing.scope === this.scope || state.tracing.scope.enabled) return;
    const { file: path } = file;
    const place = file.places?.[index] ?? { file: path, line: definition.line, column: definition.column };
    const plan = createDefinitionPlan(this.config, { target, definition, place, file: path, version: entry.version });
    state.tracing = { plan, scope: this.scope };
  }
}

function whyNotTraceable(file: SourceFile, { isTraceable, reason }: Definition, index: number): string | undefined {
  if (!isTraceable) return reason ?? 'it cannot be registered';
  if (file.selected.includes(index)) return undefined;
  return 'its file was loaded before a target selected it, so only calls through exports can be traced';
}
