/**
 * What is written in a file, as it lies on the disk.
 */
import * as fs from 'node:fs';
import { findDefinitions, type Definition } from '../source/definitions';

/** Nothing if it cannot be read or parsed. */
export function definitionsInFile(file: string): readonly Definition[] {
  try {
    const source = fs.readFileSync(file, 'utf8');
    try {
      return findDefinitions(source, 'commonjs');
    } catch {
      return findDefinitions(source, 'module');
    }
  } catch {
    return [];
  }
}
