/**
 * The shorthand for targets.
 *
 * ```ebnf
 * targets   = entry , { ";" , entry } ;
 * entry     = module , [ "[" , selectors , "]" ] ;
 * selectors = selector , { "," , selector } ;
 * module    = ? a package, core module, path or glob; brackets in it are balanced, and one that ends in "]" is
 *               followed by a selector list ? ;
 * ```
 *
 * `;` and `,` separate only outside brackets. White space around an entry or a selector is ignored, and so is an empty entry.
 * An entry without a selector list is one with `[*]`, or with `[**]` for own files. For `selector` see selector.ts.
 */
import { invalid } from '../base/invalid';

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
 * @throws TypeError if the brackets do not balance: then there is no telling where an entry ends
 */
export function splitShorthands(text: string, path: string): string[] {
  return split(text, ';', path, text).filter((entry) => entry !== '');
}

/** Parses one entry. Throws a TypeError if it is none. */
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
