/**
 * A small module of ours between each importer of a wrapped module and import-in-the-middle's wrapper.
 *
 * A wrapper has its exports only when it has run itself, after the module. Where modules import each other in a circle, that
 * is too late for an importer that runs before the module: a hoisted function, there untraced, would be an error in the
 * wrapper. And nobody can tell in time who is in a circle: modules are loaded side by side, so what imports what is not known
 * when an import is resolved.
 *
 * So each importer gets a facade of its own, which runs when the importer asks for the module, no later. It imports the
 * module first and then the wrapper: that therefore runs as soon as the module has run, or, inside a circle, has begun to.
 * The exports are the wrapper's for all importers. What the module had not initialised by then, the facade that sees the
 * module finished hands in (`moduleHasRun`).
 *
 * Its URL is the wrapper's, with another value of the parameter by which import-in-the-middle knows its own: the modules that
 * a facade imports, it leaves alone.
 */
const WRAPPER = /([?&])iitm=true(?=[&#]|$)/;
const FACADE = /([?&])iitm=importer-\d+(?=[&#]|$)/;
/**
 * What a facade calls its wrapper, before the wrapper's URL, encoded. A scheme of its own, since other resolvers have ideas of their own on
 * files (tsx takes the query off and puts it on again), and without the parameter at which any import-in-the-middle that a
 * program registers gives the module.
 */
const ASKED = 'async-generator-wrapper:';

/** Where facades find `moduleHasRun`: they run as modules of the program. */
export const MODULE_HAS_RUN = Symbol.for('opentelemetry-instrumentation-async-generator.module-has-run.v1');

interface Resolved {
  readonly url: string;
}

/**
 * @returns a function that says what an importer gets: a facade, where it would have got a wrapper
 */
export function createFacades(): <T extends Resolved>(resolved: T, importer: string | undefined) => T {
  const numbers = new Map<string, number>();
  return (resolved, importer) => {
    if (importer === undefined || !resolved.url.startsWith('file:') || !isWrapper(resolved.url)) return resolved;
    let number = numbers.get(importer);
    if (number === undefined) numbers.set(importer, (number = numbers.size));
    return { ...resolved, url: resolved.url.replace(WRAPPER, `$1iitm=importer-${number}`) };
  };
}

/** What a facade gets that asks for its wrapper. */
export function resolvedInFacade(specifier: string, importer: string | undefined) {
  if (importer === undefined || !FACADE.test(importer) || !specifier.startsWith(ASKED)) return undefined;
  return { url: decodeURIComponent(specifier.slice(ASKED.length)), format: 'module' as const, shortCircuit: true };
}

/** The wrapper that belongs to a facade, or undefined if the URL is none of a facade. */
export function wrapperOf(url: string): string | undefined {
  return FACADE.test(url) ? url.replace(FACADE, '$1iitm=true') : undefined;
}

export function isWrapper(url: string): boolean {
  return WRAPPER.test(url);
}

/** What a loader gave for a wrapper, to be given again: Node refuses an answer for which nobody has asked the next loader. */
export function shortCircuited<Loaded>(loaded: Loaded): Loaded {
  return { ...loaded, shortCircuit: true };
}

/** What a loader gives for a facade. */
export function facadeOf(wrapper: string, wrapperSource: unknown) {
  const text = textOf(wrapperSource);
  const wrapped = JSON.stringify(ASKED + encodeURIComponent(wrapper));
  const lines = WRAPPER_SOURCE.test(text) ? facadeOfWrapper(wrapper, wrapped, text) : facadeOfModule(wrapped, text);
  return { format: 'module' as const, source: lines.join('\n'), shortCircuit: true };
}

function facadeOfWrapper(wrapper: string, wrapped: string, text: string): string[] {
  const url = new URL(wrapper);
  url.searchParams.delete('iitm');
  const original = JSON.stringify(url.href);
  const symbol = JSON.stringify(Symbol.keyFor(MODULE_HAS_RUN));
  return [
    // The module before its wrapper.
    `import * as original from ${original};`,
    `import * as wrapper from ${wrapped};`,
    `export * from ${wrapped};`,
    HAS_DEFAULT.test(text) ? `export { default } from ${wrapped};` : '',
    `globalThis[Symbol.for(${symbol})]?.(${original}, original, wrapper);`,
  ];
}

/**
 * What could not be wrapped lies at the wrapper's URL as it is, and must not run twice. Whether it has a default export is a
 * guess here (there may be no source at all, or the words in a comment), so it is read, and not named: a wrong name fails at load.
 */
function facadeOfModule(wrapped: string, text: string): string[] {
  const lines = [`import * as module from ${wrapped};`, `export * from ${wrapped};`];
  if (text === '' || HAS_DEFAULT.test(text)) {
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

function textOf(source: unknown): string {
  if (typeof source === 'string') return source;
  return source instanceof Uint8Array || source instanceof ArrayBuffer ? new TextDecoder().decode(source) : '';
}
