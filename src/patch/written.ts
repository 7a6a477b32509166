/**
 * What is written in a file, as it lies on the disk.
 */
import * as fs from 'node:fs';
import { stripTypes } from '../hooks/source-rewriter';
import { findDefinitions, type Definition } from '../source/definitions';

/**
 * @throws what reading it throws
 * @throws SyntaxError if it cannot be parsed
 */
export function readDefinitions(file: string): readonly Definition[] {
  const text = fs.readFileSync(file, 'utf8');
  const source = /\.[cm]?ts$/.test(file) ? stripTypes(text) : text;
  try {
    return findDefinitions(source, 'module');
  } catch (error) {
    try {
      return findDefinitions(source, 'commonjs');
    } catch {
      throw error;
    }
  }
}

/** Nothing if it cannot be read or parsed. */
export function definitionsInFile(file: string): readonly Definition[] {
  try {
    return readDefinitions(file);
  } catch {
    return [];
  }
}
