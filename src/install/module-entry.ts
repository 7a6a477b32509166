import type { Selector } from '../targets/selector';
import type { DefinitionReport, ModuleReport, PatchMethod, PatchedExport } from '../types';

export type ModuleFormat = ModuleReport['format'];

/** As many names as a message has room for. */
const ENOUGH = 5;

/** What is known about one target in one loaded module. */
export class ModuleEntry {
  readonly exports: PatchedExport[] = [];
  /** Undefined where the target does not see the module as source. */
  definitions: readonly DefinitionReport[] | undefined;
  /** Why something that was selected could not be patched. */
  readonly failures = new Set<string>();
  /** Exports behind getters that nobody has read yet: they are looked at when the program reads them. */
  readonly unread = new Map<string, Selector>();
  /** Texts of the targets that had traced what this one selects. */
  readonly takenBy = new Set<string>();
  /** Names that the module does export. */
  available: () => readonly string[] = () => [];

  /** Selectors that something came of, be it a failure. */
  private readonly settled = new Set<Selector>();
  /** What a selector has come to that cannot be traced. It may be something else yet: nothing is settled by this. */
  private readonly unsuitable = new Map<Selector, string>();
  private readonly passedOver = new Map<Selector, Set<string>>();

  constructor(
    readonly file: string,
    readonly version: string | undefined,
    readonly format: ModuleFormat,
    readonly loadedBefore: boolean,
  ) {}

  get hasResult(): boolean {
    return this.exports.length > 0 || this.definitions?.some(({ isTraced }) => isTraced) === true;
  }

  /** Whether something came of the selector, or may still. */
  isSettled(selector: Selector): boolean {
    return this.settled.has(selector) || [...this.unread.values()].includes(selector);
  }

  /** Functions that a wildcard matched, but that are no async-generator functions. */
  passedOverBy(selector: Selector): readonly string[] {
    return [...(this.passedOver.get(selector) ?? [])];
  }

  /** Why what the selector names cannot be traced, if it is there. */
  whyUnsuitable(selector: Selector): string | undefined {
    return this.unsuitable.get(selector);
  }

  patched(selector: Selector, path: string, method: PatchMethod): void {
    this.settled.add(selector);
    if (!this.exports.some((each) => each.path === path)) this.exports.push({ path, method });
  }

  traced(selector: Selector): void {
    this.settled.add(selector);
  }

  failed(selector: Selector, reason: string): void {
    this.settled.add(selector);
    this.failures.add(reason);
  }

  isUnsuitable(selector: Selector, reason: string): void {
    this.unsuitable.set(selector, reason);
  }

  waitsFor(selector: Selector, path: string): void {
    this.unread.set(path, selector);
  }

  /** Another claim on the same function has won: of this target, or of one that comes first. */
  lost(selector: Selector, winner: string | undefined): void {
    this.settled.add(selector);
    if (winner !== undefined) this.takenBy.add(winner);
  }

  passOver(selector: Selector, path: string): void {
    const paths = this.passedOver.get(selector) ?? new Set();
    this.passedOver.set(selector, paths);
    if (paths.size < ENOUGH) paths.add(path);
  }
}
