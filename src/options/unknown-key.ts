import { nearest } from '../base/nearest';
import { escapeControls } from '../base/foreign-text';

/** What to say of a name that does not exist, in code, in files and in the environment: the nearest one, and which there are. */
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
