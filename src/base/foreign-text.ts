/**
 * Text that others have written (names, messages, paths, keys), fit for a terminal, a log or JSON: nothing in it moves the cursor,
 * changes colours or turns the direction of writing.
 */

/** Control, format (among them those that turn the direction of writing), surrogates without a partner, line separators. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
const SHORT_ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * Writes out what cannot be seen.
 *
 * @example
 * escapeControls('a\u001b[31m') // 'a\\u001b[31m'
 */
export function escapeControls(text: string): string {
  return text.replace(INVISIBLE, (character) => {
    const code = (character.codePointAt(0) as number).toString(16);
    return SHORT_ESCAPES[character] ?? (code.length > 4 ? `\\u{${code}}` : `\\u${code.padStart(4, '0')}`);
  });
}

/** A pattern that matches the text itself. */
export function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

/** JSON of a value in which nothing is invisible but the line ends that `indent` asks for. It parses to the same. */
export function toPrintableJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, undefined, indent).replace(INVISIBLE, (character) =>
    character === '\n' ? character : character.replace(/[^]/g, escapeCodeUnit),
  );
}

const escapeCodeUnit = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
