/** What is written in a file, as it lies on the disk. */
import { readFileSync } from 'node:fs';
import Module = require('node:module');
import { pathToFileURL } from 'node:url';
import { findDefinitions } from '../source/definitions';
import type { Definition } from '../source/places';

// Taken at load: other instrumentations patch `fs`, and the program does not read this.
const readFile = readFileSync;

/**
 * @throws what reading it throws
 * @throws SyntaxError if it cannot be parsed
 */
export function readDefinitions(file: string): readonly Definition[] {
  const text = readFile(file, 'utf8');
  return findDefinitions(isTypeScriptFile(file) ? stripTypes(text, file) : text);
}

/** Nothing if it cannot be read or parsed. */
export function definitionsInFile(file: string): readonly Definition[] {
  try {
    return readDefinitions(file);
  } catch {
    return [];
  }
}

export const isTypeScriptFile = (file: string): boolean => /\.[cm]?ts$/.test(file);

interface TypeStripper {
  stripTypeScriptTypes?(source: string, options?: { mode: 'transform'; sourceMap: true; sourceUrl: string }): string;
}

export const canStripTypes = () => (Module as unknown as TypeStripper).stripTypeScriptTypes !== undefined;

/**
 * Makes JavaScript of TypeScript, as Node does it for the program: takes the types out, with every other character where it was; under
 * `--experimental-transform-types`, compiles it, with a source map at its end.
 *
 * @param file absolute path
 * @throws SyntaxError where there are more than types to take out, or this version of Node can't do it
 */
export function stripTypes(source: string, file: string): string {
  const { stripTypeScriptTypes } = Module as unknown as TypeStripper;
  if (stripTypeScriptTypes === undefined)
    throw new SyntaxError(`Node ${process.version} can't take types out of TypeScript`);
  // Node itself prints the warning about its experimental feature when it does the same for the program.
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    if ((process.features as { typescript?: unknown }).typescript !== 'transform') return stripTypeScriptTypes(source);
    return stripTypeScriptTypes(source, { mode: 'transform', sourceMap: true, sourceUrl: pathToFileURL(file).href });
  } finally {
    process.emitWarning = emitWarning;
  }
}
