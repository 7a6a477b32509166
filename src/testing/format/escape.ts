/**
 * Text that is safe to show: on one line, without characters that nobody sees or that change how others look, and without
 * what could run. A snapshot file is JavaScript, and nothing of a span may ever be code in it.
 */

/** Controls, separators, blanks other than the space, invisible and bidirectional formatting, lone surrogates. */
const INVISIBLE =
  '\\u0000-\\u001f\\u007f-\\u00a0\\u00ad\\u061c\\u1680\\u180e\\u2000-\\u200f\\u2028-\\u202f\\u205f-\\u206f\\u3000\\ufeff\\ufff9-\\ufffb';
const UNSAFE = new RegExp(`[${INVISIBLE}"\\\\\`]|\\$(?=\\{)|[\\u{e0000}-\\u{e007f}]|\\p{Surrogate}`, 'gu');
/** What a name must not have if it is to stand without quotes: it could be taken for what follows a name. */
const AMBIGUOUS = /[[\]]|^(?:- |event |link |$)|^\s|\s$| {2}| #\d/;

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '"': '\\"', '\\': '\\\\' };

/** In quotes, as JSON would have it, with more characters escaped than JSON asks for. */
export function quote(text: string): string {
  return `"${text.replace(UNSAFE, escapeCharacter)}"`;
}

/** Without quotes, if nothing of it needs them. */
export function quoteIfNeeded(text: string): string {
  return text.search(UNSAFE) >= 0 || AMBIGUOUS.test(text) ? quote(text) : text;
}

/** A key of an attribute. */
export function quoteKey(key: string): string {
  return /^[\w.\-/@]+$/.test(key) ? key : quote(key);
}

function escapeCharacter(character: string): string {
  const short = SHORT[character];
  if (short !== undefined) return short;
  const code = character.codePointAt(0) as number;
  return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, '0')}`;
}
