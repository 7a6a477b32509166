/**
 * Texts of spans, safe to show, and the same on every machine. A snapshot file is JavaScript, and nothing of a span may be code in it.
 */
import { pathToFileURL } from 'node:url';
import { escapeRegExp } from '../../base/foreign-text';

/** Controls, separators, blanks other than the space, invisible and bidirectional formatting, lone surrogates. */
const INVISIBLE =
  '\\u0000-\\u001f\\u007f-\\u00a0\\u00ad\\u061c\\u1680\\u180e\\u2000-\\u200f\\u2028-\\u202f\\u205f-\\u206f\\u3000\\ufeff\\ufff9-\\ufffb';
const UNSAFE = new RegExp(`[${INVISIBLE}"\\\\\`]|\\$(?=\\{)|[\\u{e0000}-\\u{e007f}]|\\p{Surrogate}`, 'gu');
/** A name with any of these needs quotes: it could be taken for what follows a name. */
const AMBIGUOUS = /[[\]]|^(?:- |event |link |$)|^\s|\s$| {2}| #\d/;

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '"': '\\"', '\\': '\\\\' };

/** In quotes, as in JSON, with more characters escaped than JSON asks for. */
export function quote(text: string): string {
  return `"${text.replace(UNSAFE, escapeCharacter)}"`;
}

/** Without quotes, unless the text needs them. */
export function quoteIfNeeded(text: string): string {
  return text.search(UNSAFE) >= 0 || AMBIGUOUS.test(text) ? quote(text) : text;
}

export const quoteKey = (key: string) => (/^[\w.\-/@]+$/.test(key) ? key : quote(key));

function escapeCharacter(character: string): string {
  const short = SHORT[character];
  if (short !== undefined) return short;
  const code = character.codePointAt(0) as number;
  return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, '0')}`;
}

const MAX_DEPTH = 8;

/**
 * The text of an attribute's value, on one line. OpenTelemetry's attributes are strings, numbers, booleans and arrays of
 * them, and maps and bytes with newer versions of its data model; other SDKs may hold anything.
 */
export function formatValue(value: unknown, above: readonly object[] = []): string {
  switch (typeof value) {
    case 'string':
      return quote(value);
    case 'number':
      return Object.is(value, -0) ? '-0' : String(value);
    case 'bigint':
      return `${value}n`;
    case 'boolean':
    case 'undefined':
      return String(value);
    case 'symbol':
      return `symbol ${quote(value.description ?? '')}`;
    case 'function':
      return 'function';
    case 'object':
      return value === null ? 'null' : formatObject(value, above);
  }
}

function formatObject(value: object, above: readonly object[]): string {
  if (above.includes(value)) return '(circular)';
  if (above.length >= MAX_DEPTH) return '(deeper)';
  const inner = [...above, value];
  if (value instanceof Date) return `date ${Number.isNaN(value.getTime()) ? 'invalid' : value.toISOString()}`;
  if (ArrayBuffer.isView(value)) {
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    return `bytes ${quote(bytes.toString('hex'))}`;
  }
  if (Array.isArray(value)) return `[${value.map((each) => formatValue(each, inner)).join(', ')}]`;
  const entries = Object.entries(value).sort(byKey);
  return `{${entries.map(([key, each]) => `${quoteKey(key)}: ${formatValue(each, inner)}`).join(', ')}}`;
}

/** By UTF-16 code units: the same on every machine, whatever its locale. */
export const compareText = (a: string, b: string) => (a < b ? -1 : Number(a > b));

export const byKey = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]) => compareText(a, b);

/** Takes out of a text what is different on every machine and in every run. */
export type Scrub = (text: string) => string;

/** `scheme://host:port`, as in URLs anywhere in a text. */
const PORT_OF_URL = /\b([a-z][a-z0-9+.-]*:\/\/(?:[^\s/?#"'@]*@)?(?:\[[0-9a-f:.]+\]|[^\s/?#"':,@[\]]+)):\d{1,5}\b/gi;
/** `127.0.0.1:port`, `localhost:port`, `[::1]:port`, `::1:port`, as in messages of errors. */
const PORT_OF_ADDRESS =
  /((?:\b\d{1,3}(?:\.\d{1,3}){3}|\blocalhost|\[[0-9a-f:.]*:[0-9a-f:.]*\]|(?<![\w:])::1)):\d{1,5}\b/gi;
const ID = /\b(?:[0-9a-f]{16}){1,2}\b/g;

/**
 * @param baseDir absolute; what is below it is shown with a `.` in its place
 * @param ids of the traces and spans that are formatted, and what to show for them
 */
export function createScrub(baseDir: string, ids: ReadonlyMap<string, string>): Scrub {
  const directory = baseDir.replace(/[\\/]+$/, '');
  // In a root directory everything is absolute, and nothing is the project's.
  const directories = directory === '' ? [] : [pathToFileURL(directory).href, directory];
  const inDirectory = directories.map((each) => new RegExp(`${escapeRegExp(each)}(?![\\w.-])`, 'g'));
  return (text) => {
    let result = text;
    for (const pattern of inDirectory) result = result.replace(pattern, '.');
    if (result.includes(':')) result = result.replace(PORT_OF_URL, '$1:<port>').replace(PORT_OF_ADDRESS, '$1:<port>');
    return result.length < 16 ? result : result.replace(ID, (id) => ids.get(id) ?? id);
  };
}
