/** Checks of what users give, in configurations and as arguments. An error says where, what, and what is allowed. */
import type * as Levenshtein from 'fastest-levenshtein';
import { inspect } from 'node:util';
import { escapeControls } from './foreign-text';

/** @param path empty where the caller says it */
export function invalid(path: string, value: unknown, allowed: string): TypeError {
  const shown = inspect(value, { depth: 1, maxStringLength: 120, breakLength: Infinity });
  return new TypeError(
    `${escapeControls(path === '' ? shown : `${path}: ${shown}`)} is not allowed; expected ${allowed}`,
  );
}

/** The message for a name that does not exist: the nearest one, and which there are. */
export function describeUnknown(path: string, name: string, known: readonly string[], kind = 'key'): string {
  const [like] = nearest(name, known, 1);
  const all = `${kind}s are ${known.join(', ')}`;
  return `${escapeControls(path)}: unknown ${kind}; ${like === undefined ? `the ${all}` : `did you mean ${like}? The ${all}`}`;
}

/** Refuses options that do not exist: a TypeError for the first of them. */
export function checkKeys(options: object, known: readonly string[], prefix = ''): void {
  for (const key of Object.keys(options)) {
    if (!known.includes(key)) throw new TypeError(describeUnknown(`${prefix}${key}`, key, known));
  }
}

/** Throws a TypeError for a value that is not allowed. */
export type Check = (path: string, value: unknown) => void;

/** A list of words allows one of them. */
export type Type = 'boolean' | 'function' | readonly string[] | Check;

/** Options by their names. */
export type Options = Readonly<Record<string, { readonly type: Type }>>;

/**
 * Checks an object of options: every key must be known, and every value but undefined allowed.
 *
 * @param named what the message for an unknown key lists
 * @throws TypeError that names the path, the value and what is allowed
 */
export function checkOptions(
  path: string,
  value: unknown,
  options: Options,
  named: readonly string[] = Object.keys(options),
): void {
  if (!isPlainObject(value)) throw invalid(path, value, 'an object');
  const prefix = path === 'config' ? '' : `${path}.`;
  // Not `for ... of`: the manual API checks options in a program that may have patched it.
  Object.keys(value).forEach((key) => {
    const option = Object.hasOwn(options, key) ? options[key] : undefined;
    if (option === undefined) throw new TypeError(describeUnknown(`${prefix}${key}`, key, named));
    if (value[key] !== undefined) checkValue(`${prefix}${key}`, value[key], option.type);
  });
}

export function checkValue(path: string, value: unknown, type: Type): void {
  if (typeof type === 'function') type(path, value);
  else if (type === 'boolean') {
    if (typeof value !== 'boolean') throw invalid(path, value, 'true or false');
  } else if (type === 'function') {
    if (typeof value !== 'function') throw invalid(path, value, 'a function');
  } else if (!type.includes(value as string)) {
    throw invalid(path, value, type.map((word) => `"${word}"`).join(' or '));
  }
}

export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isText(value: unknown): value is string {
  return typeof value === 'string';
}

export function isName(value: unknown): value is string {
  return isText(value) && value !== '';
}

export function check(isAllowed: (value: unknown) => boolean, allowed: string): Check {
  return (path, value) => {
    if (!isAllowed(value)) throw invalid(path, value, allowed);
  };
}

/** Where mistakes are noted. Without a list, as in code, the first one throws. */
export interface Problems {
  readonly problems?: string[];
}

/** What the function returns, or, if it throws, undefined and one problem more. */
export function attempt<T>({ problems }: Problems, work: () => T): T | undefined {
  if (problems === undefined) return work();
  try {
    return work();
  } catch (error) {
    problems.push((error as Error).message);
    return undefined;
  }
}

/** The candidates that are most like `word`, the nearest first; only those that a typing error may explain. */
export function nearest(word: string, candidates: readonly string[], count = 3): string[] {
  // Loaded only here: a program without a mistake need not wait for it at every start.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { distance } = require('fastest-levenshtein') as typeof Levenshtein;
  const limit = Math.max(2, Math.ceil(word.length / 2));
  return candidates
    .map((candidate) => ({ candidate, edits: distance(word.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ candidate, edits }) => edits <= limit || candidate.toLowerCase().includes(word.toLowerCase()))
    .sort((a, b) => a.edits - b.edits)
    .slice(0, count)
    .map(({ candidate }) => candidate);
}
