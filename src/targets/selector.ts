/**
 * The shorthand of targets, and selectors: the part of a target that names exports, or the functions that are written in a file.
 *
 * ```ebnf
 * targets    = entry , { ";" , entry } ;
 * entry      = module , [ "[" , selectors , "]" ] ;
 * selectors  = selector , { "," , selector } ;
 * module     = ? a package, core module, path or glob; brackets in it are balanced, and one that ends in "]" is
 *                followed by a selector list ? ;
 * selector   = exported | definition ;
 * exported   = path , [ member ] | factory ;
 * member     = "#" , key ;
 * factory    = path , [ member ] , "()" , [ { "." , holder } , "." , made ]
 *            | "new " , path , [ member ] , "()" , { "." , holder } , "." , made ;
 * holder     = ? a key without "*" ? ;
 * made       = key ;
 * path       = key , { "." , key } ;
 * key        = name | symbol ;
 * symbol     = "[Symbol." , known , "]" ;
 * known      = ? a well-known symbol: asyncIterator ? ;
 * name       = character , { character } ;
 * character  = ? any but white space and . # , ; / ( ) [ ] ; "*" is any run of characters ? ;
 * definition = step , { "/" , step } ;
 * step       = "**" | name , { "." , name } , [ ( "." | "#" ) , place ] ;
 * place      = [ "#" ] , name | symbol | "[" , computed , "]" ;
 * computed   = ? the text of a key that is computed: a name, or several with dots between them ? ;
 * ```
 *
 * `;` and `,` separate only outside brackets. White space around an entry or a selector is ignored, and so is an empty entry.
 * An entry without a selector list is one with `[*]`, or with `[**]` for own files.
 *
 * What a factory has made is a function or, in a property of what it returned or constructed, a stream. A wildcard takes all functions among the own members.
 *
 * A definition path is `pages`, `Client#pages` (a method of the prototype), `Client.from` (a static one), `Client##pages` (a private one),
 * `outer/inner` (what is defined within a function), `store.read` (a method of an object literal). `**` is any number of steps, and by itself
 * all that a file defines. What no export can be called (a path with a `/`, a private or a computed key in it) and `**` is one in every target; in a
 * target of own files, so is every name without a `*`, which means an export where the file defines nothing of that name.
 */
import { invalid } from '../base/invalid';
import { compileName, matches, type WildcardPattern } from './wildcards';

/** Matches the names of properties. */
export interface KeyPattern {
  readonly text: string;
  /** Whether it is a wildcard: it then takes async-generator functions only, where a name takes any function. */
  readonly isWildcard: boolean;
  /** The property it names, unless it is a wildcard. */
  readonly key: PropertyKey;
  matches(key: PropertyKey): boolean;
}

export interface Selector {
  /** As the user wrote it. */
  readonly text: string;
  /** From the exports object down: `ns.inner.fn`, `Client.from`. */
  readonly path: readonly KeyPattern[];
  /** A member of the prototype: `Client#stream`. */
  readonly member: KeyPattern | undefined;
  /** What is traced (a function, or a stream in a property) is made by the function that the rest selects. */
  readonly factory: FactorySelector | undefined;
  /** What it selects of the functions that are written in a file. Undefined for a factory. */
  readonly definition: DefinitionPattern | undefined;
  /** Whether it selects no exports: then `path` is empty. `**` has the path of `*`, for files that cannot be seen as source. */
  readonly isDefinitionOnly: boolean;
}

export interface FactorySelector {
  /** `new Client()` rather than `createClient()`. */
  readonly construct: boolean;
  /** Where in the result; empty for the result itself. */
  readonly path: readonly KeyPattern[];
}

export const SELECTOR_FORMS =
  'a selector such as "paginate*", "Client#stream", "Client.from", "ns.inner.fn", "default", "*", "Client#*", ' +
  '"Client#[Symbol.asyncIterator]", "createPaginator()", "createClient().stream", "createClient().*", "new Client().stream" or "streamText().textStream"; or a definition path such as "**", ' +
  '"outer/inner" or "Client##pages"';

const KEY = /^(?:\[Symbol\.(\w+)\]|[^\s.#,;/()[\]]+)$/;

/**
 * Parses one selector.
 *
 * @returns undefined if `text` is not a selector
 */
export function parseSelector(text: string): Selector | undefined {
  const definition = parseDefinitionPattern(text);
  const exported = text === '**' ? undefined : parseExported(text);
  if (exported !== undefined) {
    const isFactory = exported.factory !== undefined;
    return { text, ...exported, definition: isFactory ? undefined : definition, isDefinitionOnly: false };
  }
  if (definition === undefined) return undefined;
  const path = text === '**' ? parsePath('*') : [];
  return { text, path: path ?? [], member: undefined, factory: undefined, definition, isDefinitionOnly: true };
}

function parseExported(text: string): Pick<Selector, 'path' | 'member' | 'factory'> | undefined {
  const call = /^(new\s+)?(.+?)\(\)(?:\.(.+))?$/s.exec(text);
  if (call === null && /[()\s]/.test(text)) return undefined;
  const selected = call?.[2] ?? text;
  const [pathText, memberText, ...rest] = selected.split('#');
  if (rest.length > 0 || pathText === undefined) return undefined;
  const path = parsePath(pathText);
  const member = memberText === undefined ? undefined : parseKey(memberText);
  const inResult = call?.[3] === undefined ? [] : parsePath(call[3]);
  // On the way, what a factory makes is asked for each member by name.
  if (inResult?.slice(0, -1).some(({ isWildcard }) => isWildcard)) return undefined;
  if (path === undefined || inResult === undefined || (memberText !== undefined && member === undefined))
    return undefined;
  const factory = call === null ? undefined : { construct: call[1] !== undefined, path: inResult };
  if (factory !== undefined && factory.construct && inResult.length === 0) return undefined;
  return { path, member, factory };
}

export function namedKey(key: string): KeyPattern {
  return { text: key, isWildcard: false, key, matches: (other) => other === key };
}

function parsePath(text: string): KeyPattern[] | undefined {
  // A dot inside [Symbol.x] separates nothing.
  const keys = text.split(/\.(?![^[]*\])/).map(parseKey);
  return keys.includes(undefined) ? undefined : (keys as KeyPattern[]);
}

function parseKey(text: string): KeyPattern | undefined {
  const match = KEY.exec(text);
  if (match === null) return undefined;
  const symbolName = match[1];
  if (symbolName !== undefined) {
    const symbol = (Symbol as unknown as Record<string, unknown>)[symbolName];
    if (typeof symbol !== 'symbol') return undefined;
    return { text, isWildcard: false, key: symbol, matches: (key) => key === symbol };
  }
  if (!text.includes('*')) return namedKey(text);
  const pattern = compileName(text);
  return { text, isWildcard: true, key: text, matches: (key) => typeof key === 'string' && matches(pattern, key) };
}

/** A property key as it is written in an export path. */
export function keyText(key: PropertyKey): string {
  return typeof key === 'symbol' ? `[${key.description ?? 'symbol'}]` : String(key);
}

/** The parent's path with one more key: `Client.stream`, `Client[Symbol.asyncIterator]`. */
export function joinPath(parent: string, key: PropertyKey): string {
  if (parent === '') return keyText(key);
  return typeof key === 'symbol' ? parent + keyText(key) : `${parent}.${key}`;
}

/** A pattern of definition paths. */
interface DefinitionPattern {
  /** Whether it takes async generators only, where a name takes any function. */
  readonly isWildcard: boolean;
  /** What every source contains that defines such a function. Empty for a wildcard. */
  readonly name: string;
  matches(definitionPath: string): boolean;
}

/** A key, and the separator in front of it: nothing, `.` or `#`. */
interface Key {
  readonly separator: string;
  readonly text: string;
}

type Step = typeof ANY_STEPS | readonly (Key & { readonly pattern: WildcardPattern })[];

const ANY_STEPS = '**';
const NAME = String.raw`[^\s.#,;()[\]/]+`;
const COMPUTED = String.raw`\[${NAME}(?:\.${NAME})*\]`;
const STEP = new RegExp(String.raw`^${NAME}(?:\.${NAME})*(?:[.#](?:#?${NAME}|${COMPUTED}))?$`);
const KEYS = /([.#]?)(#?(?:\[[^\]]*\]|[^.#[\]])+)/g;
const SLASH = /\/(?![^[]*\])/;

/** @returns undefined if `text` is not a pattern of definition paths */
function parseDefinitionPattern(text: string): DefinitionPattern | undefined {
  const parts = text.split(SLASH);
  if (!parts.every((part) => part === ANY_STEPS || (STEP.test(part) && hasKnownSymbols(part)))) return undefined;
  const steps = parts.map((part): Step =>
    part === ANY_STEPS ? ANY_STEPS : keysOf(part).map((key) => ({ ...key, pattern: compileName(key.text) })),
  );
  const isWildcard = text.includes('*');
  return {
    isWildcard,
    name: isWildcard ? '' : (/[^.#[\]/]+(?=\]?$)/.exec(text)?.[0] ?? ''),
    matches: (path) => matchSteps(steps, 0, path.split(SLASH).map(keysOf), 0),
  };
}

function hasKnownSymbols(step: string): boolean {
  const symbols = Array.from(step.matchAll(/\[Symbol\.([^\]]*)\]/g), ([, name = '']) => name);
  return symbols.every((name) => typeof (Symbol as unknown as Record<string, unknown>)[name] === 'symbol');
}

function keysOf(step: string): Key[] {
  return Array.from(step.matchAll(KEYS), ([, separator = '', text = '']) => ({ separator, text }));
}

function matchSteps(steps: readonly Step[], at: number, path: readonly (readonly Key[])[], from: number): boolean {
  const step = steps[at];
  if (step === undefined) return from === path.length;
  if (step !== ANY_STEPS) {
    const keys = path[from];
    return keys !== undefined && matchKeys(step, keys) && matchSteps(steps, at + 1, path, from + 1);
  }
  // At the end, it selects what is below the steps before, and not what they name.
  for (let next = at + 1 === steps.length ? from + 1 : from; next <= path.length; next++) {
    if (matchSteps(steps, at + 1, path, next)) return true;
  }
  return false;
}

function matchKeys(step: Exclude<Step, string>, keys: readonly Key[]): boolean {
  return (
    step.length === keys.length &&
    step.every(({ separator, pattern }, index) => {
      const key = keys[index] as Key;
      return separator === key.separator && matches(pattern, key.text);
    })
  );
}

export interface Shorthand {
  readonly module: string;
  /** Undefined where the entry has no selector list. */
  readonly exports: readonly string[] | undefined;
}

const ENTRY_FORM = 'module[selector,...], for example "@aws-sdk/client-s3[paginate*]"';

/**
 * Splits a list into its entries, which may be malformed.
 *
 * @param path where the text is in the configuration, for error messages
 * @throws TypeError if the brackets do not balance: then it is unknown where an entry ends
 */
export function splitShorthands(text: string, path: string): string[] {
  return split(text, ';', path, text).filter((entry) => entry !== '');
}

/** @throws TypeError if the text is not one entry */
export function parseShorthand(text: string, path: string): Shorthand {
  const entry = text.trim();
  if (split(entry, ';', path, text).length > 1) throw invalid(path, text, `one entry, ${ENTRY_FORM}`);
  const open = entry.endsWith(']') ? openingBracket(entry) : -1;
  const module = (open < 0 ? entry : entry.slice(0, open)).trim();
  if (module === '') throw invalid(path, text, ENTRY_FORM);
  if (open < 0) return { module, exports: undefined };
  const exports = split(entry.slice(open + 1, -1), ',', path, text);
  if (exports.includes('')) throw invalid(path, text, `no empty selector in ${ENTRY_FORM}`);
  return { module, exports };
}

/** Index of the bracket that the last character closes. The brackets are known to balance. */
function openingBracket(text: string): number {
  let depth = 0;
  for (let index = text.length - 1; index >= 0; index--) {
    if (text[index] === ']') depth++;
    else if (text[index] === '[' && --depth === 0) return index;
  }
  return -1;
}

/** Splits at a separator outside brackets, and trims the parts. */
function split(text: string, separator: string, path: string, whole: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    if (character === '[') depth++;
    else if (character === ']' && --depth < 0) throw invalid(path, whole, 'an opening "[" for every "]"');
    else if (character === separator && depth === 0) {
      parts.push(text.slice(start, index).trim());
      start = index + 1;
    }
  }
  if (depth > 0) throw invalid(path, whole, 'a closing "]" for every "["');
  parts.push(text.slice(start).trim());
  return parts;
}

/** Writes an entry. Its opposite is `parseShorthand`. */
export function formatShorthand(module: string, exports: readonly string[]): string {
  return `${module}[${exports.join(',')}]`;
}
