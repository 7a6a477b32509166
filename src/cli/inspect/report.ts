/**
 * What `inspect` has to say. This is what `--json` prints, and what the text is made of: a stable shape, documented in
 * doc/command-line.md.
 */
import type { PresetName } from '../../types';
import type { InspectedExport, ModuleFormat, Way } from './types';

export interface InspectReport {
  readonly type: 'inspection';
  /** Of this format. New keys do not change it. */
  readonly version: 1;
  /** Version of Node that loaded the modules. */
  readonly node: string;
  readonly modules: readonly ModuleInspection[];
}

export interface ModuleInspection {
  /** As it was asked for; of a glob, each file. */
  readonly module: string;
  readonly version?: string;
  /** The files that the module consists of, one for `require` and one for `import` if they differ. */
  readonly entries: readonly EntryInspection[];
  /** The async generators that are written in it. Only of a file that was named by its path, which is read and not run. */
  readonly definitions?: readonly WrittenGenerator[];
  /** Absolute path of that file. */
  readonly file?: string;
  readonly targets: Targets;
  /** The presets that are made for it. Not there if none is. */
  readonly presets?: readonly PresetName[];
  /** Why there is nothing to tell. */
  readonly problem?: Problem;
}

export interface EntryInspection {
  /** Absolute path, or the name of a core module. */
  readonly file: string;
  readonly format: ModuleFormat;
  readonly loadedBy: readonly Way[];
  readonly exports: readonly InspectedExport[];
  /** Exports behind getters that run code when they are read: they were not. */
  readonly unread: readonly string[];
  /** Async generators whose names no selector can spell. */
  readonly unspellable: readonly string[];
  /** Exports that look like factories, of whose products nothing can be known without a call. */
  readonly factories: readonly string[];
  readonly exportCount: number;
  readonly problem?: Problem;
}

export interface WrittenGenerator {
  /** Definition path, as a selector names it. */
  readonly path: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
  readonly isTraceable: boolean;
  /** Why it is not. */
  readonly reason?: string;
}

export interface Problem {
  /** `not-found`, `unparsable`, `threw`, `timed-out`, `exited`, `unsettled`, `died` or `nothing-to-load`. */
  readonly code: string;
  readonly message: string;
}

export interface Targets {
  /** Takes the async-generator functions, all of them and nothing else. */
  readonly generators?: string;
  /** Names what may return an async iterable: a choice, to be thinned out. */
  readonly possible?: string;
}
