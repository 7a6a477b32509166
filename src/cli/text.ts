/**
 * Text as a terminal shows it: how wide it is, and cut to fit.
 */

const graphemes = new Intl.Segmenter();

/** Scripts and pictures that take two columns (Unicode Standard Annex 11: East Asian Wide and Fullwidth). */
const WIDE =
  /[\p{Emoji_Presentation}\p{Script=Han}\p{Script=Hangul}\u3000-\u3029\u3030-\u3098\u309b-\u30ff\uff01-\uff60\uffe0-\uffe6]|\ufe0f/u;

const PLAIN = /^[\x20-\x7e]*$/;

/** Columns that a text without control characters takes. */
export function widthOf(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let width = 0;
  for (const { segment } of graphemes.segment(text)) width += WIDE.test(segment) ? 2 : 1;
  return width;
}

/** Less than this has no beginning and no end. */
const MIDDLE = 3;

/**
 * Cuts a text to so many columns, with an ellipsis where something is missing.
 *
 * @example
 * truncate('paginateListObjectsV2', 10, '…') // 'paginateL…'
 */
export function truncate(text: string, columns: number, ellipsis: string): string {
  if (widthOf(text) <= columns) return text;
  const room = columns - ellipsis.length;
  let cut = '';
  let width = 0;
  for (const { segment } of graphemes.segment(text)) {
    width += widthOf(segment);
    if (width > room) break;
    cut += segment;
  }
  return (cut + ellipsis).slice(0, Math.max(0, columns));
}

/**
 * Cuts a name to so many columns in its middle. Of long names, such as those of a client's methods, the end says which it is.
 *
 * @example
 * truncateMiddle('OpenAI.Chat.Completions#stream', 19, '…') // 'OpenAI…tions#stream'
 */
export function truncateMiddle(text: string, columns: number, ellipsis: string): string {
  const room = columns - ellipsis.length;
  if (widthOf(text) <= columns || room < MIDDLE) return truncate(text, columns, ellipsis);
  const head = truncate(text, Math.floor(room / 3), '');
  let tail = '';
  for (const { segment } of [...graphemes.segment(text)].reverse()) {
    if (widthOf(head) + widthOf(segment + tail) > room) break;
    tail = segment + tail;
  }
  return head + ellipsis + tail;
}

/** Appends spaces up to so many columns. */
export function padEnd(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - widthOf(text)));
}

/** Prepends spaces up to so many columns. */
export function padStart(text: string, columns: number): string {
  return ' '.repeat(Math.max(0, columns - widthOf(text))) + text;
}

/** With a full stop, unless it ends in one, or in a question, be that in quotes. */
export const asSentence = (text: string) => (/[.?!]["')]?$/.test(text) ? text : `${text}.`);

/** Breaks a text into lines at spaces. A word that is longer than a line has one to itself. */
export function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && widthOf(line) + 1 + widthOf(word) > columns) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}

/**
 * A time in the unit that suits it.
 *
 * @param milliseconds not negative
 * @example
 * formatTime(84.61) // '84.6 ms'
 */
export function formatTime(milliseconds: number): string {
  if (milliseconds < 0.095) return `${milliseconds.toFixed(2)} ms`;
  if (milliseconds < 999.95) return `${milliseconds.toFixed(1)} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 59.995) return `${seconds.toFixed(2)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

const integers = new Intl.NumberFormat('en-US');

/** `1,234 runs`, `1 run`. */
export function count(number: number, singular: string, plural = `${singular}s`): string {
  return `${formatInteger(number)} ${number === 1 ? singular : plural}`;
}

export function formatInteger(number: number): string {
  return integers.format(number);
}
