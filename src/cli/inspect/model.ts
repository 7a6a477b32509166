/**
 * What the processes of `inspect` tell each other, and the report: plain data, since it crosses processes and is printed as JSON. The shape of
 * the report is stable and documented in doc/command-line.md.
 */
import type { ModuleReport, PatchMethod, PresetName } from '../../types';

export type ModuleFormat = ModuleReport['format'];

/** How a program gets at a module. */
export type Way = 'require' | 'import';

/** How an export is defined, which decides how it can be patched. */
export type Definition =
  | 'data property'
  /** That of a frozen object, for instance. */
  | 'read-only property'
  | 'getter'
  /** What esbuild and TypeScript make of `export { x } from`. */
  | 'locked getter'
  | 'ES module binding'
  /** A function or class that is the module's exports as a whole. */
  | 'module.exports'
  | 'prototype method'
  | 'static method'
  /** The module does not export the parent class that has the method. */
  | 'inherited method';

export interface FoundExport {
  /** As a selector names it: `Client#stream`. */
  readonly selector: string;
  readonly kind: 'function' | 'method' | 'static method';
  readonly isAsyncGenerator: boolean;
  /** Why a function that is not an async-generator function may return an async iterable. */
  readonly evidence: readonly string[];
  readonly definition: Definition;
  /** Name of the class that defines an inherited method. */
  readonly inheritedFrom?: string;
  /** Selector of another export that is the same function. */
  readonly sameAs?: string;
}

export interface Survey {
  /** The most certain first, else in the order of the module. */
  readonly found: readonly FoundExport[];
  /** Exports behind getters that run code: neither `inspect` nor a wildcard reads them. */
  readonly unread: readonly string[];
  /** Async generators whose names no selector can spell: symbols, and names with a dot, a space or a bracket. */
  readonly unspellable: readonly string[];
  /** Exports that look like factories: what they make cannot be seen without a call. */
  readonly factories: readonly string[];
  /** How many exports the module itself has, without what is deeper. */
  readonly exportCount: number;
}

/** What the instrumentation made of a target for one export. */
export interface Verdict {
  /** Undefined if it cannot be patched. */
  readonly method?: PatchMethod;
  readonly reason?: string;
}

export interface InspectedExport extends FoundExport {
  readonly patch: Verdict;
}

export interface SerializedError {
  readonly code?: string;
  readonly message: string;
  /** First place in the stack that is not Node's own. */
  readonly at?: string;
}

export interface Resolution {
  /** Absolute path, or what went wrong. */
  readonly require: string | SerializedError;
  readonly import: string | SerializedError;
}

export interface ResolveRequest {
  readonly command: 'resolve';
  /** Modules, as `require` and `import` name them. */
  readonly specifiers: readonly string[];
}

export interface InspectRequest {
  readonly command: 'inspect';
  /** The module as targets name it. */
  readonly module: string;
  /** Absolute path; the name of a core module. */
  readonly file: string;
  readonly format: ModuleFormat;
  /** What to import, if it is an ES module. */
  readonly specifier: string;
}

export type Request = ResolveRequest | InspectRequest;

export interface InspectReply extends Omit<Survey, 'found'> {
  readonly exports: readonly InspectedExport[];
  /** Selectors that take exactly the async-generator functions that can be patched; empty if there are none. */
  readonly selectors: readonly string[];
}

export type Reply =
  | { readonly status: 'resolved'; readonly resolutions: readonly Resolution[] }
  /** `format` is what the module turned out to have. */
  | ({ readonly status: 'inspected'; readonly format: ModuleFormat } & InspectReply)
  | { readonly status: 'threw'; readonly isLoaded: boolean; readonly error: SerializedError }
  /** An `await` at the top level never ends. */
  | { readonly status: 'unsettled' }
  | { readonly status: 'exited'; readonly exitCode: number };

export interface InspectReport {
  readonly type: 'inspection';
  /** Of this format. New keys do not change it. */
  readonly version: 1;
  readonly node: string;
  readonly modules: readonly ModuleInspection[];
}

export interface ModuleInspection {
  /** As it was asked for; of a glob, each file. */
  readonly module: string;
  readonly version?: string;
  /** The files that the module consists of, one for `require` and one for `import` if they differ. */
  readonly entries: readonly EntryInspection[];
  /** The async generators that it defines. Only of a file that was named by its path: it is read, and not run. */
  readonly definitions?: readonly WrittenGenerator[];
  readonly file?: string;
  readonly targets: Targets;
  /** The presets that are made for it. Absent if there are none. */
  readonly presets?: readonly PresetName[];
  readonly problem?: Problem;
}

/** A file, and what the process that loaded it has found. */
export interface EntryInspection extends Omit<InspectReply, 'selectors'> {
  /** Absolute path, or the name of a core module. */
  readonly file: string;
  readonly format: ModuleFormat;
  readonly loadedBy: readonly Way[];
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
  /** Selects exactly the async-generator functions. */
  readonly generators?: string;
  /** Names what may return an async iterable, for the user to choose from. */
  readonly possible?: string;
}
