/**
 * What the processes of `inspect` tell each other. Plain data: it travels as JSON.
 */
import type { ModuleReport, PatchMethod } from '../../types';

export type ModuleFormat = ModuleReport['format'];

/** How a program gets at a module. */
export type Way = 'require' | 'import';

/** How an export is defined, which decides how it can be patched. */
export type Definition =
  /** A property that can be given another value. */
  | 'data property'
  /** One that can not: that of a frozen object, for instance. */
  | 'read-only property'
  | 'getter'
  /** What esbuild and TypeScript make of `export { x } from`. */
  | 'locked getter'
  | 'ES module binding'
  /** A function or class that is the module's exports as a whole. */
  | 'module.exports'
  | 'prototype method'
  | 'static method'
  /** A method that a class has from a parent that the module does not export. */
  | 'inherited method';

export interface FoundExport {
  /** As a selector names it: `Client#stream`. */
  readonly selector: string;
  readonly kind: 'function' | 'method' | 'static method';
  /** Whether it is an async-generator function, by the engine's own classification. */
  readonly isAsyncGenerator: boolean;
  /** Why one that is not may return an async iterable all the same. Empty for async-generator functions. */
  readonly evidence: readonly string[];
  readonly definition: Definition;
  /** Name of the class that an inherited method is defined in. */
  readonly inheritedFrom?: string;
  /** Selector of another export that is the same function. */
  readonly sameAs?: string;
}

export interface Survey {
  /** The most certain first, else in the order of the module. */
  readonly found: readonly FoundExport[];
  /** Exports behind getters that run code of their own: neither we nor a wildcard reads those. */
  readonly unread: readonly string[];
  /** Async generators whose names no selector can spell: with a dot, a space or a bracket in them, and symbols. */
  readonly unspellable: readonly string[];
  /** Exports that look like factories: what they make cannot be seen without a call. */
  readonly factories: readonly string[];
  /** How many exports the module has, without those that lie deeper. */
  readonly exportCount: number;
}

/** What the instrumentation made of a target for one export alone. */
export interface Verdict {
  /** Undefined if it cannot be patched. */
  readonly method?: PatchMethod;
  /** Why not. */
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

/** Where Node finds a module. */
export interface Resolution {
  /** Absolute path, or what went wrong. */
  readonly require: string | SerializedError;
  readonly import: string | SerializedError;
}

/** What a module is called in the two. */
export interface Specifiers {
  readonly require: string;
  readonly import: string;
}

export interface ResolveRequest {
  readonly command: 'resolve';
  readonly specifiers: readonly Specifiers[];
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

export interface InspectReply {
  readonly exports: readonly InspectedExport[];
  readonly unread: readonly string[];
  readonly unspellable: readonly string[];
  readonly factories: readonly string[];
  readonly exportCount: number;
  /** Selectors that take exactly the async-generator functions that can be patched; empty if there are none. */
  readonly selectors: readonly string[];
}

/** What a child process has to say. */
export type Reply =
  | { readonly status: 'resolved'; readonly resolutions: readonly Resolution[] }
  /** `format` is what the module turned out to have. */
  | ({ readonly status: 'inspected'; readonly format: ModuleFormat } & InspectReply)
  | { readonly status: 'threw'; readonly isLoaded: boolean; readonly error: SerializedError }
  /** An `await` at the top level waits for what will never come. */
  | { readonly status: 'unsettled' }
  | { readonly status: 'exited'; readonly exitCode: number };
