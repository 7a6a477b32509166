/**
 * import-in-the-middle in the loader thread, with a function of ours to choose the modules: functions cannot be sent to
 * that thread, so it has to be made here. CommonJS like everything else; Node takes that for a loader, too.
 */
import type { LoadHook, ResolveHook } from 'node:module';
import { importInTheMiddleOptions, type ImportInTheMiddleOptions, type Inclusion } from './should-include';

export interface LoaderData {
  /** URLs in the copy of import-in-the-middle that the main thread has. */
  readonly createHook: string;
  readonly hook: string;
  readonly inclusions: readonly Inclusion[];
}

interface Hook {
  initialize(options: ImportInTheMiddleOptions): Promise<void>;
  readonly resolve: ResolveHook;
  readonly load: LoadHook;
}

interface CreateHookModule {
  createHook(meta: { url: string }): Hook;
}

/** Undefined while `initialize` is at work: Node sends its import through the hooks already. */
let hook: Hook | undefined;

export async function initialize(data: LoaderData): Promise<void> {
  const { createHook } = (await import(data.createHook)) as CreateHookModule;
  const created = createHook({ url: data.hook });
  // It warns where a program has registered another one. They get along: neither hears of the other.
  const flags = globalThis as { __import_in_the_middle_initialized__?: boolean };
  const before = flags.__import_in_the_middle_initialized__;
  delete flags.__import_in_the_middle_initialized__;
  await created.initialize(importInTheMiddleOptions(data.inclusions));
  if (before === undefined) delete flags.__import_in_the_middle_initialized__;
  hook = created;
}

export const resolve: ResolveHook = (specifier, context, nextResolve) =>
  hook === undefined ? nextResolve(specifier, context) : hook.resolve(specifier, context, nextResolve);

export const load: LoadHook = (url, context, nextLoad) =>
  hook === undefined ? nextLoad(url, context) : hook.load(url, context, nextLoad);
