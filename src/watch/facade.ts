/**
 * A small module of this package between each importer of a wrapped module and the wrapper.
 *
 * A wrapper has its exports only when it has run itself, after the module. In a circle of imports that is too late for an importer that
 * runs before the module: a hoisted function, there untraced, would be an error in the wrapper. Which modules are in a circle is not
 * known in time: modules are loaded side by side, so what imports what is not known when an import is resolved.
 *
 * So each importer gets a facade of its own, which runs when the importer asks for the module, no later. It imports the
 * module first and then the wrapper, which therefore runs as soon as the module has run, or, inside a circle, has begun to.
 * All importers get the exports of the wrapper. Exports that were not initialised by then are added when a facade finds the module
 * finished (`moduleHasRun`).
 *
 * Its URL is the wrapper's, with another value of the parameter by which import-in-the-middle knows its own URLs: it leaves alone what
 * such a module imports.
 *
 * @see https://github.com/nodejs/import-in-the-middle/issues/32 circles of imports
 * @see https://github.com/nodejs/import-in-the-middle/issues/280 exports that are initialised late
 */
import type { Loaded, Resolved } from './import-hooks';

const WRAPPER = /([?&])iitm=true(?=[&#]|$)/;
const FACADE = /([?&])iitm=importer-\d+(?=[&#]|$)/;
/**
 * What a facade calls its wrapper, before the wrapper's URL, encoded. No URL of a file, since other resolvers change those of
 * files (tsx takes the query off and puts it on again), and without the parameter for which any import-in-the-middle that a
 * program registers gives the module itself.
 */
const ASKED = 'data:text/javascript;async-generator-wrapper,';

/** Where facades find `moduleHasRun`: they run as modules of the program. */
export const MODULE_HAS_RUN = Symbol.for('opentelemetry-instrumentation-async-generator.module-has-run.v1');

export class Facades {
  private readonly numbers = new RecentMap<string, number>();
  private count = 0;
  private readonly wrappers = new RecentMap<string, true>();

  /** What an importer gets: a facade, where it would have got a wrapper. */
  for<T extends Resolved>(resolved: T, importer: string | undefined): T {
    const { url } = resolved;
    if (importer === undefined || !url.startsWith('file:') || !isWrapper(url)) return resolved;
    const number = this.numbers.get(importer) ?? this.count++;
    this.numbers.set(importer, number);
    this.wrappers.set(url, true);
    return { ...resolved, url: url.replace(WRAPPER, `$1iitm=importer-${number}`) };
  }

  has(wrapper: string): boolean {
    return this.wrappers.has(wrapper);
  }
}

/**
 * Whether an import comes from a wrapper that another copy of import-in-the-middle has made. All copies use the same URLs: the wrapper of a copy that
 * was registered first is what the next one finds at that URL, and one that was registered last takes the facades' URLs for those of its own wrappers.
 *
 * @param isOwn whether the copy that is used here has made the wrapper at a URL
 * @param register what its wrappers import
 */
export function isOfOtherCopy(
  specifier: string,
  importer: string | undefined,
  { facades, isOwn, register }: { facades: Facades; isOwn: (wrapper: string) => boolean; register: string },
): boolean {
  if (importer === undefined || !isWrapper(importer) || !facades.has(importer)) return false;
  return !isOwn(importer) || (specifier.endsWith('/lib/register.js') && specifier !== register);
}

export const OTHER_COPY =
  'No ES module is traced that another copy of import-in-the-middle wraps, too, and one is registered. ' +
  'Install one version of it for all (npm ls import-in-the-middle), or register the hooks of the other for other modules only';

/** What a facade gets that asks for its wrapper. */
export function resolvedInFacade(specifier: string, importer: string | undefined) {
  if (importer === undefined || !FACADE.test(importer) || !specifier.startsWith(ASKED)) return undefined;
  return { url: decodeURIComponent(specifier.slice(ASKED.length)), format: 'module' as const, shortCircuit: true };
}

/** The wrapper that belongs to a facade, or undefined for any other URL. */
export function wrapperOf(url: string): string | undefined {
  return FACADE.test(url) ? url.replace(FACADE, '$1iitm=true') : undefined;
}

export function isWrapper(url: string): boolean {
  return WRAPPER.test(url);
}

/** What a facade has to know of what lies at the URL of its wrapper. */
export interface WrapperShape {
  /** False where the module could not be wrapped, and lies there as it is. */
  readonly isWrapper: boolean;
  /** Undefined if that is not known. */
  readonly hasDefault: boolean | undefined;
}

/** @param loaded what a loader gives for the URL of a wrapper */
export function shapeOf({ source }: Loaded): WrapperShape {
  const text = toText(source) ?? '';
  return { isWrapper: WRAPPER_SOURCE.test(text), hasDefault: text === '' ? undefined : HAS_DEFAULT.test(text) };
}

/** What a loader gives for a facade. */
export function facadeOf(wrapper: string, shape: WrapperShape) {
  const wrapped = JSON.stringify(ASKED + encodeURIComponent(wrapper));
  const lines = shape.isWrapper ? facadeOfWrapper(wrapper, wrapped, shape) : facadeOfModule(wrapped, shape);
  return { format: 'module' as const, source: lines.join('\n'), shortCircuit: true };
}

function facadeOfWrapper(wrapper: string, wrapped: string, { hasDefault }: WrapperShape): string[] {
  const url = new URL(wrapper);
  url.searchParams.delete('iitm');
  const original = JSON.stringify(url.href);
  const symbol = JSON.stringify(Symbol.keyFor(MODULE_HAS_RUN));
  return [
    // The module before its wrapper.
    `import * as original from ${original};`,
    `import * as wrapper from ${wrapped};`,
    `export * from ${wrapped};`,
    hasDefault ? `export { default } from ${wrapped};` : '',
    `globalThis[Symbol.for(${symbol})]?.(${original}, original, wrapper);`,
  ];
}

/**
 * What could not be wrapped lies at the wrapper's URL as it is, and must not run twice. Whether it has a default export is a
 * guess here (there may be no source at all, or the words in a comment), so it is read, and not named: a wrong name fails at load.
 */
function facadeOfModule(wrapped: string, { hasDefault }: WrapperShape): string[] {
  const lines = [`import * as module from ${wrapped};`, `export * from ${wrapped};`];
  if (hasDefault !== false) {
    lines.push(
      'let value;',
      "try { value = Reflect.get(module, 'default'); } catch {}",
      'export { value as default };',
    );
  }
  return lines;
}

/** `export *` leaves it out. */
const HAS_DEFAULT = /\bexport\s+default\b|\bas\s+(?:default\b|"default")/;
/** Its import of import-in-the-middle. */
const WRAPPER_SOURCE = /\bfrom\s*["'][^"'\n]*\/lib\/register\.js["']/;

/** The source that a load hook gives. */
export function toText(source: unknown): string | undefined {
  if (typeof source === 'string') return source;
  return source instanceof Uint8Array || source instanceof ArrayBuffer ? new TextDecoder().decode(source) : undefined;
}

/** As many URLs as are remembered: a program may import one module again and again, with another query each time. */
const LIMIT = 1000;

/** A map that forgets what was set first. */
export class RecentMap<Key, Value> extends Map<Key, Value> {
  override set(key: Key, value: Value): this {
    if (this.size >= LIMIT && !this.has(key)) this.delete(this.keys().next().value as Key);
    return super.set(key, value);
  }
}
