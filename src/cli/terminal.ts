/**
 * What the place that we write to can show: how many columns, colours or none, Unicode or ASCII.
 */
import { inspect } from 'node:util';

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

/** Writes a text in a style, or as it is where there are no colours. */
export type Paint = (style: Style, text: string) => string;

export interface Terminal {
  readonly columns: number;
  readonly hasColours: boolean;
  readonly paint: Paint;
  readonly hasUnicode: boolean;
}

/** The part of a stream that matters here. */
export interface Output {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

const DEFAULT_COLUMNS = 80;

/**
 * @param noColour the user's option, over everything in the environment
 */
export function terminalOf(output: Output, env: Environment, noColour = false, platform = process.platform): Terminal {
  const inColour = !noColour && hasColours(output, env);
  return {
    columns: columnsOf(output, env),
    hasColours: inColour,
    paint: inColour ? paintInColour : paintPlain,
    hasUnicode: hasUnicode(env, platform),
  };
}

function columnsOf({ isTTY, columns }: Output, env: Environment): number {
  const wanted = Number(env.COLUMNS);
  if (Number.isInteger(wanted) && wanted > 0) return wanted;
  return isTTY === true && columns !== undefined && columns > 0 ? columns : DEFAULT_COLUMNS;
}

/** As Node itself has it (`tty.WriteStream.getColorDepth`): FORCE_COLOR, then the ways to say no, then the terminal. */
function hasColours({ isTTY }: Output, env: Environment): boolean {
  if (env.FORCE_COLOR !== undefined) return ['', '1', 'true', '2', '3'].includes(env.FORCE_COLOR);
  if (isSet(env.NO_COLOR) || isSet(env.NODE_DISABLE_COLORS) || env.TERM === 'dumb') return false;
  return isTTY === true;
}

/** The locale, by the rule of POSIX. Containers often have none, and a terminal outside them that can. */
function hasUnicode(env: Environment, platform: NodeJS.Platform): boolean {
  if (env.TERM === 'dumb' || env.TERM === 'linux') return false;
  if (platform === 'win32') return isSet(env.WT_SESSION) || isSet(env.TERM_PROGRAM) || isSet(env.TERM);
  const locale = [env.LC_ALL, env.LC_CTYPE, env.LANG].find(isSet);
  return locale === undefined || /utf-?8/i.test(locale);
}

const isSet = (value: string | undefined): value is string => value !== undefined && value !== '';

// Not `util.styleText`: which stream it looks at, and whether it looks at all, differs between versions of Node.
const paintInColour: Paint = (style, text) => {
  if (text === '') return text;
  const [open, close] = inspect.colors[style] as [number, number];
  return `\x1b[${open}m${text}\x1b[${close}m`;
};

const paintPlain: Paint = (_style, text) => text;
