/**
 * Sees modules as source: Node gets the source of a file with the registrar's calls in it.
 *
 * CommonJS passes `Module.prototype._compile` with every loader. ES modules pass a load hook, here where Node has synchronous ones,
 * else in the loader thread.
 */
import { traceDefinition } from '../trace/definitions';
import { REGISTRAR_NAME } from '../source/paths';
import { createRegistrar } from '../source/registrar';
import type { SourceTarget } from '../targets/source-target';
import { registerHooksLast } from './last-hooks';
import { cachedModule, onModuleCompiled } from './commonjs';
import { canHookImports } from './sync-hooks';
import {
  FIRST_NUMBER_OF_THREAD,
  formatOf,
  SourceRewriter,
  withoutTypes,
  type LoadResult,
  type SourceFile,
} from './source-rewriter';

/** An instrumentation, or what was registered before there is one. */
export interface SourceUser {
  readonly targets: readonly SourceTarget[];
  /** Called for each file that a target of any user means, before it runs. Must not throw. */
  sourceSeen?(file: SourceFile): void;
}

interface LoadContext {
  readonly conditions?: readonly string[];
}
type Load = (url: string, context: LoadContext, next: (url: string, context: LoadContext) => LoadResult) => LoadResult;

const IS_IMPORT_PAST_COMPILE = Number.parseInt(process.versions.node) < 23;

const users = new Set<SourceUser>();
/** Of all users. Every file asks for them. */
let allTargets: readonly SourceTarget[] = [];
/** By path, the newest of each. */
const seen = new Map<string, SourceFile>();
/** Those of them that are CommonJS, with what was compiled of them. */
const compiled = new Map<string, WeakRef<object>>();
/** Fetches what another thread has to tell. */
let receive: () => void = () => {};

/**
 * The registrar is a variable of the whole process, since every file has to find it, in its own scope and with any `this`. Another copy of this
 * package has another one.
 */
let registrar: string | undefined;

export function registrarName(): string {
  if (registrar !== undefined) return registrar;
  // No name is a part of another: what one copy has put into a file, the next leaves there.
  let name = `${REGISTRAR_NAME}_`;
  for (let count = 2; name in globalThis; count++) name = `${REGISTRAR_NAME}${count}_`;
  const value = createRegistrar((fn, file, definition) => {
    if (file >= FIRST_NUMBER_OF_THREAD) receive();
    return traceDefinition(fn, file, definition);
  });
  Object.defineProperty(globalThis, name, { value, configurable: true });
  return (registrar = name);
}

let rewriter: SourceRewriter | undefined;

function theRewriter(): SourceRewriter {
  return (rewriter ??= new SourceRewriter({
    registrar: registrarName(),
    firstNumber: 0,
    targets: () => allTargets,
    tell: sourceSeen,
    usesSourceMaps: () => process.sourceMapsEnabled,
  }));
}

/** Also for what the loader thread has rewritten. */
export function sourceSeen(file: SourceFile): void {
  seen.set(file.file, file);
  for (const user of users) user.sourceSeen?.(file);
}

/** @param receiveAll makes sure that all is known that the loader thread has sent */
export function receiveFromThread(receiveAll: () => void): void {
  receive = receiveAll;
}

let stopCompiling: (() => void) | undefined;

/**
 * From now on files that a target of the user means are seen as source, ES modules only where `seeImports` was called. The user is called for those
 * that have been seen, too.
 *
 * @returns a function that ends it
 */
export function useSource(user: SourceUser): () => void {
  if (user.targets.length === 0) return () => {};
  users.add(user);
  usersChanged();
  stopCompiling ??= onModuleCompiled((text, file, format, module) => {
    const code = theRewriter().rewrite({ text, file, format });
    if (code === undefined) return undefined;
    compiled.set(file, new WeakRef(module));
    return { text: code, format: withoutTypes(format) };
  });
  receive();
  forgetOutdated();
  for (const file of seen.values()) user.sourceSeen?.(file);
  return () => {
    users.delete(user);
    usersChanged();
    if (users.size > 0) return;
    stopCompiling?.();
    stopCompiling = undefined;
  };
}

function usersChanged(): void {
  allTargets = Array.from(users).flatMap(({ targets }) => targets);
}

/** Forgets files that the program has dropped from the cache, and may have loaded again while there was no user. */
function forgetOutdated(): void {
  for (const [file, module] of compiled) {
    if (cachedModule(file) === module.deref()) continue;
    compiled.delete(file);
    seen.delete(file);
  }
}

let seesImports = false;

/**
 * From now on ES modules are seen as source, too, if this version of Node has synchronous hooks. To be called before import-in-the-middle's are
 * registered: what that reads must be what is loaded.
 *
 * @returns whether it has
 */
export function seeImports(): boolean {
  if (!canHookImports()) return false;
  if (seesImports) return true;
  seesImports = true;
  const load: Load = (url, context, next) => {
    const result = next(url, context);
    return users.size > 0 && isOnlyHere(context, result) ? theRewriter().rewriteLoaded(url, result) : result;
  };
  registerHooksLast({ load });
  return true;
}

/** Whether what a load hook gives does not pass `_compile` as well, where loaders of CommonJS may hand over something else. */
function isOnlyHere({ conditions = [] }: LoadContext, { format, source }: LoadResult): boolean {
  if (conditions.includes('require')) return false;
  const { kind, isTypeScript } = formatOf(format);
  if (kind === 'module') return true;
  // Up to Node 22, an import of CommonJS does not pass it where another hook gives the source (a string, which Node itself never gives), or where
  // types are taken out.
  return kind === 'commonjs' && IS_IMPORT_PAST_COMPILE && (isTypeScript || typeof source === 'string');
}
