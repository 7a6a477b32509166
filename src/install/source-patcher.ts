/**
 * Decides for the functions that files define how they are traced, and by which target.
 */
import type { SourceFile } from '../watch/source-rewriter';
import { stateOfDefinition } from '../trace/definitions';
import type { Scope } from '../trace/scope';
import type { Definition } from '../source/places';
import { PackageFinder } from '../targets/packages';
import type { Selector } from '../targets/selector';
import { seesSource, SourceTarget } from '../targets/source-target';
import type { ResolvedConfig, Target } from '../targets/target';
import type { DefinitionReport } from '../types';
import { inOrderOfRank } from './claim';
import { createDefinitionPlan } from './plan';
import { ModuleEntry } from './report';

/** A target that means a file. */
interface Meant {
  readonly target: Target;
  readonly source: SourceTarget;
  readonly entry: ModuleEntry;
}

export class SourcePatcher {
  readonly targets: readonly SourceTarget[];
  private readonly byTarget: ReadonlyMap<Target, SourceTarget>;
  /** By path: what is not among them was loaded before anybody looked, or by way of no hook. */
  private readonly files = new Map<string, SourceFile>();
  private readonly finder = new PackageFinder();

  constructor(
    private readonly config: ResolvedConfig,
    private readonly scope: Scope,
    private readonly addEntry: (target: Target, entry: ModuleEntry) => ModuleEntry,
  ) {
    const targets = inOrderOfRank(config.targets.filter(seesSource));
    this.byTarget = new Map(targets.map((target) => [target, new SourceTarget(target)]));
    this.targets = [...this.byTarget.values()];
  }

  patch(file: SourceFile): void {
    const meaning = this.meaning(file);
    if (meaning.length === 0) return;
    this.files.set(file.file, file);
    const reports = new Map<ModuleEntry, DefinitionReport[]>(meaning.map(({ entry }) => [entry, []]));
    file.definitions.forEach((definition, index) => {
      for (const [entry, report] of this.patchDefinition(file, definition, index, meaning)) {
        reports.get(entry)?.push(report);
      }
    });
    for (const { target, entry } of meaning) {
      entry.definitions = reports.get(entry);
      const { failure } = file;
      if (failure === undefined) continue;
      for (const selector of target.definitions) entry.failed(selector, `${file.file} runs untraced: ${failure}`);
    }
  }

  /** Its files may be loaded anew meanwhile. */
  undo(): void {
    this.files.clear();
  }

  /** Another instrumentation may have let go what this one wants. */
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
    const meant = definitions.filter((each) => this.byTarget.get(target)?.selectorsOf(each).includes(selector));
    // What has not been registered, no target meant when the file was loaded.
    if (meant.length > 0)
      return meant.some((each) => each.isTraceable && !selected.includes(definitions.indexOf(each)));
    // What a compiler has made of generators is known by its helpers, when it is there.
    return !isEverything || (mayBeLowered && !definitions.some(({ isAsyncGenerator }) => isAsyncGenerator));
  }

  private meaning({ file, format }: SourceFile): Meant[] {
    return [...this.byTarget].flatMap(([target, source]) => {
      if (!source.matches(file)) return [];
      const version = target.module.kind === 'package' ? this.finder.find(file)?.version : undefined;
      return [{ target, source, entry: this.addEntry(target, new ModuleEntry(file, version, format, false)) }];
    });
  }

  private patchDefinition(
    file: SourceFile,
    definition: Definition,
    index: number,
    meaning: readonly Meant[],
  ): Map<ModuleEntry, DefinitionReport> {
    const { path, line, column } = definition;
    const reports = new Map<ModuleEntry, DefinitionReport>();
    const report = (entry: ModuleEntry, reason?: string) => {
      reports.set(entry, {
        path,
        line,
        column,
        isTraced: reason === undefined,
        ...(reason !== undefined && { reason }),
      });
    };
    let winner: Meant | undefined;
    for (const meant of meaning) {
      const { target, source, entry } = meant;
      const selectors = source.selectorsOf(definition);
      if (selectors.length === 0) {
        if (definition.isAsyncGenerator) report(entry, 'not selected');
        continue;
      }
      const reason = whyNot(file, definition, index);
      if (reason !== undefined) {
        for (const selector of selectors) entry.failed(selector, `${path} (line ${line}) is not traced: ${reason}`);
      } else if (winner === undefined) {
        winner = meant;
        this.trace(file, definition, index, meant);
        for (const selector of selectors) entry.traced(selector);
      } else {
        const { text } = winner.target;
        for (const selector of selectors) entry.traced(selector, target === winner.target ? undefined : text);
      }
      report(entry, reason ?? (winner === meant ? undefined : `traced by ${String(winner?.target.text)}`));
    }
    return reports;
  }

  private trace(file: SourceFile, definition: Definition, index: number, { target, entry }: Meant): void {
    const state = stateOfDefinition(file.number, index);
    // Ours already, or in use by another instrumentation.
    if (state.tracing.scope === this.scope || state.tracing.scope.enabled) return;
    const { file: path } = file;
    const place = file.places?.[index] ?? { file: path, line: definition.line, column: definition.column };
    const plan = createDefinitionPlan(this.config, { target, definition, place, file: path, version: entry.version });
    state.tracing = { plan, scope: this.scope };
  }
}

function whyNot(file: SourceFile, { isTraceable, reason }: Definition, index: number): string | undefined {
  if (!isTraceable) return reason ?? 'it cannot be registered';
  if (file.selected.includes(index)) return undefined;
  return 'its file was loaded before a target meant it, so only calls through exports can be traced';
}
