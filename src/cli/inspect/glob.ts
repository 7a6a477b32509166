import * as fs from 'node:fs';
import * as path from 'node:path';
import { holdsAsyncGenerator } from '../../source/text';
import type { FilePattern } from '../../targets/module-pattern';

export interface Expansion {
  /** Absolute paths of the files in which an async generator stands, sorted. */
  readonly files: readonly string[];
  /** How many others match. */
  readonly passedOver: number;
}

/** The files that a glob means. As the import hooks have it, only those that hold an async generator are worth a look. */
export function expandGlob(pattern: FilePattern): Expansion {
  const matching = [...walk(pattern.base)].filter((file) => pattern.matches(file)).sort();
  const files = matching.filter((file) => holdsAsyncGenerator(fs.readFileSync(file, 'utf8')));
  return { files, passedOver: matching.length - files.length };
}

function* walk(folder: string): Generator<string> {
  let entries: fs.Dirent[] = [];
  try {
    entries = fs.readdirSync(folder, { withFileTypes: true });
  } catch {
    // Not there, or not ours to read.
  }
  for (const entry of entries) {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory() && entry.name !== 'node_modules') yield* walk(file);
    else if (entry.isFile()) yield file;
  }
}
