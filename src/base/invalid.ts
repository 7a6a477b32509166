/**
 * Errors for values that are not allowed, in configurations and in arguments: they say where, what, and what is allowed.
 */
import { inspect } from 'node:util';
import { escapeControls } from './foreign-text';
import { nearest } from './nearest';

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
