/**
 * Text for a terminal: what the terminal can show, and text that is measured, cut, padded and wrapped for it.
 */
import cliTruncate from 'cli-truncate';
import stringWidth from 'string-width';
import * as path from 'node:path';
import { styleText } from 'node:util';
import wrapAnsi from 'wrap-ansi';

/** Where a command writes, and what it reads besides its arguments. */
export interface CommandContext {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

/** Yellow, white, blue and black are left out: each is hard to read on a light or a dark background. */
export type Style = 'bold' | 'dim' | 'red' | 'green' | 'magenta' | 'cyan';

/** Writes a text in a style, or unchanged if there are no colours. */
export type Paint = (style: Style, text: string) => string;

export interface Terminal {
  readonly columns: number;
  readonly hasColours: boolean;
  readonly paint: Paint;
  readonly hasUnicode: boolean;
}

const DEFAULT_COLUMNS = 80;

/**
 * @param output a stream, or nothing for a file
 * @param noColour the user's option, which wins over the environment
 */
export function terminalOf(
  output: { readonly isTTY?: boolean; readonly columns?: number },
  env: NodeJS.ProcessEnv,
  noColour = false,
  platform = process.platform,
): Terminal {
  const hasColours = !noColour && wantsColours(output, env);
  return {
    columns: columnsOf(output, env),
    hasColours,
    // Without its own decision: which stream `styleText` looks at, and whether it does, differs between versions of Node.
    paint: (style, text) => (hasColours && text !== '' ? styleText(style, text, { validateStream: false }) : text),
    hasUnicode: hasUnicode(env, platform),
  };
}

function columnsOf({ isTTY, columns }: { isTTY?: boolean; columns?: number }, env: NodeJS.ProcessEnv): number {
  const wanted = Number(env.COLUMNS);
  if (Number.isInteger(wanted) && wanted > 0) return wanted;
  return isTTY === true && columns !== undefined && columns > 0 ? columns : DEFAULT_COLUMNS;
}

/** As in Node itself (`tty.WriteStream.getColorDepth`): first FORCE_COLOR, then the ways to say no, then the terminal. */
function wantsColours({ isTTY }: { isTTY?: boolean }, env: NodeJS.ProcessEnv): boolean {
  if (env.FORCE_COLOR !== undefined) return ['', '1', 'true', '2', '3'].includes(env.FORCE_COLOR);
  if (env.NO_COLOR || env.NODE_DISABLE_COLORS || env.TERM === 'dumb') return false;
  return isTTY === true;
}

/** The locale, by the rule of POSIX. Containers often have none, while the terminal outside them shows Unicode. */
function hasUnicode(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): boolean {
  if (env.TERM === 'dumb' || env.TERM === 'linux') return false;
  if (platform === 'win32') return [env.WT_SESSION, env.TERM_PROGRAM, env.TERM].some(Boolean);
  const locale = [env.LC_ALL, env.LC_CTYPE, env.LANG].find(Boolean);
  return locale === undefined || /utf-?8/i.test(locale);
}

export const widthOf = stringWidth;

/**
 * Cuts a text to the columns, with an ellipsis where something is missing.
 *
 * @example
 * truncate('paginateListObjectsV2', 10, '…') // 'paginateL…'
 */
export function truncate(text: string, columns: number, ellipsis: string, position: 'start' | 'end' = 'end'): string {
  const cut = cliTruncate(text, columns, { truncationCharacter: ellipsis, position });
  // It keeps a wide character that fits by half, and an ellipsis that does not fit.
  return columns > 0 && stringWidth(cut) > columns ? truncate(text, columns - 1, ellipsis, position) : cut;
}

/**
 * Cuts a name to the columns in its middle, nearer to its beginning: the end of a long name, such as that of a client's
 * method, says which it is.
 *
 * @example
 * truncateMiddle('OpenAI.Chat.Completions#stream', 19, '…') // 'OpenAI…tions#stream'
 */
export function truncateMiddle(text: string, columns: number, ellipsis: string): string {
  if (stringWidth(text) <= columns) return text;
  const head = truncate(text, Math.floor((columns - ellipsis.length) / 3), '');
  return head + truncate(text, columns - stringWidth(head), ellipsis, 'start');
}

// As those of strings, but by columns.
const padding = (text: string, columns: number) => ' '.repeat(Math.max(0, columns - stringWidth(text)));
export const padEnd = (text: string, columns: number) => text + padding(text, columns);
export const padStart = (text: string, columns: number) => padding(text, columns) + text;

/** Breaks a text into lines at spaces. A word that is longer than a line has a line to itself. */
export const wrap = (text: string, columns: number): string[] => wrapAnsi(text, columns).split('\n');

/** Puts texts side by side, as many in a line as fit, each of them whole. */
export const wrapParts = (parts: readonly string[], gap: string, columns: number): string[] =>
  wrap(parts.map((part) => part.replaceAll(' ', '\u00a0')).join(gap), columns).map((line) =>
    line.replaceAll('\u00a0', ' '),
  );

/** Breaks a text into lines at spaces, and a word that is longer than a line within it. */
export const wrapAll = (text: string, columns: number): string[] => wrapAnsi(text, columns, { hard: true }).split('\n');

/** A file as a target names it: by its path below the working directory, or by its absolute path. */
export function nameOfFile(file: string, cwd: string): string {
  const relative = path.relative(cwd, file).replaceAll(path.sep, '/');
  return relative.startsWith('..') || path.isAbsolute(relative) ? file : `./${relative}`;
}

/** Adds a full stop, unless there is a mark at the end, or before a closing quote or bracket. */
export const asSentence = (text: string) => (/[.?!]["')]?$/.test(text) ? text : `${text}.`);

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

/** `1,234`. */
export const formatInteger: (number: number) => string = new Intl.NumberFormat('en-US').format;

/** `1,234 runs`, `1 run`. */
export function count(number: number, singular: string, plural = `${singular}s`): string {
  return `${formatInteger(number)} ${number === 1 ? singular : plural}`;
}
